/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "abi/rsi.h"
#include "arch/arch.h"
#include "chaos.h"
#include "ghost/ghost.h"
#include "inside.h"
#include "mem/granule.h"
#include "realm/rec.h"
#include "tools/words.h"

bool chaos_blocks;
static u64 pool;			/* first of CHAOS_PAGES */
/* Operations under way as answers told of them, with what they want; shared by all PEs. */
static struct { u64 handle, want, refused; } ops[CHAOS_HANDLES];
static u64 ns_pages[8];			/* for unprotected mappings */
static u64 block;			/* as large as an entry of level 2; 0: not in this world */

#define IPA_BITS	realm_default.s2sz
#define CHAOS_RAM	0x80000000ULL

/* What decides something: by the seed, or by the bytes of a fuzzer until they end. */
static u64 pick(struct chaos *c, u64 n)
{
	u64 v = 0;

	if (!c->bytes)
		return rng_below(&c->rng, n);
	for (u64 left = n - 1; left; left >>= 8) {
		v = v << 8 | (c->nr_bytes ? *c->bytes : 0);
		c->bytes += c->nr_bytes != 0;
		c->nr_bytes -= c->nr_bytes != 0;
	}
	return v % n;
}
static bool one_in(struct chaos *c, u64 n) { return pick(c, n) == 0; }
/* What decides nothing: always by the seed. */
static u64 noise(struct chaos *c) { return rng_next(&c->rng); }

/* ---- what to name -------------------------------------------------------------- */

static u64 any_page(struct chaos *c)
{
	return pool + pick(c, CHAOS_PAGES) * GRANULE_SIZE;
}

/* A page of the pool in this state, if a few looks find one. */
static u64 page_in(struct chaos *c, enum granule_type type)
{
	u64 p = any_page(c);

	for (unsigned int i = 0; i < CHAOS_PAGES; i++) {
		if (granule_type(granule_find(pa(p))) == type)
			return p;
		p = pool + (p - pool + GRANULE_SIZE) % (CHAOS_PAGES * GRANULE_SIZE);
	}
	return p;
}

static unsigned int pages_in(enum granule_type type)
{
	unsigned int n = 0;

	for (u64 p = pool; p < pool + CHAOS_PAGES * GRANULE_SIZE; p += GRANULE_SIZE)
		n += granule_type(granule_find(pa(p))) == type;
	return n;
}

static u64 wrong_address(struct chaos *c)
{
	const u64 list[] = {
		0, ~0ULL, ~0xFFFULL, BIT(52), BIT(48), 1ULL << 40, 0x60000000,
		sim_machine()->monitor.base, any_page(c) + 8, any_page(c), any_page(c),
		ns_pages[pick(c, ARRAY_SIZE(ns_pages))],
		sim_machine()->bank[0].base + sim_machine()->bank[0].bytes,
	};

	return list[pick(c, ARRAY_SIZE(list))];
}

static u64 address(struct chaos *c, enum granule_type type)
{
	return one_in(c, 25) ? wrong_address(c) : page_in(c, type);
}

/* An RD in this state of its realm, mostly; states: bits, as inside_realm() counts them. */
static u64 realm_in(struct chaos *c, unsigned int states)
{
	struct inside_realm is;
	u64 rd = address(c, RD);

	for (unsigned int i = 0; i < 4 && inside_is(rd, "RD"); i++) {
		inside_realm(rd, &is);
		if (BIT(is.state) & states)
			break;
		rd = page_in(c, RD);
	}
	return rd;
}

enum { ANY_STATE = 15, IS_NEW = 1, IS_ACTIVE = 2, IS_DEAD = 12 };

static bool any_realm_in(struct chaos *c, unsigned int states)
{
	struct inside_realm is;

	for (u64 p = pool; p < pool + CHAOS_PAGES * GRANULE_SIZE; p += GRANULE_SIZE)
		if (inside_is(p, "RD")) {
			inside_realm(p, &is);
			if (BIT(is.state) & states)
				return true;
		}
	(void)c;
	return false;
}

static bool may_enter(const struct inside_rec *rec)
{
	struct inside_realm realm;

	inside_realm(rec->rd, &realm);
	return realm.state == 1 && rec->runnable && rec->pending != PENDING_PSCI;
}
static bool asked_psci(const struct inside_rec *rec) { return rec->pending == PENDING_PSCI; }
static bool asks_for_ripas(const struct inside_rec *rec) { return rec->ripas_active; }

/* A REC like this, 0: there is none. */
static u64 rec_that(struct chaos *c, bool (*fits)(const struct inside_rec *rec))
{
	u64 p = any_page(c);

	for (unsigned int i = 0; i < CHAOS_PAGES; i++) {
		struct inside_rec rec;

		if (inside_is(p, "REC")) {
			inside_rec(p, &rec);
			if (fits(&rec))
				return p;
		}
		p = pool + (p - pool + GRANULE_SIZE) % (CHAOS_PAGES * GRANULE_SIZE);
	}
	return 0;
}

static u64 rec_or_other(struct chaos *c, bool (*fits)(const struct inside_rec *rec))
{
	u64 p = one_in(c, 20) ? 0 : rec_that(c, fits);

	return p ? p : address(c, REC);
}

static u64 host_page_or_not(struct chaos *c, u64 page)
{
	return one_in(c, 30) ? wrong_address(c) : page;
}

/* A place the realms use: few, so that calls meet. */
static u64 place(struct chaos *c, int level, bool shared)
{
	u64 at = CHAOS_RAM + pick(c, 4) * level_bytes(3);

	if (one_in(c, 3))
		at += pick(c, 3) * level_bytes(2);
	if (one_in(c, 8))
		at += level_bytes(1);
	if (shared)
		at += 1ULL << (IPA_BITS - 1);
	at = ALIGN_DOWN(at, level_bytes(level));
	return one_in(c, 40) ? at + 0x800 : at;
}

static u64 table_level(struct chaos *c)
{
	return one_in(c, 30) ? pick(c, 9) - 3 : 2 + pick(c, 2);
}

static unsigned int some_op(struct chaos *c)
{
	unsigned int n = (unsigned int)pick(c, CHAOS_HANDLES);

	for (unsigned int i = 0; i < CHAOS_HANDLES; i++, n = (n + 1) % CHAOS_HANDLES)
		if (__atomic_load_n(&ops[n].handle, __ATOMIC_RELAXED))
			break;
	return n;
}

/* What an answer said of operation `handle`. */
static void note_op(struct chaos *c, u64 handle, u64 x0, bool is_new)
{
	unsigned int n;

	for (n = 0; n < CHAOS_HANDLES; n++)
		if (__atomic_load_n(&ops[n].handle, __ATOMIC_RELAXED) == handle)
			break;
	if (n == CHAOS_HANDLES) {
		if (!is_new)
			return;
		for (n = 0; n < CHAOS_HANDLES && ops[n].handle; n++)
			;
		if (n == CHAOS_HANDLES)
			n = (unsigned int)pick(c, CHAOS_HANDLES);
	}
	if ((x0 & 0xFF) == RMI_BUSY)
		return;
	__atomic_store_n(&ops[n].refused, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&ops[n].want, RMI_MEM(x0), __ATOMIC_RELAXED);
	__atomic_store_n(&ops[n].handle, (x0 & 0xFF) == RMI_INCOMPLETE ? handle : 0,
			 __ATOMIC_RELAXED);
}

static u64 descriptor(struct chaos *c, u64 page, u64 state)
{
	return desc(ALIGN_DOWN(page, GRANULE_SIZE) & MASK(51, GRANULE_SHIFT),
		    1 + (one_in(c, 3) ? pick(c, 3) : 0), one_in(c, 40) ? pick(c, 4) : 0,
		    one_in(c, 40) ? pick(c, 4) : state);
}

/* A follow-up was refused: something else is wanted, or it is no more. */
static void doubt_op(u64 handle)
{
	for (unsigned int n = 0; n < CHAOS_HANDLES; n++) {
		if (__atomic_load_n(&ops[n].handle, __ATOMIC_RELAXED) != handle)
			continue;
		__atomic_fetch_add(&ops[n].want, 1, __ATOMIC_RELAXED);
		if (__atomic_fetch_add(&ops[n].refused, 1, __ATOMIC_RELAXED) > 8)
			__atomic_store_n(&ops[n].handle, 0, __ATOMIC_RELAXED);
	}
}

/* ---- pages of parameters ---------------------------------------------------------- */

static void fill_realm_params(struct chaos *c)
{
	struct realm r = realm_default;
	struct rmi_realm_params *p;

	r.hash = (u8)pick(c, 3);
	r.root = address(c, DELEGATED);
	if (one_in(c, 4)) {
		r.start_level = 2;		/* eight roots, or four */
		r.nr_roots = GRANULE_SHIFT == 12 ? 8 : 4;
		r.root = ALIGN_DOWN(r.root, 8 * GRANULE_SIZE);
	}
	host_fill_params(&r, c->params);
	p = sim_ram(c->params);
	if (one_in(c, 20))
		((u64 *)p)[pick(c, 256)] = noise(c);
}

static void fill_rec_params(struct chaos *c, u64 index)
{
	u64 *p = sim_ram(c->params);

	memset(p, 0, GRANULE_SIZE);
	p[0] = !one_in(c, 4);
	p[0x100 / 8] = one_in(c, 10) ? pick(c, 4) : index;
	p[0x200 / 8] = CHAOS_RAM;
}

static void fill_list(struct chaos *c, enum granule_type type, u64 state)
{
	u64 *list = sim_ram(c->list);

	for (unsigned int i = 0; i < 6; i++)
		list[i] = descriptor(c, address(c, type), state);
	list[511] = descriptor(c, address(c, type), state);
}

/* What GPT_L1_CREATE asks for, in the region itself or in the pool. */
static void fill_table(struct chaos *c)
{
	u64 p = sim_machine()->bank[2].base + pick(c, 4) * 32 * GRANULE_SIZE;

	if (one_in(c, 4))
		p = ALIGN_DOWN(any_page(c), 32 * GRANULE_SIZE);
	((u64 *)sim_ram(c->list))[0] = desc(p, 32, 0, RMI_MEMSTATE_UNDELEGATED);
}

/* What GRANULE_TRACKING_SET asks for: one page, for that region. */
static void fill_metadata(struct chaos *c)
{
	u64 p = one_in(c, 3) ? sim_machine()->bank[2].base + pick(c, 4) * GRANULE_SIZE :
			       page_in(c, DELEGATED);

	((u64 *)sim_ram(c->list))[0] = desc(p, 1, 0, RMI_MEMSTATE_CONDITIONAL);
}

static void fill_enter(struct chaos *c)
{
	struct rmi_rec_run *run = sim_ram(c->run);

	run->enter.flags = one_in(c, 4) ? pick(c, 64) : 0;
	for (unsigned int i = 0; i < 31; i++)
		run->enter.gprs[i] = noise(c);
}

/* ---- the realms ----------------------------------------------------------------------- */

/* Touches memory as hardware lets it; a fault becomes the trap. */
static bool touch(struct chaos *c, struct rec *rec, struct trap *t)
{
	static const enum sim_access kind[] = { SIM_READ, SIM_WRITE, SIM_FETCH };
	enum sim_access how = kind[pick(c, 3)];
	u64 at = place(c, 3, one_in(c, 3)) & ~0xFFFULL;
	struct sim_s2 s = sim_realm_access(rec->vttbr, rec->vtcr, at, how);
	u64 word = noise(c), fsc;

	if (s.fault == SIM_S2_OK && how == SIM_WRITE)
		sim_realm_write(rec->vttbr, rec->vtcr, at + 8 * pick(c, 512), &word, 8);
	if (s.fault == SIM_S2_OK || s.fault == SIM_S2_GPF)
		return false;		/* a GPF is the realm's own abort at EL1 */
	fsc = (s.fault == SIM_S2_PERMISSION ? 0xC : 4) + (u64)s.level;
	t->kind = TRAP_SYNC;
	t->hpfar = at >> 8;
	t->far = at + 8;
	t->esr = how == SIM_FETCH ? 0x20ULL << 26 | BIT(25) | fsc :
		 0x24ULL << 26 | BIT(25) | (one_in(c, 4) ? 0 : BIT(24)) | pick(c, 4) << 22 |
		 pick(c, 32) << 16 | BIT(15) | (how == SIM_WRITE ? BIT(6) : 0) | fsc;
	return true;
}

static void asks(struct chaos *c, struct rec *rec, struct trap *t)
{
	static const u64 fid[] = {
		0xC4000190, 0xC4000191, 0xC4000192, 0xC4000193, 0xC4000194, 0xC4000195, 0xC4000196,
		0xC4000197, 0xC4000197, 0xC4000197, 0xC4000198, 0xC4000198, 0xC4000199, 0xC4000199,
		0xC40001A3, 0x84000000, 0x8400000A, 0xC4000001, 0x84000002, 0xC4000003, 0xC4000003,
		0xC4000004, 0x84000008, 0x12345678,
	};
	u64 *x = rec->gprs;

	x[0] = fid[pick(c, ARRAY_SIZE(fid))];
	if (x[0] == 0x84000008 && !one_in(c, 30))
		x[0] = 0xC4000197;
	x[1] = place(c, 3, one_in(c, 15));
	x[2] = x[1] + (1 + pick(c, 6)) * (one_in(c, 4) ? level_bytes(2) : level_bytes(3));
	x[3] = pick(c, 2);
	x[4] = pick(c, 2);
	if (x[0] == 0xC4000192 || x[0] == 0xC4000193 || (x[0] >> 4 & 0xF) == 0)
		x[1] = pick(c, 6);
	if (x[0] == 0xC4000193)
		x[2] = pick(c, 70);
	if (x[0] == 0xC4000003)
		x[2] = CHAOS_RAM;
	t->kind = TRAP_SYNC;
	t->esr = 0x17ULL << 26 | BIT(25);
}

static void does_something(struct chaos *c, struct rec *rec, struct trap *t)
{	for (unsigned int tries = pick(c, 6); tries; tries--)
		if (touch(c, rec, t))
			return;
	switch (pick(c, 8)) {
	case 0:
		t->kind = TRAP_IRQ;
		break;
	case 1:
		t->kind = TRAP_SYNC;
		t->esr = 0x18ULL << 26 | BIT(25) | (noise(c) & MASK(21, 0));
		break;
	case 2:
		t->kind = TRAP_SYNC;
		t->esr = 0x01ULL << 26 | pick(c, 4);
		break;
	default:
		asks(c, rec, t);
	}
}

static void plays(void *arg, struct rec *rec, struct trap *t)
{
	struct chaos *c = arg;

	if (c->ghost)
		ghost_runs(rec->self.raw, rec->gprs, rec->pc);
	for (unsigned int i = 0; i < 31; i++)
		if (noise(c) % 4 == 0)
			rec->gprs[i] = noise(c);
	if (c->hostile && one_in(c, 80))
		sim_ns_refuse(c->run, true);	/* another agent took it meanwhile */
	does_something(c, rec, t);
	if (c->ghost)
		ghost_traps(rec->self.raw, rec->gprs, t);
}

/* ---- the calls --------------------------------------------------------------------------- */

typedef void (*aim)(struct chaos *c, u64 *x);

static void pages_of(struct chaos *c, u64 *x, enum granule_type type)
{
	x[1] = address(c, type);
	x[2] = x[1] + (one_in(c, 25) ? pick(c, 3) << 11 : (1 + pick(c, 12)) * GRANULE_SIZE);
	if (block && one_in(c, 5)) {		/* of the block: all, or from somewhere on */
		x[1] = block + (one_in(c, 4) ? pick(c, 512) * GRANULE_SIZE : 0);
		x[2] = one_in(c, 6) ? x[1] + (1 + pick(c, 12)) * GRANULE_SIZE :
				      block + level_bytes(2);
	}
}

static void in_the_block(struct chaos *c, u64 *x)
{
	x[1] = sim_machine()->bank[2].base + pick(c, 128) * GRANULE_SIZE;
	x[2] = x[1] + (1 + pick(c, 3)) * GRANULE_SIZE;
	if (one_in(c, 3)) {		/* all of it */
		x[1] = sim_machine()->bank[2].base;
		x[2] = x[1] + sim_machine()->bank[2].bytes;
	}
}

static void delegate(struct chaos *c, u64 *x)
{
	x[0] = FID_GRANULE_RANGE_DELEGATE;
	pages_of(c, x, UNDELEGATED);
	if (chaos_blocks && one_in(c, 8))
		in_the_block(c, x);
}

static void undelegate(struct chaos *c, u64 *x)
{
	x[0] = FID_GRANULE_RANGE_UNDELEGATE;
	pages_of(c, x, DELEGATED);
	if (chaos_blocks && one_in(c, 8))
		in_the_block(c, x);
}

/* The region that was a block of level 0 at boot; others are refused. */
static void gpt_table(struct chaos *c, u64 *x)
{
	x[0] = one_in(c, 2) ? FID_GPT_L1_CREATE : FID_GPT_L1_DESTROY;
	x[1] = sim_machine()->bank[one_in(c, 8) ? 0 : 2].base;
	if (one_in(c, 20))
		x[1] = wrong_address(c);
}

/* Of the region that may lose its table: the one that has no metadata from EL3. */
static void tracking_set(struct chaos *c, u64 *x)
{
	x[0] = FID_GRANULE_TRACKING_SET;
	x[1] = ALIGN_DOWN(sim_machine()->bank[one_in(c, 6) ? 0 : 2].base, 1ULL << 30);
	x[2] = RMI_CATEGORY_CONVENTIONAL;
	x[3] = RMI_TRACKING_NONE + pick(c, one_in(c, 20) ? 5 : 3);
	if (one_in(c, 20))
		x[1] = wrong_address(c);
}

static void realm_make(struct chaos *c, u64 *x)
{
	fill_realm_params(c);
	x[0] = FID_REALM_CREATE;
	x[1] = address(c, DELEGATED);
	x[2] = host_page_or_not(c, c->params);
}

static void rec_make(struct chaos *c, u64 *x);

static void rec_make(struct chaos *c, u64 *x);

static void realm_move(struct chaos *c, u64 *x)
{
	x[0] = one_in(c, 40) ? FID_REALM_TERMINATE : one_in(c, 20) ? FID_REALM_DESTROY :
							       FID_REALM_ACTIVATE;
	x[1] = x[0] == FID_REALM_ACTIVATE ? realm_in(c, IS_NEW) : address(c, RD);
	/* one with RECs is worth more */
	if (x[0] == FID_REALM_ACTIVATE && (!inside_is(x[1], "RD") || inside_refs(x[1]) < 2) &&
	    !one_in(c, 20))
		rec_make(c, x);
}

static void rec_make(struct chaos *c, u64 *x)
{
	x[0] = FID_REC_CREATE;
	x[1] = realm_in(c, IS_NEW);
	fill_rec_params(c, sim_pas(x[1]) == SIM_REALM ? inside_next_index(x[1]) : 0);
	x[2] = address(c, DELEGATED);
	x[3] = host_page_or_not(c, c->params);
}

static void rec_end(struct chaos *c, u64 *x) { x[0] = FID_REC_DESTROY; x[1] = address(c, REC); }

static void enter(struct chaos *c, u64 *x)
{
	fill_enter(c);
	sim_realm_is(plays, c);
	x[0] = FID_REC_ENTER;
	x[1] = rec_or_other(c, may_enter);
	x[2] = host_page_or_not(c, c->run);
}

static void psci(struct chaos *c, u64 *x)
{
	x[0] = FID_PSCI_COMPLETE;
	x[1] = rec_or_other(c, asked_psci);
	x[2] = one_in(c, 3) ? (u64)-3 : one_in(c, 6) ? address(c, REC) : 0;
}

static void table_make(struct chaos *c, u64 *x)
{
	x[0] = FID_RTT_CREATE;
	x[2] = address(c, DELEGATED);
	if (c->want.rd && !one_in(c, 6)) {	/* where the last map missed one */
		x[1] = c->want.rd;
		x[3] = ALIGN_DOWN(c->want.ipa, level_bytes(c->want.level - 1));
		x[4] = (u64)c->want.level;
		c->want.rd = 0;
		return;
	}
	x[1] = realm_in(c, IS_NEW | IS_ACTIVE);
	x[4] = table_level(c);
	x[3] = place(c, (int)x[4] - 1 >= 0 && (int)x[4] <= 3 ? (int)x[4] - 1 : 2, one_in(c, 3));
}

static void table_end(struct chaos *c, u64 *x)
{
	x[0] = one_in(c, 2) ? FID_RTT_FOLD : FID_RTT_DESTROY;
	x[1] = address(c, RD);
	x[3] = table_level(c);
	x[2] = place(c, (int)x[3] - 1 >= 0 && (int)x[3] <= 3 ? (int)x[3] - 1 : 2, one_in(c, 3));
}

static void look(struct chaos *c, u64 *x)
{
	x[0] = FID_RTT_READ_ENTRY;
	x[1] = address(c, RD);
	x[3] = 1 + pick(c, 3);
	x[2] = place(c, (int)x[3], one_in(c, 3));
}

static void data_init(struct chaos *c, u64 *x)
{
	x[0] = FID_RTT_DATA_MAP_INIT;
	x[1] = realm_in(c, IS_NEW);
	x[2] = address(c, DELEGATED);
	x[3] = place(c, 3, false);
	x[4] = host_page_or_not(c, c->list);
	x[5] = one_in(c, 30) ? pick(c, 4) : pick(c, 2);
}

static void range(struct chaos *c, u64 *x, bool shared)
{
	x[1] = realm_in(c, x[0] == FID_RTT_INIT_RIPAS ? IS_NEW : IS_NEW | IS_ACTIVE);
	x[2] = place(c, one_in(c, 6) ? 2 : 3, shared);
	x[3] = x[2] + (one_in(c, 6) ? level_bytes(2) : (1 + pick(c, 5)) * GRANULE_SIZE);
}

static void oaddr(struct chaos *c, u64 *x, enum granule_type type, u64 state)
{
	u64 how = one_in(c, 30) ? pick(c, 4) : 1 + pick(c, 2);

	x[4] |= how;
	if (how == RMI_OADDR_LIST) {
		fill_list(c, type, state);
		x[4] |= (1 + pick(c, 6)) << RMI_MAP_COUNT_SHIFT;
		x[5] = host_page_or_not(c, one_in(c, 8) ? c->list + 0xFF8 : c->list);
	} else {
		x[5] = descriptor(c, address(c, type), state);
	}
}

/* One entry of level 2 at once: the block there is, or some address. */
static void whole_block(struct chaos *c, u64 *x, u64 address)
{
	x[2] = ALIGN_DOWN(x[2], level_bytes(2));
	x[3] = x[2] + level_bytes(2);
	x[4] = (x[4] & ~(u64)RMI_MAP_OADDR_MASK) | RMI_OADDR_SINGLE;
	x[5] = desc(address, 1, RMI_BLOCK_L2, 0);
	if (one_in(c, 20))
		x[5] += level_bytes(3);
}

static void data_map(struct chaos *c, u64 *x)
{
	x[0] = FID_RTT_DATA_MAP;
	range(c, x, false);
	oaddr(c, x, DELEGATED, 0);
	if (one_in(c, block ? 3 : 40))
		whole_block(c, x, block);
}

static void data_unmap(struct chaos *c, u64 *x)
{
	x[0] = FID_RTT_DATA_UNMAP;
	range(c, x, false);
	oaddr(c, x, UNDELEGATED, 0);
	if ((x[4] & 3) != RMI_OADDR_LIST)
		x[5] = 0;
}

static void unprot_map(struct chaos *c, u64 *x)
{
	x[0] = FID_RTT_UNPROT_MAP;
	range(c, x, true);
	x[4] = (one_in(c, 10) ? pick(c, 8) : 6) << 16 | (1 + pick(c, 3)) << 19 | RMI_OADDR_SINGLE;
	x[5] = descriptor(c, one_in(c, 3) ? any_page(c) : ns_pages[pick(c, ARRAY_SIZE(ns_pages))],
			  0);
	if (one_in(c, 8))
		whole_block(c, x, sim_machine()->bank[pick(c, 2)].base);
}

static void unprot_unmap(struct chaos *c, u64 *x)
{
	data_unmap(c, x);
	x[0] = FID_RTT_UNPROT_UNMAP;
	x[2] += 1ULL << (IPA_BITS - 1);
	x[3] += 1ULL << (IPA_BITS - 1);
}

static void ripas(struct chaos *c, u64 *x)
{
	x[0] = FID_RTT_INIT_RIPAS;
	range(c, x, false);
}

/* Mostly what a REC really asked for. */
static void ripas_set(struct chaos *c, u64 *x)
{
	x[0] = FID_RTT_SET_RIPAS;
	x[2] = rec_or_other(c, asks_for_ripas);
	if (sim_is_dram(x[2]) && granule_type(granule_find(pa(ALIGN_DOWN(x[2], 4096)))) == REC) {
		const volatile struct rec *rec = sim_ram(ALIGN_DOWN(x[2], 4096));

		x[1] = rec->rd.raw;
		x[3] = rec->ripas.addr;
		x[4] = rec->ripas.top;
	}
	if (one_in(c, 10))
		x[1 + pick(c, 4)] = one_in(c, 2) ? address(c, RD) : place(c, 3, false);
}

static void follow_up(struct chaos *c, u64 *x)
{
	static const u64 fid[] = { FID_OP_CONTINUE, FID_OP_CONTINUE, FID_OP_MEM_DONATE,
				   FID_OP_MEM_RECLAIM, FID_OP_CANCEL };
	static const u64 right[] = { FID_OP_CONTINUE, FID_OP_MEM_DONATE, FID_OP_MEM_RECLAIM };

	unsigned int n = some_op(c);

	x[0] = fid[pick(c, ARRAY_SIZE(fid))];
	if (!one_in(c, 5))
		x[0] = right[__atomic_load_n(&ops[n].want, __ATOMIC_RELAXED) % 3];
	x[1] = __atomic_load_n(&ops[n].handle, __ATOMIC_RELAXED);
	if (one_in(c, 40))
		x[1] ^= BIT(pick(c, 64));
	x[2] = x[0] == FID_OP_CONTINUE ? pick(c, 2) : host_page_or_not(c, c->list);
	x[3] = pick(c, 3);
	if (x[0] == FID_OP_MEM_DONATE)
		fill_list(c, DELEGATED, 0);
	if (chaos_blocks && x[0] == FID_OP_MEM_DONATE && one_in(c, 2)) {
		x[3] = 1;
		if (one_in(c, 2))
			fill_table(c);
		else
			fill_metadata(c);
	} else if (x[0] == FID_OP_MEM_DONATE && !one_in(c, 5)) {	/* what a REC wants: one page */
		x[3] = 1;
		*(u64 *)sim_ram(c->list) = desc(page_in(c, DELEGATED), 1, 0, 0);
	}
}

/* One step towards the end of a realm that is of no use any more. */
static void bury(struct chaos *c, u64 *x)
{
	struct inside_realm is = { .state = 0 };
	struct inside_rec rec;

	x[1] = realm_in(c, IS_DEAD);
	if (inside_is(x[1], "RD"))
		inside_realm(x[1], &is);
	if (is.state < 2 || one_in(c, 10)) {
		rec_end(c, x);
	} else if (is.state == 2) {
		x[0] = FID_REALM_TERMINATE;
	} else if (inside_refs(x[1])) {
		x[0] = FID_REC_DESTROY;
		x[2] = x[1];
		x[1] = page_in(c, REC);
		for (unsigned int i = 0; i < 8 && inside_is(x[1], "REC"); i++) {
			inside_rec(x[1], &rec);
			if (rec.rd == x[2])
				break;
			x[1] = page_in(c, REC);
		}
		x[2] = 0;
	} else if (one_in(c, 3)) {
		x[0] = FID_REALM_DESTROY;
	} else if (one_in(c, 2)) {
		x[0] = FID_RTT_DATA_UNMAP;
		x[2] = place(c, 2, false);
		x[3] = x[2] + level_bytes(1);
	} else {
		x[0] = FID_RTT_DESTROY;
		x[3] = 2 + pick(c, 2);
		x[2] = place(c, (int)x[3] - 1, one_in(c, 3));
	}
}

static void small_talk(struct chaos *c, u64 *x)
{
	static const u64 fid[] = {
		FID_VERSION, FID_FEATURES, FID_RMM_CONFIG_GET, FID_RMM_STATE_GET,
		FID_GRANULE_TRACKING_GET, FID_GPT_INFO, FID_GPT_L1_CREATE, FID_RMM_ACTIVATE,
		FID_RMM_DEACTIVATE, FID_RMM_CONFIG_SET, 0xC4000151,
	};

	x[0] = fid[pick(c, ARRAY_SIZE(fid))];
	x[1] = one_in(c, 2) ? c->list : wrong_address(c);
	x[2] = x[1] + pick(c, 3) * GRANULE_SIZE;
}

static const struct {
	aim aim;
	unsigned int weight;
} menu[] = {
	{ delegate, 10 }, { undelegate, 2 }, { realm_make, 6 }, { realm_move, 5 },
	{ rec_make, 8 }, { rec_end, 1 }, { enter, 50 }, { psci, 10 }, { table_make, 8 },
	{ table_end, 3 }, { look, 2 }, { data_init, 4 }, { data_map, 12 }, { data_unmap, 4 },
	{ unprot_map, 6 }, { unprot_unmap, 3 }, { ripas, 5 }, { ripas_set, 20 },
	{ follow_up, 26 }, { bury, 20 }, { small_talk, 1 },
	{ gpt_table, 4 }, { tracking_set, 4 },
};

/* An aim that has nothing to aim at yet is rarely worth a call. */
static bool worth_it(struct chaos *c, aim a)
{
	if (a == gpt_table || a == tracking_set)
		return chaos_blocks;
	if (a == enter)
		return one_in(c, 40) || rec_that(c, may_enter);
	if (a == psci)
		return one_in(c, 40) || rec_that(c, asked_psci);
	if (a == ripas_set)
		return one_in(c, 40) || rec_that(c, asks_for_ripas);
	if (a == rec_end)
		return one_in(c, 40) || granule_type(granule_find(pa(page_in(c, REC)))) == REC;
	if (a == follow_up)
		return one_in(c, 30) || ops[some_op(c)].handle;
	if (a == bury)
		return one_in(c, 40) || any_realm_in(c, IS_DEAD);
	if (a == realm_make)
		return one_in(c, 20) || pages_in(RD) < 5;
	if (a == delegate || a == undelegate || a == small_talk)
		return true;
	return one_in(c, 8) || granule_type(granule_find(pa(page_in(c, RD)))) == RD;
}

static aim choose(struct chaos *c)
{
	unsigned int sum = 0;
	u64 n;

	for (unsigned int i = 0; i < ARRAY_SIZE(menu); i++)
		sum += menu[i].weight;
	n = pick(c, sum);
	for (unsigned int i = 0;; i++) {
		if (n < menu[i].weight)
			return menu[i].aim;
		n -= menu[i].weight;
	}
}

/* ---- a hostile platform ------------------------------------------------------------------ */

static _Thread_local struct chaos *calling;

/* The host writes what the monitor has just read. */
static void flip(struct chaos *c, u64 p, size_t bytes)
{
	u8 *at = sim_ram(p);

	for (size_t i = 0; i < bytes; i++)
		if (noise(c) % 3 == 0)
			at[i] = noise(c) % 2 ? (u8)noise(c) : at[i] ^ (u8)BIT(noise(c) % 8);
}

static void on_read(u64 p, size_t bytes)
{
	struct chaos *c = calling;

	if (c && c->ghost)
		ghost_saw(p, bytes);
	if (c && c->flips)
		flip(c, p, bytes);
}

/* For one call: pages that change when read, EL3 that says no or stops early. */
static void be_hostile(struct chaos *c)
{
	const u64 mine[] = { c->params, c->run, c->list };

	if (c->ghost || c->hostile)
		sim_ns_after_read(on_read);
	if (!c->hostile)
		return;
	c->flips = one_in(c, 4);
	c->refused = one_in(c, 40) ? any_page(c) : 0;
	if (c->refused && sim_pas(c->refused) == SIM_NS)
		sim_gpt_refuse(c->refused, true);
	if (one_in(c, 40))
		sim_gpt_slice(1 + pick(c, 4));
	if (one_in(c, 80))
		sim_ns_refuse(mine[pick(c, 3)], true);
}

static void be_kind(struct chaos *c)
{
	if (!c->hostile)
		return;
	if (c->refused)
		sim_gpt_refuse(c->refused, false);
	sim_gpt_slice(0);
	sim_ns_refuse(c->params, false);
	sim_ns_refuse(c->run, false);
	sim_ns_refuse(c->list, false);
	c->flips = false;
}

void chaos_say(FILE *to, const u64 in[8], const u64 out[8], const char *label)
{
	char text[300];

	fprintf(to, "%s", words_call(text, sizeof(text), in[0], &in[1], 6));
	if (out)
		fprintf(to, " = %s", words_answer(text, sizeof(text), out[0]));
	if (out && *label)
		fprintf(to, " (%s)", label);
	if (out && (out[0] & 0xFF) == RMI_INCOMPLETE)
		fprintf(to, " x1 0x%llx x2 0x%llx", (unsigned long long)out[1],
			(unsigned long long)out[2]);
	else if (out)
		fprintf(to, "%s", words_outputs(text, sizeof(text), in[0], &out[1]));
	fputc('\n', to);
}

static void call(struct chaos *c, u64 regs[8])
{
	struct chaos_call *log = &c->log[c->calls++ % CHAOS_LOG];
	u64 status;

	memcpy(log->in, regs, sizeof(log->in));
	log->answered = false;
	calling = c;
	be_hostile(c);
	if (c->before)
		c->before(c, regs);
	inside_forget_refusal();
	rmi_dispatch(regs);
	memcpy(log->out, regs, sizeof(log->out));
	log->answered = true;
	log->label = inside_refusal();
	if (c->log_file) {
		fprintf(c->log_file, "%u: ", c->cpu);
		chaos_say(c->log_file, log->in, log->out, log->label);
	}
	if (c->after)
		c->after(c, log->in, regs);
	be_kind(c);
	status = regs[0] & 0xFF;
	c->answers[log->in[0] & (CHAOS_COMMANDS - 1)][status < 20 ? status : 19]++;
	c->succeeded += regs[0] == RMI_SUCCESS;
	if (status == RMI_ERROR_RTT && regs[0] >> 8 < 3 && log->in[0] != FID_RTT_CREATE &&
	    log->in[0] != FID_RTT_DESTROY && log->in[0] != FID_RTT_FOLD) {
		c->want.rd = log->in[1];
		c->want.ipa = log->in[0] == FID_RTT_DATA_MAP_INIT ||
			      log->in[0] == FID_RTT_SET_RIPAS ? log->in[3] : log->in[2];
		c->want.level = (int)(regs[0] >> 8) + 1;
	}
	if (log->in[0] == FID_OP_MEM_DONATE || log->in[0] == FID_OP_MEM_RECLAIM ||
	    log->in[0] == FID_OP_CONTINUE || log->in[0] == FID_OP_CANCEL) {
		/* a refused follow-up leaves it where it was, or failed: CONTINUE tells */
		if (status == RMI_INCOMPLETE ||
		    (log->in[0] == FID_OP_CONTINUE && status != RMI_ERROR_INPUT))
			note_op(c, log->in[1], regs[0], false);
		else if (status == RMI_ERROR_INPUT)
			doubt_op(log->in[1]);
	} else if (status == RMI_INCOMPLETE) {
		c->started[c->nr_started++ % CHAOS_STARTED] = regs[1];
		note_op(c, regs[1], regs[0], true);
	}
}

void chaos_step(struct chaos *c)
{
	u64 regs[8] = { 0 };

	if (one_in(c, 8))
		sim_interrupt_after((unsigned int)pick(c, 3));
	aim a;

	do
		a = choose(c);
	while (!worth_it(c, a));
	a(c, regs);
	call(c, regs);
}

/* ---- begin and end ------------------------------------------------------------------------ */

/* Small: what is checked after each call is all of it. */
static struct sim_machine machine = {
	.nr_cpus = 4, .lpa2 = true,
	.bank = { { 0x40000000, 2 << 20 }, { 0x880200000, 1 << 20 } },
	.monitor = { 0x40180000, 256 << 10 }, .pool = 64 << 10,
};

static bool large;

/* Blocks of longer granules would be most of the walk. */
void chaos_large(bool on)
{
	large = on && test_granule() == 12;
}

void chaos_world(bool donated)
{
	machine.pool = donated ? 0 : 64 << 10;
	/* as many granules, whatever their size; the monitor behind them */
	machine.bank[0].bytes = 512ULL << test_granule();
	machine.bank[1].bytes = (large ? 1024ULL : 256ULL) << test_granule();
	machine.monitor.base = machine.bank[0].base + (384ULL << test_granule());
	machine.bank[2] = (struct sim_bank){ 0 };
	if (chaos_blocks) {
		machine.pool = donated ? 0 : 8 << 10;	/* not enough for that one */
		machine.bank[2] = (struct sim_bank){ 0x900000000, 512 << 10 };
	}
	sim_power_on(&machine);
	host_power_on();
	host_activate();
	if (chaos_blocks)
		sim_l0_block(machine.bank[2].base, true);
	pool = host_alloc(CHAOS_PAGES, 16 * GRANULE_SIZE);
	for (unsigned int i = 0; i < ARRAY_SIZE(ns_pages); i++)
		ns_pages[i] = host_page();
	/* above the pages of the PEs, which nobody allocates */
	block = large ? ALIGN_UP(machine.bank[1].base + 1, level_bytes(2)) : 0;
	if (block)
		host_delegate(block, level_bytes(2) / GRANULE_SIZE);
	memset(ops, 0, sizeof(ops));
	host_delegate(pool, CHAOS_PAGES / 2);
}

void chaos_init(struct chaos *c, unsigned int cpu, u64 seed)
{
	memset(c, 0, sizeof(*c));
	c->cpu = cpu;
	c->rng.s = seed * 0x9E3779B97F4A7C15ULL + cpu + 1;
	/* away from all that may be delegated by a range that goes too far */
	c->params = sim_machine()->bank[1].base + (4 * cpu + 4) * GRANULE_SIZE;
	c->run = c->params + GRANULE_SIZE;
	c->list = c->run + GRANULE_SIZE;
}

void chaos_tell(const struct chaos *c)
{
	fprintf(stderr, "the last calls of CPU %u (of %llu):\n", c->cpu,
		(unsigned long long)c->calls);
	for (u64 n = c->calls > CHAOS_LOG ? c->calls - CHAOS_LOG : 0; n < c->calls; n++) {
		const struct chaos_call *l = &c->log[n % CHAOS_LOG];

		fprintf(stderr, "  ");
		chaos_say(stderr, l->in, l->answered ? l->out : NULL, l->label);
	}
}

/* ---- a good host at last --------------------------------------------------------------------- */

static u64 do_call(struct chaos *c, u64 fid, u64 x1, u64 x2, u64 x3, u64 x4, u64 x5, u64 out[8])
{
	u64 regs[8] = { fid, x1, x2, x3, x4, x5 };

	call(c, regs);
	memcpy(out, regs, sizeof(regs));
	return regs[0] & 0xFF;
}

/* Drives an operation to its end, giving nothing more. */
static void finish(struct chaos *c, u64 handle)
{
	u64 out[8], rounds = 0;

	do_call(c, FID_OP_CANCEL, handle, 0, 0, 0, 0, out);
	for (; rounds < 100; rounds++) {
		u64 status = do_call(c, FID_OP_CONTINUE, handle, 0, 0, 0, 0, out);

		if (status == RMI_INCOMPLETE && RMI_MEM(out[0]) == RMI_MEM_NONE)
			continue;
		if (status != RMI_INCOMPLETE && status != RMI_ERROR_INPUT)
			return;
		if (do_call(c, FID_OP_MEM_RECLAIM, handle, c->list, 512, 0, 0, out) !=
		    RMI_INCOMPLETE)
			return;
	}
}

/* Tables and data of a realm, wherever they are: bottom up. */
static void empty_realm(struct chaos *c, u64 rd)
{
	const u64 half = 1ULL << (IPA_BITS - 1);
	u64 out[8];

	for (u64 base = 0; base < half; base = out[1])
		if (do_call(c, FID_RTT_DATA_UNMAP, rd, base, half, RMI_OADDR_NONE, 0, out) ||
		    out[1] <= base)
			break;
	for (u64 level = 3; level >= 1; level--)
		for (u64 ipa = 0; ipa < 2 * half; ) {
			u64 status = do_call(c, FID_RTT_DESTROY, rd, ipa, level, 0, 0, out);

			if (status == RMI_ERROR_INPUT)
				break;		/* above the start */
			ipa = out[2] > ipa ? out[2] : ipa + level_bytes((int)level - 1);
			ipa = ALIGN_DOWN(ipa, level_bytes((int)level - 1));
		}
}

static void each(struct chaos *c, enum granule_type type, void (*fn)(struct chaos *c, u64 page))
{
	for (u64 p = block; block && p < block + level_bytes(2); p += GRANULE_SIZE)
		if (granule_type(granule_find(pa(p))) == type)
			fn(c, p);
	/* all of the bank: ranges that go too far have taken more than the pool */
	for (u64 p = sim_machine()->bank[0].base; p < sim_machine()->monitor.base;
	     p += GRANULE_SIZE)
		if (granule_type(granule_find(pa(p))) == type)
			fn(c, p);
	for (u64 p = sim_machine()->bank[2].base; p && sim_is_dram(p); p += GRANULE_SIZE)
		if (granule_find(pa(p)) && granule_type(granule_find(pa(p))) == type)
			fn(c, p);
}

/* FINE, so that what is left there is seen; its metadata is UNDELEGATED where it is its own. */
static void end_region(struct chaos *c)
{
	u64 out[8], base = sim_machine()->bank[2].base, top = base + sim_machine()->bank[2].bytes;

	do_call(c, FID_GRANULE_RANGE_UNDELEGATE, base, top, 0, 0, 0, out);	/* COARSE */
	if (do_call(c, FID_GRANULE_TRACKING_SET, ALIGN_DOWN(base, 1ULL << 30),
		    RMI_CATEGORY_CONVENTIONAL, RMI_TRACKING_NONE, 0, 0, out) == RMI_INCOMPLETE)
		finish(c, out[1]);
}

static void end_table(struct chaos *c)
{
	u64 out[8];

	if (do_call(c, FID_GPT_L1_DESTROY, sim_machine()->bank[2].base, 0, 0, 0, 0, out) ==
	    RMI_INCOMPLETE)
		finish(c, out[1]);
}

static void end_realm(struct chaos *c, u64 rd)
{
	u64 out[8];

	do_call(c, FID_REALM_TERMINATE, rd, 0, 0, 0, 0, out);
	check_eq(out[0], RMI_SUCCESS);
	empty_realm(c, rd);
}

static void end_rec(struct chaos *c, u64 rec)
{
	u64 out[8];

	check_eq(do_call(c, FID_REC_DESTROY, rec, 0, 0, 0, 0, out), RMI_INCOMPLETE);
	finish(c, out[1]);
}

static void end_rd(struct chaos *c, u64 rd)
{
	u64 out[8];

	check_eq(do_call(c, FID_REALM_DESTROY, rd, 0, 0, 0, 0, out), RMI_SUCCESS);
}

static void end_page(struct chaos *c, u64 page)
{
	u64 out[8];

	check_eq(do_call(c, FID_GRANULE_RANGE_UNDELEGATE, page, page + GRANULE_SIZE, 0, 0, 0, out),
		 0);
}

/* A region that holds a granule table stays FINE, a table with its metadata below it is one. */
static bool is_stuck(u64 page)
{
	struct inside_region is;

	inside_region(sim_machine()->bank[2].base, &is);
	return sim_pas(page) == SIM_ROOT || (is.kind == RMI_TRACKING_FINE && is.memory == page);
}

static void left_over(struct chaos *c, u64 page)
{
	(void)c;
	if (host_page_state(page) == PAGE_DONATED)
		return;			/* metadata, since the world began */
	if (chaos_blocks && is_stuck(page))
		return;
	test_check(false, __FILE__, __LINE__, "0x%llx is still %s", (unsigned long long)page,
		   inside_state(page));
}

void chaos_finish_operations(struct chaos *c)
{
	c->hostile = false;
	for (u64 i = 0; i < c->nr_started && i < CHAOS_STARTED; i++)
		finish(c, c->started[i]);
	c->nr_started = 0;
}

/* ---- the monitor's own life ------------------------------------------------------------------ */

static void deactivate(struct chaos *c)
{
	u64 out[8], status = do_call(c, FID_RMM_DEACTIVATE, 0, 0, 0, 0, 0, out), handle = out[1];

	while (status == RMI_INCOMPLETE || status == RMI_ERROR_INPUT) {
		bool back = RMI_MEM(out[0]) == RMI_MEM_RECLAIM || status == RMI_ERROR_INPUT;

		if (back && !one_in(c, 4))
			status = do_call(c, FID_OP_MEM_RECLAIM, handle, c->list, pick(c, 3), 0, 0, out);
		else
			status = do_call(c, FID_OP_CONTINUE, handle, 0, 0, 0, 0, out);
	}
	check_eq(status, RMI_SUCCESS);
}

/* What is asked for, in one descriptor; now and then something else. */
static void offer(struct chaos *c, u64 wanted)
{
	u64 *list = sim_ram(c->list), at = any_page(c);

	if (!one_in(c, 4))
		at = ALIGN_DOWN(at, wanted * GRANULE_SIZE);
	list[0] = desc(one_in(c, 12) ? wrong_address(c) & MASK(51, 12) : at,
		       one_in(c, 12) ? pick(c, 4) : wanted, 0,
		       one_in(c, 12) ? pick(c, 4) : RMI_MEMSTATE_UNDELEGATED);
}

static void activate(struct chaos *c)
{
	u64 out[8], status = 0, handle = 0, wanted = 0;

	for (unsigned int tries = 0; inside_rmm_state() != RMI_STATE_ACTIVE; tries++) {
		u64 mem = status == RMI_INCOMPLETE ? RMI_MEM(out[0]) : pick(c, 3);

		c->hostile &= tries < 40;
		if (inside_rmm_state() == RMI_STATE_INIT) {
			status = do_call(c, FID_RMM_ACTIVATE, 0, 0, 0, 0, 0, out);
			handle = out[1];
		} else if (one_in(c, 10) && tries < 40) {
			status = do_call(c, FID_OP_CANCEL, handle, 0, 0, 0, 0, out);
		} else if (mem == RMI_MEM_DONATE) {
			offer(c, wanted);
			status = do_call(c, FID_OP_MEM_DONATE, handle, c->list, 1, 0, 0, out);
		} else if (mem == RMI_MEM_RECLAIM) {
			status = do_call(c, FID_OP_MEM_RECLAIM, handle, c->list, pick(c, 3), 0, 0, out);
		} else {
			status = do_call(c, FID_OP_CONTINUE, handle, 0, 0, 0, 0, out);
		}
		if (status == RMI_INCOMPLETE && RMI_MEM(out[0]) == RMI_MEM_DONATE)
			wanted = out[2] >> RMI_DONATE_COUNT_SHIFT & RMI_DONATE_COUNT_MASK;
		if (tries == 1000)
			sim_fault("the monitor cannot be activated again");
	}
}

void chaos_live_again(struct chaos *c)
{
	c->hostile = true;
	deactivate(c);
	activate(c);
	c->hostile = false;
}

void chaos_statistics(const struct chaos *c)
{
	for (u64 f = 0; f < CHAOS_COMMANDS; f++)
		for (unsigned int i = 0; i < 20; i++) {
			int low = words_command_of(0xC4000100 | f);
			int n = low >= 0 ? low : words_command_of(0xC4000200 | f);

			if (c->answers[f][i])
				printf("%-24s %2u: %u\n", n >= 0 ? words_command((unsigned int)n) : "?", i,
				       c->answers[f][i]);
		}
}

void chaos_clean_up(struct chaos *c)
{
	sim_interrupt_after(0);
	chaos_finish_operations(c);
	each(c, RD, end_realm);
	each(c, REC, end_rec);
	each(c, RD, end_rd);
	each(c, DELEGATED, end_page);
	if (chaos_blocks) {
		end_region(c);
		each(c, DELEGATED, end_page);
		end_table(c);
		end_region(c);
		each(c, DELEGATED, end_page);
	}
	for (enum granule_type t = UNDELEGATED + 1; t < NR_GRANULE_TYPES; t++)
		each(c, t, left_over);
}
