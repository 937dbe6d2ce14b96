/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "mem/region.h"
#include "mem/run.h"
#include "rmi/rmi.h"

/* Wipes until an interrupt waits, at least one; gives how many. */
static u64 wipe(pa_t base, u64 n)
{
	u64 i = 0;

	do {
		arch_wipe(pa_add(base, i * GRANULE_SIZE));
	} while (++i < n && !arch_interrupt_pending());
	return i;
}

/* What was made Realm may always go back: a refusal here leaves nothing to trust. */
static void to_ns(pa_t base, u64 n)
{
	for (u64 done = 0, moved; done < n; done += moved) {
		moved = arch_gpt_to_ns(pa_add(base, done * GRANULE_SIZE), n - done);
		require(moved > 0);
	}
}

/*
 * RMI_GRANULE_RANGE_UNDELEGATE: one slice per call, wiped while still Realm.
 */
status_t rmi_granule_range_undelegate(struct call *c, const struct granule_range_undelegate_args *a)
{
	u64 n, wiped;

	give(c, 1, a->base.raw);
	if (!is_granule(a->base.raw))
		return refuse(c, GRANULE_RANGE_UNDELEGATE_base_align);
	if (!is_granule(a->top.raw))
		return refuse(c, GRANULE_RANGE_UNDELEGATE_top_align);
	if (a->top.raw <= a->base.raw)
		return refuse(c, GRANULE_RANGE_UNDELEGATE_top_order);
	if (!memory_is_dram(a->base.raw))
		return refuse(c, GRANULE_RANGE_UNDELEGATE_populated);
	if (!granule_find(a->base))
		return refuse_for(c, GRANULE_RANGE_UNDELEGATE_tracking, 0, a->base);

	n = run_lock(a->base, a->top, DELEGATED);
	if (!n) {
		granule_is(c, a->base, DELEGATED);	/* in between: BLOCKED */
		return refuse(c, GRANULE_RANGE_UNDELEGATE_state);
	}
	commit(c);

	wiped = wipe(a->base, n);
	to_ns(a->base, wiped);
	run_unlock(a->base, n, wiped, UNDELEGATED);
	give(c, 1, a->base.raw + wiped * GRANULE_SIZE);
	return done(c);
}
