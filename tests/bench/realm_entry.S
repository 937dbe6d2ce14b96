/* SPDX-License-Identifier: BSD-2-Clause */
/* The realm that is measured: EL1, MMU off. */
#include "../gprs.S"
	.section .entry, "ax"
	.global _start
_start:
	adr	x1, vectors
	msr	vbar_el1, x1
	mov	x1, #0x80010000
	mov	sp, x1
	bl	realm_main
	b	.

	.text
/* void smc_call(u64 regs[9]): x0-x8 in and out */
	.global	smc_call
smc_call:
	mov	x16, x0
	gprs	ldp, x16, 0,1, 2,3, 4,5, 6,7
	ldr	x8, [x16, #64]
	smc	#0
	gprs	stp, x16, 0,1, 2,3, 4,5, 6,7
	str	x8, [x16, #64]
	ret

/* The marks that tests/bench/count.c looks for. */
	.global	bench_begin, bench_end
bench_begin:
	ret
bench_end:
	ret

	.balign	0x800
vectors:
	.rept	5
	.balign	0x80
	b	.
	.endr
	.balign	0x80
/* One interrupt is measured up to here. */
	.global	bench_irq
bench_irq:
	stp	x0, x1, [sp, #-16]!
	mrs	x0, cntvct_el0
	adr	x1, irq_seen
	str	x0, [x1]
	mrs	x0, s3_0_c12_c12_0	/* ICC_IAR1_EL1 */
	msr	s3_0_c12_c12_1, x0	/* ICC_EOIR1_EL1 */
	ldp	x0, x1, [sp], #16
	eret
	.rept	10
	.balign	0x80
	b	.
	.endr

	.balign	8
	.global	irq_seen
irq_seen:
	.quad	0
