/* SPDX-License-Identifier: BSD-2-Clause */
/* Trapped system registers (rmi-exec.md 4.10, decisions 65, 67, 85, 86). */
#include <string.h>

#include "harness/inside.h"
#include "harness/play.h"
#include "harness/world.h"

static struct world w;
static struct play p;
static struct rmi_rec_exit *e;

static const struct realm *shape = &realm_default;

static void begin(void)
{
	world_make_active_of(&w, shape);
	memset(&p, 0, sizeof(p));
	e = &realm_run(&w.r, 0)->exit;
}

static void enter(void)
{
	play_start(&p);
	need_eq(play_enter(&w.r, 0).x[0], RMI_SUCCESS);
}

/* ICC_SGI1R_EL1 = S3_0_C12_C11_5: the host sends the SGI. */
TEST(sgi_generation)
{
	for (unsigned int rt = 5; rt < 32; rt += 26) {
		u64 esr = esr_sysreg(3, 0, 12, 11, 5, rt, false);

		begin();
		play_trap(&p, TRAP_SYNC, esr, 0, 0);
		p.step[0].nr_x = 6;
		p.step[0].x[5] = 0x10002;
		enter();
		check_eq(e->exit_reason, RMI_EXIT_SYNC);
		check_eq(e->esr, esr & ~MASK(9, 5));	/* Rt is not the host's business */
		check_eq(e->gprs[0], rt == 31 ? 0 : 0x10002);
		need_eq(play_enter(&w.r, 0).x[0], 0);
		check_eq(p.step[0].pc, PLAY_PC + 4);
		check_kept(&p.step[0], 0);
	}
}

static void gic_read(unsigned int crm, unsigned int op2, unsigned int rt)
{
	begin();
	play_trap(&p, TRAP_SYNC, esr_sysreg(3, 0, 12, crm, op2, rt, true), 0, 0);
	enter();
	check_eq(e->exit_reason, RMI_EXIT_SYNC);
	check_eq(e->gprs[0], 0);
	realm_run(&w.r, 0)->enter.gprs[0] = 0xABCDEF0123456789;
	need_eq(play_enter(&w.r, 0).x[0], 0);
	check_eq(p.step[0].pc, PLAY_PC + 4);
	for (unsigned int i = 0; i < 31; i++)
		check_eq(p.step[0].after[i], i == rt ? 0xABCDEF0123456789 : secret(i));
	/* good for one entry only */
	realm_run(&w.r, 0)->enter.gprs[0] = 0xBAD;
	need_eq(play_enter(&w.r, 0).x[0], 0);
}

TEST(gic_registers)
{
	gic_read(12, 0, 3);		/* ICC_IAR1_EL1 */
	gic_read(11, 3, 30);		/* ICC_RPR_EL1 */
	gic_read(8, 2, 31);		/* ICC_HPPIR0_EL1 into XZR */
	begin();			/* ICC_PMR_EL1 = S3_0_C4_C6_0 */
	play_trap(&p, TRAP_SYNC, esr_sysreg(3, 0, 4, 6, 0, 1, false), 0, 0);
	p.step[0].nr_x = 2;
	p.step[0].x[1] = 0xF0;
	enter();
	check_eq(e->exit_reason, RMI_EXIT_SYNC);
	check_eq(e->gprs[0], 0xF0);
}

/* Served inside, in a realm of its own. */
static struct step *access_register(unsigned int op0, unsigned int op1, unsigned int crn,
				    unsigned int crm, unsigned int op2, bool read)
{
	struct step *s;

	begin();
	test_note("S%u_%u_C%u_C%u_%u", op0, op1, crn, crm, op2);
	s = play_sysreg(&p, op0, op1, crn, crm, op2, read, 9);
	enter();
	check_eq(e->exit_reason, RMI_EXIT_IRQ);
	return s;
}

#define reads(...)		check_read(access_register(__VA_ARGS__, true))
#define is_undefined(...)	check_undefined(access_register(__VA_ARGS__))

TEST(hidden_registers)
{
	is_undefined(3, 0, 11, 0, 0, true);	/* IMPLEMENTATION DEFINED (decisions 65) */
	is_undefined(3, 3, 15, 2, 1, false);
	is_undefined(2, 1, 9, 0, 0, true);	/* BRBCR_EL1 */
	is_undefined(3, 0, 10, 5, 1, true);	/* MPAM0_EL1 */
	is_undefined(3, 0, 10, 5, 0, false);	/* MPAM1_EL1 */
	is_undefined(3, 0, 2, 0, 5, true);	/* S2POR_EL1 */
	is_undefined(3, 3, 9, 12, 0, true);	/* PMCR_EL0: no PMU */
	is_undefined(3, 3, 13, 2, 0, true);	/* AMCR_EL0 */
	is_undefined(3, 0, 9, 9, 0, true);	/* PMSCR_EL1 */
	is_undefined(2, 1, 0, 4, 6, true);	/* trace */
	is_undefined(3, 4, 1, 1, 0, true);	/* HCR_EL2 */
	is_undefined(3, 0, 1, 2, 0, true);	/* ZCR_EL1: no SVE */
	is_undefined(3, 0, 1, 2, 6, true);	/* SMCR_EL1 */
}

/* ---- ID registers, with the machine of decisions 8 ------------------------------------------ */

static u64 id_of_all(unsigned int crm, unsigned int op2);

static u64 id(unsigned int crm, unsigned int op2)
{
	return reads(3, 0, 0, crm, op2);
}

#define HW(crm, op2)	sim_id_register[crm][op2]
#define FIELD4(v, lo)	FIELD(v, (lo) + 3, lo)

static void hidden(unsigned int crm, unsigned int op2, unsigned int lo)
{
	test_note("ID register crm %u op2 %u field %u", crm, op2, lo);
	check_eq(FIELD4(id(crm, op2), lo), 0);
}

static void shown(unsigned int crm, unsigned int op2, unsigned int lo)
{
	test_note("ID register crm %u op2 %u field %u", crm, op2, lo);
	check_eq(FIELD4(id(crm, op2), lo), FIELD4(HW(crm, op2), lo));
}

TEST(id_registers)
{
	hidden(4, 0, 32);		/* PFR0: SVE, MPAM, AMU, RME */
	hidden(4, 0, 40);
	hidden(4, 0, 44);
	hidden(4, 0, 52);
	for (unsigned int lo = 0; lo <= 28; lo += 4)
		shown(4, 0, lo);
	hidden(4, 1, 8);		/* PFR1: MTE, SME, NMI, GCS, THE */
	hidden(4, 1, 24);
	hidden(4, 1, 36);
	hidden(4, 1, 44);
	hidden(4, 1, 48);
	shown(4, 1, 0);
	shown(4, 1, 4);
	check_eq(id(4, 4), 0);		/* ZFR0, SMFR0 */
	check_eq(id(4, 5), 0);
	shown(5, 0, 0);			/* DFR0: DebugVer; nothing else of the hardware's */
	check_eq(FIELD4(id(5, 0), 12), 5);
	check_eq(FIELD4(id(5, 0), 20), 3);
	hidden(5, 0, 8);
	hidden(5, 0, 32);
	hidden(5, 0, 40);
	hidden(5, 0, 44);
	hidden(5, 0, 52);
	hidden(6, 1, 60);		/* LS64 */
	shown(6, 1, 4);			/* PAuth */
	shown(6, 0, 4);
	shown(7, 0, 0);			/* PARange */
	hidden(7, 2, 24);		/* NV */
	hidden(7, 3, 0);		/* TCRX, SCTLRX, S1PIE, S1POE, AIE, MEC, D128 */
	hidden(7, 3, 4);
	hidden(7, 3, 8);
	hidden(7, 3, 16);
	hidden(7, 3, 24);
	hidden(7, 3, 28);
	hidden(7, 3, 32);
	check_eq(id(7, 4), 0);
}

/* SVE is shown to a realm that was created with it. */
TEST(id_registers_with_sve)
{
	struct realm sve = realm_default;

	sve.sve_vq = 2;
	shape = &sve;
	shown(4, 0, 32);
	hidden(4, 0, 40);
	check_eq(id(4, 4), HW(4, 4));
	check_eq(id(4, 5), 0);
	shape = &realm_default;
}

/* Breakpoints, watchpoints and PMU as the realm was created (decisions 85). */
TEST(id_registers_of_debug)
{
	struct realm r = realm_default;

	r.breakpoints = 2;
	r.watchpoints = 3;
	r.pmu = true;
	shape = &r;
	check_eq(id(5, 0), FIELD4(HW(5, 0), 0) | 6 << 8 | 1 << 12 | 2 << 20);
	check_eq(FIELD(id_of_all(5, 0), 31, 28), 1);
	begin();
	HW(5, 0) = 9 << 8;		/* PMUv3p9: its registers are hidden */
	play_trap(&p, TRAP_SYNC, esr_sysreg(3, 0, 0, 5, 0, 9, true), 0, 0);
	enter();
	check_eq(FIELD4(p.step[0].after[9], 8), 8);
	shape = &realm_default;
}

/* A CPU with everything: what nobody has looked at reads zero (decisions 85). */
static void all_ones(void)
{
	for (unsigned int crm = 1; crm < 8; crm++)
		for (unsigned int op2 = 0; op2 < 8; op2++)
			HW(crm, op2) = ~0ULL;
}

static u64 id_of_all(unsigned int crm, unsigned int op2)
{
	begin();
	all_ones();
	play_trap(&p, TRAP_SYNC, esr_sysreg(3, 0, 0, crm, op2, 9, true), 0, 0);
	enter();
	return p.step[0].after[9];
}

#define N(n)		(1u << (n))		/* the field at [4n + 3:4n] */
#define NN(hi, lo)	((2u << (hi)) - (1u << (lo)))

/*
 * What a realm sees of each field, written down a second time (decisions 85). Not
 * here: no field of that register.
 */
static const struct { u8 crm, op2; unsigned int fields; } visible[] = {
	{ 4, 0, NN(7, 0)	/* EL0-EL3, FP, AdvSIMD, GIC, RAS */
	      | N(12)		/* DIT */
	      | NN(15, 14) },	/* CSV2, CSV3 */
	{ 4, 1, N(0) | N(1)	/* BT, SSBS */
	      | N(3) | N(8) },	/* RAS_frac, CSV2_frac */
	{ 6, 0, NN(5, 1) | NN(15, 7) },	/* not TME */
	{ 6, 1, NN(14, 0) },	/* not LS64 */
	{ 6, 2, NN(7, 0)	/* WFxT, RPRES, GPA3, APA3, MOPS, BC, PAC_frac, CLRBHB */
	      | N(13) },	/* CSSC */
	{ 7, 0, NN(11, 0) },	/* not FGT, ECV */
	{ 7, 1, NN(1, 0) | N(3) | NN(7, 5) | N(9) | NN(15, 11) },	/* not VH, LO, TWED, HCX */
	{ 7, 2, NN(5, 0) | NN(9, 7) | NN(13, 12) | N(15) },	/* not NV, FWB, EVT */
	{ 7, 3, N(15) },	/* Spec_FPACC: not TCRX, SCTLRX, PIE, POE, AIE, MEC, D128 */
};

static u64 expanded(unsigned int fields)
{
	u64 v = 0;

	for (unsigned int n = 0; n < 16; n++)
		if (fields >> n & 1)
			v |= 0xFULL << 4 * n;
	return v;
}

TEST(each_field_of_each_id_register)
{
	for (unsigned int crm = 1; crm < 8; crm++)
		for (unsigned int op2 = 0; op2 < 8; op2++) {
			u64 want = 0;

			for (unsigned int i = 0; i < ARRAY_SIZE(visible); i++)
				if (visible[i].crm == crm && visible[i].op2 == op2)
					want = expanded(visible[i].fields);
			if (crm == 5 && op2 == 0)	/* PMUVer 0; CTX_CMPs <= BRPs */
				want = 0xF | 5 << 12 | 3 << 20 | 5ULL << 28;
			if (crm == 7 && op2 == 1)	/* HAFDBS: access and dirty flags */
				want = (want & ~0xFULL) | 2;
			check_eq(id_of_all(crm, op2), want);
		}
}

/* Hardware updates of the flags: as the CPU has them, up to access and dirty. */
TEST(flags_by_hardware)
{
	for (u64 has = 0; has < 4; has++) {
		begin();
		HW(7, 1) = has;
		play_trap(&p, TRAP_SYNC, esr_sysreg(3, 0, 0, 7, 1, 9, true), 0, 0);
		enter();
		check_eq(p.step[0].after[9], has < 2 ? has : 2);
	}
}

/* With SVE and a PMU: two fields and one register more. */
TEST(each_field_with_everything)
{
	struct realm r = realm_default;

	r.sve_vq = 16;
	r.pmu = true;
	r.pmu_counters = 6;
	shape = &r;
	check_eq(id_of_all(4, 0), expanded(visible[0].fields | N(8)));
	check_eq(id_of_all(4, 4), expanded(NN(1, 0) | NN(6, 3) | N(8) | NN(14, 10)));
	check_eq(FIELD4(id_of_all(5, 0), 8), 8);
	shape = &realm_default;
}

/* Writes to ID registers are Undefined anyway; all slots of the group answer. */
TEST(id_register_writes)
{
	is_undefined(3, 0, 0, 4, 0, false);
}

/* ---- every encoding ----------------------------------------------------------------------- */

enum fate { UNDEFINED, SERVED, TO_HOST };

struct encoded { unsigned int op0, op1, crn, crm, op2; };

/* The groups of what traps (realm-exec.md 5.5), written down a second time. */
static enum fate fate_of(const struct encoded *r, bool read)
{
	if (r->op0 == 2) {
		if (r->op1 == 0 && r->crn == 0 && r->op2 >= 4)	/* 6 breakpoints, 4 watchpoints */
			return r->crm < (r->op2 < 6 ? 6u : 4u) ? SERVED : UNDEFINED;
		return r->op1 == 0 || r->op1 == 3 || r->op1 == 4 ? SERVED : UNDEFINED;
	}
	if (r->op0 == 3 && r->op1 == 0 && r->crn == 0 && r->crm > 0 && r->crm < 8)
		return read ? SERVED : UNDEFINED;
	if (r->op0 == 3 && r->op1 == 0 && r->crn == 5 && r->crm > 2 && r->crm < 6)
		return SERVED;
	if (r->op0 == 3 && r->op1 == 0 && r->crn == 12 && r->crm > 7)
		return TO_HOST;
	if (r->op0 == 3 && r->op1 == 0 && r->crn == 4 && r->crm == 6 && r->op2 == 0)
		return TO_HOST;
	return UNDEFINED;
}

/* Plays what is gathered; the host answers what comes to it and lets it run on. */
static void fates(const struct encoded *r, bool read)
{
	bool at_host[PLAY_STEPS] = { false };

	for (enter(); e->exit_reason != RMI_EXIT_IRQ; need_eq(play_enter(&w.r, 0).x[0], 0))
		at_host[p.at - 1] = true;
	for (unsigned int i = 0; i < p.nr; i++, r++) {
		enum fate want = fate_of(r, read);

		test_note("S%u_%u_C%u_C%u_%u %s", r->op0, r->op1, r->crn, r->crm, r->op2,
			  read ? "read" : "written");
		check_eq(at_host[i], want == TO_HOST);
		check_eq(p.step[i].pc, want == UNDEFINED ? PLAY_VBAR + 0x200 : PLAY_PC + 4);
		check_kept(&p.step[i], read && want != UNDEFINED ? 1 : 0);
	}
	p.nr = 0;
}

TEST(every_encoding)
{
	struct encoded r[PLAY_STEPS];

	begin();
	for (unsigned int n = 0; n < 4 << 15; n++) {
		struct encoded *at = &r[p.nr];
		bool read = n >> 14 & 1;

		*at = (struct encoded){ n >> 15, n >> 11 & 7, n >> 7 & 15, n >> 3 & 15, n & 7 };
		play_trap(&p, TRAP_SYNC, esr_sysreg(at->op0, at->op1, at->crn, at->crm, at->op2, 0, read),
			  0, 0)->nr_x = 1;		/* x0 is no secret: the host may see it */
		if (p.nr == PLAY_STEPS)
			fates(r, read);
	}
}
