/* SPDX-License-Identifier: BSD-2-Clause */
/* The PMU of a realm: when it is loaded, its overflow flags, what the host hears (decisions 80b). */
#include <string.h>

#include "harness/inside.h"
#include "harness/play.h"
#include "harness/world.h"

#define CYCLES		BIT(31)
#define VALID		(CYCLES | 7)		/* three counters */
#define PMCR		3, 3, 9, 12, 0
#define PMOVSCLR	3, 3, 9, 12, 3
#define PMOVSSET	3, 3, 9, 14, 3
#define PMINTENSET	3, 0, 9, 14, 1
#define PMINTENCLR	3, 0, 9, 14, 2

static struct world w;
static struct play p;
static struct rmi_rec_exit *e;

static struct rec *rec(void)
{
	return sim_ram(w.r.rec[0]);
}

static void begin(void)
{
	struct realm r = realm_default;

	r.pmu = true;
	r.pmu_counters = 3;
	world_make_active_of(&w, &r);
	memset(&p, 0, sizeof(p));
	e = &realm_run(&w.r, 0)->exit;
}

static void enter(void)
{
	play_start(&p);
	need_eq(play_enter(&w.r, 0).x[0], RMI_SUCCESS);
	check_eq(e->exit_reason, RMI_EXIT_IRQ);
}

/* One access with the PMU loaded; the first trap of a stay only loads it. */
static struct step *access_register(unsigned int op0, unsigned int op1, unsigned int crn,
				    unsigned int crm, unsigned int op2, bool read, u64 value)
{
	struct step *s;

	memset(&p, 0, sizeof(p));
	if (!(rec()->parts_wanted & PART_PMU))
		play_sysreg(&p, PMCR, true, 0);
	s = play_sysreg(&p, op0, op1, crn, crm, op2, read, value);
	enter();
	return s;
}

#define reads(...)	check_read(access_register(__VA_ARGS__, true, 0))

/* True: the host heard of it at once, before the end of the play. */
static bool writes(unsigned int op0, unsigned int op1, unsigned int crn, unsigned int crm,
		   unsigned int op2, u64 value)
{
	return !access_register(op0, op1, crn, crm, op2, false, value)->seen;
}

static void is_undefined(unsigned int op0, unsigned int op1, unsigned int crn, unsigned int crm,
			 unsigned int op2, bool read)
{
	test_note("S%u_%u_C%u_C%u_%u", op0, op1, crn, crm, op2);
	check_undefined(access_register(op0, op1, crn, crm, op2, read, 0));
}

TEST(loaded_at_the_first_touch)
{
	begin();
	enter();
	check_eq(sim_pe()->pmu_loads, 0);
	play_sysreg(&p, PMCR, true, 0);
	enter();
	check_eq(sim_pe()->pmu_loads, 1);
	check_eq(p.step[0].pc, PLAY_PC);		/* the hardware serves it now */
	check_kept(&p.step[0], 0);
	memset(&p, 0, sizeof(p));
	enter();
	check_eq(sim_pe()->pmu_loads, 1);		/* nothing counts: not before the next touch */
}

static void count(struct rec *r, void *arg)
{
	(void)arg;
	sim_pe()->pmcr = 1;
	r->pmu.cnten = CYCLES;
}

TEST(loaded_while_it_counts)
{
	begin();
	play_sysreg(&p, PMCR, true, 0)->also = count;
	play_sysreg(&p, PMINTENSET, true, 0)->also = count;
	enter();
	memset(&p, 0, sizeof(p));
	enter();
	check_eq(sim_pe()->pmu_loads, 2);
	check_eq(sim_pe()->pmcr, 1);
}

/* Set and clear are two views of one thing; what the realm does not have stays zero. */
TEST(flags_and_enables)
{
	begin();
	check(!writes(PMINTENSET, ~0ULL));
	check_eq(reads(PMINTENSET), VALID);
	check_eq(reads(PMINTENCLR), VALID);
	check_eq(sim_pe()->pminten, VALID);
	check(!writes(PMINTENCLR, 2));
	check_eq(reads(PMINTENSET), VALID & ~2ULL);
	check(!writes(PMOVSSET, ~0ULL));
	check_eq(reads(PMOVSSET), VALID);
	check_eq(reads(PMOVSCLR), VALID);
	check_eq(sim_pe()->pminten, 0);			/* none left that could interrupt */
	check(!writes(PMOVSCLR, CYCLES | 4));
	check_eq(reads(PMOVSSET), 3);
	check_eq(sim_pe()->pminten, CYCLES | 4);
	check_eq(e->pmu_ovf_status, 0);			/* PMCR_EL0.E is off */
}

static void enable(struct rec *r, void *arg)
{
	(void)r;
	(void)arg;
	sim_pe()->pmcr = 1;
}

static void overflow(struct rec *r, void *arg)
{
	(void)r;
	(void)arg;
	sim_pe()->pmovs |= 1;
}

TEST(an_overflow)
{
	begin();
	writes(PMINTENSET, 1);
	memset(&p, 0, sizeof(p));
	play_sysreg(&p, PMCR, true, 0);
	play_irq(&p)->also = enable;
	enter();
	check_eq(e->pmu_ovf_status, 0);
	memset(&p, 0, sizeof(p));
	play_sysreg(&p, PMCR, true, 0);
	play_irq(&p)->also = overflow;			/* the hardware's interrupt */
	enter();
	check_eq(e->pmu_ovf_status, 1);
	check_eq(reads(PMOVSSET), 1);			/* told: inside it is quiet */
	check_eq(sim_pe()->pminten, 0);
	check_eq(e->pmu_ovf_status, 1);
	check(!writes(PMINTENSET, 2));
	check(writes(PMINTENCLR, 1));			/* the line falls: the host must know */
	check_eq(e->pmu_ovf_status, 0);
	check(writes(PMINTENSET, 1));
	check_eq(e->pmu_ovf_status, 1);
	check(writes(PMOVSCLR, 1));
	check_eq(e->pmu_ovf_status, 0);
	check(!writes(PMOVSCLR, 1));
	check(writes(PMOVSSET, 1));
	check_eq(e->pmu_ovf_status, 1);
	enter();					/* said at every exit */
	check_eq(e->pmu_ovf_status, 1);
}

/* Trapped all the same with the PMU loaded: hardware has nothing there for the realm. */
TEST(beyond_the_counters)
{
	begin();
	is_undefined(3, 3, 14, 8, 7, true);		/* PMEVCNTR7_EL0 */
	is_undefined(3, 3, 14, 12, 7, false);		/* PMEVTYPER7_EL0 */
	is_undefined(3, 0, 9, 14, 4, true);		/* PMUACR_EL1 */
}

/* Of the registers around: those of the PMU are there to be loaded, the others never were. */
TEST(every_neighbour)
{
	begin();
	for (unsigned int n = 0; n < 4 << 12; n++) {
		unsigned int op0 = n >> 12, op1 = n >> 9 & 7, crn = 8 + (n >> 6 & 7), crm = 8 + (n >> 3 & 7);
		bool is_pmu = op0 == 3 && ((op1 == 0 && crn == 9 && crm == 14) ||
					   (op1 == 3 && crn == 9 && crm >= 12 && crm < 15) ||
					   (op1 == 3 && crn == 14));
		bool is_gic = op0 == 3 && op1 == 0 && crn == 12, is_debug = op0 == 2 && !is_pmu;
		bool is_ours = (crn == 9 && op1 == 0 && (n & 7) >= 1 && (n & 7) <= 2) ||
			       (crn == 9 && op1 == 3 && (crm == 12 || crm == 14) && (n & 7) == 3);
		u64 loads = sim_pe()->pmu_loads;

		if (is_gic || is_debug)
			continue;
		memset(&p, 0, sizeof(p));
		for (unsigned int i = 0; i < 2; i++)
			play_sysreg(&p, op0, op1, crn, crm, n & 7, true, 0);
		enter();
		test_note("S%u_%u_C%u_C%u_%u", op0, op1, crn, crm, n & 7);
		check_eq(sim_pe()->pmu_loads, loads + is_pmu);
		check_eq(p.step[0].pc, is_pmu ? PLAY_PC : PLAY_VBAR + 0x200);
		check_eq(p.step[1].pc, is_pmu && is_ours ? PLAY_PC + 4 : PLAY_VBAR + 0x200);
	}
}

TEST(no_pmu_no_registers)
{
	world_make_active(&w);
	memset(&p, 0, sizeof(p));
	e = &realm_run(&w.r, 0)->exit;
	play_sysreg(&p, PMCR, true, 0);
	play_sysreg(&p, PMOVSSET, true, 0);
	play_sysreg(&p, PMINTENSET, false, 0);
	enter();
	for (unsigned int i = 0; i < 3; i++)
		check_eq(p.step[i].pc, PLAY_VBAR + 0x200);
	check_eq(sim_pe()->pmu_loads, 0);
	check_eq(e->pmu_ovf_status, 0);
}
