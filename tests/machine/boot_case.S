/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A page before the monitor's image that spoils one thing of what EL3 gives
 * it (el3.md 2.1, 2.3), then goes on behind itself.
 */
	.section .text
	.global _start
_start:
	b	spoil
	.word	0
	.ascii	"FIEF-RMM"
	.quad	BYTES
	.word	1, 0
spoil:
	SPOIL
	b	_start + 4096
	.balign	4096
