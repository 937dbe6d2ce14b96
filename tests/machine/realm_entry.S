/* SPDX-License-Identifier: BSD-2-Clause */
/* The realm: EL1, MMU off, IPA 0. x0 = 0 for the first REC, else the context of CPU_ON. */
#include "../gprs.S"
	.section .entry, "ax"
	.global _start
_start:
	adr	x1, vectors
	msr	vbar_el1, x1
	cbnz	x0, 1f
	ldr	x1, =0x17000
	mov	sp, x1
	bl	realm_main
	b	.
1:	ldr	x1, =0x18000
	mov	sp, x1
	bl	realm_secondary
	b	.

	.text
/* void smc_call(u64 regs[12]): x0-x11 in and out */
	.global	smc_call
smc_call:
	stp	x29, x30, [sp, #-16]!
	mov	x16, x0
	gprs	ldp, x16, 0,1, 2,3, 4,5, 6,7, 8,9, 10,11
	smc	#0
	gprs	stp, x16, 0,1, 2,3, 4,5, 6,7, 8,9, 10,11
	ldp	x29, x30, [sp], #16
	ret

/* void hvc_call(void) */
	.global	hvc_call
hvc_call:
	hvc	#0
	ret
	.global	undefined_insn
undefined_insn:
	.word	0x04bf5020	/* rdvl x0, #1: SVE */
	ret

/* Where a breakpoint is set: it comes back behind the first instruction. */
	.global	stop_here
stop_here:
	nop
	ret

/* One step of software step over an SMC: the exception must come right behind it. */
	.global	step_smc, stepped_here
step_smc:
	msr	daifset, #8
	adr	x1, 1f
	msr	elr_el1, x1
	mov	x1, #0x1c5		/* EL1h, D clear */
	orr	x1, x1, #(1 << 21)	/* SS */
	msr	spsr_el1, x1
	mov	x1, #0x2001		/* KDE, SS */
	msr	mdscr_el1, x1
	mov	x0, #0x191		/* RSI_FEATURES */
	movk	x0, #0xc400, lsl #16
	isb
	eret
1:	smc	#0
stepped_here:
	nop
	nop
	ret

/* void try_fetch(u64 address): the abort comes back here */
	.global	try_fetch
try_fetch:
	adr	x1, 1f
	adr	x2, taken
	str	x1, [x2, #32]
	br	x0
1:	adr	x2, taken
	str	xzr, [x2, #32]
	ret

	.macro	v_each op
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	\op	q\n, [x0], #16
	.endr
	.endm

	.arch	armv8.6-a+sve
	.global	fp_put
fp_put:
	v_each	ldr
	ret
	.global	fp_get
fp_get:
	v_each	str
	ret

#include "sve.S"

	.balign	0x800
vectors:
	.rept	4
	.balign	0x80
	b	.
	.endr
	.balign	0x80
	b	sync
	.balign	0x80
	b	irq
	.rept	10
	.balign	0x80
	b	.
	.endr

/* Counts, keeps the syndrome, goes on behind the instruction. */
sync:
	stp	x0, x1, [sp, #-16]!
	stp	x2, x3, [sp, #-16]!
	adr	x0, taken
	mrs	x1, esr_el1
	mrs	x2, far_el1
	stp	x1, x2, [x0, #8]
	lsr	x1, x1, #26
	cmp	x1, #0x33		/* a software step: that was it */
	b.ne	1f
	msr	mdscr_el1, xzr
1:	mrs	x1, elr_el1
	str	x1, [x0, #24]
	ldr	x2, [x0, #32]		/* where to go on, if not behind it */
	add	x1, x1, #4
	cmp	x2, #0
	csel	x1, x1, x2, eq
	msr	elr_el1, x1
	ldr	x1, [x0]
	add	x1, x1, #1
	str	x1, [x0]
	ldp	x2, x3, [sp], #16
	ldp	x0, x1, [sp], #16
	eret

irq:
	stp	x0, x1, [sp, #-16]!
	mrs	x0, s3_0_c12_c12_0	/* ICC_IAR1_EL1 */
	adr	x1, taken
	str	x0, [x1, #48]
	msr	s3_0_c12_c12_1, x0	/* ICC_EOIR1_EL1 */
	ldr	x0, [x1, #40]
	add	x0, x0, #1
	str	x0, [x1, #40]
	ldp	x0, x1, [sp], #16
	eret

	.balign	8
	.global	taken
taken:
	.quad	0, 0, 0, 0, 0, 0, 0

#include "crossing.S"
