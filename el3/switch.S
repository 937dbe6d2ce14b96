/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions into EL3 and the way between the worlds.
 *
 * While a lower level runs, SP_EL3 is the address of its world's context.
 * The host's RMI call and the monitor's RMI_REQ_COMPLETE are done here from
 * end to end; everything else is saved and given to el3_trap() in C. Of a
 * monitor that keeps nothing in registers (RMM_IMAGE_STEADY) nothing is kept.
 *
 * Registers of a lower regime are written in any order and without barriers:
 * while EL3 runs, that regime is out of context and nothing is translated
 * through it; the exception return synchronises.
 *
 * spec/el3.md 5, spec/decisions.md 14.
 */
#include "ctx.h"

#define ESR_EC_SMC64	0x17
#define PMCR_DP		(1 << 5)

/* Every CPU with RME (Armv9.2) has these; 16 pairs, in order of struct ctx.el2. */
.macro el2_always do
	\do	0, cnthctl_el2, cntvoff_el2
	\do	1, cptr_el2, hcr_el2
	\do	2, hstr_el2, mdcr_el2
	\do	3, mair_el2, sctlr_el2
	\do	4, sp_el2, tcr_el2
	\do	5, tpidr_el2, ttbr0_el2
	\do	6, vbar_el2, vmpidr_el2
	\do	7, vpidr_el2, vtcr_el2
	\do	8, vttbr_el2, elr_el2
	\do	9, spsr_el2, esr_el2
	\do	10, far_el2, hpfar_el2
	\do	11, S3_4_C13_C0_1, S3_4_C2_C0_1	/* CONTEXTIDR_EL2, TTBR1_EL2 */
	\do	12, S3_4_C12_C1_1, S3_4_C5_C2_3	/* VDISR_EL2, VSESR_EL2 */
	\do	13, S3_4_C1_C1_4, S3_4_C1_C1_5	/* HFGRTR_EL2, HFGWTR_EL2 */
	\do	14, S3_4_C1_C1_6, S3_4_C3_C1_4	/* HFGITR_EL2, HDFGRTR_EL2 */
	\do	15, S3_4_C3_C1_5, S3_4_C1_C2_2	/* HDFGWTR_EL2, HCRX_EL2 */
.endm

/* Behind them, in reach of the same base register. */
#define SOME(n)	(NR_EL2_ALWAYS + (n))
.macro el2_usual do1, do2
	\do2	SOME(0), S3_4_C14_C0_6, S3_4_C13_C0_7	/* CNTPOFF_EL2, SCXTNUM_EL2 */
	\do1	SOME(2), S3_4_C2_C2_0			/* VNCR_EL2 */
.endm

/* x13 = flags */
.macro el2_some do1, do2
	tbz	x13, #F_ECV_CSV2, 51f
	\do2	SOME(0), S3_4_C14_C0_6, S3_4_C13_C0_7
51:	tbz	x13, #F_NV2, 52f
	\do1	SOME(2), S3_4_C2_C2_0
52:	tbz	x13, #F_IMPL, 53f
	\do2	SOME(3), actlr_el2, afsr0_el2
	\do2	SOME(5), afsr1_el2, amair_el2
	\do1	SOME(7), hacr_el2
53:
.endm

/* x13 = flags, x14 = &ctx.el2_rare */
.macro el2_rare do1
	tbz	x13, #F_CNTPOFF, 61f
	\do1	0, S3_4_C14_C0_6		/* CNTPOFF_EL2 */
61:	tbz	x13, #F_SCXTNUM, 61f
	\do1	1, S3_4_C13_C0_7		/* SCXTNUM_EL2 */
61:	tbz	x13, #F_TFSR, 61f
	\do1	2, S3_4_C5_C6_0			/* TFSR_EL2 */
61:	tbz	x13, #F_AMU, 61f
	\do1	3, S3_4_C3_C1_6			/* HAFGRTR_EL2 */
61:	tbz	x13, #F_FGT2, 61f
	\do1	4, S3_4_C3_C1_2			/* HFGRTR2_EL2 */
	\do1	5, S3_4_C3_C1_3			/* HFGWTR2_EL2 */
	\do1	6, S3_4_C3_C1_0			/* HDFGRTR2_EL2 */
	\do1	7, S3_4_C3_C1_1			/* HDFGWTR2_EL2 */
	\do1	8, S3_4_C3_C1_7			/* HFGITR2_EL2 */
61:	tbz	x13, #F_TRF, 61f
	\do1	9, S3_4_C1_C2_1			/* TRFCR_EL2 */
61:	tbz	x13, #F_TCR2, 61f
	\do1	10, S3_4_C2_C0_3		/* TCR2_EL2 */
61:	tbz	x13, #F_S1PIE, 61f
	\do1	11, S3_4_C10_C2_2		/* PIRE0_EL2 */
	\do1	12, S3_4_C10_C2_3		/* PIR_EL2 */
61:	tbz	x13, #F_S1POE, 61f
	\do1	13, S3_4_C10_C2_4		/* POR_EL2 */
61:	tbz	x13, #F_S2PIE, 61f
	\do1	14, S3_4_C10_C2_5		/* S2PIR_EL2 */
61:	tbz	x13, #F_BRBE, 61f
	\do1	15, S2_4_C9_C0_0		/* BRBCR_EL2 */
61:	tbz	x13, #F_GCS, 61f
	\do1	16, S3_4_C2_C5_0		/* GCSCR_EL2 */
	\do1	17, S3_4_C2_C5_1		/* GCSPR_EL2 */
61:	tbz	x13, #F_SCTLR2, 61f
	\do1	18, S3_4_C1_C0_3		/* SCTLR2_EL2 */
61:	tbz	x13, #F_AIE, 61f
	\do1	19, S3_4_C10_C1_1		/* MAIR2_EL2 */
	\do1	20, S3_4_C10_C3_1		/* AMAIR2_EL2 */
61:	tbz	x13, #F_PFAR, 61f
	\do1	32, S3_4_C6_C0_5		/* PFAR_EL2 */
61:	tbz	x13, #F_MPAM, 61f
	\do1	21, S3_4_C10_C5_0		/* MPAM2_EL2 */
	tbz	x13, #F_MPAMHCR, 61f
	\do1	22, S3_4_C10_C4_0		/* MPAMHCR_EL2 */
	\do1	23, S3_4_C10_C4_1		/* MPAMVPMV_EL2 */
	mrs	x15, S3_0_C10_C4_4		/* MPAMIDR_EL1.VPMR_MAX: last MPAMVPM<n>_EL2 */
	ubfx	x15, x15, #18, #3
	\do1	24, S3_4_C10_C6_0
	.irp	n, 1, 2, 3, 4, 5, 6, 7
	cbz	x15, 61f
	sub	x15, x15, #1
	\do1	(24 + \n), S3_4_C10_C6_\n
	.endr
61:
.endm

.macro save1 i, a
	mrs	x8, \a
	str	x8, [x14, #((\i) * 8)]
.endm
.macro save2 i, a, b
	mrs	x8, \a
	mrs	x9, \b
	stp	x8, x9, [x14, #((\i) * 8)]
.endm
.macro save_pair i, a, b
	mrs	x8, \a
	mrs	x9, \b
	stp	x8, x9, [x14, #((\i) * 16)]
.endm
.macro load1 i, a
	ldr	x8, [x14, #((\i) * 8)]
	msr	\a, x8
.endm
.macro load2 i, a, b
	ldp	x8, x9, [x14, #((\i) * 8)]
	msr	\a, x8
	msr	\b, x9
.endm
.macro load_pair i, a, b
	ldp	x8, x9, [x14, #((\i) * 16)]
	msr	\a, x8
	msr	\b, x9
.endm

/* x13 = flags of the context at sp */
.macro save_el2
	add	x14, sp, #CTX_EL2
	el2_always save_pair
	tbz	x13, #F_USUAL, 71f
	el2_usual save1, save2
70:
.endm
.macro load_el2
	add	x14, sp, #CTX_EL2
	el2_always load_pair
	tbz	x13, #F_USUAL, 81f
	el2_usual load1, load2
80:
.endm
/* The side roads of the two above, placed behind their caller's last instruction. */
.macro side_roads
71:	bl	some_save
	b	70b
81:	bl	some_load
	b	80b
.endm

/* x8-x28 of the running world; x29 and x30 are already there. */
.macro save_gprs
	stp	x8, x9, [sp, #CTX_X(8)]
	stp	x10, x11, [sp, #CTX_X(10)]
	stp	x12, x13, [sp, #CTX_X(12)]
	stp	x14, x15, [sp, #CTX_X(14)]
	stp	x16, x17, [sp, #CTX_X(16)]
	stp	x18, x19, [sp, #CTX_X(18)]
	stp	x20, x21, [sp, #CTX_X(20)]
	stp	x22, x23, [sp, #CTX_X(22)]
	stp	x24, x25, [sp, #CTX_X(24)]
	stp	x26, x27, [sp, #CTX_X(26)]
	str	x28, [sp, #CTX_X(28)]
	mrs	x8, sp_el0
	mrs	x9, elr_el3
	mrs	x10, spsr_el3
	stp	x8, x9, [sp, #CTX_SP_EL0]
	str	x10, [sp, #CTX_SPSR_EL3]
.endm
.macro load_gprs
	ldp	x8, x9, [sp, #CTX_SP_EL0]
	ldr	x10, [sp, #CTX_SPSR_EL3]
	msr	sp_el0, x8
	msr	elr_el3, x9
	msr	spsr_el3, x10
	ldp	x8, x9, [sp, #CTX_X(8)]
	ldp	x10, x11, [sp, #CTX_X(10)]
	ldp	x12, x13, [sp, #CTX_X(12)]
	ldp	x14, x15, [sp, #CTX_X(14)]
	ldp	x16, x17, [sp, #CTX_X(16)]
	ldp	x18, x19, [sp, #CTX_X(18)]
	ldp	x20, x21, [sp, #CTX_X(20)]
	ldp	x22, x23, [sp, #CTX_X(22)]
	ldp	x24, x25, [sp, #CTX_X(24)]
	ldp	x26, x27, [sp, #CTX_X(26)]
	ldp	x28, x29, [sp, #CTX_X(28)]
	ldr	x30, [sp, #CTX_X(30)]
.endm

/* No speculation past an exception return. */
.macro eret_
	eret
	dsb	nsh
	isb
.endm

/* ------------------------------------------------------------------ vectors */

.macro vector target
	.balign	128
	b	\target
.endm
.macro vector_bad kind
	.balign	128
	mov	x29, #\kind
	b	own_fault
.endm

	.text
	.balign	2048
	.globl	vectors
vectors:
	.irp	kind, 0, 1, 2, 3, 4, 5, 6, 7	/* own level: SP0, then SPx */
	vector_bad \kind
	.endr
	.balign	128				/* AArch64 below, synchronous */
	stp	x29, x30, [sp, #CTX_X(29)]
	mrs	x30, esr_el3
	mrs	x29, scr_el3
	lsr	x30, x30, #26
	cmp	w30, #ESR_EC_SMC64
	b.ne	slow
	tbnz	x29, #SCR_NSE_BIT, from_realm
	and	w29, w0, #~(1 << 16)		/* SVE hint; the monitor gets x0 as it is */
	mov	w30, #0x0150
	movk	w30, #0xc400, lsl #16
	sub	w29, w29, w30
	cmp	w29, #0x3f			/* 0x150 - 0x18E */
	b.lo	from_host
	sub	w29, w29, #0x80
	cmp	w29, #0x100			/* 0x1D0 - 0x2CF */
	b.lo	from_host
	b	slow
	.irp	kind, 9, 10, 11
	vector	lower_async
	.endr
	.balign	128				/* AArch32 below, synchronous */
	stp	x29, x30, [sp, #CTX_X(29)]
	b	slow
	.irp	kind, 13, 14, 15
	vector	lower_async
	.endr
	.balign	128

/* ------------------------------------------------- host to monitor: an RMI */

from_host:
	ldr	w29, [sp, #CTX_RMI]
	cbz	w29, slow
	save_gprs
	ldr	x13, [sp, #CTX_FLAGS]
	tbz	x13, #F_PMU, 2f
	mrs	x8, pmcr_el0
	str	x8, [sp, #CTX_PMCR]
	orr	x8, x8, #PMCR_DP
	msr	pmcr_el0, x8
2:	save_el2

	add	sp, sp, #CTX_SIZE
	ldr	x8, [sp, #CTX_SCR_EL3]
	msr	scr_el3, x8
	load_el2
	tbz	x13, #F_STEADY, 5f
	ldp	x8, x9, [sp, #CTX_SERVE]
	msr	elr_el3, x8
	msr	spsr_el3, x9
	eret_
5:	load_gprs
	eret_
	side_roads

/* -------------------------------------- monitor to host: RMI_REQ_COMPLETE */

from_realm:
	mov	w30, #0x018f
	movk	w30, #0xc400, lsl #16
	cmp	w0, w30
	b.ne	slow
	mrs	x30, spsr_el3
	tbz	x30, #3, slow			/* not from EL2 */
	ldr	x30, [sp, #CTX_FLAGS]
	tbnz	x30, #F_STEADY, steady
	save_gprs
	mov	x13, x30
	save_el2
	tbnz	x29, #SCR_APK_BIT, 4f		/* the monitor's PAuth keys are loaded */
3:	ldr	x8, [sp, #CTX_X(8)]
steady:	sub	sp, sp, #CTX_SIZE
	ldr	x13, [sp, #CTX_FLAGS]		/* the realm's and F_PMU */
	mov	x0, x1
	mov	x1, x2
	mov	x2, x3
	mov	x3, x4
	mov	x4, x5
	mov	x5, x6
	mov	x6, x7
	mov	x7, x8
	ldr	x8, [sp, #CTX_SCR_EL3]
	msr	scr_el3, x8
	load_el2
	tbz	x13, #F_PMU, 6f
	ldr	x9, [sp, #CTX_PMCR]
	msr	pmcr_el0, x9
6:	load_gprs
	eret_
	side_roads
4:	mov	x19, x0
	mov	x20, x1
	mov	x0, sp
	bl	pauth_save
	sub	x0, sp, #CTX_SIZE
	bl	pauth_load
	mov	x0, x19
	mov	x1, x20
	b	3b

/* x14 = &ctx.el2, x13 = flags */
some_save:
	el2_some save1, save2
	tbz	x13, #F_RARE, 1f
	add	x14, x14, #(CTX_EL2_RARE - CTX_EL2)
	el2_rare save1
1:	ret
some_load:
	el2_some load1, load2
	tbz	x13, #F_RARE, 1f
	add	x14, x14, #(CTX_EL2_RARE - CTX_EL2)
	el2_rare load1
	tbz	x13, #F_CPTR, 1f
	ldr	x8, [sp, #CTX_CPTR_EL3]
	msr	cptr_el3, x8
1:	ret

/* -------------------------------------------------------- everything else */

slow:
	save_gprs
	stp	x0, x1, [sp, #CTX_X(0)]
	stp	x2, x3, [sp, #CTX_X(2)]
	stp	x4, x5, [sp, #CTX_X(4)]
	stp	x6, x7, [sp, #CTX_X(6)]
	ldr	x8, [sp, #CTX_FLAGS]
	tbz	x8, #F_PMU, 1f
	mrs	x9, pmcr_el0
	str	x9, [sp, #CTX_PMCR]
	orr	x9, x9, #PMCR_DP
	msr	pmcr_el0, x9
1:	mov	x0, sp
	mrs	x1, esr_el3
	ldr	x2, [sp, #CTX_STACK]
	mov	sp, x2
	bl	el3_trap
	/* fall through: x0 = context to go on with */

	.globl	resume
resume:
	mov	sp, x0
	ldr	x8, [sp, #CTX_FLAGS]
	tbz	x8, #F_PMU, 1f
	ldr	x9, [sp, #CTX_PMCR]
	msr	pmcr_el0, x9
1:	load_gprs
	ldp	x0, x1, [sp, #CTX_X(0)]
	ldp	x2, x3, [sp, #CTX_X(2)]
	ldp	x4, x5, [sp, #CTX_X(4)]
	ldp	x6, x7, [sp, #CTX_X(6)]
	eret_

lower_async:
	stp	x29, x30, [sp, #CTX_X(29)]
	stp	x0, x1, [sp, #CTX_X(0)]
	stp	x2, x3, [sp, #CTX_X(2)]
	stp	x4, x5, [sp, #CTX_X(4)]
	stp	x6, x7, [sp, #CTX_X(6)]
	save_gprs
	mov	x0, sp
	ldr	x2, [sp, #CTX_STACK]
	mov	sp, x2
	b	el3_async

/* A fault of our own. The stack may be what is broken: start a new one at its top. */
own_fault:
	mrs	x30, tpidr_el3
	cbz	x30, 1f
	ldr	x30, [x30, #CTX_STACK]
	mov	sp, x30
1:	mov	x0, x29
	b	el3_own_fault

/* ------------------------------------------------------------- for C code */

/* void el2_save(struct ctx *c) */
	.globl	el2_save
el2_save:
	mov	x16, sp
	mov	x17, x30
	mov	sp, x0
	ldr	x13, [sp, #CTX_FLAGS]
	save_el2
	mov	sp, x16
	br	x17
	side_roads

/* void el2_load(const struct ctx *c) */
	.globl	el2_load
el2_load:
	mov	x16, sp
	mov	x17, x30
	mov	sp, x0
	ldr	x8, [sp, #CTX_SCR_EL3]
	msr	scr_el3, x8
	ldr	x13, [sp, #CTX_FLAGS]
	isb
	load_el2
	mov	sp, x16
	br	x17
	side_roads

.macro pauth_keys do
	\do	0, S3_0_C2_C1_0, S3_0_C2_C1_1	/* APIA */
	\do	1, S3_0_C2_C1_2, S3_0_C2_C1_3	/* APIB */
	\do	2, S3_0_C2_C2_0, S3_0_C2_C2_1	/* APDA */
	\do	3, S3_0_C2_C2_2, S3_0_C2_C2_3	/* APDB */
	\do	4, S3_0_C2_C3_0, S3_0_C2_C3_1	/* APGA */
.endm

/* void pauth_save(struct ctx *c), void pauth_load(const struct ctx *c): x0, x8, x9, x14 */
	.globl	pauth_save
pauth_save:
	add	x14, x0, #CTX_PAUTH
	pauth_keys save_pair
	ret
	.globl	pauth_load
pauth_load:
	add	x14, x0, #CTX_PAUTH
	pauth_keys load_pair
	ret
