/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions taken to R-EL2. From a realm: its registers go into the REC and
 * rec_switch() returns. From the monitor itself: an access to host memory
 * that has a fixup continues there, anything else stops the machine.
 */
#include "arch/cpu.h"
#include "arch/smc.h"

/* struct rec from `gprs` on (proved in rec.c), and the frame of rec_switch() */
#define CTX_PC			248
#define CTX_PSTATE		256
#define FRAME			112
#define FRAME_CTX		96

	.macro own kind
	.balign	0x80
	sub	sp, sp, #272
	stp	x0, x1, [sp]
	mov	x1, #\kind
	b	from_monitor
	.endm

	.macro realm kind
	.balign	0x80
	stp	x0, x1, [sp, #-16]!
	mov	x1, #\kind
	b	from_realm
	.endm

	.text
	.balign	0x800
	.global	vectors
vectors:
	own	0
	own	1
	own	2
	own	3
	own	0
	own	1
	own	2
	own	3
	realm	0
	realm	1
	realm	2
	realm	3
	realm	0
	realm	1
	realm	2
	realm	3

/* u64 rec_switch(u64 *ctx): runs the realm whose gprs, pc, pstate are at ctx; gives the kind */
	.global	rec_switch
rec_switch:
	stp	x29, x30, [sp, #-FRAME]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	str	x0, [sp, #FRAME_CTX]
	ldp	x1, x2, [x0, #CTX_PC]
	msr	elr_el2, x1
	msr	spsr_el2, x2
	ldr	x30, [x0, #240]
	ldp	x28, x29, [x0, #224]
	ldp	x26, x27, [x0, #208]
	ldp	x24, x25, [x0, #192]
	ldp	x22, x23, [x0, #176]
	ldp	x20, x21, [x0, #160]
	ldp	x18, x19, [x0, #144]
	ldp	x16, x17, [x0, #128]
	ldp	x14, x15, [x0, #112]
	ldp	x12, x13, [x0, #96]
	ldp	x10, x11, [x0, #80]
	ldp	x8, x9, [x0, #64]
	ldp	x6, x7, [x0, #48]
	ldp	x4, x5, [x0, #32]
	ldp	x2, x3, [x0, #16]
	ldp	x0, x1, [x0]
	eret
	dsb	nsh			/* nothing may be speculated past the ERET */
	isb

from_realm:
	ldr	x0, [sp, #16 + FRAME_CTX]
	stp	x2, x3, [x0, #16]
	stp	x4, x5, [x0, #32]
	stp	x6, x7, [x0, #48]
	stp	x8, x9, [x0, #64]
	stp	x10, x11, [x0, #80]
	stp	x12, x13, [x0, #96]
	stp	x14, x15, [x0, #112]
	stp	x16, x17, [x0, #128]
	stp	x18, x19, [x0, #144]
	stp	x20, x21, [x0, #160]
	stp	x22, x23, [x0, #176]
	stp	x24, x25, [x0, #192]
	stp	x26, x27, [x0, #208]
	stp	x28, x29, [x0, #224]
	ldp	x2, x3, [sp], #16
	stp	x2, x3, [x0]
	mrs	x4, elr_el2
	mrs	x5, spsr_el2
	str	x30, [x0, #240]
	stp	x4, x5, [x0, #CTX_PC]
	mov	x0, x1
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #FRAME
	ret

from_monitor:
	stp	x2, x3, [sp, #16]
	cbnz	x1, panic_entry
	/* Search the fixups: pairs of (instruction, continue at), both relative to the entry. */
	stp	x4, x5, [sp, #32]
	mrs	x0, elr_el2
	adr_l	x2, _extable_start
	adr_l	x3, _extable_end
1:	cmp	x2, x3
	b.hs	panic_entry
	ldpsw	x4, x5, [x2]
	add	x4, x4, x2
	cmp	x4, x0
	b.eq	2f
	add	x2, x2, #8
	b	1b
2:	add	x5, x5, x2
	msr	elr_el2, x5
	ldp	x4, x5, [sp, #32]
	ldp	x2, x3, [sp, #16]
	ldp	x0, x1, [sp]
	add	sp, sp, #272
	eret

panic_entry:
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x19, [sp, #144]
	stp	x20, x21, [sp, #160]
	stp	x22, x23, [sp, #176]
	stp	x24, x25, [sp, #192]
	stp	x26, x27, [sp, #208]
	stp	x28, x29, [sp, #224]
	add	x2, sp, #272
	stp	x30, x2, [sp, #240]
	mov	x0, x1
	mov	x1, sp
	bl	panic_exception
	b	.
