/* SPDX-License-Identifier: BSD-2-Clause */
/* Ways out of the realm, all general registers poisoned (crossing.h). */
	.arch	armv8.6-a

	.macro	crossing name, insn:vararg
	.global	cross_\name
cross_\name:
	stp	x29, x30, [sp, #-112]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	str	x1, [sp, #96]
	mov	x5, x0
	ldp	x0, x1, [x5]
	ldp	x2, x3, [x5, #16]
	ldr	x4, [x5, #32]
	.irp	n, 5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	mov	x\n, #0xfeed000000000000
	add	x\n, x\n, #\n
	.endr
	\insn
	stp	x30, x29, [sp, #-16]!
	ldr	x30, [sp, #112]
	stp	x0, x1, [x30]
	stp	x2, x3, [x30, #16]
	stp	x4, x5, [x30, #32]
	stp	x6, x7, [x30, #48]
	stp	x8, x9, [x30, #64]
	stp	x10, x11, [x30, #80]
	stp	x12, x13, [x30, #96]
	stp	x14, x15, [x30, #112]
	stp	x16, x17, [x30, #128]
	stp	x18, x19, [x30, #144]
	stp	x20, x21, [x30, #160]
	stp	x22, x23, [x30, #176]
	stp	x24, x25, [x30, #192]
	stp	x26, x27, [x30, #208]
	ldp	x0, x1, [sp], #16
	stp	x28, x1, [x30, #224]
	str	x0, [x30, #240]
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #112
	ret
	.endm

	.text
	crossing smc, smc #0
	crossing load, ldr x1, [x2]
	crossing store, str x1, [x2]
	crossing wait, wfi
	crossing sgi, msr s3_0_c12_c11_5, x1
	crossing id, mrs x1, id_aa64pfr0_el1
