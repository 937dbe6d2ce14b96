/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "mem/gpt.h"
#include "mem/run.h"
#include "rmi/rmi.h"

/*
 * One run, wiped while still Realm; gives how many. What was made Realm may always
 * go back: a refusal here leaves nothing to trust.
 */
static u64 undelegate(struct call *c, const struct ground *in, pa_t base)
{
	struct run run = run_lock(in, base, DELEGATED);
	u64 moved;

	if (!run.n) {
		granule_is(c, base, DELEGATED);		/* in between: BLOCKED */
		return 0;
	}
	for (u64 i = 0; i < run.n; i++)
		arch_wipe(pa_add(base, i * GRANULE_SIZE));
	moved = gpt_to_ns(base, run.n);
	require(moved);
	run_unlock(&run, moved, UNDELEGATED);
	return moved;
}

/* RMI_GRANULE_RANGE_UNDELEGATE: run after run, until an interrupt waits. */
HOT status_t rmi_granule_range_undelegate(struct call *c,
					  const struct granule_range_undelegate_args *a)
{
	struct ground in;
	pa_t at = a->base;
	u64 n;

	give(c, 1, a->base.raw);
	if (!is_granule(a->base.raw))
		return refuse(c, GRANULE_RANGE_UNDELEGATE_base_align);
	if (!is_granule(a->top.raw))
		return refuse(c, GRANULE_RANGE_UNDELEGATE_top_align);
	if (a->top.raw <= a->base.raw)
		return refuse(c, GRANULE_RANGE_UNDELEGATE_top_order);
	in = ground_at(a->base, a->top);
	if (!in.is_dram)
		return refuse(c, GRANULE_RANGE_UNDELEGATE_populated);
	if (!in.first)
		return refuse_for(c, GRANULE_RANGE_UNDELEGATE_tracking, 0, a->base);

	do {
		n = undelegate(c, &in, at);
		at = pa_add(at, n * GRANULE_SIZE);
	} while (n && at.raw < in.top && !arch_interrupt_pending());
	if (at.raw == a->base.raw)
		return refuse(c, GRANULE_RANGE_UNDELEGATE_state);
	give(c, 1, at.raw);
	return done(c);
}
