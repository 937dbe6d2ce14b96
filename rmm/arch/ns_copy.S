/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copies from and to host memory. Any access to the host's side may take a
 * fault (the page may have changed its PAS under us); it then ends here with
 * "false". Each byte of the host is touched once.
 */
#include "arch/smc.h"

	.macro faulty, insn:vararg
9999:	\insn
	.pushsection .extable, "a"
	.word	9999b - .
	.word	copy_fault - . + 4
	.popsection
	.endm

	.text

/* bool copy_in(void *dst, const void *host, size_t bytes): x0 and x1 8-byte aligned, bytes too */
	.global	copy_in_words
copy_in_words:
	subs	x2, x2, #64
	b.lo	2f
1:	faulty	ldp	x4, x5, [x1]
	faulty	ldp	x6, x7, [x1, #16]
	faulty	ldp	x8, x9, [x1, #32]
	faulty	ldp	x10, x11, [x1, #48]
	stp	x4, x5, [x0]
	stp	x6, x7, [x0, #16]
	stp	x8, x9, [x0, #32]
	stp	x10, x11, [x0, #48]
	add	x0, x0, #64
	add	x1, x1, #64
	subs	x2, x2, #64
	b.hs	1b
2:	adds	x2, x2, #(64 - 16)
	b.mi	4f
3:	faulty	ldp	x4, x5, [x1]
	add	x1, x1, #16
	stp	x4, x5, [x0], #16
	subs	x2, x2, #16
	b.hs	3b
4:	tbz	x2, #3, 5f		/* one word is left */
	faulty	ldr	x4, [x1]
	str	x4, [x0]
5:	mov	x0, #1
	ret

	.global	copy_in_bytes
copy_in_bytes:
	cbz	x2, 2f
1:	faulty	ldrb	w4, [x1]
	add	x1, x1, #1
	strb	w4, [x0], #1
	subs	x2, x2, #1
	b.ne	1b
2:	mov	x0, #1
	ret

/* bool copy_out(void *host, const void *src, size_t bytes) */
	.global	copy_out_words
copy_out_words:
	subs	x2, x2, #64
	b.lo	2f
1:	ldp	x4, x5, [x1]
	ldp	x6, x7, [x1, #16]
	ldp	x8, x9, [x1, #32]
	ldp	x10, x11, [x1, #48]
	faulty	stp	x4, x5, [x0]
	faulty	stp	x6, x7, [x0, #16]
	faulty	stp	x8, x9, [x0, #32]
	faulty	stp	x10, x11, [x0, #48]
	add	x0, x0, #64
	add	x1, x1, #64
	subs	x2, x2, #64
	b.hs	1b
2:	adds	x2, x2, #(64 - 16)
	b.mi	4f
3:	ldp	x4, x5, [x1], #16
	faulty	stp	x4, x5, [x0]
	add	x0, x0, #16
	subs	x2, x2, #16
	b.hs	3b
4:	tbz	x2, #3, 5f		/* one word is left */
	ldr	x4, [x1]
	faulty	str	x4, [x0]
5:	mov	x0, #1
	ret

/* bool zero_out_lines(void *host, size_t bytes): by DC ZVA of 64 bytes, a multiple of 512 */
	.global	zero_out_lines
zero_out_lines:
1:	.rept	8
	faulty	dc zva, x0
	add	x0, x0, #64
	.endr
	subs	x1, x1, #512
	b.ne	1b
	mov	x0, #1
	ret

	.global	copy_out_bytes
copy_out_bytes:
	cbz	x2, 2f
1:	ldrb	w4, [x1], #1
	faulty	strb	w4, [x0]
	add	x0, x0, #1
	subs	x2, x2, #1
	b.ne	1b
2:	mov	x0, #1
	ret

copy_fault:
	mov	x0, #0
	ret
