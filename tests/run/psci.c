/* SPDX-License-Identifier: BSD-2-Clause */
/* PSCI as a realm meets it (realm-exec.md 6, decisions 71-74, 84); two RECs. */
#include <string.h>

#include "harness/inside.h"
#include "harness/play.h"
#include "harness/world.h"

#define CPU_SUSPEND	0xC4000001
#define POWER_STATE	0x1010002
#define CPU_OFF		0x84000002
#define CPU_ON		0xC4000003
#define CPU_ON_32	0x84000003
#define AFFINITY_INFO	0xC4000004
#define SYSTEM_OFF	0x84000008
#define SYSTEM_RESET	0x84000009
#define FEATURES	0x8400000A

static struct world w;
static struct play p;

static void answers(u64 x0, unsigned int nr, const u64 *x)
{
	struct step *s = play_call_n(&w.r, nr, x);

	test_note("PSCI 0x%llx(0x%llx)", (unsigned long long)x[0],
		  nr > 1 ? (unsigned long long)x[1] : 0);
	check_eq(s->after[0], x0);
	check_eq(s->after[1] | s->after[2] | s->after[3], 0);
	check_kept(s, 4);
}

#define psci(x0, ...)                                                                              \
	answers(x0, sizeof((const u64[]){__VA_ARGS__}) / 8, (const u64[]){__VA_ARGS__})

TEST(psci_inside)
{
	static const u64 there[] = {0x84000000, 0x84000001,   CPU_SUSPEND, CPU_OFF,
				    CPU_ON_32,	CPU_ON,	      0x84000004,  AFFINITY_INFO,
				    SYSTEM_OFF, SYSTEM_RESET, FEATURES,	   0x80000000};
	static const u64 absent[] = { 0x84000005, 0x84000006, 0x8400000E, 0xC400000E, 0xC4000012,
		0x84000014, 0x80000001, 0xC4000002, 0xC4000190, 0, ~0ULL };

	world_make_active(&w);
	psci(0x10001, 0x84000000);
	for (unsigned int i = 0; i < ARRAY_SIZE(there); i++)
		psci(0, FEATURES, there[i]);
	for (unsigned int i = 0; i < ARRAY_SIZE(absent); i++)
		psci(~0ULL, FEATURES, absent[i]);
	psci(~0ULL, 0x84000006);		/* MIGRATE_INFO_TYPE */
	psci(~0ULL, 0xC400000E);
	psci(~0ULL, 0xC4000008);		/* no SMC64 form */
}

TEST(cpu_on_refused)
{
	world_make_active(&w);
	psci((u64)-9, CPU_ON, 1, w.shared, 0);
	psci((u64)-9, CPU_ON, 1, BIT(33), 0);
	psci((u64)-9, CPU_ON, 1, ~0ULL, 0);
	psci((u64)-2, CPU_ON, 2, RAM, 0);
	psci((u64)-2, CPU_ON, 0x10, RAM, 0);
	psci((u64)-2, CPU_ON, 0x100, RAM, 0);
	psci((u64)-2, CPU_ON, BIT(32) | 1, RAM, 0);
	psci((u64)-2, CPU_ON, ~0ULL, RAM, 0);
	psci((u64)-4, CPU_ON, 0, RAM, 0);
	check(inside_is(w.r.rec[0], "REC"));
}

/* The host sees the MPIDR, never entry point or context. */
TEST(cpu_on_exit)
{
	struct rmi_rec_exit *e;

	world_make_active(&w);
	e = play_exit(&w.r, &p, CPU_ON, 1, RAM + 0x40, 0x5EC4E7BADULL);
	check_eq(e->exit_reason, RMI_EXIT_PSCI);
	check_eq(e->gprs[0], CPU_ON);
	check_eq(e->gprs[1], 1);
	check_eq(e->gprs[2] | e->gprs[3], 0);
	check_status(play_enter(&w.r, 0), RMI_ERROR_REC);
}

/* The 32-bit form: upper halves do not count. */
TEST(cpu_on_in_32_bits)
{
	struct rmi_rec_exit *e;
	const struct rec *target;

	world_make_active(&w);
	e = play_exit(&w.r, &p, CPU_ON_32, BIT(40) | 1, BIT(45) | RAM, BIT(50) | 77);
	check_eq(e->exit_reason, RMI_EXIT_PSCI);
	check_eq(e->gprs[1], 1);
	need_eq(rmi(FID_PSCI_COMPLETE, w.r.rec[0], 0).x[0], 0);
	target = sim_ram(w.r.rec[1]);
	check_eq(target->pc, RAM);
	check_eq(target->gprs[0], 77);
}

TEST(suspend_is_a_word_to_the_host)
{
	struct rmi_rec_exit *e;

	world_make_active(&w);
	e = play_exit(&w.r, &p, CPU_SUSPEND, POWER_STATE, RAM, 1);
	check_eq(e->exit_reason, RMI_EXIT_PSCI);
	check_eq(e->gprs[0], CPU_SUSPEND);
	check_eq(e->gprs[1], POWER_STATE);
	check_eq(e->gprs[2] | e->gprs[3], 0);
	need_eq(play_enter(&w.r, 0).x[0], 0);
	check_eq(p.step[0].after[0], 0);
	check_eq(p.step[0].pc, PLAY_PC + 4);
	check_kept(&p.step[0], 4);
}

/* Off, on again by the sibling, and what each sees of the other. */
TEST(off_and_on_again)
{
	struct rmi_rec_exit *e;
	struct play q = { 0 };

	world_make_active(&w);
	psci(1, AFFINITY_INFO, 1, 0);
	psci(0, AFFINITY_INFO, 0, 0);
	psci((u64)-2, AFFINITY_INFO, 1, 1);
	psci((u64)-2, AFFINITY_INFO, 5, 0);
	play_exit(&w.r, &p, CPU_ON, 1, RAM + 0x40, 0xC0);
	need_eq(rmi(FID_PSCI_COMPLETE, w.r.rec[0], 0).x[0], 0);
	psci(0, AFFINITY_INFO, 1, 0);
	play_smc(&q, CPU_OFF);
	play_start(&q);
	need_eq(play_enter(&w.r, 1).x[0], 0);
	e = &realm_run(&w.r, 1)->exit;
	check_eq(e->exit_reason, RMI_EXIT_PSCI);
	check_eq(e->gprs[0], CPU_OFF);
	check_eq(e->gprs[1], 0);
	check_status(play_enter(&w.r, 1), RMI_ERROR_REC);
	psci(1, AFFINITY_INFO, 1, 0);
	play_exit(&w.r, &p, CPU_ON, 1, RAM + 0x80, 0xC1);
	need_eq(rmi(FID_PSCI_COMPLETE, w.r.rec[0], 0).x[0], 0);
	/* nothing of what it was before it went off */
	const struct rec *target = sim_ram(w.r.rec[1]);
	check_eq(target->gprs[0], 0xC1);
	for (unsigned int i = 1; i < 31; i++)
		check_eq(target->gprs[i], 0);
	check_eq(target->pc, RAM + 0x80);
	check_eq(target->pstate, 0x3C5);
	check_eq(target->sys.vbar_el1, 0);
	memset(&q, 0, sizeof(q));
	play_start(&q);
	check_status(play_enter(&w.r, 1), RMI_SUCCESS);
}

TEST(system_off_is_for_ever)
{
	for (unsigned int reset = 0; reset < 2; reset++) {
		u64 fid = reset ? SYSTEM_RESET : SYSTEM_OFF;
		struct rmi_rec_exit *e;

		world_make_active(&w);
		inside_set_runnable(w.r.rec[1], true);
		e = play_exit(&w.r, &p, fid);
		check_eq(e->exit_reason, RMI_EXIT_PSCI);
		check_eq(e->gprs[0], fid);
		check_status(play_enter(&w.r, 0), RMI_ERROR_REALM);
		check_status(play_enter(&w.r, 1), RMI_ERROR_REALM);
		check_status(rmi(FID_REALM_ACTIVATE, w.r.rd), RMI_ERROR_REALM);
		check_status(rmi(FID_RTT_DATA_UNMAP, w.r.rd, RAM, RAM + 0x1000, 0, 0), RMI_SUCCESS);
		check_status(rmi(FID_REALM_TERMINATE, w.r.rd), RMI_SUCCESS);
	}
}

/* A sibling that runs leaves at its next exception (decisions 74). */
static void sibling_turns_off(struct rec *rec, void *arg)
{
	static struct play q;

	(void)rec;
	(void)arg;
	memset(&q, 0, sizeof(q));
	play_smc(&q, SYSTEM_OFF);
	sim_be_cpu(1);
	play_start(&q);
	need_eq(realm_enter(&w.r, 1).x[0], 0);
	sim_be_cpu(0);
}

TEST(running_sibling_leaves)
{
	world_make_active(&w);
	inside_set_runnable(w.r.rec[1], true);
	memset(&p, 0, sizeof(p));
	play_smc(&p, 0xC4000191, 0)->also = sibling_turns_off;
	play_irq(&p);
	play_start(&p);
	/* two calls are under way on one thread: only the outer one's end is judged */
	u64 regs[8] = { FID_REC_ENTER, w.r.rec[0], w.r.run[0] };
	rmi_dispatch(regs);
	check_eq(regs[0], RMI_SUCCESS);
	check_eq(sim_pe()->runs, 1);
	check_status(realm_enter(&w.r, 0), RMI_ERROR_REALM);
	check_status(rmi(FID_REALM_TERMINATE, w.r.rd), RMI_SUCCESS);
}
