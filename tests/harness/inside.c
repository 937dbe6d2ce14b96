/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "inside.h"
#include "mem/call.h"
#include "mem/region.h"
#include "mem/s2.h"
#include "mem/sro.h"
#include "mem/vmid.h"
#include "realm/rd.h"
#include "realm/rec.h"
#include "sim/sim.h"

static const struct rd *rd_of(u64 pa)
{
	return sim_ram(pa);
}

u64 inside_vttbr(u64 rd) { return rd_of(rd)->s2.vttbr; }
u64 inside_vtcr(u64 rd) { return rd_of(rd)->s2.vtcr; }

void inside_realm(u64 at, struct inside_realm *is)
{
	const struct rd *rd = rd_of(at);

	*is = (struct inside_realm){
		.state = (int)realm_state(rd), .root = rd->s2.root.raw,
		.next_index = rd->next_index, .nr_running = realm_nr_running(rd),
		.hash = rd->hash_algo, .s2sz = rd->s2.ipa_bits, .nr_roots = rd->s2.nr_roots,
		.start_level = rd->s2.start_level,
	};
	memcpy(is->rpv, rd->rpv, sizeof(is->rpv));
}

void inside_rec(u64 at, struct inside_rec *is)
{
	const struct rec *rec = sim_ram(at);

	*is = (struct inside_rec){
		.rd = rec->rd.raw, .mpidr = rec->mpidr, .runnable = rec->runnable,
		.running = rec->running, .pending = rec->pending,
		.ripas_active = rec->ripas.active, .ripas_addr = rec->ripas.addr,
		.ripas_top = rec->ripas.top, .ripas_value = rec->ripas.value,
		.ripas_destroyed = rec->ripas.change_destroyed,
		.emulatable = rec->last.emulatable, .unprotected = rec->last.unprotected_abort,
		.sysreg_read = rec->last.sysreg_read, .esr = rec->last.esr,
		.host_call = rec->host_call_ipa, .pc = rec->pc, .nr_aux = rec->nr_aux,
	};
	memcpy(is->gprs, rec->gprs, sizeof(is->gprs));
	for (unsigned int i = 0; i < rec->nr_aux; i++)
		is->aux[i] = rec->aux[i].raw;
}

void inside_entry(u64 rd, u64 descriptor, int level, bool ns, struct inside_entry *is)
{
	struct s2_entry e = s2_decode(&rd_of(rd)->s2, descriptor, level, ns);

	*is = (struct inside_entry){ e.state, e.ripas, e.oa.raw, e.attributes };
}

u64 inside_rmm_state(void)
{
	return rmm_state();
}

void inside_region(u64 address, struct inside_region *is)
{
	const struct region *r = region_in_block(address);

	*is = (struct inside_region){
		.kind = region_tracking(r), .memory = r->memory.raw, .reserved = r->reserved,
		.donated = r->donated, .was_delegated = r->given == RMI_MEMSTATE_DELEGATED,
	};
}

const char *inside_state(u64 p)
{
	const struct granule *g = granule_find(pa(p));

	return g ? granule_facts[granule_type(g)].name : "-";
}

bool inside_is(u64 p, const char *state)
{
	return !strcmp(inside_state(p), state);
}

bool inside_belongs(u64 p, const char *state)
{
	const struct region *r = granule_find(pa(p)) ? NULL : region_coarse(p);

	return !strcmp(r ? granule_facts[region_whole(r)].name : inside_state(p), state);
}

u64 inside_refs(u64 p)
{
	return granule_refs(granule_find(pa(p)));
}

void inside_pretend_running(u64 rd, u64 rec)
{
	((struct rd *)sim_ram(rd))->life++;
	((struct rec *)sim_ram(rec))->running = 1;
}

void inside_rim(u64 rd, u8 rim[64])
{
	memcpy(rim, rd_of(rd)->measurement[0], 64);
}

u64 inside_next_index(u64 rd)
{
	return ((const struct rd *)sim_ram(ALIGN_DOWN(rd, 8)))->next_index;
}

void inside_set_next_index(u64 rd, u64 index)
{
	((struct rd *)sim_ram(rd))->next_index = index;
}

void inside_set_runnable(u64 rec, bool runnable)
{
	((struct rec *)sim_ram(rec))->runnable = runnable;
}

void inside_set_psci_pending(u64 rec)
{
	((struct rec *)sim_ram(rec))->pending = PENDING_PSCI;
}

u64 inside_token_page(u64 rec)
{
	return ((const struct rec *)sim_ram(rec))->token.raw;
}

void inside_instance_id(u64 rd, u8 id[33])
{
	memcpy(id, rd_of(rd)->instance_id, 33);
}

unsigned int inside_take_all_vmids(void)
{
	unsigned int n = 0;

	while (vmid_take())
		n++;
	return n;
}

extern struct op ops[2 * MAX_CPUS];

/* mem/sro.c: FREE is 0, PARKED 1, AT_WORK 2, in the low byte. */
void inside_use_all_operations(bool at_work)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(ops); i++)
		if (!(ops[i].word & 0xFF))
			ops[i].word |= at_work && i == ARRAY_SIZE(ops) - 1 ? 2 : 1;
}

/* ---- the last refusal: the linker sends refuse() and its kin through here ------------ */

static _Thread_local enum refusal last;

status_t __real_refuse(struct call *c, enum refusal why);
status_t __wrap_refuse(struct call *c, enum refusal why);
status_t __real_refuse_at(struct call *c, enum refusal why, int level);
status_t __wrap_refuse_at(struct call *c, enum refusal why, int level);
status_t __real_refuse_for(struct call *c, enum refusal why, int level, pa_t p);
status_t __wrap_refuse_for(struct call *c, enum refusal why, int level, pa_t p);

status_t __wrap_refuse(struct call *c, enum refusal why)
{
	last = why;
	return __real_refuse(c, why);
}

status_t __wrap_refuse_at(struct call *c, enum refusal why, int level)
{
	last = why;
	return __real_refuse_at(c, why, level);
}

status_t __wrap_refuse_for(struct call *c, enum refusal why, int level, pa_t p)
{
	last = why;
	return __real_refuse_for(c, why, level, p);
}

static const char *const labels[NR_REFUSALS] = {
#define FAIL(label, status) [DEF_CAT(DEF_CAT(CMD, _), label)] = #label,
#include "abi/rmi/every.def"
};

const char *inside_refusal(void)
{
	return labels[last] ? labels[last] : "";
}

void inside_forget_refusal(void)
{
	last = REFUSED_NOT;
}

/* ---- hashes count as work ---------------------------------------------------------- */

void __real_hash(unsigned int algorithm, const void *data, size_t bytes, u8 out[HASH_MAX_BYTES]);
void __wrap_hash(unsigned int algorithm, const void *data, size_t bytes, u8 out[HASH_MAX_BYTES]);
void __real_hash_more(struct hash_state *h, const void *data, size_t bytes);
void __wrap_hash_more(struct hash_state *h, const void *data, size_t bytes);
void __real_hash_end(struct hash_state *h, u8 out[HASH_MAX_BYTES]);
void __wrap_hash_end(struct hash_state *h, u8 out[HASH_MAX_BYTES]);

void __wrap_hash(unsigned int algorithm, const void *data, size_t bytes, u8 out[HASH_MAX_BYTES])
{
	sim_hashed(bytes + 128);
	__real_hash(algorithm, data, bytes, out);
}

void __wrap_hash_more(struct hash_state *h, const void *data, size_t bytes)
{
	sim_hashed(bytes);
	__real_hash_more(h, data, bytes);
}

void __wrap_hash_end(struct hash_state *h, u8 out[HASH_MAX_BYTES])
{
	sim_hashed(128);
	__real_hash_end(h, out);
}

/* ---- locks --------------------------------------------------------------------------- */

static int rank(const void *word)
{
	for (unsigned int i = 0; i < region_count(); i++) {
		const struct region *r = region_at(i);
		const struct granule *granules = __atomic_load_n(&r->granules, __ATOMIC_RELAXED);
		u64 n = (u64)((const struct granule *)word - granules);

		if (granules && n < (r->top - r->base) >> GRANULE_SHIFT)
			return granule_facts[granule_type(&granules[n])].lock_rank;
	}
	return 0;
}

void inside_power_on(void)
{
	sim_lock_rank(rank);
	sim_snapshot_ignore(call_page(NULL), MAX_CPUS * GRANULE_SIZE);	/* copies of host pages */
	last = REFUSED_NOT;
}

/* ---- invariants ------------------------------------------------------------------------ */

#define MAX_GRANULES	65536

static char broken[200];
static u8 named[MAX_GRANULES];		/* how often a realm's tables name a granule */

static u64 number_of(u64 p)
{
	u64 before = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(sim_machine()->bank); i++) {
		struct sim_bank b = sim_machine()->bank[i];

		if (p >= b.base && p < b.base + b.bytes)
			return before + ((p - b.base) >> GRANULE_SHIFT);
		before += b.bytes >> GRANULE_SHIFT;
	}
	return ~0ULL;
}

static const char *say(const char *what, u64 p)
{
	snprintf(broken, sizeof(broken), "%s: 0x%llx (%s, refs %llu)", what, (unsigned long long)p,
		 inside_state(p), (unsigned long long)(granule_find(pa(p)) ? inside_refs(p) : 0));
	return broken;
}

static const char *name_granule(u64 p, const char *state)
{
	u64 n = number_of(p);

	if (n == ~0ULL || !inside_belongs(p, state))
		return say("a table names a granule that is something else", p);
	if (named[n]++)
		return say("a granule is named twice", p);
	return NULL;
}

static const char *check_table(const struct s2 *s2, u64 table, u64 ipa, int level);

static const char *check_entry(const struct s2 *s2, u64 descriptor, u64 at, int level,
			       unsigned int *refs)
{
	bool shared = !s2_is_protected(s2, at);
	struct s2_entry e = s2_decode(s2, descriptor, level, shared);
	const char *bad = NULL;

	if (e.state == S2_TABLE) {
		++*refs;
		bad = name_granule(e.oa.raw, "RTT");
		return bad ? bad : check_table(s2, e.oa.raw, at, level + 1);
	}
	if ((descriptor & 1) != (e.state == S2_DATA && (shared || e.ripas == RMI_RIPAS_RAM)))
		return say("a leaf is valid that must not be, or the reverse", at);
	if (e.state != S2_DATA || shared)
		return NULL;
	++*refs;
	for (u64 p = e.oa.raw; !bad && p < e.oa.raw + s2_size(level); p += GRANULE_SIZE)
		bad = name_granule(p, "DATA");
	return bad;
}

static const char *check_table(const struct s2 *s2, u64 table, u64 ipa, int level)
{
	const u64 *entries = sim_ram(table);
	unsigned int refs = 0;
	const char *bad = NULL;

	for (unsigned int i = 0;
	     !bad && i < S2_ENTRIES && ipa + i * s2_size(level) < s2_ipa_top(s2); i++)
		bad = check_entry(s2, entries[i], ipa + i * s2_size(level), level, &refs);
	if (!bad && refs != inside_refs(table))
		bad = say("a table's references are not its live entries", table);
	return bad;
}

static const char *check_realm(u64 at)
{
	const struct rd *rd = rd_of(at);
	unsigned int recs = 0;
	const char *bad = NULL;

	for (unsigned int i = 0; !bad && i < rd->s2.nr_roots; i++) {
		u64 table = rd->s2.root.raw + i * GRANULE_SIZE;

		bad = name_granule(table, "RTT");
		if (!bad)
			bad = check_table(&rd->s2, table,
					  i * (s2_size(rd->s2.start_level) << S2_STRIDE),
					  rd->s2.start_level);
	}
	for (u64 i = 0; !bad && i < rd->next_index; i++) {
		u64 rec = rd_rec(rd, i).raw;

		if (!rec)
			continue;
		recs++;
		if (!inside_belongs(rec, "BETWEEN"))
			bad = name_granule(rec, "REC");
	}
	/* an operation takes a REC out first, and lets go of its realm last */
	if (!bad && (inside_refs(at) < recs || inside_refs(at) - recs > rd->nr_operations))
		bad = say("a realm's references are not its RECs", at);
	return bad;
}

static bool in_pool(u64 p)
{
	struct sim_bank m = sim_machine()->monitor;

	return p - m.base < m.bytes;
}

static bool world_fits(u64 p)
{
	enum sim_pas pas = sim_pas(p);

	if (inside_belongs(p, "UNDELEGATED"))	/* or another agent's: EL3's pool, Secure */
		return pas == SIM_NS || (pas == SIM_REALM && in_pool(p)) || pas == SIM_ROOT;
	if (inside_belongs(p, "CLAIMED"))
		return pas == SIM_NS && region_tracking(region_find(p)) == RMI_TRACKING_INTERMEDIATE;
	if (!granule_find(pa(p)) && (inside_belongs(p, "BETWEEN") || inside_belongs(p, "INTERNAL")))
		return true;		/* a COARSE region half way, or lost half way */
	if (inside_belongs(p, "INTERNAL"))	/* a granule table that is on its way back */
		return pas != SIM_NS || op_covers(pa(p));
	return pas == SIM_REALM;
}

const char *inside_invariants(void)
{
	const char *bad = NULL;

	if (rmm_state() != RMI_STATE_ACTIVE)
		return NULL;
	memset(named, 0, sizeof(named));
	for (unsigned int i = 0; !bad && i < ARRAY_SIZE(sim_machine()->bank); i++) {
		struct sim_bank b = sim_machine()->bank[i];

		for (u64 p = b.base; !bad && p < b.base + b.bytes; p += GRANULE_SIZE) {
			const struct granule *g = granule_find(pa(p));

			if (!g && !region_coarse(p))
				continue;	/* its region is NONE */
			if (g && g->word & GRANULE_LOCK)
				bad = say("a granule is locked", p);
			else if (!world_fits(p))
				bad = say("a granule's world does not fit its state", p);
			else if (inside_belongs(p, "RD"))
				bad = check_realm(p);
		}
	}
	for (unsigned int i = 0; !bad && i < ARRAY_SIZE(sim_machine()->bank); i++) {
		struct sim_bank b = sim_machine()->bank[i];

		for (u64 p = b.base; !bad && p < b.base + b.bytes; p += GRANULE_SIZE)
			if (!named[number_of(p)] && !op_covers(pa(p)) &&
			    (inside_belongs(p, "RTT") || inside_belongs(p, "DATA") || inside_belongs(p, "REC")))
				bad = say("nothing names a granule in use", p);
	}
	return bad;
}
