/* SPDX-License-Identifier: BSD-2-Clause */
/* One call: which answers are allowed, and then the commands of the monitor as a whole. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "arch/arch.h"
#include "harness/fids.h"
#include "harness/inside.h"
#include "sim/sim.h"
#include "state.h"
#include "tools/words.h"

struct ghost_count ghost_count;
static const u64 *now_in, *now_out;

void ghost_fault(const char *fmt, ...)
{
	char text[400], call[300] = "", answer[60] = "";
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (now_in) {
		words_call(call, sizeof(call), now_in[0], &now_in[1], 6);
		words_answer(answer, sizeof(answer), now_out[0]);
	}
	sim_fault("ghost: %s%s%s%s%s%s%s", text, now_in ? "\n  after " : "", call,
		  now_in ? " = " : "", answer, *inside_refusal() ? ", refused by " : "",
		  inside_refusal());
}

/* ---- what may be answered ----------------------------------------------------------- */

static void add(struct judged *j, int tier, u64 word, const char *why)
{
	if (j->nr_no == ARRAY_SIZE(j->no))
		return;
	j->no[j->nr_no].tier = tier;
	j->no[j->nr_no].word = word;
	j->no[j->nr_no++].why = why;
}

void no(struct judged *j, int tier, u64 status, const char *why)
{
	add(j, tier, status, why);
}

void no_late(struct judged *j, int tier, u64 status, const char *why)
{
	add(j, tier, status, why);
	j->nr_late++;
}

void maybe(struct judged *j, int tier, u64 status, const char *why)
{
	add(j, tier, status, why);
	j->nr_maybe++;
}

void need_list(struct judged *j, int tier, u64 pa, bool looks)
{
	if (!aligned(pa, 8) || !host_has(pa))
		no(j, tier, RMI_ERROR_INPUT, "the list");
	else if (!host_may_be_read(pa) && looks)
		no(j, tier, RMI_ERROR_INPUT, "the list is taken away");
	else if (!host_may_be_read(pa))
		maybe(j, tier, RMI_ERROR_INPUT, "the list is taken away");
}

void no_rtt(struct judged *j, int tier, int level, const char *why)
{
	add(j, tier, RMI_ERROR_RTT | (u64)(u8)level << RMI_LEVEL_SHIFT, why);
}

/* INTERNAL, on its way to or from an operation. */
static bool is_given(u64 pa)
{
	for (const struct op *o = ghost.op; is(pa, INTERNAL) && o < ghost.op + MAX_OPS; o++)
		for (unsigned int i = 0; o->used && i < o->nr_given; i++)
			if (o->given[i].pa == pa)
				return true;
	return false;
}

void need_state(struct judged *j, int tier, u64 pa, enum state want, const char *why)
{
	if (!is_aligned(pa)) {
		no(j, tier, RMI_ERROR_INPUT, why);
		return;
	}
	if (page_at(pa) && region_converts(pa)) {
		j->may_block = true;
		if (is(pa, want))
			maybe(j, tier, RMI_ERROR_INPUT, why);
	}
	if (is(pa, want))
		return;
	if (is(pa, BETWEEN))
		j->may_block = j->must_block = true;
	else
		no(j, tier, RMI_ERROR_INPUT, why);
	j->may_block |= is_given(pa);
}

struct realm *need_realm(struct judged *j, int tier, u64 rd)
{
	struct realm *r;

	need_state(j, tier, rd, RD, "no RD");
	if (!is_aligned(rd) || !is(rd, RD))
		return NULL;
	r = realm_at(rd);
	j->may_block |= r->operations != 0;
	return r;
}

static int first_tier(const struct judged *j)
{
	int tier = 1000;

	for (unsigned int i = 0; i < j->nr_no; i++)
		tier = j->no[i].tier < tier ? j->no[i].tier : tier;
	return tier;
}

static bool has_address(u64 status)
{
	return status == RMI_ERROR_TRACKING || status == RMI_ERROR_GPT;
}

static bool is_allowed(const struct judged *j)
{
	int tier = first_tier(j);

	for (unsigned int i = 0; i < j->nr_no; i++)
		if (j->no[i].tier == tier &&
		    (j->no[i].word == j->out[0] ||
		     (has_address(j->status) && j->no[i].word == j->status)))
			return true;
	return false;
}

static _Noreturn void say_allowed(const struct judged *j)
{
	char text[300] = "";
	size_t n = 0;

	for (unsigned int i = 0; i < j->nr_no && n < sizeof(text) - 60; i++)
		if (j->no[i].tier == first_tier(j))
			n += (size_t)snprintf(text + n, sizeof(text) - n, " 0x%llx (%s)",
					      (unsigned long long)j->no[i].word, j->no[i].why);
	ghost_fault("0x%llx is not allowed; allowed:%s%s%s", (unsigned long long)j->out[0], text,
		    j->nr_no != j->nr_maybe || j->must_block ? "" : " success", j->may_block ? " BLOCKED" : "");
}

enum verdict verdict(struct judged *j, bool stateful, int progress)
{
	bool may_work = j->nr_no == j->nr_maybe && !j->must_block;

	if (may_work && j->out[0] == RMI_SUCCESS) {
		ghost_count.done++;
		return DONE;
	}
	if (j->nr_no == j->nr_maybe + j->nr_late && !j->must_block && stateful &&
	    j->status == RMI_INCOMPLETE && !j->op) {
		ghost_count.incomplete++;
		return LATER;
	}
	if (j->status == RMI_BLOCKED ? !j->may_block || j->out[0] >> 8 :
	    j->status == RMI_BUSY ? !j->interrupt || !stateful : !is_allowed(j))
		say_allowed(j);
	ghost_count.refused++;
	ghost_count.blocked += j->status == RMI_BLOCKED;
	if (progress != -2)
		must_be(j->out[1], progress > 0 ? j->in[progress] : 0, "x1 of a refusal");
	if (progress != -2) {
		must_be(j->out[2], 0, "x2 of a refusal");
		must_be(j->out[3], 0, "x3 of a refusal");
	}
	return REFUSED;
}

/* ---- commands about the monitor --------------------------------------------------------- */

static void version(struct judged *j)
{
	u64 asked = j->in[1];

	must_be(j->out[1], RMI_VERSION_2_0, "lower");
	must_be(j->out[2], RMI_VERSION_2_0, "higher");
	must_be(j->out[0], asked == RMI_VERSION_2_0 ? RMI_SUCCESS : RMI_ERROR_INPUT, "x0");
}

static void features(struct judged *j)
{
	must_be(j->out[0], RMI_SUCCESS, "x0");
	if (j->in[1] < 2)
		must_be(j->out[1], ghost.feature[j->in[1]], "the feature register");
	else
		must_be(j->out[1], 0, "the feature register");
}

static bool all_pages_are_back(void)
{
	for (u64 n = 0; n < nr_pages(); n++) {
		u8 s = page_number(n)->state;

		if (s != UNDELEGATED && s != FOREIGN && s != INTERNAL && s != WHOLE)
			return false;
	}
	for (unsigned int i = 0; i < ghost.nr_regions; i++)
		if (ghost.region[i].delegated)
			return false;
	return true;
}

static bool operations_wait(void)
{
	for (unsigned int i = 0; i < MAX_OPS; i++)
		if (ghost.op[i].used)
			return true;
	return false;
}

static unsigned int all_metadata(struct given *to)
{
	unsigned int n = 0;

	for (const struct region *r = ghost.region; r < ghost.region + ghost.nr_regions; r++)
		for (unsigned int i = 0; i < r->nr_metadata; i++)
			to[n++] = r->metadata[i];
	return n;
}

static void is_active(const struct op *o)
{
	static struct given metadata[MAX_GIVEN];
	unsigned int n, given = o ? o->nr_given : 0;

	see_adopt();		/* all as fresh: what is whose, only the monitor knows */
	n = all_metadata(metadata);
	must_be(n, given, "the granules of metadata");
	for (unsigned int i = 0; i < n; i++) {
		unsigned int k = 0;

		while (k < given && o->given[k].pa != metadata[i].pa)
			k++;
		if (k == given || !is(metadata[i].pa, INTERNAL))
			ghost_fault("metadata at 0x%llx were not given, or are not INTERNAL",
				    (unsigned long long)metadata[i].pa);
	}
	for (unsigned int i = 0; i < ghost.nr_regions; i++)
		must_be(ghost.region[i].kind, RMI_TRACKING_FINE, "the tracking of a region");
}

static void activate(struct judged *j)
{
	switch (verdict(j, true, -1)) {
	case DONE:
		is_active(j->op);
		break;
	case LATER:
		op_new(j);
		ghost.rmm_state = RMI_STATE_INTERMEDIATE;
		break;
	default:
		break;
	}
}

static void deactivate(struct judged *j)
{
	static struct given none[MAX_GIVEN];
	struct op *o;

	if (!j->op && operations_wait())
		j->may_block = j->must_block = true;
	if (!all_pages_are_back())
		no(j, 0, RMI_ERROR_GLOBAL, "granules are in use");
	switch (verdict(j, true, -1)) {
	case DONE:
		if (j->op ? j->op->nr_given : all_metadata(none))
			ghost_fault("INIT, and the metadata are not back");
		see_adopt();
		break;
	case LATER:
		o = op_new(j);
		o->nr_given = all_metadata(o->given);
		for (unsigned int i = 0; i < o->nr_given; i++)
			o->given[i].was = UNDELEGATED;
		ghost.rmm_state = RMI_STATE_INTERMEDIATE;
		break;
	default:
		if (j->op)
			ghost.rmm_state = RMI_STATE_ACTIVE;
		break;
	}
}

static void config(struct judged *j, bool set)
{
	u8 c[16];

	if (!is_aligned(j->in[1]))
		no(j, 0, RMI_ERROR_INPUT, "alignment");
	else if (!host_may_be_read(j->in[1]))
		no(j, 0, RMI_ERROR_INPUT, "not the host's");
	else if (set) {
		host_seen(j->in[1], c, sizeof(c));
		if (c[8] > RMI_GRANULE_64K || !(ghost.feature[1] & RMI_F1_GRAN_4KB << c[8]))
			no(j, 0, RMI_ERROR_INPUT, "granule size");
		if (c[0] > 1)
			no(j, 0, RMI_ERROR_INPUT, "tracking size");
	}
	if (verdict(j, false, -1) != DONE)
		return;
	if (set) {
		ghost.shift = 12 + 2 * c[8];
		ghost.tracking = c[0];
	} else {
		must_be(((u8 *)sim_ram(j->in[1]))[8], (ghost.shift - 12) / 2, "the granule size");
		must_be(((u8 *)sim_ram(j->in[1]))[0], ghost.tracking, "the tracking size");
	}
}

static bool has_dram(u64 from, u64 to)
{
	for (u64 n = 0; n < nr_pages(); n++)
		if (page_address(n) >= from && page_address(n) < to && page_at(page_address(n)))
			return true;
	return false;
}

/* ---- the level 0 table of granule protection ------------------------------------------------ */

static u64 l0_bytes(void)
{
	return 1ULL << (30 + FIELD(ghost.feature[1], 13, 10));
}

static unsigned int l0_number(u64 pa)
{
	unsigned int n = 0;

	while (n < ghost.nr_l0 && ghost.l0[n].base != ALIGN_DOWN(pa, l0_bytes()))
		n++;
	return n;
}

static int l0_kind(u64 pa)
{
	unsigned int n = l0_number(pa);

	return n < ghost.nr_l0 ? ghost.l0[n].kind : RMI_GPT_RESERVED;
}

bool is_below_block(u64 pa)
{
	return l0_kind(pa) == RMI_GPT_HOST_NOT_CREATED;
}

bool l1_is_there(u64 base)
{
	return l0_kind(base) == RMI_GPT_HOST_CREATED;
}

void l1_is_made(struct op *o)
{
	unsigned int n = l0_number(o->in[1]);

	ghost.l0[n].kind = RMI_GPT_HOST_CREATED;
	ghost.l0[n].nr = o->nr_given;
	memcpy(ghost.l0[n].table, o->given, o->nr_given * sizeof(o->given[0]));
	o->nr_given = 0;	/* and may be gone before it ends */
}

/* Where a table lies only EL3 knows: in what is Root among the host's. One at most. */
static void l1_adopt(unsigned int l0)
{
	for (u64 n = 0; n < nr_pages(); n++)
		if (sim_pas(page_address(n)) == SIM_ROOT)
			ghost.l0[l0].table[ghost.l0[l0].nr++] =
				(struct given){ page_address(n), UNDELEGATED };
}

/* What boot left, as GPT_INFO tells it. */
static void l0_adopt(void)
{
	for (u64 n = 0; n < nr_pages(); n++) {
		u64 base = ALIGN_DOWN(page_address(n), l0_bytes());
		u64 regs[8] = { FID_GPT_INFO, base, base + l0_bytes() };

		if (l0_number(base) < ghost.nr_l0 || ghost.nr_l0 == MAX_L0)
			continue;
		rmi_dispatch(regs);
		ghost.l0[ghost.nr_l0].base = base;
		ghost.l0[ghost.nr_l0].kind = (int)regs[2];
		if (regs[2] == RMI_GPT_HOST_CREATED)
			l1_adopt(ghost.nr_l0);
		ghost.nr_l0++;
	}
}

static void l0_entry(struct judged *j)
{
	if (j->in[1] >= pps_end())
		no(j, 0, RMI_ERROR_INPUT, "beyond the protected space");
	if (!aligned(j->in[1], l0_bytes()))
		no(j, 0, RMI_ERROR_INPUT, "no L0 entry");
}

static void l1_create(struct judged *j)
{
	int kind = l0_kind(j->in[1]);

	l0_entry(j);
	if (j->op)
		return;		/* it was made with the donation */
	if (!j->nr_no && kind == RMI_GPT_RESERVED)
		no(j, 0, RMI_ERROR_GLOBAL, "no DRAM");
	else if (!j->nr_no && kind != RMI_GPT_HOST_NOT_CREATED)
		no(j, 0, RMI_ERROR_GPT, "a table");
	may_want_context(j);
	if (verdict(j, true, -1) == LATER)
		op_new(j);
}

static void l1_destroy(struct judged *j)
{
	unsigned int n = l0_number(j->in[1]);
	int kind = l0_kind(j->in[1]);
	struct op *o;

	l0_entry(j);
	if (j->op)
		return;
	if (!j->nr_no && kind == RMI_GPT_HOST_NOT_CREATED)
		no(j, 0, RMI_ERROR_INPUT, "a block");
	else if (!j->nr_no && kind != RMI_GPT_HOST_CREATED)
		no(j, 0, RMI_ERROR_GLOBAL, "a table of the platform");
	for (u64 i = 0; !j->nr_no && i < nr_pages(); i++) {
		bool own = false;

		if (l0_number(page_address(i)) != n || sim_pas(page_address(i)) == SIM_NS)
			continue;
		for (unsigned int k = 0; k < ghost.l0[n].nr; k++)
			own |= ghost.l0[n].table[k].pa == page_address(i);
		if (!own)
			no(j, 0, RMI_ERROR_INPUT, "not all Non-secure");
	}
	may_want_context(j);
	if (verdict(j, true, -1) != LATER)
		return;
	o = op_new(j);
	o->nr_given = ghost.l0[n].nr;
	memcpy(o->given, ghost.l0[n].table, o->nr_given * sizeof(o->given[0]));
	ghost.l0[n].nr = 0;
	ghost.l0[n].kind = RMI_GPT_HOST_NOT_CREATED;
}

/* What lies between from and from + size, in the words of decisions 31 or 34. */
static u64 kind_of(u64 at, u64 size, bool gpt)
{
	if (gpt)
		return (u64)l0_kind(at);
	return has_dram(at, at + size) ? tracking_of(at) : RMI_TRACKING_RESERVED;
}

static void info(struct judged *j, bool gpt)
{
	u64 l0 = l0_bytes(), size = gpt ? l0 : tracking_bytes();
	u64 base = j->in[1], top = j->in[2], kind, end;

	if (!aligned(base, gpt ? l0 : granule_bytes()) || !aligned(top, gpt ? l0 : granule_bytes()))
		no(j, 0, RMI_ERROR_INPUT, "alignment");
	if (top <= base)
		no(j, 0, RMI_ERROR_INPUT, "order");
	if (top > pps_end())
		no(j, 0, RMI_ERROR_INPUT, "beyond the protected space");
	if (verdict(j, false, -1) != DONE)
		return;
	end = gpt ? j->out[1] : j->out[3];
	kind = kind_of(ALIGN_DOWN(base, size), size, gpt);
	must_be(j->out[2], kind, "the state");
	if (!gpt)
		must_be(j->out[1], kind == RMI_TRACKING_RESERVED ? RMI_CATEGORY_NONE :
			RMI_CATEGORY_CONVENTIONAL, "the category");
	if (end <= base || end > top)
		ghost_fault("out_top 0x%llx", (unsigned long long)end);
	for (u64 at = ALIGN_DOWN(base, size); at < end; at += size)
		must_be(kind_of(at, size, gpt), kind, "the state within the prefix");
	if (end < top && !gpt && !j->interrupt && kind_of(ALIGN_DOWN(end, size), size, gpt) == kind)
		ghost_fault("the prefix could be longer than 0x%llx", (unsigned long long)end);
}

/* ---- granules ------------------------------------------------------------------------------ */

static void move_range(struct judged *j, enum state from, enum state to)
{
	u64 base = j->in[1], top = j->in[2], limit;
	struct region *r = page_at(base) ? region_around(base) : NULL;

	if (!is_aligned(base) || !is_aligned(top))
		no(j, 0, RMI_ERROR_INPUT, "alignment");
	if (top <= base)
		no(j, 0, RMI_ERROR_INPUT, "order");
	if (r && r->kind != RMI_TRACKING_FINE) {
		whole_range(j, r, to == DELEGATED);
		return;
	}
	if (r && r->converting)
		maybe(j, 0, RMI_ERROR_TRACKING, "not FINE any more");
	if (!page_at(base))
		no(j, 0, RMI_ERROR_INPUT, "not populated");
	else
		need_state(j, 0, ALIGN_DOWN(base, granule_bytes()), from, "state");
	/* EL3's word: the world of the granule, seen by what became of it */
	if (page_at(base) && j->out[0] != RMI_SUCCESS && sim_gpt_refused(base))
		no(j, 0, RMI_ERROR_INPUT, "EL3 refuses");
	if (from == UNDELEGATED && page_at(base) && is_below_block(base))
		no(j, 0, RMI_ERROR_GPT | base >> 12 << 16, "below a block of level 0");
	for (limit = base; j->nr_no == j->nr_maybe && limit < top && is(limit, from) &&
			   !(from == UNDELEGATED && is_below_block(limit)); )
		limit += granule_bytes();
	switch (verdict(j, true, 1)) {
	case DONE:
		if (j->out[1] <= base || j->out[1] > limit || !is_aligned(j->out[1]))
			ghost_fault("out_top 0x%llx, at most 0x%llx", (unsigned long long)j->out[1],
				    (unsigned long long)limit);
		for (u64 p = base; p < j->out[1]; p += granule_bytes())
			set_state(p, to);
		break;
	case LATER:
		op_none();
	default:
		break;
	}
}

/* ---- the call ------------------------------------------------------------------------------- */

void judge(struct judged *j)
{
	j->status = j->out[0] & 0xFF;
	switch (j->in[0]) {
	case FID_VERSION: version(j); break;
	case FID_FEATURES: features(j); break;
	case FID_RMM_STATE_GET:
		must_be(j->out[0], 0, "x0");
		must_be(j->out[1], (u64)ghost.rmm_state, "the state");
		break;
	case FID_RMM_CONFIG_GET: config(j, false); break;
	case FID_RMM_CONFIG_SET: config(j, true); break;
	case FID_RMM_ACTIVATE: activate(j); break;
	case FID_RMM_DEACTIVATE: deactivate(j); break;
	case FID_GRANULE_TRACKING_GET: info(j, false); break;
	case FID_GRANULE_TRACKING_SET: tracking_set(j); break;
	case FID_GPT_INFO: info(j, true); break;
	case FID_GPT_L1_CREATE: l1_create(j); break;
	case FID_GPT_L1_DESTROY: l1_destroy(j); break;
	case FID_GRANULE_RANGE_DELEGATE: move_range(j, UNDELEGATED, DELEGATED); break;
	case FID_GRANULE_RANGE_UNDELEGATE: move_range(j, DELEGATED, UNDELEGATED); break;
	case FID_REALM_CREATE: case FID_REALM_ACTIVATE: case FID_REALM_TERMINATE:
	case FID_REALM_DESTROY: case FID_REC_CREATE: case FID_REC_DESTROY:
	case FID_PSCI_COMPLETE:
		realm_call(j);
		break;
	case FID_REC_ENTER: enter_call(j); break;
	case FID_RTT_CREATE: case FID_RTT_DESTROY: case FID_RTT_FOLD: case FID_RTT_READ_ENTRY:
	case FID_RTT_INIT_RIPAS: case FID_RTT_SET_RIPAS:
		rtt_call(j);
		break;
	case FID_RTT_DATA_MAP_INIT: case FID_RTT_DATA_MAP: case FID_RTT_DATA_UNMAP:
	case FID_RTT_UNPROT_MAP: case FID_RTT_UNPROT_UNMAP:
		map_call(j);
		break;
	default:
		op_call(j);
	}
}

static bool is_open(u64 fid, u64 *status)
{
	static const u64 any[] = {
		FID_VERSION, FID_FEATURES, FID_RMM_STATE_GET, FID_RMM_CONFIG_GET,
		FID_GRANULE_TRACKING_GET, FID_GPT_INFO, FID_OP_CONTINUE, FID_OP_CANCEL,
		FID_OP_MEM_DONATE, FID_OP_MEM_RECLAIM,
	};
#define F_LIST(name, low, outs) FID_##name,
	static const u64 all[] = { RMI_FIDS(F_LIST) };

	*status = RMI_UNKNOWN_FID;
	for (unsigned int i = 0; i < ARRAY_SIZE(any); i++)
		if (any[i] == fid)
			return true;
	for (unsigned int i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i] == fid)
			*status = RMI_ERROR_GLOBAL;
	if (fid == FID_RMM_CONFIG_SET || fid == FID_RMM_ACTIVATE)
		return ghost.rmm_state == RMI_STATE_INIT;
	return *status == RMI_ERROR_GLOBAL && ghost.rmm_state == RMI_STATE_ACTIVE;
}

static bool interrupt;

void ghost_before(const u64 in[8])
{
	host_forget();
	stay_begin(in);
	inside_forget_refusal();
	interrupt = sim_interrupt_is_near();
}

void ghost_after(const u64 in[8], const u64 out[8])
{
	struct judged j = { .in = in, .out = out, .interrupt = interrupt };
	u64 status;

	now_in = in;
	now_out = out;
	ghost_count.calls++;
	if (is_open(in[0] & 0xFFFFFFFF, &status))
		judge(&j);
	else if (out[0] != status && !(status == RMI_ERROR_GLOBAL && out[0] == RMI_UNKNOWN_FID))
		ghost_fault("x0 is 0x%llx, not 0x%llx", (unsigned long long)out[0],
			    (unsigned long long)status);
	for (unsigned int i = 5; i < 8; i++)
		must_be(out[i], in[i], "one of x5 to x7");
	see_compare();
	now_in = NULL;
}

static u64 feature(u64 index)
{
	u64 regs[8] = { FID_FEATURES, index };

	rmi_dispatch(regs);
	return regs[1];
}

void ghost_start(void)
{
	now_in = NULL;
	while (ghost.tables)
		table_free(ghost.tables);
	memset(&ghost, 0, sizeof(ghost));
	ghost.shift = GRANULE_SHIFT;
	ghost.feature[0] = feature(0);
	ghost.feature[1] = feature(1);
	see_adopt();
	l0_adopt();
	see_compare();
}
