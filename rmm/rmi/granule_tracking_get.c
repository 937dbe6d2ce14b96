/* SPDX-License-Identifier: BSD-2-Clause */
#include "mem/region.h"
#include "rmi/rmi.h"

/* First block above the address that holds DRAM; ~0: none. */
static u64 next_block(u64 address)
{
	unsigned int n = region_from(ALIGN_DOWN(address, REGION_SIZE) + REGION_SIZE);

	return n < region_count() ? ALIGN_DOWN(region_at(n)->base, REGION_SIZE) : ~0ULL;
}

/* An interrupt may end it early: what follows is alike then, or not (docs/latency.md). */
static u64 end_of_alike(struct call *c, u64 base, u64 top)
{
	const struct region *r = region_in_block(base);
	u64 end = r ? base : next_block(base);

	if (r) {
		u64 is = region_tracking(r);

		do {
			end = ALIGN_DOWN(end, REGION_SIZE) + REGION_SIZE;
			r = region_in_block(end);
		} while (end < top && r && region_tracking(r) == is && !slice_over(c, SLICE_ENTRIES));
	}
	return end < top ? end : top;
}

/* RMI_GRANULE_TRACKING_GET: category and state at base, and how far they reach. */
status_t rmi_granule_tracking_get(struct call *c, const struct granule_tracking_get_args *a)
{
	const struct region *r;

	if (!is_granule(a->base.raw))
		return refuse(c, GRANULE_TRACKING_GET_base_align);
	if (!is_granule(a->top.raw))
		return refuse(c, GRANULE_TRACKING_GET_top_align);
	if (a->top.raw <= a->base.raw)
		return refuse(c, GRANULE_TRACKING_GET_top_order);
	if (a->top.raw > memory_top())
		return refuse(c, GRANULE_TRACKING_GET_top_bound);
	r = region_in_block(a->base.raw);
	give(c, 1, r ? RMI_CATEGORY_CONVENTIONAL : RMI_CATEGORY_NONE);
	give(c, 2, region_tracking(r));
	give(c, 3, end_of_alike(c, a->base.raw, a->top.raw));
	return done(c);
}
