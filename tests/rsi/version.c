/* SPDX-License-Identifier: BSD-2-Clause */
/* RSI_VERSION (rsi.md 3): a stock Linux asks for exactly 1.0. */
#include "abi/rsi.h"
#include "harness/play.h"
#include "harness/world.h"

static void asks(const struct world *w, u64 v, u64 status, u64 lower)
{
	struct step *s = play_call(&w->r, 0xC4000190, v);

	test_note("RSI version 0x%llx", (unsigned long long)v);
	check_eq(s->after[0], status);
	check_eq(s->after[1], lower);
	check_eq(s->after[2], 0x10001);
	check_kept(s, 3);
}

TEST(rsi_versions)
{
	struct world w;

	world_make_active(&w);
	asks(&w, 0x10000, RSI_SUCCESS, 0x10000);
	asks(&w, 0x10001, RSI_SUCCESS, 0x10001);
	asks(&w, 0x10002, RSI_ERROR_INPUT, 0x10001);
	asks(&w, 0x20000, RSI_ERROR_INPUT, 0x10001);
	asks(&w, 0, RSI_ERROR_INPUT, 0x10001);		/* nothing below: lower = higher */
	asks(&w, 0xFFFF, RSI_ERROR_INPUT, 0x10001);
	asks(&w, BIT(32) | 0x10000, RSI_ERROR_INPUT, 0x10001);
	asks(&w, ~0ULL, RSI_ERROR_INPUT, 0x10001);
}
