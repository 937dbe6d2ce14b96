/* SPDX-License-Identifier: BSD-2-Clause */
/* The whole SVE register file to memory and back, and its vector length in bytes. */
	.arch	armv8.6-a+sve
	.macro	z_each op
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	\op	z\n, [x0, #\n, mul vl]
	.endr
	addvl	x0, x0, #16
	addvl	x0, x0, #16
	.endm
	.macro	p_each op
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	\op	p\n, [x0, #\n, mul vl]
	.endr
	.endm

/* void sve_put(const void *p, u64 ffr), sve_get(void *p, u64 ffr): Z0-31, P0-15, FFR if asked */
	.global	sve_put
sve_put:
	z_each	ldr
	cbz	x1, 1f
	ldr	p0, [x0, #16, mul vl]
	wrffr	p0.b
1:	p_each	ldr
	ret
	.global	sve_get
sve_get:
	z_each	str
	p_each	str
	cbz	x1, 1f
	rdffr	p0.b
	str	p0, [x0, #16, mul vl]
	ldr	p0, [x0]
1:	ret
	.global	sve_bytes
sve_bytes:
	rdvl	x0, #1
	ret
