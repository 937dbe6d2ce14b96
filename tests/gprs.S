/* SPDX-License-Identifier: BSD-2-Clause */
/* General registers saved, loaded, filled: for the assembly of tests/machine, bench and el3. */

/* What a function must keep; two words of its own at [sp, #96]. */
	.macro	push_kept
	stp	x29, x30, [sp, #-112]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	.endm
	.macro	pop_kept
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #112
	.endm

/* gprs ldp, x9, 0,1, 2,3: x0 to x3 from where they lie in an array of all at [x9]; stp: to there */
	.macro	gprs op, base, n, m, more:vararg
	\op	x\n, x\m, [\base, #(8 * \n)]
	.ifnb \more
	gprs	\op, \base, \more
	.endif
	.endm

/* Each register from x\first to x30 gets a number of its own; what then differs is ORed into x0. */
	.macro	fill_from first, number
	.irp	n, 8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	.if	\n >= \first
	mov	x\n, #(\number + \n)
	.endif
	.endr
	.endm
	.macro	differing_from first, number
	mov	x0, #0
	.irp	n, 8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	.if	\n >= \first
	sub	x\n, x\n, #\number
	sub	x\n, x\n, #\n
	orr	x0, x0, x\n
	.endif
	.endr
	.endm
