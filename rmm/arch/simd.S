/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FP, SIMD and SVE registers to memory and back. The caller opens CPTR_EL2.
 */
#include "arch/smc.h"

	.arch	armv8.6-a+sve

	.macro	v_all op
	\op	q0, q1, [x0]
	\op	q2, q3, [x0, #32]
	\op	q4, q5, [x0, #64]
	\op	q6, q7, [x0, #96]
	\op	q8, q9, [x0, #128]
	\op	q10, q11, [x0, #160]
	\op	q12, q13, [x0, #192]
	\op	q14, q15, [x0, #224]
	\op	q16, q17, [x0, #256]
	\op	q18, q19, [x0, #288]
	\op	q20, q21, [x0, #320]
	\op	q22, q23, [x0, #352]
	\op	q24, q25, [x0, #384]
	\op	q26, q27, [x0, #416]
	\op	q28, q29, [x0, #448]
	\op	q30, q31, [x0, #480]
	.endm

	.text
	.global	simd_save
simd_save:
	v_all	stp
	mrs	x1, fpsr
	mrs	x2, fpcr
	add	x0, x0, #512
	stp	x1, x2, [x0]
	ret

	.global	simd_load
simd_load:
	v_all	ldp
	add	x0, x0, #512
	ldp	x1, x2, [x0]
	msr	fpsr, x1
	msr	fpcr, x2
	ret

	.macro	z_all op
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	\op	z\n, [x0, #\n, mul vl]
	.endr
	.endm

	.macro	p_all op
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	\op	p\n, [x2, #\n, mul vl]
	.endr
	.endm

/* void sve_save(u8 *z, bool ffr): Z at 0, P after them, FFR last, at the present length */
	.global	sve_save
sve_save:
	z_all	str
	addvl	x2, x0, #16
	addvl	x2, x2, #16
	p_all	str
	cbz	w1, 1f
	rdffr	p0.b
	str	p0, [x2, #16, mul vl]
	ldr	p0, [x2]
1:	ret

	.global	sve_load
sve_load:
	z_all	ldr
	addvl	x2, x0, #16
	addvl	x2, x2, #16
	cbz	w1, 1f
	ldr	p0, [x2, #16, mul vl]
	wrffr	p0.b
1:	p_all	ldr
	ret
