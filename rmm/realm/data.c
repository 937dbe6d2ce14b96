/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "realm/data.h"

void data_release(pa_t block, u64 bytes)
{
	for (u64 at = 0; at < bytes; at += GRANULE_SIZE)
		granule_move_sure(pa_add(block, at), DATA, DELEGATED);
}

bool data_claim(struct call *c, pa_t block, u64 bytes)
{
	for (u64 at = 0; at < bytes; at += GRANULE_SIZE)
		if (!granule_move(pa_add(block, at), DELEGATED, DATA)) {
			granule_is(c, pa_add(block, at), DELEGATED);
			data_release(block, at);
			return false;
		}
	for (u64 at = 0; at < bytes; at += GRANULE_SIZE)
		arch_wipe(pa_add(block, at));
	return true;
}
