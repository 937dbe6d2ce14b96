/* SPDX-License-Identifier: BSD-2-Clause */
/* The realm's side; the host's is in tests/rmi/rtt_set_ripas.c. */
#include "abi/rsi.h"
#include "harness/play.h"
#include "harness/world.h"

#define FID 0xC4000197

static void refused(const struct world *w, u64 base, u64 top, u64 ripas, u64 flags)
{
	struct step *s = play_call(&w->r, FID, base, top, ripas, flags);

	test_note("[0x%llx, 0x%llx) to %llu", (unsigned long long)base, (unsigned long long)top,
		  (unsigned long long)ripas);
	check_eq(s->after[0], RSI_ERROR_INPUT);
	check_kept(s, 1);
}

TEST(ripas_requests_refused)
{
	struct world w;

	world_make_active(&w);
	refused(&w, RAM + 1, RAM + 0x1000, 1, 0);
	refused(&w, RAM, RAM + 0x800, 1, 0);
	refused(&w, RAM, RAM, 1, 0);
	refused(&w, RAM + 0x1000, RAM, 1, 0);
	refused(&w, RAM, 0, 1, 0);
	refused(&w, w.shared, w.shared + 0x1000, 1, 0);
	refused(&w, realm_shared(&w.r) - 0x1000, realm_shared(&w.r) + 0x1000, 1, 0);
	refused(&w, 0, ~0xFFFULL, 0, 0);
	refused(&w, BIT(33) + RAM, BIT(33) + RAM + 0x1000, 1, 0);
	refused(&w, BIT(63), BIT(63) + 0x1000, 1, 0);
	refused(&w, RAM, RAM + 0x1000, 2, 0);
	refused(&w, RAM, RAM + 0x1000, 3, 0);
	refused(&w, RAM, RAM + 0x1000, 255, 0);
}

/* Only X3[7:0] and X4[0] count (rsi.md 5). */
TEST(ripas_request_told_to_the_host)
{
	struct world w;
	struct play p;
	struct rmi_rec_exit *e;

	world_make_active(&w);
	e = play_exit(&w.r, &p, FID, 0, realm_shared(&w.r), 0xFFFFFFFFFFFFFF00, ~1ULL);
	check_eq(e->exit_reason, RMI_EXIT_RIPAS_CHANGE);
	check_eq(e->ripas_base, 0);
	check_eq(e->ripas_top, realm_shared(&w.r));
	check_eq(e->ripas_value, RMI_RIPAS_EMPTY);
	need_eq(play_enter(&w.r, 0).x[0], 0);		/* the host did nothing */
	check_eq(p.step[0].after[0], RSI_SUCCESS);
	check_eq(p.step[0].after[1], 0);
	check_eq(p.step[0].after[2], RSI_RESPONSE_ACCEPT);
	check_eq(p.step[0].pc, PLAY_PC + 4);
	check_kept(&p.step[0], 3);
	e = play_exit(&w.r, &p, FID, RAM, RAM + 0x2000, 1, 1);
	check_eq(e->ripas_value, RMI_RIPAS_RAM);
}
