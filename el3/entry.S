/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reset. QEMU starts every CPU here, at EL3, MMU off. CPU 0 builds the
 * machine; the others wait for it at a place that a reset clears: the sleep
 * bit of their own redistributor. RAM would not do, it survives a reset.
 */
#include "ctx.h"

#define GICR_WAKER0	0x080A0014
#define SCTLR_EL3_BOOT	0x30C51830	/* RES1 and I */
#define SCTLR_EL3_ON	0x30CD183D	/* and M, C, SA, WXN */

	.section .text.reset, "ax"
	.globl	reset
reset:
	mrs	x19, mpidr_el1
	and	x0, x19, #0xff			/* Aff0 */
	ubfx	x1, x19, #8, #8			/* Aff1: 16 CPUs each */
	add	x19, x0, x1, lsl #4		/* x19: linear index */

	adr	x0, vectors
	msr	vbar_el3, x0
	mov	x0, #(SCTLR_EL3_BOOT & 0xffff)
	movk	x0, #(SCTLR_EL3_BOOT >> 16), lsl #16
	msr	sctlr_el3, x0
	msr	cptr_el3, xzr			/* libfdt may use FP registers while booting */
	mov	x0, #0x501			/* NS, HCE, RW: EL2 registers are there */
	msr	scr_el3, x0
	isb
	cmp	x19, #MAX_CPUS
	b.hs	3f

	ldr	x0, =stacks
	add	x1, x19, #1
	mov	x2, #STACK_BYTES
	madd	x0, x1, x2, x0
	mov	sp, x0
	cbnz	x19, 2f

	ldr	x0, =bss_start
	ldr	x1, =bss_end
1:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	1b
	ldr	x0, =data_start
	ldr	x1, =data_end
	ldr	x2, =flash_data
	b	12f
11:	ldp	x3, x4, [x2], #16
	stp	x3, x4, [x0], #16
12:	cmp	x0, x1
	b.lo	11b
	b	boot_primary

2:	mov	x0, #(GICR_WAKER0 & 0xffff)
	movk	x0, #(GICR_WAKER0 >> 16), lsl #16
	add	x0, x0, x19, lsl #17
21:	yield
	ldr	w1, [x0]
	tbnz	w1, #1, 21b			/* ProcessorSleep */
	bl	cpu_gpc_on
	bl	cpu_mmu_on
	mov	x0, x19
	b	boot_secondary

3:	wfi
	b	3b

/* cpu_restart(u64 index): power-down is over. What it takes away is set up again, as after reset. */
	.globl	cpu_restart
cpu_restart:
	mov	x19, x0
	mov	x0, #(SCTLR_EL3_BOOT & 0xffff)
	movk	x0, #(SCTLR_EL3_BOOT >> 16), lsl #16
	msr	sctlr_el3, x0
	isb
	b	2b

	.text
/* Uses x0-x1 only, no memory but constants: secondaries have no MMU here. */
	.globl	cpu_mmu_on
cpu_mmu_on:
	ldr	x0, =mmu_l0
	msr	ttbr0_el3, x0
	mov	x0, #0xff00			/* attribute 0 device nGnRnE, 1 Normal WB */
	msr	mair_el3, x0
	ldr	x0, =mmu_tcr
	ldr	x0, [x0]
	msr	tcr_el3, x0
	tlbi	alle3
	dsb	sy
	isb
	mov	x0, #(SCTLR_EL3_ON & 0xffff)
	movk	x0, #(SCTLR_EL3_ON >> 16), lsl #16
	msr	sctlr_el3, x0
	isb
	ret

/* spec/el3.md 6.4 */
	.globl	cpu_gpc_on
cpu_gpc_on:
	ldr	x0, =gpt_gptbr
	ldr	x0, [x0]
	msr	S3_6_C2_C1_4, x0
	ldr	x0, =gpt_gpccr
	ldr	x0, [x0]
	bic	x1, x0, #(1 << 16)
	msr	S3_6_C2_C1_6, x1
	isb
	sys	#6, c8, c1, #4			/* TLBI PAALLOS */
	dsb	sy
	isb
	msr	S3_6_C2_C1_6, x0
	isb
	sys	#6, c8, c1, #4
	dsb	sy
	isb
	ret

/* void clean_dcache(const void *p, u64 bytes) */
	.globl	clean_dcache
clean_dcache:
	add	x1, x0, x1
	bic	x0, x0, #63
1:	dc	civac, x0
	add	x0, x0, #64
	cmp	x0, x1
	b.lo	1b
	dsb	sy
	ret

/* void zero_lines(void *p, u64 bytes) */
	.globl	zero_lines
zero_lines:
	mrs	x2, dczid_el0
	mov	x3, #4
	lsl	x3, x3, x2			/* bits 3:0; DZP is never set at EL3 */
	add	x1, x0, x1
1:	cmp	x0, x1
	b.hs	2f
	dc	zva, x0
	add	x0, x0, x3
	b	1b
2:	ret

/* void sweep(u64 pa_with_pas, u64 nr_granules): two instructions per 64-byte line */
	.globl	sweep
sweep:
	cbz	x1, 2f
1:	.rept	64
	sys	#6, c7, c14, #1, x0		/* DC CIPAPA */
	add	x0, x0, #64
	.endr
	subs	x1, x1, #1
	b.ne	1b
2:	dsb	osh
	ret
