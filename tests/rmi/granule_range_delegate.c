/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD GRANULE_RANGE_DELEGATE
#define CMD_LOWER granule_range_delegate
#include "harness/command.h"

GOOD
{
	a->base = pa(host_alloc(4, GRANULE_SIZE));
	a->top = pa_add(a->base, 4 * GRANULE_SIZE);
}

CHANGED
{
	check_eq(res.x[1], a->top.raw);
	for (u64 p = a->base.raw; p < a->top.raw; p += GRANULE_SIZE)
		check(inside_is(p, "DELEGATED") && sim_pas(p) == SIM_REALM);
}

SPOIL(base_align)	{ a->base = pa_add(a->base, 8); }
SPOIL(top_align)	{ a->top = pa_add(a->top, 8); }
SPOIL(top_order)	{ a->top = a->base; }
SPOIL(populated)	{ a->base = pa(w->hole); a->top = pa(w->hole + GRANULE_SIZE); }
SPOIL(state)		{ a->base = pa(w->delegated); a->top = pa_add(a->base, GRANULE_SIZE); }
SPOIL(platform)		{ sim_gpt_refuse(a->base.raw & ~0xFFFULL, true); }
NOT_SPOILED(tracking, "every region with DRAM is tracked FINE after activation")

static void refuses(struct rmi_result r, u64 base)
{
	check(status_of(r) == RMI_ERROR_INPUT || status_of(r) == RMI_ERROR_TRACKING ||
	      status_of(r) == RMI_ERROR_GPT);
	check_eq(r.x[1], base);
}

TEST(delegate_edges)
{
	struct world w;
	u64 end0, end1;
	struct rmi_result r;

	world_make(&w);
	end0 = sim_machine()->bank[0].base + sim_machine()->bank[0].bytes;
	end1 = sim_machine()->bank[1].base + sim_machine()->bank[1].bytes;
	refuses(rmi(FID_GRANULE_RANGE_DELEGATE, 0, GRANULE_SIZE), 0);
	refuses(rmi(FID_GRANULE_RANGE_DELEGATE, end0, end0 + GRANULE_SIZE), end0);
	refuses(rmi(FID_GRANULE_RANGE_DELEGATE, BIT(52), BIT(52) + GRANULE_SIZE), BIT(52));
	refuses(rmi(FID_GRANULE_RANGE_DELEGATE, ~0xFFFULL, 0), ~0xFFFULL);
	refuses(rmi(FID_GRANULE_RANGE_DELEGATE, w.monitor, w.monitor + GRANULE_SIZE), w.monitor);
	refuses(rmi(FID_GRANULE_RANGE_DELEGATE, w.beyond - GRANULE_SIZE, w.beyond),
		w.beyond - GRANULE_SIZE);
	/* the last pages of a bank, and a top far beyond it: as far as there is memory */
	r = rmi(FID_GRANULE_RANGE_DELEGATE, end1 - 2 * GRANULE_SIZE, end1 + (1ULL << 30));
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], end1);
	check_status(rmi(FID_GRANULE_RANGE_UNDELEGATE, end1 - 2 * GRANULE_SIZE, end1), RMI_SUCCESS);
	/* memory of another world */
	sim_set_pas(w.ns, SIM_ROOT);
	refuses(rmi(FID_GRANULE_RANGE_DELEGATE, w.ns, w.ns + GRANULE_SIZE), w.ns);
	check(inside_is(w.ns, "UNDELEGATED"));
	sim_set_pas(w.ns, SIM_NS);
	check_eq(host_delegate(w.ns, 1), 0);
}

/* Stops exactly before what is not UNDELEGATED, whatever stands there. */
TEST(delegate_stops)
{
	struct world w;
	u64 p;
	struct rmi_result r;

	world_make(&w);
	p = host_alloc(16, GRANULE_SIZE);
	check_eq(host_delegate(p + 5 * GRANULE_SIZE, 1), 0);
	r = rmi(FID_GRANULE_RANGE_DELEGATE, p, p + 16 * GRANULE_SIZE);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], p + 5 * GRANULE_SIZE);
	check(inside_is(p + 6 * GRANULE_SIZE, "UNDELEGATED"));
	refuses(rmi(FID_GRANULE_RANGE_DELEGATE, r.x[1], p + 16 * GRANULE_SIZE), r.x[1]);
	/* EL3 stops in the middle: what it did is delegated, the rest untouched */
	sim_gpt_refuse(p + 9 * GRANULE_SIZE, true);
	r = rmi(FID_GRANULE_RANGE_DELEGATE, p + 6 * GRANULE_SIZE, p + 16 * GRANULE_SIZE);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], p + 9 * GRANULE_SIZE);
	for (u64 i = 9; i < 16; i++)
		check(inside_is(p + i * GRANULE_SIZE, "UNDELEGATED"));
	check(!inside_invariants());
}

/* EL3 may do any prefix; the monitor goes on or tells exactly. */
TEST(delegate_in_slices)
{
	for (u64 slice = 1; slice < 40; slice += 13) {
		struct world w;
		u64 p;

		world_make_bare(&w);
		sim_gpt_slice(slice);
		p = host_alloc(100, GRANULE_SIZE);
		check_eq(host_delegate(p, 100), 0);
		for (u64 i = 0; i < 100; i++)
			check(inside_is(p + i * GRANULE_SIZE, "DELEGATED"));
		check_eq(host_undelegate(p, 100), 0);
		check(!inside_invariants());
	}
}

/* An interrupt ends a long range early, with progress and an exact out_top. */
TEST(delegate_interrupted)
{
	NEEDS_BLOCKS;
	struct world w;
	struct rmi_result r;
	u64 p;

	world_make_bare(&w);
	p = host_alloc(2048, GRANULE_SIZE);
	sim_interrupt_after(1);
	r = rmi(FID_GRANULE_RANGE_DELEGATE, p, p + 2048 * GRANULE_SIZE);
	check_status(r, RMI_SUCCESS);
	check(r.x[1] > p && r.x[1] < p + 2048 * GRANULE_SIZE);
	check(inside_is(r.x[1] - GRANULE_SIZE, "DELEGATED"));
	check(inside_is(r.x[1], "UNDELEGATED"));
	check_eq(host_delegate(r.x[1], 2048 - ((r.x[1] - p) >> GRANULE_SHIFT)), 0);
	r = rmi(FID_GRANULE_RANGE_UNDELEGATE, p, p + 2048 * GRANULE_SIZE);
	check_status(r, RMI_SUCCESS);
	check(r.x[1] > p && r.x[1] < p + 2048 * GRANULE_SIZE);
	check(inside_is(r.x[1] - GRANULE_SIZE, "UNDELEGATED"));
	check(inside_is(r.x[1], "DELEGATED"));
	sim_interrupt_after(0);
	check(!inside_invariants());
}

/* EL3 moves pages, the host delegates granules: no granule is left in two worlds. */
TEST(granules_are_moved_whole)
{
	struct rmi_result r;
	struct world w;
	u64 p;

	world_make_bare(&w);
	p = host_alloc(4, GRANULE_SIZE);
	sim_gpt_slice(3);
	check_eq(host_delegate(p, 4), 0);
	check_eq(host_undelegate(p, 4), 0);
	sim_gpt_slice(0);
	for (u64 bad = 0; bad < 4 * GRANULE_SIZE; bad += PAGE_SIZE) {
		u64 whole = ALIGN_DOWN(bad, GRANULE_SIZE);

		test_note("page 0x%llx", (unsigned long long)bad);
		sim_gpt_refuse(p + bad, true);
		r = rmi(FID_GRANULE_RANGE_DELEGATE, p, p + 4 * GRANULE_SIZE);
		check_status(r, whole ? RMI_SUCCESS : RMI_ERROR_INPUT);
		check_eq(r.x[1], p + whole);
		for (u64 at = 0; at < 4 * GRANULE_SIZE; at += PAGE_SIZE)
			check_eq(sim_pas(p + at), at < whole ? SIM_REALM : SIM_NS);
		sim_gpt_refuse(p + bad, false);
		if (whole)
			check_eq(host_undelegate(p, whole / GRANULE_SIZE), 0);
		check(!inside_invariants());
	}
}

#include "harness/command_end.h"
