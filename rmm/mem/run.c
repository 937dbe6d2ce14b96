/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "mem/region.h"
#include "mem/run.h"

static u64 at_most(u64 v, u64 limit)
{
	return v < limit ? v : limit;
}

/*
 * Rising addresses, and a look before the wait: whoever holds one of them
 * already does not wait for a lower one.
 */
u64 run_lock(pa_t base, pa_t top, enum granule_type type)
{
	struct region *r = region_find(base.raw);
	struct granule *g = granule_find(base);
	u64 n = 0, most = memory_dram_left(base.raw);

	if (!g)
		return 0;
	most = at_most(most, RUN_MAX);
	most = at_most(most, (at_most(top.raw, r->top) - base.raw) >> GRANULE_SHIFT);
	while (n < most && granule_lock_as(&g[n], type))
		n++;
	return n;
}

void run_unlock(pa_t base, u64 n, u64 changed, enum granule_type to)
{
	struct granule *g = granule_find(base);

	for (u64 i = 0; i < n; i++, g++) {
		if (i < changed)
			granule_set_type(g, to);
		granule_unlock(g);
	}
}
