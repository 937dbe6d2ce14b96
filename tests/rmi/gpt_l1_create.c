/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD GPT_L1_CREATE
#define CMD_LOWER gpt_l1_create
#include "arch/arch.h"
#include "harness/command.h"

#define LOW		0x40000000ULL	/* region of the first bank */
#define L1_PAGES	32
#define L1_BYTES	(L1_PAGES * GRANULE_SIZE)

static u64 bank1(void) { return sim_machine()->bank[1].base; }
static u64 high(void) { return ALIGN_DOWN(bank1(), 1ULL << 30); }

/* An ACTIVE monitor; the region of the second bank is a block, which nobody uses yet. */
static void make_blocks(struct world *w)
{
	world_make(w);
	sim_l0_block(bank1(), true);
}

#define MAKE make_blocks
#define GOOD_STATUS RMI_INCOMPLETE
#define REFUSED_OUTS 0

GOOD	{ a->base = pa(high()); }

CHANGED
{
	check(res.x[0] & RMI_CAN_CANCEL);
	check_eq(RMI_MEM(res.x[0]), RMI_MEM_DONATE);
	check_eq(FIELD(res.x[2], 1, 0), RMI_BLOCK_L3);
	check_eq(FIELD(res.x[2], 15, 2), L1_PAGES);
	check_eq(FIELD(res.x[2], 16, 16), 1);
	check_eq(FIELD(res.x[2], 18, 17), RMI_MEMSTATE_UNDELEGATED);
	check_eq(rmi(FID_GPT_INFO, high(), high() + (1ULL << 30)).x[2], RMI_GPT_HOST_NOT_CREATED);
}

SPOIL(bound)		{ a->base = pa(w->beyond); }
SPOIL(align)		{ a->base = pa_add(a->base, GRANULE_SIZE); }
SPOIL(no_dram)		{ a->base = pa(0x80000000); }
SPOIL(is_table)		{ a->base = pa(LOW); }
NOT_SPOILED(size, "only tables of 64 MiB are too much for one request: size_of_a_table below")

static u64 state_of(u64 region)
{
	return rmi(FID_GPT_INFO, region, region + (1ULL << 30)).x[2];
}

static void begin(struct sro *s, u64 region)
{
	need(sro_begin(s, rmi(FID_GPT_L1_CREATE, region)));
}

/* One descriptor for a table at p. */
static struct rmi_result offer(struct sro *s, u64 p)
{
	((u64 *)sim_ram(s->list))[0] = desc(p, L1_PAGES, RMI_BLOCK_L3, RMI_MEMSTATE_UNDELEGATED);
	return sro_donate(s, 1);
}

/* A whole life; the table in memory at p. */
static void table_lives(u64 region, u64 p, u64 granule)
{
	struct rmi_result r;
	struct sro s;

	check_eq(state_of(region), RMI_GPT_HOST_NOT_CREATED);
	r = rmi(FID_GRANULE_RANGE_DELEGATE, granule, granule + GRANULE_SIZE);
	check_eq(r.x[0], RMI_ERROR_GPT | granule >> 12 << 16);
	begin(&s, region);
	r = offer(&s, p);
	check_status(r, RMI_INCOMPLETE);
	check_eq(r.x[1], L1_PAGES);
	check(!(r.x[0] & RMI_CAN_CANCEL));
	check_status(sro_cancel(&s), RMI_ERROR_INPUT);
	check_status(sro_continue(&s, 0), RMI_SUCCESS);
	check_eq(state_of(region), RMI_GPT_HOST_CREATED);
	for (u64 i = 0; i < L1_PAGES; i++)
		check(inside_is(p + i * GRANULE_SIZE, "INTERNAL") &&
		      sim_pas(p + i * GRANULE_SIZE) == SIM_ROOT);
	r = rmi(FID_GPT_L1_CREATE, region);
	check_eq(r.x[0], RMI_ERROR_GPT | region >> 12 << 16);
	check_eq(host_delegate(granule, 1), 0);
	check_status(rmi(FID_GPT_L1_DESTROY, region), RMI_ERROR_INPUT);
	check_eq(host_undelegate(granule, 1), 0);
	check(!inside_invariants());

	need(sro_begin(&s, rmi(FID_GPT_L1_DESTROY, region)));
	check(!(s.last.x[0] & RMI_CAN_CANCEL));
	check_eq(sro_wants(&s), RMI_MEM_RECLAIM);
	check_eq(state_of(region), RMI_GPT_HOST_NOT_CREATED);
	for (u64 i = 0; i < L1_PAGES; i++)
		check(is_wiped(p + i * GRANULE_SIZE));
	/* it waits to be fetched: in between */
	check_status(rmi(FID_GRANULE_RANGE_DELEGATE, p, p + GRANULE_SIZE), RMI_BLOCKED);
	check(!inside_invariants());
	check_eq(sro_reclaim(&s, 0).x[1], 0);
	check_status(sro_reclaim(&s, 512), RMI_INCOMPLETE);
	check_status(sro_continue(&s, 0), RMI_SUCCESS);
	for (u64 i = 0; i < L1_PAGES; i++)
		check(inside_is(p + i * GRANULE_SIZE, "UNDELEGATED") &&
		      host_page_state(p + i * GRANULE_SIZE) == PAGE_FREE);
	r = rmi(FID_GRANULE_RANGE_DELEGATE, granule, granule + GRANULE_SIZE);
	check_eq(r.x[0], RMI_ERROR_GPT | granule >> 12 << 16);
	check(!inside_invariants());
}

/* A request names at most 16383 granules (with 4 KiB: tables for 512 GiB are 16384). */
TEST(size_of_a_table)
{
	NEEDS_4K;
	static const struct { unsigned int shift; u64 granules; } c[] = {
		{ 30, 32 }, { 34, 512 }, { 36, 2048 }, { 39, 0 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(c); i++) {
		struct rmi_result r;
		struct world w;

		world_make(&w);
		test_note("level 0 entries of 2^%u bytes", c[i].shift);
		arch_features.l0gpt_shift = c[i].shift;
		sim_l0_block(LOW, true);
		r = rmi(FID_GPT_L1_CREATE, ALIGN_DOWN(LOW, 1ULL << c[i].shift));
		check_status(r, c[i].granules ? RMI_INCOMPLETE : RMI_ERROR_GLOBAL);
		check_eq(FIELD(r.x[2], 15, 2), c[i].granules);
	}
}

TEST(table_elsewhere)
{
	struct world w;

	make_blocks(&w);
	for (unsigned int i = 0; i < 2; i++)
		table_lives(high(), host_alloc(L1_PAGES, L1_BYTES), bank1());
}

/* In the region that it describes: that part is none of its business. */
TEST(table_inside)
{
	struct world w;

	make_blocks(&w);
	for (u64 at = bank1(); at < bank1() + 2 * L1_BYTES; at += L1_BYTES) {
		struct sro s;

		table_lives(high(), at, bank1() + 4 * L1_BYTES);
		/* a GPT error for its own granules as for the others, once it is gone */
		begin(&s, high());
		check_status(offer(&s, at), RMI_INCOMPLETE);
		check_status(sro_continue(&s, 0), RMI_SUCCESS);
		check_status(rmi(FID_GRANULE_RANGE_DELEGATE, at, at + GRANULE_SIZE), RMI_ERROR_INPUT);
		need(sro_begin(&s, rmi(FID_GPT_L1_DESTROY, high())));
		check_status(sro_finish(s.last), RMI_SUCCESS);
		host_free(s.list, 1);
	}
}

/* Each donation that is refused ends the operation, with nothing changed. */
static void refused(struct world *w, u64 p, u64 end)
{
	enum sim_pas before = sim_pas(p), last = sim_pas(p + L1_BYTES - GRANULE_SIZE);
	struct sro s;

	(void)w;
	begin(&s, high());
	check_status(offer(&s, p), RMI_ERROR_INPUT);
	check_status(sro_continue(&s, 0), end);
	check_eq(state_of(high()), RMI_GPT_HOST_NOT_CREATED);
	check_eq(sim_pas(p), before);
	check_eq(sim_pas(p + L1_BYTES - GRANULE_SIZE), last);
	check(!inside_invariants());
}

TEST(table_memory_refused)
{
	struct world w;
	struct sro s, t;
	u64 p;

	make_blocks(&w);
	p = host_alloc(2 * L1_PAGES, L1_BYTES);
	refused(&w, p + GRANULE_SIZE, RMI_ERROR_INPUT);		/* alignment */
	refused(&w, ALIGN_UP(w.monitor, L1_BYTES), RMI_ERROR_INPUT);
	refused(&w, w.hole, RMI_ERROR_INPUT);
	check_eq(host_delegate(p + L1_BYTES - GRANULE_SIZE, 1), 0);
	refused(&w, p, RMI_ERROR_INPUT);
	check(inside_is(p, "UNDELEGATED"));
	check_eq(host_undelegate(p + L1_BYTES - GRANULE_SIZE, 1), 0);
	sim_set_pas(p + GRANULE_SIZE, SIM_ROOT);		/* another agent's */
	refused(&w, p, RMI_ERROR_INPUT);
	sim_set_pas(p + GRANULE_SIZE, SIM_NS);
	sim_l1_refuse(true);
	refused(&w, p, RMI_ERROR_GLOBAL);
	sim_l1_refuse(false);

	/* a part is none */
	begin(&s, high());
	((u64 *)sim_ram(s.list))[0] = desc(p, L1_PAGES / 2, RMI_BLOCK_L3, RMI_MEMSTATE_UNDELEGATED);
	check_status(sro_donate(&s, 1), RMI_ERROR_INPUT);
	check_status(sro_continue(&s, 0), RMI_ERROR_INPUT);
	/* the wrong state said */
	begin(&s, high());
	((u64 *)sim_ram(s.list))[0] = desc(p, L1_PAGES, RMI_BLOCK_L3, RMI_MEMSTATE_DELEGATED);
	check_status(sro_donate(&s, 1), RMI_ERROR_INPUT);
	check_status(sro_continue(&s, 0), RMI_ERROR_INPUT);
	/* cancelled */
	begin(&s, high());
	check_status(sro_cancel(&s), RMI_INCOMPLETE);
	check_eq(sro_wants(&s), RMI_MEM_NONE);
	check_status(sro_continue(&s, 0), RMI_ERROR_GLOBAL);
	/* two at once: the second finds a table, and keeps nothing */
	begin(&s, high());
	begin(&t, high());
	check_status(offer(&t, p), RMI_INCOMPLETE);
	check_status(sro_continue(&t, 0), RMI_SUCCESS);
	check_status(offer(&s, p + L1_BYTES), RMI_ERROR_INPUT);
	check_status(sro_continue(&s, 0), RMI_ERROR_GPT);
	check(inside_is(p + L1_BYTES, "UNDELEGATED"));
	check(inside_is(p, "INTERNAL"));
	check(!inside_invariants());
}

/* Tables outlive the monitor's activations, and their memory is nobody's meanwhile. */
TEST(table_over_activations)
{
	struct world w;
	struct sro s;
	u64 p;

	world_make_bare(&w);
	sim_l0_block(bank1(), true);
	p = host_alloc(L1_PAGES, L1_BYTES);
	begin(&s, high());
	check_status(offer(&s, p), RMI_INCOMPLETE);
	check_status(rmi(FID_RMM_DEACTIVATE), RMI_BLOCKED);
	check_status(sro_continue(&s, 0), RMI_SUCCESS);
	host_return(w.delegated, 1);
	host_return(w.delegated2, 1);
	check_status(sro_finish(rmi(FID_RMM_DEACTIVATE)), RMI_SUCCESS);
	check_eq(state_of(high()), RMI_GPT_HOST_CREATED);
	host_activate();
	check(inside_is(p, "INTERNAL"));
	check_status(rmi(FID_GRANULE_RANGE_DELEGATE, p, p + GRANULE_SIZE), RMI_ERROR_INPUT);
	check_status(sro_finish(rmi(FID_GPT_L1_DESTROY, high())), RMI_SUCCESS);
	check_eq(host_delegate(p, 1), 0);
	check(!inside_invariants());
}

/*
 * A table of 8 MiB has more granules than one descriptor can name: it comes in blocks of
 * 2 MiB, goes in pieces, and each piece is part of it.
 */
TEST(table_of_64_gib)
{
	NEEDS_4K;
	struct sim_machine m = sim_machine_default;
	u64 p = 0x40800000, bytes = 8 << 20, back = 0;
	struct sro s;

	m.bank[1].base = 0x1000000000;
	sim_power_on(&m);
	arch_features.l0gpt_shift = 36;
	host_power_on();
	host_activate();
	sim_l0_block(m.bank[1].base, true);
	begin(&s, m.bank[1].base);
	check_eq(FIELD(s.last.x[2], 15, 2), bytes / GRANULE_SIZE);
	((u64 *)sim_ram(s.list))[0] = desc(p, 4, RMI_BLOCK_L2, RMI_MEMSTATE_UNDELEGATED);
	rmi_dispatch((u64[8]){ FID_OP_MEM_DONATE, s.handle, s.list, 1 });	/* one step, longer than is allowed (CAVEATS) */
	check_status(rmi(FID_OP_CONTINUE, s.handle, 0), RMI_SUCCESS);
	check_status(rmi(FID_GRANULE_RANGE_DELEGATE, m.bank[1].base, m.bank[1].base + GRANULE_SIZE),
		     RMI_SUCCESS);
	check_status(rmi(FID_GRANULE_RANGE_UNDELEGATE, m.bank[1].base,
			 m.bank[1].base + GRANULE_SIZE), RMI_SUCCESS);
	s.last = rmi(FID_GPT_L1_DESTROY, m.bank[1].base);
	check_status(s.last, RMI_INCOMPLETE);
	s.handle = s.last.x[1];
	while (RMI_MEM(s.last.x[0]) == RMI_MEM_RECLAIM && back < bytes) {
		s.last = rmi(FID_OP_MEM_RECLAIM, s.handle, s.list, 1);
		need_eq(s.last.x[1], 1);
		check_eq(desc_pa(((u64 *)sim_ram(s.list))[0]), p + back);
		back += desc_granules(((u64 *)sim_ram(s.list))[0]) * GRANULE_SIZE;
	}
	check_eq(back, bytes);
	check_status(rmi(FID_OP_CONTINUE, s.handle, 0), RMI_SUCCESS);
	for (u64 at = p; at < p + bytes; at += GRANULE_SIZE)
		check(inside_is(at, "UNDELEGATED"));
	check(!inside_invariants());
}

#include "harness/command_end.h"
