/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "mem/gpt.h"
#include "mem/run.h"
#include "rmi/coarse.h"
#include "rmi/rmi.h"

/* Nothing else happens to a region that is DELEGATED. */
static const struct coarse_refusals refusals = {
	GRANULE_RANGE_UNDELEGATE_state, GRANULE_RANGE_UNDELEGATE_state,
	GRANULE_RANGE_UNDELEGATE_state,
};

/*
 * One run, wiped while still Realm; gives how many, 0: not even the first, and why. One
 * that EL3 does not give back stays DELEGATED.
 */
static u64 undelegate(struct call *c, const struct ground *in, pa_t base, enum refusal *why)
{
	struct run run = run_lock(in, base, DELEGATED);
	bool mixed;
	u64 moved;

	if (!run.n) {
		granule_is(c, base, DELEGATED);		/* in between: BLOCKED */
		return 0;
	}
	*why = GRANULE_RANGE_UNDELEGATE_platform;
	moved = gpt_to_host(base, run.n, &mixed);
	run_unlock(&run, moved, UNDELEGATED, mixed);
	if (mixed)
		gpt_keep(pa_add(base, moved * GRANULE_SIZE));
	return moved;
}

/* RMI_GRANULE_RANGE_UNDELEGATE: run after run, until an interrupt waits. */
HOT status_t rmi_granule_range_undelegate(struct call *c,
					  const struct granule_range_undelegate_args *a)
{
	enum refusal why = GRANULE_RANGE_UNDELEGATE_state;
	struct region *coarse;
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
	coarse = in.first ? NULL : coarse_region(a->base, a->top);
	if (coarse)
		return coarse_move(c, coarse, UNDELEGATED, &refusals);
	if (!in.first)
		return refuse_for(c, GRANULE_RANGE_UNDELEGATE_tracking, 0, a->base);

	do {
		n = undelegate(c, &in, at, &why);
		at = pa_add(at, n * GRANULE_SIZE);
	} while (n && at.raw < in.top && !arch_interrupt_pending());
	if (at.raw == a->base.raw)
		return refuse(c, why);
	give(c, 1, at.raw);
	return done(c);
}
