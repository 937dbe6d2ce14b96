/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD REC_ENTER
#define CMD_LOWER rec_enter
#include <string.h>

#include "arch/arch.h"
#include "harness/command.h"

static struct rmi_rec_run *run;

static void interrupted(void *arg, struct rec *rec, struct trap *trap)
{
	(void)arg;
	(void)rec;
	trap->kind = TRAP_IRQ;
}

GOOD
{
	realm_activate(&w->r);
	sim_realm_is(interrupted, NULL);
	run = sim_ram(w->r.run[0]);
	a->rec = pa(w->r.rec[0]);
	a->run = ns(w->r.run[0]);
	memset(&run->exit, 0xEE, sizeof(run->exit));
}

CHANGED
{
	check_eq(run->exit.exit_reason, RMI_EXIT_IRQ);
	check_eq(run->exit.esr, 0);
	check_eq(sim_pe()->runs, 1);
	check(!sim_pe()->loaded);
}

SPOIL(run_align)	{ a->run = ns_add(a->run, 8); }
SPOIL(run_ns)		{ a->run = ns(w->delegated2); }
SPOIL(rec_align)	{ a->rec = pa_add(a->rec, 8); }
SPOIL(rec_state)	{ a->rec = pa(w->data); }
SPOIL(realm_state)	{ a->rec = pa(w->o.rec[0]); }
SPOIL(rec_running)	{ inside_pretend_running(w->r.rd, w->r.rec[0]); }
SPOIL(rec_runnable)	{ inside_set_runnable(w->r.rec[0], false); }
SPOIL(psci_pending)	{ inside_set_psci_pending(w->r.rec[0]); }
SPOIL(gic)		{ sim_pe()->lr[3] = 1ULL << 62 | 1ULL << 61 | 40; }
SPOIL(emul_mmio)	{ run->enter.flags = RMI_ENTER_EMUL_MMIO; }
NOT_SPOILED(run_write, "the realm has run by then: run_page_lost below")

static void lose_page(void *arg, struct rec *rec, struct trap *trap)
{
	struct world *w = arg;

	(void)rec;
	sim_set_pas(w->r.run[0], SIM_ROOT);
	trap->kind = TRAP_IRQ;
}

/* The run page leaves the host's world while the realm runs. */
TEST(run_page_lost)
{
	struct world w;
	struct args a;

	world_make(&w);
	good(&w, &a);
	sim_realm_is(lose_page, &w);
	check_status(rmi(FID_REC_ENTER, a.rec.raw, a.run.raw), RMI_ERROR_INPUT);
	check(!sim_pe()->loaded);
	sim_set_pas(w.r.run[0], SIM_NS);
	sim_realm_is(interrupted, NULL);
	check_status(rmi(FID_REC_ENTER, a.rec.raw, a.run.raw), RMI_SUCCESS);
	check_status(rmi(FID_REALM_TERMINATE, w.r.rd), RMI_SUCCESS);
}

static struct { u64 page; unsigned int left; } lost;

static void lose_soon(u64 at, size_t bytes)
{
	(void)bytes;
	if (ALIGN_DOWN(at, GRANULE_SIZE) == lost.page && --lost.left == 0)
		sim_ns_refuse(lost.page, true);
}

/* Another agent takes the page after the n-th access to it; the status then. */
static u64 enter_and_lose(struct world *w, bool reading, unsigned int n)
{
	struct args a;

	world_make(w);
	good(w, &a);
	test_note("lost after %s %u", reading ? "read" : "write", n);
	lost.page = w->r.run[0];
	lost.left = n;
	if (reading)
		sim_ns_after_read(lose_soon);
	else
		sim_ns_after_write(lose_soon);
	return status_of(rmi(FID_REC_ENTER, a.rec.raw, a.run.raw));
}

TEST(run_page_lost_between_two_accesses)
{
	struct world w;
	unsigned int n;

	check_eq(enter_and_lose(&w, true, 1), RMI_ERROR_INPUT);
	check_eq(sim_pe()->runs, 0);
	check_eq(enter_and_lose(&w, true, 2), RMI_ERROR_INPUT);
	check_eq(sim_pe()->runs, 1);				/* the exit could not be told */
	for (n = 1; n < 8; n++) {				/* zero, and seven pieces */
		check_eq(enter_and_lose(&w, false, n), RMI_ERROR_INPUT);
		check_eq(sim_pe()->runs, 1);
		check(!sim_pe()->loaded);
	}
	check_eq(enter_and_lose(&w, false, n), RMI_SUCCESS);
}

/* All sixteen are looked at, the last one too. */
TEST(many_list_registers)
{
	for (unsigned int twice = 0; twice < 2; twice++) {
		struct world w;
		struct args a;

		world_make(&w);
		good(&w, &a);
		arch_features.nr_list_regs = 16;
		for (unsigned int i = 0; i < 16; i++)
			sim_pe()->lr[i] = 1ULL << 62 | (32 + i);
		if (twice)
			sim_pe()->lr[15] = sim_pe()->lr[0];
		check_status(rmi(FID_REC_ENTER, a.rec.raw, a.run.raw), twice ? RMI_ERROR_REC : RMI_SUCCESS);
	}
}

/* List registers as the host may leave them (decisions 70). */
TEST(list_registers)
{
	static const struct { u64 lr0, lr3; bool ok; } c[] = {
		{ 0, 0, true },
		{ 1ULL << 62 | 27, 1ULL << 62 | 28, true },
		{ 1ULL << 62 | 27, 1ULL << 62 | 27, false },	/* one vINTID twice */
		{ 1ULL << 62 | 27, 27, true },			/* the second is invalid */
		{ 1ULL << 61 | 27, 0, true },			/* HW in an invalid one */
		{ 1ULL << 63 | 1ULL << 61 | 27, 0, false },	/* HW in an active one */
		{ 3ULL << 62 | 1ULL << 61 | 27, 0, false },
		{ 3ULL << 62 | 27, 3ULL << 62 | 28, true },
		{ 1ULL << 63 | 27, 1ULL << 62 | 27, false },
	};
	struct world w;
	struct args a;

	for (unsigned int i = 0; i < ARRAY_SIZE(c); i++) {
		world_make(&w);
		good(&w, &a);
		test_note("list registers %u", i);
		sim_pe()->lr[0] = c[i].lr0;
		sim_pe()->lr[3] = c[i].lr3;
		check_status(rmi(FID_REC_ENTER, a.rec.raw, a.run.raw),
			     c[i].ok ? RMI_SUCCESS : RMI_ERROR_REC);
		check_eq(sim_pe()->lr[0], c[i].lr0);
	}
}

TEST(states_of_a_realm)
{
	struct world w;
	struct args a;

	world_make(&w);
	good(&w, &a);
	need_eq(rmi(FID_REALM_TERMINATE, w.r.rd).x[0], 0);
	check_status(rmi(FID_REC_ENTER, a.rec.raw, a.run.raw), RMI_ERROR_REALM);
}

#include "harness/command_end.h"
