/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "mem/region.h"
#include "mem/run.h"

/*
 * Rising addresses, and a look before the wait: whoever holds one of them
 * already does not wait for a lower one.
 */
u64 run_lock(pa_t base, pa_t top, enum granule_type type)
{
	struct region *r = region_find(base.raw);
	struct granule *g = granule_find(base);
	u64 n;

	for (n = 0; g && n < RUN_MAX; n++, g++) {
		u64 p = base.raw + n * GRANULE_SIZE;

		if (p >= top.raw || p >= r->top || !memory_is_dram(p) || !granule_lock_as(g, type))
			break;
	}
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
