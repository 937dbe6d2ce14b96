/* SPDX-License-Identifier: BSD-2-Clause */
#include "abi/rsi.h"
#include "harness/play.h"
#include "harness/world.h"

TEST(rsi_features)
{
	static const u64 index[] = { 0, 1, 2, 100, BIT(32), ~0ULL };
	struct world w;

	world_make_active(&w);
	for (unsigned int i = 0; i < ARRAY_SIZE(index); i++) {
		struct step *s = play_call(&w.r, 0xC4000191, index[i]);

		check_eq(s->after[0], RSI_SUCCESS);
		check_eq(s->after[1], 0);
		check_kept(s, 2);
	}
}
