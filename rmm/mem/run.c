/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "mem/region.h"
#include "mem/run.h"

static u64 at_most(u64 v, u64 limit)
{
	return v < limit ? v : limit;
}

HOT struct ground ground_at(pa_t base, pa_t top)
{
	u64 left = memory_dram_left(base.raw);
	struct ground in = { .base = base.raw, .top = base.raw, .is_dram = left };
	const struct region *r = region_find(base.raw);
	struct granule *first = granule_find_in(r, base);

	if (!left || !first)
		return in;
	in.first = first;
	in.top = at_most(at_most(top.raw, r->top), base.raw + (left << GRANULE_SHIFT));
	return in;
}

/*
 * Rising addresses, and a look before the wait: whoever holds one of them
 * already does not wait for a lower one.
 */
HOT struct run run_lock(const struct ground *in, pa_t base, enum granule_type type)
{
	struct granule *first = in->first + ((base.raw - in->base) >> GRANULE_SHIFT), *g = first;
	struct granule *end = first + at_most((in->top - base.raw) >> GRANULE_SHIFT, RUN_MAX);

	while (g < end && granule_lock_as(g, type))
		g++;
	return (struct run){ first, (u64)(g - first), type };
}

HOT void run_unlock(const struct run *r, u64 changed, enum granule_type to, bool mixed)
{
	enum granule_type from = r->type;
	struct granule *g = r->first, *end = g + r->n;

	for (; changed; changed--)
		granule_unlock_as(g++, from, to);
	if (mixed)
		granule_unlock_as(g++, from, INTERNAL);
	while (g < end)
		granule_unlock(g++);
}
