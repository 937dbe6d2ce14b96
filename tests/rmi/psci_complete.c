/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD PSCI_COMPLETE
#define CMD_LOWER psci_complete
#include <string.h>

#include "harness/play.h"
#include "harness/command.h"

#define CPU_ON 0xC4000003

static struct play play;

/* REC 0 asks for REC 1 to be turned on; the host hears of it. */
static void ask(struct world *w)
{
	memset(&play, 0, sizeof(play));
	play_smc(&play, CPU_ON, 1, RAM + 0x40, 0xC0DE);
	play_start(&play);
	need_eq(play_enter(&w->r, 0).x[0], 0);
	need_eq(realm_run(&w->r, 0)->exit.exit_reason, RMI_EXIT_PSCI);
}

GOOD
{
	realm_activate(&w->r);
	ask(w);
	a->rec = pa(w->r.rec[0]);
	a->second = 0;
	a->third = 0;
}

CHANGED
{
	struct play p1 = { 0 };

	need_eq(play_enter(&w->r, 0).x[0], 0);
	check_eq(play.step[0].after[0], 0);
	check_eq(play.step[0].after[1] | play.step[0].after[2] | play.step[0].after[3], 0);
	check_eq(play.step[0].after[7], secret(7));
	check_eq(play.step[0].pc, PLAY_PC + 4);
	play_start(&p1);
	check_status(play_enter(&w->r, 1), RMI_SUCCESS);
	check_status(rmi(FID_PSCI_COMPLETE, w->r.rec[0], 0, 0), RMI_ERROR_INPUT);
}

SPOIL(rec_align)	{ a->rec = pa_add(a->rec, 8); }
SPOIL(rec_state)	{ a->rec = pa(w->data); }
SPOIL(no_request)	{ a->rec = pa(w->r.rec[1]); }
SPOIL(same_rec)		{ a->second = w->r.rec[0]; }
SPOIL(target_mpidr)	{ a->second = w->o.rec[0]; }
SPOIL(status)		{ a->second = 5; }
NOT_SPOILED(target_state, "a REC that is asked for cannot go while the request stands: see below")

/* The target as CPU_ON left it (realm-exec.md 4). */
TEST(target_after_cpu_on)
{
	struct world w;
	struct play p1 = { 0 };
	const struct rec *rec;

	world_make(&w);
	realm_activate(&w.r);
	rec = sim_ram(w.r.rec[1]);
	ask(&w);
	check_status(rmi(FID_REC_ENTER, w.r.rec[1], w.r.run[1]), RMI_ERROR_REC);
	check_status(rmi(FID_REC_ENTER, w.r.rec[0], w.r.run[0]), RMI_ERROR_REC);
	check_status(rmi(FID_PSCI_COMPLETE, w.r.rec[0], 0), RMI_SUCCESS);
	check_eq(rec->pc, RAM + 0x40);
	check_eq(rec->gprs[0], 0xC0DE);
	for (unsigned int i = 1; i < 31; i++)
		check_eq(rec->gprs[i], 0);
	check_eq(rec->pstate, 0x3C5);
	check_eq(rec->sys.sctlr_el1 & (BIT(0) | BIT(2) | BIT(12)), 0);
	play_start(&p1);
	check_status(play_enter(&w.r, 1), RMI_SUCCESS);
	check(!(rec->sys.sctlr_el1 & BIT(25)));
	/* again: it is on */
	ask(&w);
	check_status(rmi(FID_PSCI_COMPLETE, w.r.rec[0], 0), RMI_SUCCESS);
	need_eq(play_enter(&w.r, 0).x[0], 0);
	check_eq(play.step[0].after[0], (u64)-4);
}

static void big_endian(struct rec *rec, void *arg)
{
	(void)rec;
	(void)arg;
	sim_pe()->el1[EL1_SCTLR] |= BIT(25) | BIT(0) | BIT(2);
}

/* Endianness is the caller's, MMU and caches are off. */
TEST(target_of_a_big_endian_caller)
{
	struct world w;
	const struct rec *rec;

	world_make(&w);
	realm_activate(&w.r);
	memset(&play, 0, sizeof(play));
	play_smc(&play, CPU_ON, 1, RAM + 0x40, 0xC0DE)->also = big_endian;
	play_start(&play);
	need_eq(play_enter(&w.r, 0).x[0], 0);
	check_status(rmi(FID_PSCI_COMPLETE, w.r.rec[0], 0), RMI_SUCCESS);
	rec = sim_ram(w.r.rec[1]);
	check_eq(rec->sys.sctlr_el1 & (BIT(25) | BIT(2) | BIT(0)), BIT(25));
}

TEST(denied)
{
	static const u64 forms[] = { (u64)-3, 0xFFFFFFFD };
	struct world w;

	for (unsigned int i = 0; i < 2; i++) {
		world_make(&w);
		realm_activate(&w.r);
		ask(&w);
		check_status(rmi(FID_PSCI_COMPLETE, w.r.rec[0], forms[i]), RMI_SUCCESS);
		need_eq(play_enter(&w.r, 0).x[0], 0);
		check_eq(play.step[0].after[0], (u64)-3);
		check_status(rmi(FID_REC_ENTER, w.r.rec[1], w.r.run[1]), RMI_ERROR_REC);
	}
	/* DENIED for one that is on already: INPUT, and the request stays (decisions 73) */
	world_make(&w);
	realm_activate(&w.r);
	ask(&w);
	inside_set_runnable(w.r.rec[1], true);
	check_status(rmi(FID_PSCI_COMPLETE, w.r.rec[0], (u64)-3), RMI_ERROR_INPUT);
	check_status(rmi(FID_PSCI_COMPLETE, w.r.rec[0], 0), RMI_SUCCESS);
}

/* Hosts before bet2: (caller, target, status). */
TEST(old_form)
{
	struct world w;

	world_make(&w);
	realm_activate(&w.r);
	ask(&w);
	check_status(rmi(FID_PSCI_COMPLETE, w.r.rec[0], w.r.rec[1], 7), RMI_ERROR_INPUT);
	check_status(rmi(FID_PSCI_COMPLETE, w.r.rec[0], w.r.rec[1], 0), RMI_SUCCESS);
	need_eq(play_enter(&w.r, 0).x[0], 0);
	check_eq(play.step[0].after[0], 0);
	ask(&w);
	check_status(rmi(FID_PSCI_COMPLETE, w.r.rec[0], w.r.rec[1], (u64)-3), RMI_ERROR_INPUT);
}

static u64 status_for(u64 second)
{
	struct world w;

	world_make(&w);
	realm_activate(&w.r);
	ask(&w);
	test_note("status 0x%llx", (unsigned long long)second);
	return status_of(rmi(FID_PSCI_COMPLETE, w.r.rec[0], second, 0));
}

TEST(other_statuses)
{
	static const u64 bad[] = {1,	   2,	   (u64)-1,    (u64)-2, (u64)-4,
				  (u64)-9, 0x1000, 0x60000000, BIT(31)};

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
		check_eq(status_for(bad[i]), RMI_ERROR_INPUT);
}

/* The target is destroyed between request and completion. */
TEST(target_gone)
{
	struct world w;

	world_make(&w);
	realm_activate(&w.r);
	ask(&w);
	need_eq(sro_finish(rmi(FID_REC_DESTROY, w.r.rec[1])).x[0], 0);
	check_status(rmi(FID_PSCI_COMPLETE, w.r.rec[0], 0), RMI_ERROR_INPUT);
	check_eq(sim_locks_held(), 0);
}

#include "harness/command_end.h"
