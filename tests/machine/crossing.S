/* SPDX-License-Identifier: BSD-2-Clause */
/* Ways out of the realm, all general registers poisoned (crossing.h). */
	.arch	armv8.6-a

	.macro	crossing name, insn:vararg
	.global	cross_\name
cross_\name:
	push_kept
	str	x1, [sp, #96]
	mov	x5, x0
	gprs	ldp, x5, 0,1, 2,3
	ldr	x4, [x5, #32]
	.irp	n, 5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	mov	x\n, #0xfeed000000000000
	add	x\n, x\n, #\n
	.endr
	\insn
	stp	x30, x29, [sp, #-16]!
	ldr	x30, [sp, #112]
	gprs	stp, x30, 0,1, 2,3, 4,5, 6,7, 8,9, 10,11, 12,13, 14,15, 16,17, 18,19, 20,21, 22,23, 24,25, 26,27
	ldp	x0, x1, [sp], #16
	stp	x28, x1, [x30, #224]
	str	x0, [x30, #240]
	pop_kept
	ret
	.endm

	.text
	crossing smc, smc #0
	crossing load, ldr x1, [x2]
	crossing store, str x1, [x2]
	crossing wait, wfi
	crossing sgi, msr s3_0_c12_c11_5, x1
	crossing id, mrs x1, id_aa64pfr0_el1
