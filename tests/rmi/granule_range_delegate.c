/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD GRANULE_RANGE_DELEGATE
#define CMD_LOWER granule_range_delegate
#include "arch/arch.h"
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
SPOIL(block)		{ sim_l0_block(a->base.raw, true); }
SPOIL(tracking)
{
	a->base = pa(world_untracked());
	a->top = pa_add(a->base, GRANULE_SIZE);
}

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

/* ... unless EL3 goes on neither there nor back: that one is nobody's. */
TEST(granules_in_two_worlds)
{
	for (unsigned int back = 0; back < 2 && GRANULE_SIZE > PAGE_SIZE; back++) {
		u64 fid = back ? FID_GRANULE_RANGE_UNDELEGATE : FID_GRANULE_RANGE_DELEGATE;
		enum sim_pas was = back ? SIM_REALM : SIM_NS, to = back ? SIM_NS : SIM_REALM;
		struct rmi_result r;
		struct world w;
		u64 p, bad;

		test_note("back %u", back);
		world_make_bare(&w);
		p = host_alloc(4, GRANULE_SIZE);
		bad = p + 2 * GRANULE_SIZE;
		if (back)
			need_eq(host_delegate(p, 4), 0);
		sim_gpt_refuse_to(bad, was);
		sim_gpt_refuse_to(bad + 2 * PAGE_SIZE, to);
		r = rmi(fid, p, p + 4 * GRANULE_SIZE);
		check_status(r, RMI_SUCCESS);
		check_eq(r.x[1], bad);
		check(inside_is(bad, "INTERNAL"));
		check(inside_is(bad + GRANULE_SIZE, back ? "DELEGATED" : "UNDELEGATED"));
		check_eq(sim_pas(bad), to);
		check_eq(sim_pas(bad + 2 * PAGE_SIZE), was);
		sim_gpt_refuse(bad, false);
		sim_gpt_refuse(bad + 2 * PAGE_SIZE, false);
		for (u64 at = bad; at < bad + GRANULE_SIZE; at += GRANULE_SIZE) {
			check_status(rmi(FID_GRANULE_RANGE_DELEGATE, at, at + GRANULE_SIZE),
				     RMI_ERROR_INPUT);
			check_status(rmi(FID_GRANULE_RANGE_UNDELEGATE, at, at + GRANULE_SIZE),
				     RMI_ERROR_INPUT);
		}
	}
}

#define BORDER		0x80000000ULL	/* of two regions, in the middle of the second bank */

/* tracking: the code of RMM_CONFIG_SET. */
static void make_large(u8 tracking)
{
	struct sim_machine m = sim_machine_default;
	u64 page;

	m.bank[0] = (struct sim_bank){ 0x40000000, 64 << 20 };
	m.bank[1] = (struct sim_bank){ BORDER - (16 << 20), 32 << 20 };
	m.monitor = (struct sim_bank){ 0x43E00000, 2 << 20 };
	m.root = (struct sim_bank){ 0 };
	sim_power_on(&m);
	host_power_on();
	page = host_page();
	*(u8 *)sim_ram(page) = tracking;
	need_eq(rmi(FID_RMM_CONFIG_SET, page).x[0], 0);
	host_free(page, 1);
	host_activate();
}

/* In one call each way, as nothing interrupts: all of it, and nothing beside it. */
static void there_and_back(u64 p, u64 n)
{
	u64 top = p + n * GRANULE_SIZE;
	struct rmi_result r = rmi(FID_GRANULE_RANGE_DELEGATE, p, top);

	test_note("0x%llx, %llu granules", (unsigned long long)p, (unsigned long long)n);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], top);
	for (u64 at = p; at < top; at += GRANULE_SIZE)
		check(inside_is(at, "DELEGATED") && sim_pas(at) == SIM_REALM);
	check(!inside_is(p - GRANULE_SIZE, "DELEGATED") && !inside_is(top, "DELEGATED"));
	r = rmi(FID_GRANULE_RANGE_UNDELEGATE, p, top);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], top);
	for (u64 at = p; at < top; at += GRANULE_SIZE)
		check(inside_is(at, "UNDELEGATED") && sim_pas(at) == SIM_NS && is_wiped(at));
}

TEST(delegate_any_length)
{
	static const u64 lengths[] = { 1, 2, 15, 16, 17, 511, 512, 513, 8192 };

	NEEDS_4K;
	make_large(0);
	for (unsigned int i = 0; i < ARRAY_SIZE(lengths); i++)
		there_and_back(0x40100000 + 3 * GRANULE_SIZE, lengths[i]);
	there_and_back(BORDER, 4096);		/* all DRAM of a region */
	there_and_back(BORDER - (16 << 20), 4096);
	check(!inside_invariants());
}

/* Regions are taken one after the other, and each call says where it stopped. */
TEST(delegate_across_regions)
{
	u64 p = BORDER - 600 * GRANULE_SIZE, top = BORDER + 600 * GRANULE_SIZE;
	static const u64 fid[] = { FID_GRANULE_RANGE_DELEGATE, FID_GRANULE_RANGE_UNDELEGATE };

	NEEDS_4K;
	make_large(0);
	for (unsigned int i = 0; i < 2; i++) {
		struct rmi_result r = rmi(fid[i], p, top);

		check_status(r, RMI_SUCCESS);
		check_eq(r.x[1], BORDER);
		r = rmi(fid[i], r.x[1], top);
		check_status(r, RMI_SUCCESS);
		check_eq(r.x[1], top);
	}
	check(!inside_invariants());
}

/* A region of 2 MiB in the way that nobody tracks. */
TEST(delegate_across_untracked)
{
	u64 hole = 0x40800000, end = hole + (2 << 20), p = hole - 700 * GRANULE_SIZE;
	struct rmi_result r;
	u64 at = p;

	NEEDS_4K;
	make_large(1);
	check_status(rmi(FID_GRANULE_TRACKING_SET, hole, RMI_CATEGORY_CONVENTIONAL,
			 RMI_TRACKING_NONE), RMI_SUCCESS);
	while (at < hole) {
		r = rmi(FID_GRANULE_RANGE_DELEGATE, at, end + GRANULE_SIZE);
		check_status(r, RMI_SUCCESS);
		need(r.x[1] > at && r.x[1] <= hole);
		at = r.x[1];
	}
	check_eq(at, hole);
	r = rmi(FID_GRANULE_RANGE_DELEGATE, at, end + GRANULE_SIZE);
	check_eq(r.x[0], RMI_ERROR_TRACKING | hole >> 12 << 16);
	check_eq(r.x[1], hole);
	check_eq(sim_pas(hole), SIM_NS);
	r = rmi(FID_GRANULE_RANGE_UNDELEGATE, hole, end);
	check_status(r, RMI_ERROR_TRACKING);
	there_and_back(end, 512);
	check_eq(host_undelegate(p, 700), 0);
	check(!inside_invariants());
}

#include "harness/command_end.h"
