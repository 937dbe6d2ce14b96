/* SPDX-License-Identifier: BSD-2-Clause */
/* Breakpoints, watchpoints and the OS lock of a realm (realm-exec.md 9, decisions 86). */
#include <string.h>

#include "harness/inside.h"
#include "harness/play.h"
#include "harness/world.h"

#define MDE		BIT(15)
#define MDSCR		2, 0, 0, 2, 2
#define OSLAR		2, 0, 1, 0, 4
#define OSLSR		2, 0, 1, 1, 4
#define BVR(n)		2, 0, 0, n, 4
#define BCR(n)		2, 0, 0, n, 5
#define WVR(n)		2, 0, 0, n, 6
#define WCR(n)		2, 0, 0, n, 7

static struct world w;
static struct play p;

static void begin(void)
{
	struct realm r = realm_default;

	r.breakpoints = 3;
	r.watchpoints = 2;
	world_make_active_of(&w, &r);
}

static struct step *access_register(unsigned int op0, unsigned int op1, unsigned int crn,
				    unsigned int crm, unsigned int op2, bool read, u64 value)
{
	struct step *s;

	memset(&p, 0, sizeof(p));
	test_note("S%u_%u_C%u_C%u_%u", op0, op1, crn, crm, op2);
	s = play_sysreg(&p, op0, op1, crn, crm, op2, read, value);
	play_start(&p);
	need_eq(play_enter(&w.r, 0).x[0], RMI_SUCCESS);
	check_eq(realm_run(&w.r, 0)->exit.exit_reason, RMI_EXIT_IRQ);	/* the end of the play */
	return s;
}

#define reads(...)	check_read(access_register(__VA_ARGS__, true, 0))

static void writes(unsigned int op0, unsigned int op1, unsigned int crn, unsigned int crm,
		   unsigned int op2, u64 value)
{
	struct step *s = access_register(op0, op1, crn, crm, op2, false, value);

	check_eq(s->pc, PLAY_PC + 4);
	check_kept(s, 0);
}

static void is_undefined(unsigned int op0, unsigned int op1, unsigned int crn, unsigned int crm,
			 unsigned int op2)
{
	for (int read = 0; read < 2; read++)
		check_undefined(access_register(op0, op1, crn, crm, op2, read, 0));
}

/* Each register is its own, keeps what can be kept, and the host hears nothing. */
TEST(registers)
{
	begin();
	check_eq(reads(MDSCR), BIT(12));		/* TDCC */
	check_eq(reads(OSLSR), 0xA);			/* locked, as out of reset */
	for (unsigned int n = 0; n < 3; n++) {
		writes(BVR(n), ~0ULL - n);
		writes(BCR(n), ~0ULL);
	}
	for (unsigned int n = 0; n < 2; n++) {
		writes(WVR(n), ~0ULL - 16 * n);
		writes(WCR(n), ~0ULL);
	}
	for (unsigned int n = 0; n < 3; n++) {
		check_eq(reads(BVR(n)), ~0ULL - n);
		check_eq(reads(BCR(n)), 0x20FFE1E7);
	}
	for (unsigned int n = 0; n < 2; n++) {
		check_eq(reads(WVR(n)), ~3ULL - 16 * n);
		check_eq(reads(WCR(n)), 0x3F1FFFFF);
	}
	writes(MDSCR, ~0ULL);
	check_eq(reads(MDSCR), BIT(15) | BIT(13) | BIT(12) | BIT(0));
	check_eq(reads(OSLAR), 0);
	check(!sim_pe()->debug.loads);			/* all of it behind the lock */
}

TEST(more_than_it_was_created_with)
{
	begin();
	is_undefined(BVR(3));
	is_undefined(BCR(3));
	is_undefined(BVR(15));
	is_undefined(WVR(2));
	is_undefined(WCR(2));
	is_undefined(WCR(15));
}

/* Claim tags, power control, the channel to a debugger: nothing there. */
TEST(registers_that_read_zero)
{
	static const unsigned int zero[][5] = {
		{ 2, 3, 0, 1, 0 }, { 2, 3, 0, 4, 0 }, { 2, 3, 0, 5, 0 }, { 2, 0, 0, 2, 0 },
		{ 2, 0, 1, 0, 0 }, { 2, 0, 1, 3, 4 }, { 2, 0, 1, 4, 4 }, { 2, 0, 7, 8, 6 },
		{ 2, 0, 7, 9, 6 }, { 2, 0, 7, 14, 6 }, { 2, 0, 0, 6, 2 },
	};

	begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(zero); i++) {
		const unsigned int *z = zero[i];

		writes(z[0], z[1], z[2], z[3], z[4], ~0ULL);
		check_eq(reads(z[0], z[1], z[2], z[3], z[4]), 0);
	}
}

/* In the hardware exactly while MDE is set and the OS lock open; from entry on if so. */
TEST(in_the_hardware)
{
	begin();
	writes(BVR(0), 0x1000);
	writes(BCR(0), 0x1E5);
	writes(MDSCR, MDE | BIT(13) | BIT(0));
	check_eq(sim_pe()->el1[EL1_MDSCR], 0);
	check_eq(sim_pe()->debug.loads, 0);
	writes(OSLAR, 0);
	check_eq(sim_pe()->el1[EL1_MDSCR], MDE | BIT(13) | BIT(0));
	check_eq(sim_pe()->debug.loads, 1);
	check_eq(reads(OSLSR), 0x8);			/* this stay began with them loaded */
	check_eq(sim_pe()->debug.loads, 2);
	check_eq(sim_pe()->debug.bvr0, 0x1000);
	check_eq(sim_pe()->debug.bcr0, 0x1E5);
	writes(BVR(0), 0x2000);				/* and again at once */
	check_eq(sim_pe()->debug.bvr0, 0x2000);
	check_eq(sim_pe()->debug.loads, 4);
	writes(OSLAR, 1);				/* out of it: at entry, then gone */
	check_eq(sim_pe()->debug.loads, 6);
	check_eq(sim_pe()->el1[EL1_MDSCR], 0);
	check_eq(reads(MDSCR), MDE | BIT(13) | BIT(0));
	check_eq(sim_pe()->debug.loads, 6);
	writes(OSLAR, 2);				/* bit 0 counts */
	check_eq(reads(OSLSR), 0x8);
	writes(MDSCR, 0);
	check_eq(reads(MDSCR), 0);
	check_eq(sim_pe()->debug.loads, 10);
	reads(MDSCR);
	check_eq(sim_pe()->debug.loads, 10);
}

/* A REC that is turned on again starts as out of reset. */
TEST(debug_of_a_fresh_rec)
{
	static const u64 off[] = { 0x84000002 };

	begin();
	writes(OSLAR, 0);
	writes(BVR(1), 0x1000);
	writes(MDSCR, MDE);
	play_exit_n(&w.r, &p, 1, off);
	inside_set_runnable(w.r.rec[1], true);
	memset(&p, 0, sizeof(p));
	play_smc(&p, 0xC4000003, 0, RAM, 0);		/* by the other one */
	play_start(&p);
	need_eq(play_enter(&w.r, 1).x[0], RMI_SUCCESS);
	need_eq(rmi(FID_PSCI_COMPLETE, w.r.rec[1], 0).x[0], RMI_SUCCESS);
	check_eq(reads(OSLSR), 0xA);
	check_eq(reads(BVR(1)), 0);
	check_eq(reads(MDSCR), BIT(12));
}
