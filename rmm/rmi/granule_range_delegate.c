/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "mem/region.h"
#include "mem/run.h"
#include "rmi/rmi.h"

/*
 * RMI_GRANULE_RANGE_DELEGATE: one slice per call, one request to EL3 per slice.
 * Stops before the first granule that is not UNDELEGATED (decisions 37, 38).
 */
status_t rmi_granule_range_delegate(struct call *c, const struct granule_range_delegate_args *a)
{
	u64 n, moved;

	give(c, 1, a->base.raw);
	if (!is_granule(a->base.raw))
		return refuse(c, GRANULE_RANGE_DELEGATE_base_align);
	if (!is_granule(a->top.raw))
		return refuse(c, GRANULE_RANGE_DELEGATE_top_align);
	if (a->top.raw <= a->base.raw)
		return refuse(c, GRANULE_RANGE_DELEGATE_top_order);
	if (!memory_is_dram(a->base.raw))
		return refuse(c, GRANULE_RANGE_DELEGATE_populated);
	if (!granule_find(a->base))
		return refuse_for(c, GRANULE_RANGE_DELEGATE_tracking, 0, a->base);

	n = run_lock(a->base, a->top, UNDELEGATED);
	if (!n) {
		granule_is(c, a->base, UNDELEGATED);	/* in between: BLOCKED */
		return refuse(c, GRANULE_RANGE_DELEGATE_state);
	}
	moved = arch_gpt_to_realm(a->base, n);
	run_unlock(a->base, n, moved, DELEGATED);
	if (!moved)
		return refuse(c, GRANULE_RANGE_DELEGATE_platform);
	give(c, 1, a->base.raw + moved * GRANULE_SIZE);
	return done(c);
}
