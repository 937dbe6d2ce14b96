/* SPDX-License-Identifier: BSD-2-Clause */
#include "abi/rsi.h"
#include "harness/play.h"
#include "harness/world.h"

#define FID 0xC4000198

static void is(const struct world *w, u64 base, u64 top, u64 out_top, u64 ripas)
{
	struct step *s = play_call(&w->r, FID, base, top);

	test_note("[0x%llx, 0x%llx)", (unsigned long long)base, (unsigned long long)top);
	check_eq(s->after[0], RSI_SUCCESS);
	check_eq(s->after[1], out_top);
	check_eq(s->after[2], ripas);
	check_kept(s, 3);
}

static void refused(const struct world *w, u64 base, u64 top)
{
	struct step *s = play_call(&w->r, FID, base, top);

	check_eq(s->after[0], RSI_ERROR_INPUT);
	check_kept(s, 1);
}

TEST(ipa_states)
{
	struct world w;

	world_make_active(&w);
	is(&w, RAM, RAM + 0x1000, RAM + 0x1000, RSI_RIPAS_RAM);
	is(&w, RAM, RAM + 0x3000, RAM + 0x3000, RSI_RIPAS_RAM);
	is(&w, RAM, RAM + 0x180000, RAM_TOP, RSI_RIPAS_RAM);	/* mapped or not is the host's */
	is(&w, RAM_TOP, RAM_TOP + 0x1000, RAM_TOP + 0x1000, RSI_RIPAS_EMPTY);
	is(&w, 0, 0x1000, 0x1000, RSI_RIPAS_EMPTY);		/* no table below */
	is(&w, NO_TABLE + 0x5000, NO_TABLE + 0x9000, NO_TABLE + 0x9000, RSI_RIPAS_EMPTY);
	need_eq(rmi(FID_RTT_DATA_UNMAP, w.r.rd, RAM + 0x1000, RAM + 0x2000, 0, 0).x[0], 0);
	is(&w, RAM, RAM + 0x3000, RAM + 0x1000, RSI_RIPAS_RAM);
	is(&w, RAM + 0x1000, RAM + 0x3000, RAM + 0x2000, RSI_RIPAS_DESTROYED);
	refused(&w, RAM + 8, RAM + 0x1000);
	refused(&w, RAM, RAM + 8);
	refused(&w, RAM, RAM);
	refused(&w, RAM + 0x1000, RAM);
	refused(&w, w.shared, w.shared + 0x1000);
	refused(&w, RAM, w.shared);
	refused(&w, BIT(63), BIT(63) + 0x1000);
	refused(&w, 0, ~0xFFFULL);
}
