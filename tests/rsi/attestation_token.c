/* SPDX-License-Identifier: BSD-2-Clause */
/* Until tokens are built (decisions 83). */
#include "abi/rsi.h"
#include "harness/play.h"
#include "harness/world.h"

TEST(tokens_not_yet)
{
	struct world w;
	struct step *s;

	world_make_active(&w);
	s = play_call(&w.r, 0xC4000194, 1, 2, 3, 4, 5, 6, 7, 8);
	check_eq(s->after[0], RSI_ERROR_UNKNOWN);
	check_eq(s->after[1], 0);
	check_kept(s, 2);
	s = play_call(&w.r, 0xC4000195, RAM + 0x1000, 0, 4096);
	check_eq(s->after[0], RSI_ERROR_STATE);
	check_eq(s->after[1], 0);
	check_kept(s, 2);
}
