/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entry of the monitor (el3.md 2.1): R-EL2, MMU off, byte 0 of the image, at
 * any 4 KiB boundary, cold once and warm as often as EL3 likes. Then the loop
 * that serves the host's calls.
 */
#include "arch/cpu.h"
#include "arch/sysreg.h"
#include "arch/smc.h"

/* ---- image header (decisions 5); 0x10 on is written by the linker script -- */

	.section .head, "ax"
	.global _start
_start:
	b	entry
	.word	0
	.ascii	"FIEF-RMM"

	.text

entry:
	msr	daifset, #0xf
	adrp	x9, cold_boot_done
	ldr	w9, [x9, :lo12:cold_boot_done]
	cbnz	w9, warm_entry

	mov	x19, x0			/* CPU index */
	mov	x20, x1			/* interface version */
	mov	x21, x2			/* number of CPUs */
	mov	x22, x3			/* shared buffer */
	mov	x23, x4			/* activation token */

	/* Relocate: the image is linked at 0, every entry is R_AARCH64_RELATIVE. */
	adr_l	x24, _start
	adr_l	x9, _rela_start
	adr_l	x10, _rela_end
1:	cmp	x9, x10
	b.hs	2f
	ldr	x11, [x9]
	ldr	x12, [x9, #16]
	add	x9, x9, #24
	add	x12, x12, x24
	str	x12, [x11, x24]
	b	1b
2:
	adr_l	x9, _bss_start
	adr_l	x10, _bss_end
3:	stp	xzr, xzr, [x9], #16
	stp	xzr, xzr, [x9], #16
	cmp	x9, x10
	b.lo	3b

	/* A CPU that does not exist still needs a stack to say so. */
	mov	x0, x19
	bl	use_stack

	mov	x0, x24
	mov	x1, x22
	bl	mmu_build
	cbnz	x0, cold_end

	/*
	 * What was written above went past the caches: drop the lines they may
	 * hold of it, before the MMU lets them answer.
	 */
	mrs	x11, ctr_el0
	ubfx	x11, x11, #16, #4
	mov	x12, #4
	lsl	x12, x12, x11
	adr_l	x9, _data_start
	adr_l	x10, _bss_end
	bl	drop_lines
	mov	x10, sp			/* and this stack, empty again */
	sub	x9, x10, #STACK_BYTES
	bl	drop_lines
	dsb	sy

	bl	mmu_on

	mov	x0, x19
	mov	x1, x20
	mov	x2, x21
	mov	x3, x22
	bl	boot_cold
	cbnz	x0, cold_end

	/* From now on an entry at byte 0 is a warm one; other PEs look with their MMU off. */
	adr_l	x9, cold_boot_done
	mov	w10, #1
	str	w10, [x9]
	dc	cvac, x9
	dsb	sy
	mov	x0, #0
cold_end:
	mov	x2, xzr			/* activation token: none is kept (decisions 16) */
	b	boot_complete

warm_entry:
	mov	x19, x0
	adr_l	x9, nr_cpus
	ldr	w9, [x9]
	cmp	x19, x9
	mov	x0, #RMM_BOOT_CPU_ID
	b.hs	boot_complete
	mov	x0, x19
	bl	use_stack
	bl	mmu_on
	mov	x0, x19
	bl	boot_warm
	mov	x2, xzr

/* x0: result */
boot_complete:
	mov	x1, x0
	mov_q	x0, RMM_BOOT_COMPLETE
	sub	sp, sp, #64
	smc	#0

/*
 * Each time EL3 comes back here it brings one call of the host: x0 = FID,
 * x1-x7 arguments. The answer goes out in x1-x8 (el3.md 5.2).
 */
serve:
	ubfx	x8, x0, #16, #1		/* SMCCC hint: no live SVE state */
	mrs	x9, tpidr_el2
	bic	x0, x0, #0x10000
	strb	w8, [x9, #CPU_NO_SVE]
	ldrb	w10, [x9, #CPU_DEAD]
	cbnz	w10, dead
	stp	x0, x1, [sp]
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	mov	x0, sp
	bl	rmi_dispatch
	ldp	x1, x2, [sp]
	ldp	x3, x4, [sp, #16]
	ldp	x5, x6, [sp, #32]
	ldp	x7, x8, [sp, #48]
	mov_q	x0, RMM_RMI_REQ_COMPLETE
	smc	#0
	b	serve

/* After a panic no call exists any more: -1, nothing else touched. */
dead:
	mov	x8, x7
	mov	x7, x6
	mov	x6, x5
	mov	x5, x4
	mov	x4, x3
	mov	x3, x2
	mov	x2, x1
	mov	x1, #-1
	mov_q	x0, RMM_RMI_REQ_COMPLETE
	smc	#0
	b	serve

/* [x9, x10), lines of x12 bytes */
drop_lines:
	dc	ivac, x9
	add	x9, x9, x12
	cmp	x9, x10
	b.lo	drop_lines
	ret

/* x0: CPU index. Gives SP; keeps x19 on. */
use_stack:
	cmp	x0, #MAX_CPUS_ASM
	csel	x0, x0, xzr, lo
	mov	x1, #STACK_STRIDE
	adr_l	x2, _stacks_start
	add	x0, x0, #1
	madd	x0, x0, x1, x2
	mov	sp, x0
	ret

/* Own translation regime on; x9-x12 are used. */
mmu_on:
	mov_q	x9, HCR_EL2_BASE
	msr	hcr_el2, x9
	adr_l	x9, vectors
	msr	vbar_el2, x9
	isb
	mov_q	x9, MAIR_EL2_VALUE
	msr	mair_el2, x9
	mov_q	x9, TCR_EL2_VALUE
	mrs	x10, id_aa64mmfr0_el1
	and	x10, x10, #0xf
	mov	x11, #5			/* 48 bits at most without LPA2 */
	cmp	x10, x11
	csel	x10, x10, x11, lo
	orr	x9, x9, x10, lsl #TCR_EL2_IPS_SHIFT
	msr	tcr_el2, x9
	adr_l	x9, realm_root
	msr	ttbr0_el2, x9
	adr_l	x9, ns_root
	msr	s3_4_c2_c0_1, x9	/* TTBR1_EL2 */
	isb
	tlbi	alle2
	tlbi	alle1
	dsb	nsh
	isb
	mov_q	x9, SCTLR_EL2_ON
	ic	iallu
	dsb	nsh
	isb
	msr	sctlr_el2, x9
	isb
	ret

	.section .data
	.balign	64
cold_boot_done:
	.word	0
	.global	nr_cpus
nr_cpus:
	.word	0
	.balign	64

	.section .stacks, "aw", %nobits
	.space	MAX_CPUS_ASM * STACK_STRIDE
