/* SPDX-License-Identifier: BSD-2-Clause */
#include "mem/region.h"
#include "rmi/rmi.h"

struct tracking { u64 category, state; };

/* The region whose tracking block holds the address, and with it some DRAM. */
static struct region *in_block(u64 address)
{
	u64 block = ALIGN_DOWN(address, REGION_SIZE);
	unsigned int n = region_from(block);

	return n < region_count() && region_at(n)->base < block + REGION_SIZE ? region_at(n) : NULL;
}

/* First block above the address that holds DRAM; ~0: none. */
static u64 next_block(u64 address)
{
	unsigned int n = region_from(ALIGN_DOWN(address, REGION_SIZE) + REGION_SIZE);

	return n < region_count() ? ALIGN_DOWN(region_at(n)->base, REGION_SIZE) : ~0ULL;
}

static struct tracking tracking_of(const struct region *r)
{
	bool fine = rmm_state() == RMI_STATE_ACTIVE && r && r->granules;

	if (!r)
		return (struct tracking){ RMI_CATEGORY_NONE, RMI_TRACKING_RESERVED };
	return (struct tracking){ RMI_CATEGORY_CONVENTIONAL,
				  fine ? RMI_TRACKING_FINE : RMI_TRACKING_NONE };
}

static u64 end_of_alike(u64 base, u64 top)
{
	const struct region *r = in_block(base);
	u64 end = r ? base : next_block(base);

	if (r) {
		struct tracking is = tracking_of(r);

		do {
			end = ALIGN_DOWN(end, REGION_SIZE) + REGION_SIZE;
			r = in_block(end);
		} while (end < top && r && tracking_of(r).state == is.state);
	}
	return end < top ? end : top;
}

/* RMI_GRANULE_TRACKING_GET: category and state at base, and how far they reach. */
status_t rmi_granule_tracking_get(struct call *c, const struct granule_tracking_get_args *a)
{
	struct tracking is;

	if (!is_granule(a->base.raw))
		return refuse(c, GRANULE_TRACKING_GET_base_align);
	if (!is_granule(a->top.raw))
		return refuse(c, GRANULE_TRACKING_GET_top_align);
	if (a->top.raw <= a->base.raw)
		return refuse(c, GRANULE_TRACKING_GET_top_order);
	if (a->top.raw > memory_top())
		return refuse(c, GRANULE_TRACKING_GET_top_bound);
	is = tracking_of(in_block(a->base.raw));
	give(c, 1, is.category);
	give(c, 2, is.state);
	give(c, 3, end_of_alike(a->base.raw, a->top.raw));
	return done(c);
}
