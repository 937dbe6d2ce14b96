/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What EL3 keeps for one world on one CPU. While a world runs, SP_EL3 points
 * at its context. The offsets are shared with the assembly; feature.c proves
 * them against struct ctx.
 *
 * Which registers are here: spec/el3.md 5.2. Not here, on purpose: ICH_*,
 * ICC_SRE_EL2, ZCR_EL2, EL2 timers, everything of EL1 and EL0.
 */
#ifndef EL3_CTX_H
#define EL3_CTX_H

#define CTX_X(n)	((n) * 8)	/* x0-x30 */
#define CTX_SP_EL0	0xf8
#define CTX_ELR_EL3	0x100
#define CTX_SPSR_EL3	0x108
#define CTX_PMCR	0x110		/* as the world had it (F_PMU) */
#define CTX_SCR_EL3	0x118		/* what the world runs with */
#define CTX_FLAGS	0x120		/* F_*, fixed after boot */
#define CTX_CPTR_EL3	0x128
#define CTX_STACK	0x130		/* top of this CPU's C stack */
#define CTX_RMI		0x138		/* u32: RMI calls are forwarded */
#define CTX_SERVE	0x140		/* realm, F_STEADY: ELR_EL3 and SPSR_EL3 of each call */
#define CTX_EL2		0x150		/* pairs, in the order of el2_always */
#define CTX_EL2_SOME	0x250		/* right behind: one base reaches both */
#define CTX_EL2_RARE	0x2a0
#define CTX_PAUTH	0x3b0		/* five keys of 16 bytes */
#define CTX_SIZE	0x400		/* the realm context follows the host's */

#define NR_EL2_ALWAYS	32
#define NR_EL2_SOME	10
#define NR_EL2_RARE	34

/* Groups of registers that not every CPU has, or need not be switched. */
#define F_PMU		0	/* host only: hide EL3 and the realm world from its PMU */
#define F_ECV_CSV2	1	/* both CNTPOFF_EL2 and SCXTNUM_EL2 */
#define F_NV2		2	/* VNCR_EL2 */
#define F_IMPL		3	/* ACTLR, AFSR0, AFSR1, AMAIR, HACR hold state here */
#define F_RARE		4	/* any of the following */
#define F_CNTPOFF	5
#define F_SCXTNUM	6
#define F_TFSR		7
#define F_MPAM		8
#define F_MPAMHCR	9
#define F_AMU		10
#define F_FGT2		11
#define F_TRF		12
#define F_TCR2		13
#define F_S1PIE		14
#define F_S2PIE		15
#define F_S1POE		16
#define F_BRBE		17
#define F_GCS		18
#define F_SCTLR2	19
#define F_AIE		20
#define F_PFAR		21
#define F_CPTR		22	/* CPTR_EL3 differs between the worlds */

/* Both worlds: the monitor is RMM_IMAGE_STEADY. What it leaves in registers is not kept. */
#define F_STEADY	30

/* F_ECV_CSV2 and F_NV2 and neither F_IMPL nor F_RARE: one test instead of four */
#define F_USUAL		31

#define SCR_NS		(1 << 0)
#define SCR_APK_BIT	16
#define SCR_NSE_BIT	62

#define STACK_BYTES	0x2000
#define MAX_CPUS	8

#endif
