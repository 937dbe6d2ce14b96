/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stub in the monitor's place, for tests of EL3 only. Its frame: header,
 * per-CPU stacks, the way from one call to the next.
 */
#include "../../abi/el3.h"
#include "../gprs.S"

	.section .text.head, "ax"
	.globl	head
head:
	b	start
	.balign	8
	.ascii	RMM_IMAGE_MAGIC
	.quad	image_bytes
#ifndef HEADER_VERSION
#define HEADER_VERSION RMM_IMAGE_VERSION
#endif
	.word	HEADER_VERSION
	.word	0

start:
	adrp	x9, stacks
	add	x9, x9, :lo12:stacks
	add	x10, x0, #1
	add	x9, x9, x10, lsl #12
	mov	sp, x9
	mrs	x10, mdcr_el2			/* HPMD, HCCD: do not count for the host */
	orr	x10, x10, #(1 << 17)
	orr	x10, x10, #(1 << 23)
	msr	mdcr_el2, x10
	adr	x5, head
	bl	stub_boot			/* -> result for BOOT_COMPLETE */
	mov	x1, x0
	mov	x2, #0
	mov	x0, #(RMM_BOOT_COMPLETE & 0xffff)
	movk	x0, #(RMM_BOOT_COMPLETE >> 16), lsl #16
	smc	#0

	/* Every call of the host arrives here: x0 its identifier. */
next:
	mov	x9, #(0xC4000150 & 0xffff)
	movk	x9, #(0xC4000150 >> 16), lsl #16
	cmp	w0, w9
	b.ne	1f
	mov	x8, x7				/* the shortest answer, for counting */
	mov	x7, x6
	mov	x6, x5
	mov	x5, x4
	mov	x4, #0
	mov	x1, #0
	mov	x2, #0x20000
	mov	x3, #0x20000
	b	2f
1:	sub	sp, sp, #64
	gprs	stp, sp, 0,1, 2,3, 4,5, 6,7
	mov	x0, sp
	bl	stub_call
	ldp	x1, x2, [sp]
	ldp	x3, x4, [sp, #16]
	ldp	x5, x6, [sp, #32]
	ldp	x7, x8, [sp, #48]
	add	sp, sp, #64
2:	mov	x0, #(RMM_RMI_REQ_COMPLETE & 0xffff)
	movk	x0, #(RMM_RMI_REQ_COMPLETE >> 16), lsl #16
	smc	#0
	b	next

/* u64 stub_gprs(void): completes the call with x9-x30 filled, compares at the next one. */
	.globl	stub_gprs
stub_gprs:
	push_kept
	fill_from 9, 0x5000
	mov	x8, #0
	mov	x1, #0
	mov	x0, #(RMM_RMI_REQ_COMPLETE & 0xffff)
	movk	x0, #(RMM_RMI_REQ_COMPLETE >> 16), lsl #16
	smc	#0
	differing_from 9, 0x5000	/* the host's next call is taken as "and then?" */
	pop_kept
	ret

/* u64 stub_below(u64 fid): an SMC of EL1, which this monitor does not trap; its x0 */
	.globl	stub_below
stub_below:
	mov	x11, x30
	mrs	x9, vbar_el2
	mrs	x10, hcr_el2
	adr	x1, vectors
	msr	vbar_el2, x1
	mov	x1, #(1 << 31)			/* RW, nothing else */
	msr	hcr_el2, x1
	mov	x1, #0x0800
	movk	x1, #0x30d0, lsl #16
	msr	sctlr_el1, x1
	adr	x1, 1f
	msr	elr_el2, x1
	mov	x1, #0x3c5			/* EL1h */
	msr	spsr_el2, x1
	mov	x1, #0
	isb
	eret
1:	smc	#0
	hvc	#0

	.balign	2048
vectors:
	.rept	8
	.balign	128
	b	.
	.endr
	.balign	128
	msr	vbar_el2, x9
	msr	hcr_el2, x10
	isb
	ret	x11
	.balign	2048

	.bss
	.balign	4096
stacks:	.space	8 * 4096
