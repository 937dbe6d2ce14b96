/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "realm/data.h"

HOT void data_release(pa_t block, u64 bytes)
{
	for (u64 at = 0; at < bytes; at += GRANULE_SIZE)
		granule_move_sure(pa_add(block, at), DATA, DELEGATED);
}

bool data_claim_page(struct call *c, pa_t page)
{
	if (!granule_move(page, DELEGATED, DATA)) {
		granule_is(c, page, DELEGATED);		/* in between: BLOCKED */
		return false;
	}
	arch_wipe(page);
	return true;
}

HOT bool data_claim(struct call *c, pa_t block, u64 bytes, u64 *at)
{
	bool stop = false;

	while (*at < bytes && !stop) {
		if (!data_claim_page(c, pa_add(block, *at)))
			return false;
		*at += GRANULE_SIZE;
		stop = slice_over(c, SLICE_GRANULES);
	}
	return true;
}
