/* SPDX-License-Identifier: BSD-2-Clause */
/* Traps that are no aborts (realm-exec.md 5.1, decisions 75, 76). */
#include <string.h>

#include "harness/inside.h"
#include "harness/play.h"
#include "harness/world.h"

static struct world w;
static struct play p;
static struct rmi_rec_exit *e;

static void begin(void)
{
	world_make_active(&w);
	memset(&p, 0, sizeof(p));
	e = &realm_run(&w.r, 0)->exit;
}

static void enter(void)
{
	play_start(&p);
	need_eq(play_enter(&w.r, 0).x[0], RMI_SUCCESS);
}

TEST(interrupts)
{
	begin();
	play_trap(&p, TRAP_IRQ, 0x1234, 0x5678, RAM);
	enter();
	check_eq(e->exit_reason, RMI_EXIT_IRQ);
	begin();
	play_trap(&p, TRAP_FIQ, 0x1234, 0x5678, RAM);
	enter();
	check_eq(e->exit_reason, RMI_EXIT_FIQ);
}

/* Registers are the realm's over any exit. */
TEST(registers_survive)
{
	begin();
	play_irq(&p);
	play_trap(&p, TRAP_FIQ, 0, 0, 0);
	enter();
	for (unsigned int i = 0; i < 31; i++)
		realm_run(&w.r, 0)->enter.gprs[i] = 0xBAD00 + i;
	need_eq(play_enter(&w.r, 0).x[0], 0);
	check_kept(&p.step[0], 0);
	check_eq(p.step[0].pc, PLAY_PC);
	need_eq(play_enter(&w.r, 0).x[0], 0);
	check_kept(&p.step[1], 0);
}

TEST(wait_for_something)
{
	for (u64 ti = 0; ti < 4; ti++) {
		begin();
		test_note("TI %u", (unsigned int)ti);
		/* Rt = x7; RN and other fields as the hardware has them */
		play_trap(&p, TRAP_SYNC, EC(EC_WFX) | 0xFULL << 20 | 7 << 5 | BIT(2) | ti, 0, 0);
		p.step[0].nr_x = 8;
		p.step[0].x[7] = 0x7000;
		enter();
		check_eq(e->exit_reason, RMI_EXIT_SYNC);
		check_eq(e->esr, (u64)EC_WFX << 26 | (ti & 2 ? BIT(2) : 0) | ti);
		check_eq(e->gprs[0], ti & 2 ? 0x7000 : 0);
		need_eq(play_enter(&w.r, 0).x[0], 0);
		check_eq(p.step[0].pc, PLAY_PC + 4);
	}
}

/* A CPU that does not name the register: none of them is shown. */
TEST(timeout_of_an_unnamed_register)
{
	begin();
	play_trap(&p, TRAP_SYNC, EC(EC_WFX) | 7 << 5 | 2, 0, 0);
	enter();
	check_eq(e->esr, (u64)EC_WFX << 26 | BIT(2) | 2);
	check_eq(e->gprs[0], 0);
}

/* WFI of T32 code at EL0: two bytes. */
TEST(wait_of_a_short_instruction)
{
	begin();
	play_trap(&p, TRAP_SYNC, EC(EC_WFX) & ~BIT(25), 0, 0);
	enter();
	check_eq(e->exit_reason, RMI_EXIT_SYNC);
	need_eq(play_enter(&w.r, 0).x[0], 0);
	check_eq(p.step[0].pc, PLAY_PC + 2);
}

TEST(wfx_traps_are_the_hosts_choice)
{
	for (u64 flags = 0; flags < 4; flags++) {
		const struct rec *rec;

		begin();
		rec = sim_ram(w.r.rec[0]);
		realm_run(&w.r, 0)->enter.flags = flags << 2;
		enter();
		check_eq(rec->trap_wfi, flags & 1);
		check_eq(rec->trap_wfe, flags >> 1 & 1);
	}
}

/* FP: the first touch loads, the realm goes on at the same instruction. */
TEST(floating_point)
{
	begin();
	play_trap(&p, TRAP_SYNC, EC(EC_FP), 0, 0);
	play_irq(&p);
	enter();
	check_eq(sim_pe()->simd_loads, 1);
	check_eq(p.step[0].pc, PLAY_PC);
	check_kept(&p.step[0], 0);
	need_eq(play_enter(&w.r, 0).x[0], 0);
	check_eq(sim_pe()->simd_loads, 1);
}

/* A second trap with the state loaded is none that it would cure. */
TEST(floating_point_twice)
{
	begin();
	play_trap(&p, TRAP_SYNC, EC(EC_FP), 0, 0);
	play_trap(&p, TRAP_SYNC, EC(EC_FP), 0, 0);
	enter();
	check_eq(sim_pe()->simd_loads, 1);
	check_eq(p.step[1].pc, PLAY_VBAR + 0x200);
}

static void begin_sve(void)
{
	struct realm sve = realm_default;

	sve.sve_vq = 4;
	world_make_active_of(&w, &sve);
	memset(&p, 0, sizeof(p));
	e = &realm_run(&w.r, 0)->exit;
}

/* SVE of a realm that has it: either kind of touch loads all of it, once. */
TEST(vectors)
{
	for (u64 ec = EC_FP; ec <= EC_SVE; ec += EC_SVE - EC_FP) {
		begin_sve();
		play_trap(&p, TRAP_SYNC, EC(ec), 0, 0);
		play_trap(&p, TRAP_SYNC, EC(EC_SVE), 0, 0);	/* not cured: the realm's */
		enter();
		check_eq(sim_pe()->simd_loads, 1);
		check_eq(p.step[0].pc, PLAY_PC);
		check_kept(&p.step[0], 0);
		check_eq(p.step[1].pc, PLAY_VBAR + 0x200);
	}
}

static void takes_undefined(u64 esr, u64 elr)
{
	begin();
	test_note("EC 0x%llx", (unsigned long long)esr >> 26);
	play_trap(&p, TRAP_SYNC, esr, 0x123, RAM)->pstate = 0x3C5;
	enter();
	check_eq(e->exit_reason, RMI_EXIT_IRQ);
	check_eq(p.step[0].pc, PLAY_VBAR + 0x200);
	check_eq(sim_pe()->el1[EL1_ESR], BIT(25));
	check_eq(sim_pe()->el1[EL1_ELR], elr);
	check_kept(&p.step[0], 0);
}

/* Not an exit with an empty esr (decisions 76). */
TEST(undefined_to_the_realm)
{
	static const u64 ec[] = {0x00, 0x03, 0x06,   0x08, 0x09, 0x0A, 0x0D, 0x0E, EC_SVE, 0x1A,
				 0x1B, 0x1C, EC_SME, 0x22, 0x26, 0x27, 0x2C, 0x30, 0x3C,   0x3F};

	for (unsigned int i = 0; i < ARRAY_SIZE(ec); i++)
		takes_undefined(EC(ec[i]), PLAY_PC);
	takes_undefined(EC(EC_HVC), PLAY_PC - 4);	/* PC was behind it */
}

TEST(undefined_pstate)
{
	static const struct {
		u64 sctlr, before, after;
	} c[] = {
		{0, BIT(31) | BIT(28) | 0x5, BIT(31) | BIT(28) | BIT(22) | BIT(25) | 0x3C5},
		{BIT(23), 0x5, BIT(25) | 0x3C5}, /* SPAN: PAN kept */
		{BIT(23), BIT(22) | 0x5, BIT(22) | BIT(25) | 0x3C5},
		{BIT(23) | BIT(44), BIT(24) | 0x5, BIT(24) | BIT(12) | BIT(25) | 0x3C5},
		{BIT(23), BIT(12) | BIT(21) | BIT(20) | MASK(11, 10) | BIT(23) | 0x5,
		 BIT(25) | 0x3C5},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(c); i++) {
		struct rec *rec;

		begin();
		test_note("case %u", i);
		rec = sim_ram(w.r.rec[0]);
		rec->sys.sctlr_el1 = c[i].sctlr;
		play_trap(&p, TRAP_SYNC, EC(0x1A), 0, 0)->pstate = c[i].before;
		enter();
		check_eq(p.step[0].pstate_after, c[i].after);
		check_eq(sim_pe()->el1[EL1_SPSR], c[i].before);
	}
}

/* Single step: an instruction that the monitor did counts as done (SPSR.SS = 0), one it did not not. */
TEST(a_step_over_a_served_instruction)
{
	begin();
	play_smc(&p, 0xC4000191, 0)->pstate = BIT(21) | MASK(11, 10) | 0x3C5;
	play_trap(&p, TRAP_SYNC, EC(EC_FP), 0, 0)->pstate = BIT(21) | 0x3C5;
	play_trap(&p, TRAP_SYNC, EC(EC_WFX), 0, 0)->pstate = BIT(21) | 0x3C5;
	enter();
	check_eq(p.step[0].pstate_after, 0x3C5);
	check_eq(p.step[1].pstate_after, BIT(21) | 0x3C5);
	need_eq(play_enter(&w.r, 0).x[0], 0);
	check_eq(p.step[2].pstate_after, 0x3C5);
}

/* An exception from AArch32: DIT is kept, SS is not taken for it. */
TEST(undefined_from_aarch32)
{
	begin();
	play_trap(&p, TRAP_SYNC, EC(0x1A), 0, 0)->pstate = BIT(24) | 0x10;
	play_trap(&p, TRAP_SYNC, EC(0x1A), 0, 0)->pstate = BIT(21) | 0x10;
	enter();
	check_eq(p.step[0].pstate_after & (BIT(24) | BIT(21)), BIT(24));
	check_eq(p.step[1].pstate_after & (BIT(24) | BIT(21)), 0);
}

/* An interrupt that waits while the monitor serves a trap must not be lost: hardware takes
 * it at the next entry; the monitor has nothing to do. But a realm that is off must leave. */
static void turn_off(struct rec *rec, void *arg)
{
	(void)rec;
	(void)arg;
}

TEST(a_long_play_stays_inside)
{
	begin();
	for (unsigned int i = 0; i < PLAY_STEPS; i++)
		play_smc(&p, 0xC4000191, i)->also = turn_off;
	enter();
	check_eq(e->exit_reason, RMI_EXIT_IRQ);
	check_eq(sim_pe()->runs, PLAY_STEPS + 1);
}
