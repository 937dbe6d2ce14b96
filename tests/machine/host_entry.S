/* SPDX-License-Identifier: BSD-2-Clause */
/* The host: NS-EL2 as Linux runs there (E2H, TGE), MMU off. */
#include "../gprs.S"
	.arch	armv8.6-a+sve
	.section .entry, "ax"
	.global _start
_start:
	msr	daifset, #0xf
	adr	x1, vectors
	msr	vbar_el2, x1
	/* E2H | TGE | RW | AMO | IMO | FMO */
	mov	x1, #(1 << 31)
	orr	x1, x1, #(1 << 34)
	orr	x1, x1, #(1 << 27)
	orr	x1, x1, #(7 << 3)
	msr	hcr_el2, x1
	isb
	bl	vectors_on
	adrp	x1, _stack
	mov	sp, x1
	adrp	x1, _bss
	adrp	x2, _ebss
1:	stp	xzr, xzr, [x1], #16
	cmp	x1, x2
	b.lo	1b
	bl	main
1:	wfi
	b	1b

	/* x0, the context of CPU_ON: how many stacks above the second CPU's */
	.global	secondary_entry
secondary_entry:
	msr	daifset, #0xf
	adr	x1, vectors
	msr	vbar_el2, x1
	mov	x1, #(1 << 31)
	orr	x1, x1, #(1 << 34)
	orr	x1, x1, #(1 << 27)
	msr	hcr_el2, x1
	isb
	bl	vectors_on
	adrp	x1, _stack2
	add	x1, x1, x0, lsl #16
	mov	sp, x1
	bl	secondary_main
1:	wfi
	b	1b

/* FP, SVE and SME usable, at their longest vectors */
vectors_on:
	mov	x1, #(3 << 20 | 3 << 16)	/* FPEN, ZEN */
	orr	x1, x1, #(3 << 24)		/* SMEN */
	msr	cptr_el2, x1
	isb
	mrs	x1, id_aa64pfr0_el1
	ubfx	x1, x1, #32, #4
	cbz	x1, 1f
	mov	x1, #0xf
	msr	s3_4_c1_c2_0, x1		/* ZCR_EL2 */
1:	mrs	x1, id_aa64pfr1_el1
	ubfx	x1, x1, #24, #4
	cbz	x1, 2f
	mov	x1, #0xf
	msr	s3_4_c1_c2_6, x1		/* SMCR_EL2 */
2:	isb
	ret

	.text
/*
 * u64 smc_regs(u64 regs[8]): x0-x7 in and out; gives the number of registers
 * among x8-x30 that came back different.
 */
	.global	smc_regs
smc_regs:
	push_kept
	str	x0, [sp, #96]
	mov	x8, x0
	.irp	n, 9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	mov	x\n, #0x1100 + \n
	movk	x\n, #0xbeef, lsl #48
	.endr
	gprs	ldp, x8, 0,1, 2,3, 4,5, 6,7
	smc	#0
	stp	x8, x9, [sp, #-16]!
	ldr	x9, [sp, #16 + 96]
	gprs	stp, x9, 0,1, 2,3, 4,5, 6,7
	mov	x0, #0
	cmp	x8, x9
	cinc	x0, x0, ne
	ldp	x8, x9, [sp], #16
	.irp	n, 9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	mov	x1, #0x1100 + \n
	movk	x1, #0xbeef, lsl #48
	cmp	x\n, x1
	cinc	x0, x0, ne
	.endr
	pop_kept
	ret

/* The same without a look at x8-x30, for measuring: about 20 instructions of its own. */
	.global	smc_quick
smc_quick:
	mov	x9, x0
	gprs	ldp, x9, 0,1, 2,3, 4,5, 6,7
	smc	#0
	stp	x0, x1, [x9]
	ret

/* u64 probe_read(const volatile void *p): reads; the ESR if it faulted, in probe_esr */
	.global	probe_read
probe_read:
	adrp	x1, probe_esr
	add	x1, x1, :lo12:probe_esr
	str	xzr, [x1]
probe_insn:
	ldr	x0, [x0]
	ret

/* u64 try_fetch(u64 pa): goes there; the ESR of the abort that is hoped for */
	.global	try_fetch
try_fetch:
	mov	x9, x30
	adr	x30, fetch_failed
	br	x0
fetch_failed:
	mov	x30, x9
	ret

/* Streaming mode on and off */
	.global	sm_start
sm_start:
	msr	s0_3_c4_c3_3, xzr
	ret
	.global	sm_stop
sm_stop:
	msr	s0_3_c4_c2_3, xzr
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
	.rept	11
	.balign	0x80
	b	unexpected
	.endr

sync:
	stp	x0, x1, [sp, #-16]!
	mrs	x0, elr_el2
	adr	x1, probe_insn
	cmp	x0, x1
	b.ne	sync_fetch
	add	x0, x0, #4
	msr	elr_el2, x0
	mrs	x0, esr_el2
	adrp	x1, probe_esr
	add	x1, x1, :lo12:probe_esr
	str	x0, [x1]
	ldp	x0, x1, [sp], #16
	eret

sync_fetch:
	adr	x1, fetch_failed
	cmp	x30, x1
	b.ne	unexpected
	msr	elr_el2, x30
	add	sp, sp, #16
	mrs	x0, esr_el2
	eret

unexpected:
	mrs	x0, esr_el2
	mrs	x1, elr_el2
	mrs	x2, far_el2
	b	host_exception

	.bss
	.balign	8
	.global	probe_esr
probe_esr:
	.quad	0

	.section .rodata
	.global	realm_image, realm_image_end
	.balign	4096
realm_image:
#ifdef REALM_BIN
	.incbin	REALM_BIN
#endif
	.balign	4096
realm_image_end:
