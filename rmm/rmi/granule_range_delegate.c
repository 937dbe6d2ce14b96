/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "mem/gpt.h"
#include "mem/run.h"
#include "rmi/coarse.h"
#include "rmi/rmi.h"

static const struct coarse_refusals refusals = {
	GRANULE_RANGE_DELEGATE_state, GRANULE_RANGE_DELEGATE_platform,
	GRANULE_RANGE_DELEGATE_block,
};

/* One run; gives how many, 0: not even the first, and why. */
static u64 delegate(struct call *c, const struct ground *in, pa_t base, enum refusal *why)
{
	struct run run = run_lock(in, base, UNDELEGATED);
	bool mixed;
	u64 moved;

	*why = GRANULE_RANGE_DELEGATE_state;
	if (!run.n) {
		granule_is(c, base, UNDELEGATED);	/* in between: BLOCKED */
		return 0;
	}
	moved = gpt_to_realm(base, run.n, &mixed);
	run_unlock(&run, moved, DELEGATED, mixed);
	if (mixed)
		gpt_keep(pa_add(base, moved * GRANULE_SIZE));
	if (!moved)
		*why = gpt_is_block(base) ? GRANULE_RANGE_DELEGATE_block :
					    GRANULE_RANGE_DELEGATE_platform;
	return moved;
}

/*
 * RMI_GRANULE_RANGE_DELEGATE: run after run, one request to EL3 each, until an
 * interrupt waits. Stops before the first granule that is not UNDELEGATED
 * (decisions 37, 38).
 */
HOT status_t rmi_granule_range_delegate(struct call *c, const struct granule_range_delegate_args *a)
{
	enum refusal why;
	struct region *coarse;
	struct ground in;
	pa_t at = a->base;
	u64 n;

	give(c, 1, a->base.raw);
	if (!is_granule(a->base.raw))
		return refuse(c, GRANULE_RANGE_DELEGATE_base_align);
	if (!is_granule(a->top.raw))
		return refuse(c, GRANULE_RANGE_DELEGATE_top_align);
	if (a->top.raw <= a->base.raw)
		return refuse(c, GRANULE_RANGE_DELEGATE_top_order);
	in = ground_at(a->base, a->top);
	if (!in.is_dram)
		return refuse(c, GRANULE_RANGE_DELEGATE_populated);
	coarse = in.first ? NULL : coarse_region(a->base, a->top);
	if (coarse)
		return coarse_move(c, coarse, DELEGATED, &refusals);
	if (!in.first)
		return refuse_for(c, GRANULE_RANGE_DELEGATE_tracking, 0, a->base);

	do {
		n = delegate(c, &in, at, &why);
		at = pa_add(at, n * GRANULE_SIZE);
	} while (n && at.raw < in.top && !arch_interrupt_pending());
	if (at.raw == a->base.raw)
		return why == GRANULE_RANGE_DELEGATE_block ? refuse_for(c, why, 0, at) :
							     refuse(c, why);
	give(c, 1, at.raw);
	return done(c);
}
