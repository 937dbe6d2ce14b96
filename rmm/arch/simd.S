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

	.macro z_half op, base, n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, n11, n12, n13, n14, n15
	\op	z\n0, [\base]
	\op	z\n1, [\base, #1, mul vl]
	\op	z\n2, [\base, #2, mul vl]
	\op	z\n3, [\base, #3, mul vl]
	\op	z\n4, [\base, #4, mul vl]
	\op	z\n5, [\base, #5, mul vl]
	\op	z\n6, [\base, #6, mul vl]
	\op	z\n7, [\base, #7, mul vl]
	\op	z\n8, [\base, #8, mul vl]
	\op	z\n9, [\base, #9, mul vl]
	\op	z\n10, [\base, #10, mul vl]
	\op	z\n11, [\base, #11, mul vl]
	\op	z\n12, [\base, #12, mul vl]
	\op	z\n13, [\base, #13, mul vl]
	\op	z\n14, [\base, #14, mul vl]
	\op	z\n15, [\base, #15, mul vl]
	.endm

	.macro	z_all op
	z_half	\op, x0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	z_half	\op, x1, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	.endm

	.macro	p_all op
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	\op	p\n, [x2, #\n, mul vl]
	.endr
	.endm

/* void sve_save(u8 *z0, u8 *z16, u8 *p, bool ffr): at the present length; FFR behind P15 */
	.global	sve_save
sve_save:
	z_all	str
	p_all	str
	cbz	w3, 1f
	rdffr	p0.b
	str	p0, [x2, #16, mul vl]
	ldr	p0, [x2]
1:	ret

	.global	sve_load
sve_load:
	z_all	ldr
	cbz	w3, 1f
	ldr	p0, [x2, #16, mul vl]
	wrffr	p0.b
1:	p_all	ldr
	ret

/* Nothing of what the registers held is left at the present length. */
	.global	sve_clear
sve_clear:
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	mov	z\n\().d, #0
	.endr
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	pfalse	p\n\().b
	.endr
	wrffr	p0.b
	ret

	.global	sve_bytes
sve_bytes:
	rdvl	x0, #1
	ret
