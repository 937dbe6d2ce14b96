/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What this CPU has, what the worlds may use of it, and which registers have
 * to be switched for it: the table of spec/decisions.md 8, from ID registers.
 */
#include "el3.h"

_Static_assert(offsetof(struct ctx, sp_el0) == CTX_SP_EL0, "");
_Static_assert(offsetof(struct ctx, elr_el3) == CTX_ELR_EL3, "");
_Static_assert(offsetof(struct ctx, spsr_el3) == CTX_SPSR_EL3, "");
_Static_assert(offsetof(struct ctx, pmcr) == CTX_PMCR, "");
_Static_assert(offsetof(struct ctx, scr_el3) == CTX_SCR_EL3, "");
_Static_assert(offsetof(struct ctx, flags) == CTX_FLAGS, "");
_Static_assert(offsetof(struct ctx, cptr_el3) == CTX_CPTR_EL3, "");
_Static_assert(offsetof(struct ctx, stack) == CTX_STACK, "");
_Static_assert(offsetof(struct ctx, rmi) == CTX_RMI, "");
_Static_assert(offsetof(struct ctx, el2) == CTX_EL2, "");
_Static_assert(CTX_EL2_SOME == CTX_EL2 + 8 * NR_EL2_ALWAYS, "");
_Static_assert(offsetof(struct ctx, el2_some) == CTX_EL2_SOME, "");
_Static_assert(offsetof(struct ctx, el2_rare) == CTX_EL2_RARE, "");
_Static_assert(offsetof(struct ctx, pauth) == CTX_PAUTH, "");
_Static_assert(offsetof(struct ctx, serve_elr) == CTX_SERVE, "");
_Static_assert(sizeof(struct ctx) == CTX_SIZE, "");
_Static_assert(offsetof(struct cpu, realm) == CTX_SIZE, "");

#define SCR_RES1	(3ULL << 4)
#define SCR_HCE		BIT(8)
#define SCR_SIF		BIT(9)
#define SCR_RW		BIT(10)
#define SCR_ST		BIT(11)
#define SCR_APK		BIT(16)
#define SCR_API		BIT(17)
#define SCR_NSE		BIT(62)

#define SCTLR_EL2_RESET	0x30C50830ULL
#define SPSR_EL2H	0x3C9ULL	/* all masked */

/* Places in struct ctx.el2, see el2_always in switch.S. */
enum { EL2_SCTLR = 7, EL2_VMPIDR = 13, EL2_VPIDR = 14, EL2_MDCR = 5 };

static u64 scr_host, scr_realm, cptr_host, cptr_realm, mdcr, flags;
static u64 zcr, smcr;
static bool has_sve, has_sme, has_mpam;

struct enable {
	u8 reg, low, at_least;		/* ID register field */
	u8 scr_bit;			/* 0: none */
	u8 host_only;
	u8 flag;			/* registers to switch; 0: none (F_PMU is set elsewhere) */
};

enum { PFR0, PFR1, PFR2, DFR0, ISAR1, MMFR0, MMFR1, MMFR3, MMFR4, NR_IDS };

static const struct enable enables[] = {
	{ PFR0, 28, 2, 21, 0, 0 },		/* RAS: FIEN */
	{ PFR0, 56, 2, 25, 0, F_SCXTNUM },	/* CSV2 */
	{ PFR1, 32, 2, 25, 0, F_SCXTNUM },	/* CSV2_frac */
	{ PFR1, 8, 2, 26, 1, F_TFSR },		/* MTE: ATA */
	{ MMFR0, 56, 2, 59, 0, F_FGT2 },	/* FGT */
	{ MMFR0, 60, 2, 28, 0, F_CNTPOFF },	/* ECV */
	{ PFR0, 44, 1, 0, 0, F_AMU },
	{ PFR0, 44, 2, 35, 1, 0 },		/* AMU: AMVOFFEN */
	{ ISAR1, 60, 3, 36, 1, 0 },		/* LS64: EnAS0 */
	{ ISAR1, 60, 3, 37, 1, 0 },		/* ADEn */
	{ MMFR1, 40, 1, 38, 0, 0 },		/* HCX, always switched */
	{ PFR1, 44, 1, 39, 0, F_GCS },
	{ PFR1, 24, 1, 41, 0, 0 },		/* SME: EnTP2 */
	{ PFR1, 48, 1, 42, 0, 0 },		/* THE: RCWMASKEn */
	{ MMFR3, 0, 1, 43, 0, F_TCR2 },
	{ MMFR3, 4, 1, 44, 0, F_SCTLR2 },
	{ MMFR3, 8, 1, 45, 0, F_S1PIE },
	{ MMFR3, 12, 1, 45, 0, F_S2PIE },
	{ MMFR3, 16, 1, 45, 0, F_S1POE },
	{ MMFR3, 20, 1, 45, 0, 0 },		/* S2POE */
	{ MMFR3, 24, 1, 46, 0, F_AIE },
	{ MMFR3, 28, 1, 49, 0, 0 },		/* MEC: registers of Realm EL2 only */
	{ PFR2, 32, 1, 50, 0, 0 },		/* FPMR */
	{ PFR1, 60, 1, 53, 0, F_PFAR },
	{ MMFR1, 0, 4, 60, 1, 0 },		/* HDBSS */
	{ MMFR4, 12, 1, 61, 1, 0 },		/* HACDBS */
};

/* Registers that many CPUs have without any state behind them. */
static bool impl_has_state(void)
{
	u64 old[5], any;

	old[0] = read_sysreg(actlr_el2);
	old[1] = read_sysreg(afsr0_el2);
	old[2] = read_sysreg(afsr1_el2);
	old[3] = read_sysreg(amair_el2);
	old[4] = read_sysreg(hacr_el2);
	write_sysreg(actlr_el2, ~old[0]);
	write_sysreg(afsr0_el2, ~old[1]);
	write_sysreg(afsr1_el2, ~old[2]);
	write_sysreg(amair_el2, ~old[3]);
	write_sysreg(hacr_el2, ~old[4]);
	isb();
	any = (read_sysreg(actlr_el2) ^ old[0]) | (read_sysreg(afsr0_el2) ^ old[1]) |
	      (read_sysreg(afsr1_el2) ^ old[2]) | (read_sysreg(amair_el2) ^ old[3]) |
	      (read_sysreg(hacr_el2) ^ old[4]);
	write_sysreg(actlr_el2, old[0]);
	write_sysreg(afsr0_el2, old[1]);
	write_sysreg(afsr1_el2, old[2]);
	write_sysreg(amair_el2, old[3]);
	write_sysreg(hacr_el2, old[4]);
	return any;
}

/* switch.S moves these without asking: all are mandatory before Armv9.2, which RME asks for. */
static void require_baseline(const u64 *id)
{
	if (!field(read_sysreg(ID_AA64PFR0), 52))
		die("this CPU has no Realm Management Extension (QEMU: -cpu max,x-rme=on)");
	if (!field(id[MMFR1], 8) || !field(id[MMFR0], 56) || !field(id[MMFR1], 40) ||
	    !field(id[PFR0], 28))
		die("this CPU lacks one of VHE, FGT, HCX, RAS, which RME includes");
	if ((read_sysreg(ctr_el0) >> 16 & 0xf) < 4)
		die("cache lines shorter than 64 bytes are not served");
}

static void find_debug(u64 dfr0)
{
	unsigned int pmu = field(dfr0, 8);

	mdcr = BIT(16) | BIT(23);			/* SDD, SCCD */
	mdcr |= 3ULL << 12 | 3ULL << 24;		/* SPE and TRBE buffers: the host's */
	if (pmu != 0xf && pmu >= 7)
		mdcr |= BIT(34);			/* MCCD */
	if (pmu != 0xf && pmu >= 9)
		mdcr |= BIT(7);				/* EnPM2 */
	if (field(dfr0, 52)) {
		mdcr |= 1ULL << 32;			/* SBRBE */
		flags |= BIT(F_BRBE);
	}
	if (field(dfr0, 40))
		flags |= BIT(F_TRF);
	if (pmu && pmu != 0xf)
		flags |= BIT(F_PMU);
}

static void find_vectors(u64 pfr0, u64 pfr1)
{
	has_sve = field(pfr0, 32);
	has_sme = field(pfr1, 24);
	if (has_sve) {
		cptr_host |= BIT(8);			/* EZ */
		zcr = 0xf;
	}
	if (has_sme) {
		u64 smfr0 = read_sysreg(ID_AA64SMFR0);

		cptr_host |= BIT(12);			/* ESM */
		smcr = 0xf | (smfr0 >> 63 ? BIT(31) : 0) | (field(smfr0, 56) ? BIT(30) : 0);
	}
}

void feature_find(void)
{
	u64 id[NR_IDS] = {
		[PFR0] = read_sysreg(ID_AA64PFR0), [PFR1] = read_sysreg(ID_AA64PFR1),
		[PFR2] = read_sysreg(ID_AA64PFR2), [DFR0] = read_sysreg(ID_AA64DFR0),
		[ISAR1] = read_sysreg(ID_AA64ISAR1), [MMFR0] = read_sysreg(ID_AA64MMFR0),
		[MMFR1] = read_sysreg(ID_AA64MMFR1), [MMFR3] = read_sysreg(ID_AA64MMFR3),
		[MMFR4] = read_sysreg(ID_AA64MMFR4),
	};

	require_baseline(id);
	scr_host = SCR_RES1 | SCR_NS | SCR_HCE | SCR_SIF | SCR_RW;
	scr_realm = scr_host | SCR_NSE;
	scr_host |= BIT(27);				/* FGTEn */
	scr_realm |= BIT(27);
	for (unsigned int i = 0; i < ARRAY_SIZE(enables); i++) {
		const struct enable *e = &enables[i];

		if (field(id[e->reg], e->low) < e->at_least)
			continue;
		if (e->scr_bit) {
			scr_host |= BIT(e->scr_bit);
			scr_realm |= e->host_only ? 0 : BIT(e->scr_bit);
		}
		if (e->flag)
			flags |= BIT(e->flag);
	}
	if (field(id[PFR1], 12))			/* RAS_frac */
		scr_host |= BIT(21), scr_realm |= BIT(21);
	/*
	 * The realm world starts without APK and API, unless its monitor is
	 * steady: its first use of a key traps, and only then the keys are
	 * switched (trap.c). Most calls of a monitor end without.
	 */
	if (id[ISAR1] & 0xff000ff0 || read_sysreg(ID_AA64ISAR2) & 0xff00)
		scr_host |= SCR_APK | SCR_API;

	has_mpam = field(id[PFR0], 40) || field(id[PFR1], 16);
	if (has_mpam) {
		flags |= BIT(F_MPAM);
		if (read_sysreg(MPAMIDR_EL1) & BIT(17))
			flags |= BIT(F_MPAMHCR);
	}
	if (field(read_sysreg(ID_AA64MMFR2), 24) >= 2)
		flags |= BIT(F_NV2);
	find_debug(id[DFR0]);
	find_vectors(id[PFR0], id[PFR1]);
	if (impl_has_state())
		flags |= BIT(F_IMPL);

	cptr_realm = cptr_host;
	if (field(id[DFR0], 4)) {			/* trace registers: not for realms */
		cptr_realm |= BIT(20);
		flags |= BIT(F_CPTR);
	}
	if ((flags & BIT(F_CNTPOFF)) && (flags & BIT(F_SCXTNUM)))
		flags = (flags & ~(BIT(F_CNTPOFF) | BIT(F_SCXTNUM))) | BIT(F_ECV_CSV2);
	if (flags >> (F_RARE + 1))
		flags |= BIT(F_RARE);
	if ((flags & BIT(F_ECV_CSV2)) && (flags & BIT(F_NV2)) &&
	    !(flags & (BIT(F_IMPL) | BIT(F_RARE))))
		flags |= BIT(F_USUAL);
}

void feature_apply(void)
{
	write_sysreg(scr_el3, scr_host);
	write_sysreg(cptr_el3, cptr_host);
	write_sysreg(mdcr_el3, mdcr);
	isb();
	if (has_sve)
		write_sysreg(ZCR_EL3, zcr);
	if (has_sme)
		write_sysreg(SMCR_EL3, smcr);
	if (has_mpam)
		write_sysreg(MPAM3_EL3, BIT(63));	/* MPAMEN, TRAPLOWER 0 */
	isb();
}

bool has_pauth(void)
{
	return scr_host & SCR_APK;
}

/* RNDR gives 0 when it has none. */
u64 random_word(void)
{
	u64 v = 0;

	if (read_sysreg(id_aa64isar0_el1) >> 60)
		__asm__ volatile("mrs %0, s3_3_c2_c4_0" : "=r"(v) :: "cc");
	return v;
}

static void reset_world(struct cpu *cpu, struct ctx *c, u64 scr, u64 cptr, u64 switched)
{
	u32 rmi = c->rmi;

	*c = (struct ctx){ 0 };
	c->rmi = rmi;
	c->scr_el3 = scr;
	c->cptr_el3 = cptr;
	c->flags = switched;
	c->spsr_el3 = SPSR_EL2H;
	c->stack = (u64)stacks + (cpu->index + 1) * STACK_BYTES;
	c->el2[EL2_SCTLR] = SCTLR_EL2_RESET;
	c->el2[EL2_VPIDR] = read_sysreg(midr_el1);
	c->el2[EL2_VMPIDR] = cpu->mpidr;
	if (flags & BIT(F_PMU)) {
		c->pmcr = read_sysreg(pmcr_el0);
		c->el2[EL2_MDCR] = c->pmcr >> 11 & 0x1f;	/* HPMN = PMCR_EL0.N */
	}
}

void feature_reset_ctx(struct cpu *cpu)
{
	u64 switched = flags, scr = scr_realm;

	if (monitor_is_steady()) {
		switched |= BIT(F_STEADY);
		scr |= scr_host & (SCR_APK | SCR_API);	/* it switches the keys */
	}
	reset_world(cpu, &cpu->host, scr_host, cptr_host, switched);
	reset_world(cpu, &cpu->realm, scr, cptr_realm, switched & ~BIT(F_PMU));
}
