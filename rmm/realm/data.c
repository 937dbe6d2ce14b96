/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "mem/region.h"
#include "realm/data.h"

static u64 release_region(pa_t p)
{
	struct region *r = region_find(p.raw);

	require(r && r->base == p.raw);
	if (region_move(r, DATA, DELEGATED))
		return REGION_SIZE;
	granule_move_sure(p, DATA, DELEGATED);		/* FINE by now */
	return GRANULE_SIZE;
}

HOT u64 data_release(pa_t p, u64 bytes)
{
	u64 done = 0;

	while (done < bytes && granule_move(pa_add(p, done), DATA, DELEGATED))
		done += GRANULE_SIZE;
	return done ? done : release_region(p);
}

/* A COARSE region of which a part only is wiped is BETWEEN, and the operation's. */
u64 data_give_back(pa_t end)
{
	pa_t p = pa(end.raw - GRANULE_SIZE);
	struct region *r = region_find(p.raw);

	if (!granule_find_in(r, p)) {
		u64 bytes = end.raw - r->base;

		if (region_move(r, bytes == REGION_SIZE ? DATA : BETWEEN, DELEGATED))
			return bytes;
	}
	granule_move_sure(p, DATA, DELEGATED);
	return GRANULE_SIZE;
}

static bool claim(pa_t page)
{
	if (!granule_move(page, DELEGATED, DATA))
		return false;
	arch_wipe(page);
	return true;
}

bool data_claim_page(struct call *c, pa_t page)
{
	if (claim(page))
		return true;
	granule_is(c, page, DELEGATED);		/* in between: BLOCKED */
	return false;
}

/*
 * A page of a COARSE region, which is claimed with its first and DATA with its last. One
 * that is not all DRAM never is.
 */
static bool claim_coarse(pa_t page)
{
	struct region *r = region_coarse(page.raw);

	if (!r)
		return claim(page);	/* FINE by now, or really not free */
	if (page.raw == r->base && (memory_dram_left(r->base) < REGION_SIZE >> GRANULE_SHIFT ||
				    !region_move(r, DELEGATED, BETWEEN)))
		return false;
	arch_wipe(page);
	if (page.raw + GRANULE_SIZE == r->top)
		region_move_sure(r, BETWEEN, DATA);
	return true;
}

HOT bool data_claim(struct call *c, pa_t block, u64 bytes, u64 *at)
{
	bool stop = false;

	while (*at < bytes && !stop) {
		pa_t page = pa_add(block, *at);

		if (!claim(page) && !claim_coarse(page))
			return false;
		*at += GRANULE_SIZE;
		stop = slice_over(c, SLICE_GRANULES);
	}
	return true;
}
