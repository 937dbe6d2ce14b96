/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD GRANULE_RANGE_UNDELEGATE
#define CMD_LOWER granule_range_undelegate
#include "harness/command.h"

GOOD
{
	a->base = pa(host_delegated(4, GRANULE_SIZE));
	a->top = pa_add(a->base, 4 * GRANULE_SIZE);
}

/* That it was wiped the paper machine checks at the border. */
CHANGED
{
	check_eq(res.x[1], a->top.raw);
	for (u64 p = a->base.raw; p < a->top.raw; p += GRANULE_SIZE)
		check(inside_is(p, "UNDELEGATED") && sim_pas(p) == SIM_NS);
}

SPOIL(base_align)	{ a->base = pa_add(a->base, 8); }
SPOIL(top_align)	{ a->top = pa_add(a->top, 8); }
SPOIL(top_order)	{ a->top = a->base; }
SPOIL(populated)	{ a->base = pa(w->hole); a->top = pa(w->hole + GRANULE_SIZE); }
SPOIL(state)		{ a->base = pa(w->data); a->top = pa_add(a->base, GRANULE_SIZE); }
SPOIL(platform)
{
	w->scribbled = ALIGN_DOWN(a->base.raw, GRANULE_SIZE);		/* it is wiped first */
	a->top = pa(w->scribbled + GRANULE_SIZE);
	sim_gpt_refuse(w->scribbled, true);
}
SPOIL(tracking)
{
	a->base = pa(world_untracked());
	a->top = pa_add(a->base, GRANULE_SIZE);
}

/* Nothing in use, and nothing of the monitor's, ever leaves. */
TEST(undelegate_what_is_in_use)
{
	struct world w;

	world_make(&w);
	const u64 used[] = { w.r.rd, w.r.root, w.r.rec[0], w.rtt, w.data, w.data_page, w.monitor,
			     w.monitor + sim_machine()->monitor.bytes - GRANULE_SIZE, w.ns };
	for (unsigned int i = 0; i < ARRAY_SIZE(used); i++) {
		struct rmi_result r = rmi(FID_GRANULE_RANGE_UNDELEGATE, used[i],
					  used[i] + GRANULE_SIZE);

		test_note("%s", inside_state(used[i]));
		check_status(r, RMI_ERROR_INPUT);
		check_eq(r.x[1], used[i]);
	}
	check(!inside_invariants());
}

TEST(undelegate_stops)
{
	struct world w;
	struct rmi_result r;
	u64 p;

	world_make(&w);
	p = host_delegated(8, GRANULE_SIZE);
	check_eq(host_undelegate(p + 3 * GRANULE_SIZE, 1), 0);
	r = rmi(FID_GRANULE_RANGE_UNDELEGATE, p, p + 8 * GRANULE_SIZE);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], p + 3 * GRANULE_SIZE);
	check(inside_is(p + 4 * GRANULE_SIZE, "DELEGATED"));
}

/* EL3 keeps one in the middle: what lies before it is the host's, the rest stays DELEGATED. */
TEST(undelegate_as_far_as_el3_goes)
{
	struct world w;
	struct rmi_result r;
	u64 p, top;

	world_make(&w);
	p = host_delegated(16, GRANULE_SIZE);
	top = p + 16 * GRANULE_SIZE;
	sim_gpt_refuse(p + 5 * GRANULE_SIZE, true);
	r = rmi(FID_GRANULE_RANGE_UNDELEGATE, p, top);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], p + 5 * GRANULE_SIZE);
	check_status(rmi(FID_GRANULE_RANGE_UNDELEGATE, r.x[1], top), RMI_ERROR_INPUT);
	for (u64 i = 0; i < 16; i++)
		check(inside_is(p + i * GRANULE_SIZE, i < 5 ? "UNDELEGATED" : "DELEGATED"));
	check(!inside_invariants());
	sim_gpt_refuse(p + 5 * GRANULE_SIZE, false);
	check_eq(host_undelegate(p + 5 * GRANULE_SIZE, 11), 0);
	check(!inside_invariants());
}

#include "harness/command_end.h"
