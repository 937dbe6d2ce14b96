/* SPDX-License-Identifier: BSD-2-Clause */
/* The payload's frame: entries of the first and of later CPUs, vectors, probes of memory. */
#include "../gprs.S"

	.section .text.head, "ax"
	.globl	_start
_start:
	mrs	x9, sctlr_el2
	adr	x10, vectors
	msr	vbar_el2, x10
	adrp	x10, stacks
	add	x10, x10, :lo12:stacks
	add	sp, x10, #0x4000
	mrs	x1, currentel
	mrs	x2, daif
	mov	x3, x9
	b	host_main

	.globl	second_start
second_start:					/* x0: context id, the CPU's index times 0x10001 */
	adr	x10, vectors
	msr	vbar_el2, x10
	and	x1, x0, #7
	adrp	x10, stacks
	add	x10, x10, :lo12:stacks
	add	x1, x1, #1
	lsl	x1, x1, #14
	add	x10, x10, x1
	mov	sp, x10
	mrs	x1, currentel
	bl	host_second
	b	.

/*
 * u64 power_down(u64 power_state, u64 entry, u64 context): the answer, or what x0 is when the
 * CPU comes up at power_up again. SCTLR_EL2 and TPIDR_EL2 of then: power_up_found.
 */
	.globl	power_down
power_down:
	push_kept
	adrp	x9, power_up_found
	add	x9, x9, :lo12:power_up_found
	mov	x10, sp
	str	x10, [x9, #16]
	mov	x3, x2
	mov	x2, x1
	mov	x1, x0
	mov	x0, #0x0001
	movk	x0, #0xc400, lsl #16
	smc	#0
	b	1f
	.globl	power_up
power_up:
	adrp	x9, power_up_found
	add	x9, x9, :lo12:power_up_found
	mrs	x10, sctlr_el2
	mrs	x11, tpidr_el2
	stp	x10, x11, [x9]
	ldr	x10, [x9, #16]
	mov	sp, x10
	adr	x10, vectors
	msr	vbar_el2, x10
1:	pop_kept
	ret

/* What EL3 keeps for itself in one machine of run.sh: SCXTNUM_EL0. */
#define KEPT	s3_3_c13_c0_7

/* u64 probe(u64 pa, u64 how): 0, or the ESR of the fault. how: 0 read, 1 write, 2 execute, 3 KEPT. */
	.globl	probe
probe:
	mov	x9, x0
	mov	x10, x30
	mov	x0, #0
	cmp	x1, #3
	b.eq	4f
	cmp	x1, #1
	b.hi	2f
	b.eq	1f
	.globl	probe_at
probe_at:
	ldr	x11, [x9]
	b	3f
1:	str	xzr, [x9]
	dsb	sy
	b	3f
4:	msr	esr_el2, xzr
	mrs	x11, KEPT
	b	3f
2:	adr	x30, 3f
	br	x9
3:	mov	x30, x10
	ret
fixup:						/* a fault below probe: ESR is the answer */
	mrs	x0, esr_el2
	adr	x11, 3b
	msr	elr_el2, x11
	eret

/*
 * void below(u64 spsr, u64 saw[4]): reads KEPT at EL1 or EL0. saw: offset of the vector at EL1 that
 * was taken, ESR_EL1, ELR_EL1 - where it was read, SPSR_EL1.
 */
	.globl	below
below:
	mrs	x9, hcr_el2
	mov	x10, x30
	adr	x2, vectors_el1
	msr	vbar_el1, x2
	mov	x2, #0x0800
	movk	x2, #0x30c0, lsl #16
	msr	sctlr_el1, x2
	msr	esr_el1, xzr
	mov	x2, #(1 << 31)			/* RW */
	orr	x2, x2, #(1 << 53)		/* EnSCXT */
	msr	hcr_el2, x2
	adr	x5, kept_here
	msr	elr_el2, x5
	msr	spsr_el2, x0
	isb
	eret
kept_here:
	mrs	x11, KEPT
	mov	x3, #1				/* it was let through */
	hvc	#0
back_from_below:
	msr	hcr_el2, x9
	isb
	mrs	x2, esr_el2
	lsr	x2, x2, #26
	cmp	x2, #0x16			/* HVC */
	b.ne	surprise
	sub	x6, x6, x5
	stp	x3, x4, [x1]
	stp	x6, x7, [x1, #16]
	mov	x30, x10
	ret

	.balign	2048
vectors_el1:
	.irp	n, 0x0, 0x80, 0x100, 0x180, 0x200, 0x280, 0x300, 0x380, 0x400, 0x480, 0x500, 0x580, 0x600
	.balign	128
	mov	x3, #\n
	mrs	x4, esr_el1
	mrs	x6, elr_el1
	mrs	x7, spsr_el1
	hvc	#0
	.endr

	.balign	2048
vectors:
	.irp	n, 0, 1, 2, 3
	.balign	128
	b	surprise
	.endr
	.balign	128
	b	sync
	.irp	n, 5, 6, 7
	.balign	128
	b	surprise
	.endr
	.balign	128
	b	back_from_below
	.irp	n, 9, 10, 11, 12, 13, 14, 15
	.balign	128
	b	surprise
	.endr
	.balign	128
sync:
	stp	x12, x13, [sp, #-16]!
	mrs	x12, esr_el2
	lsr	x12, x12, #26
	cmp	x12, #0x25
	b.eq	1f
	cmp	x12, #0x21
	b.eq	1f
	cbnz	x12, surprise
1:	ldp	x12, x13, [sp], #16
	b	fixup
surprise:
	mrs	x0, esr_el2
	mrs	x1, elr_el2
	mrs	x2, far_el2
	b	host_surprise

/*
 * u64 gprs_survive(u64 fid, u64 arg): fills x8-x30 (SP aside), calls, and
 * returns the OR of all differences; results x0, x1 in gprs_results.
 */
	.globl	gprs_survive
gprs_survive:
	push_kept
	fill_from 8, 0x7000
	smc	#0
	differing_from 8, 0x7000
	pop_kept
	ret

/* u64 count_calls(u64 fid, u64 n): counter ticks of n calls, loop of 3 instructions around each. */
	.globl	count_calls
count_calls:
	mov	x9, x0
	mov	x10, x1
	isb
	mrs	x11, cntpct_el0
1:	mov	x0, x9
	smc	#0
	subs	x10, x10, #1
	b.ne	1b
	isb
	mrs	x12, cntpct_el0
	sub	x0, x12, x11
	ret

	.bss
	.balign	4096
stacks:	.space	8 * 0x4000
