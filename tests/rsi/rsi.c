/* SPDX-License-Identifier: BSD-2-Clause */
/* Function identifiers a realm may try (rsi.md 1, decisions 82, 84). */
#include "abi/rsi.h"
#include "harness/play.h"
#include "harness/world.h"

TEST(unknown_functions)
{
	static const u64 fid[] = {
		0xC400018F, 0xC40001A5, 0xC40001AD, 0xC40001B0, 0xC4000150, 0xC400015C, 0xC40001CF,
		0x84000190, 0x80000001, 0x84000006, 0x84000050, 0x8600FF01, 0xC5000020, 0, 1,
		0xFFFFFFFF, 0x84000020, 0xC4000030,
	};
	struct world w;

	world_make_active(&w);
	for (unsigned int i = 0; i < ARRAY_SIZE(fid); i++) {
		struct step *s = play_call(&w.r, fid[i], RAM, RAM, RAM);

		test_note("FID 0x%llx", (unsigned long long)fid[i]);
		check_eq(s->after[0], ~0ULL);
	}
}

TEST(commands_of_1_1)
{
	static const u64 plane[] = { 0x1A0, 0x1A1, 0x1A2, 0x1A3, 0x1AE, 0x1AF };
	static const u64 device[] = { 0x19A, 0x19B, 0x19C, 0x19D, 0x19E, 0x19F, 0x1A4 };
	struct world w;
	struct step *s;

	world_make_active(&w);
	for (unsigned int i = 0; i < ARRAY_SIZE(plane); i++) {
		s = play_call(&w.r, 0xC4000000 | plane[i], 1, RAM, RAM);
		check_eq(s->after[0], RSI_ERROR_INPUT);
		check_kept(s, 1);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(device); i++) {
		s = play_call(&w.r, 0xC4000000 | device[i], 1, RAM, RAM);
		check_eq(s->after[0], RSI_ERROR_STATE);
		check_kept(s, 1);
	}
}

TEST(smccc_version)
{
	struct world w;

	world_make_active(&w);
	check_eq(play_call(&w.r, 0x80000000)->after[0], 0x10002);
}

/* Every command that touches memory, at every address it must not (rsi.md 1.2). */
struct memory_command { u64 fid; u64 align; };

TEST(operands)
{
	static const struct memory_command c[] = { { 0xC4000196, 4096 }, { 0xC4000199, 256 } };
	struct world w;

	world_make_active(&w);
	for (unsigned int i = 0; i < ARRAY_SIZE(c); i++) {
		const u64 bad[] = {
			RAM + c[i].align / 2,
			RAM + 1,
			w.shared,
			BIT(33),
			BIT(33) + RAM,
			~0ULL,
			0xFFFFFFFFFFFFF000,
			BIT(52),
			BIT(63) + RAM,
			RAM_TOP /* EMPTY */,
			0,
			NO_TABLE,
		};

		for (unsigned int k = 0; k < ARRAY_SIZE(bad); k++) {
			struct step *s = play_call(&w.r, c[i].fid, bad[k]);

			test_note("FID 0x%llx at 0x%llx", (unsigned long long)c[i].fid,
				  (unsigned long long)bad[k]);
			check_eq(s->after[0], RSI_ERROR_INPUT);
			check_kept(s, 1);
		}
	}
}

/* RAM that is not mapped, and what the host destroyed: the host hears of it, the realm repeats. */
TEST(operands_not_mapped)
{
	static const u64 fid[] = { 0xC4000196, 0xC4000199 };
	struct world w;
	struct play p;

	for (unsigned int i = 0; i < ARRAY_SIZE(fid); i++)
		for (unsigned int destroyed = 0; destroyed < 2; destroyed++) {
			struct rmi_rec_exit *e;
			const struct rec *rec;

			world_make_active(&w);
			rec = sim_ram(w.r.rec[0]);
			if (destroyed)
				need_eq(rmi(FID_RTT_DATA_UNMAP, w.r.rd, RAM + 0x1000, RAM + 0x2000,
					    0, 0)
						.x[0],
					0);
			u64 at = destroyed ? RAM + 0x1000 : RAM_VOID;
			e = play_exit(&w.r, &p, fid[i], at);
			check_eq(e->exit_reason, RMI_EXIT_SYNC);
			check_eq(e->esr, 0x24ULL << 26 | 7);	/* translation fault, level 3 */
			check_eq(e->far, 0);
			check_eq(e->hpfar, at >> 8);
			check_eq(rec->pc, PLAY_PC);		/* at the SMC still */
			if (destroyed)
				continue;
			realm_data(&w.r, at, 1);
			p.at = 0;
			play_start(&p);
			need_eq(play_enter(&w.r, 0).x[0], 0);
			if (fid[i] == 0xC4000199) {
				check_eq(e->exit_reason, RMI_EXIT_HOST_CALL);
			} else {
				check_eq(p.step[0].after[0], RSI_SUCCESS);
			}
		}
}
