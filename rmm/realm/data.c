/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "realm/data.h"

void data_release(pa_t block, u64 bytes)
{
	for (u64 at = 0; at < bytes; at += GRANULE_SIZE)
		granule_move_sure(pa_add(block, at), DATA, DELEGATED);
}

bool data_claim(struct call *c, pa_t block, u64 bytes, u64 *at, bool may_stop)
{
	u64 end = bytes;

	while (*at < end) {
		if (!granule_move(pa_add(block, *at), DELEGATED, DATA)) {
			granule_is(c, pa_add(block, *at), DELEGATED);
			return false;
		}
		arch_wipe(pa_add(block, *at));
		*at += GRANULE_SIZE;
		if (may_stop && *at % DATA_SLICE == 0 && arch_interrupt_pending())
			end = *at;
	}
	return true;
}
