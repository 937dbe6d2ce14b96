/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the monitor asks EL3 for (el3.md 2.2, 4, 7), and two helpers that
 * every assembly file wants.
 */
#ifndef RMM_ARCH_SMC_H
#define RMM_ARCH_SMC_H

#include "abi/el3.h"

#define MAX_CPUS_ASM		32

#ifdef __ASSEMBLER__
	.macro adr_l reg, sym
	adrp	\reg, \sym
	add	\reg, \reg, :lo12:\sym
	.endm

	.macro mov_q reg, value:vararg
	.if ((\value) >> 16) == 0
	movz	\reg, #((\value) & 0xffff)
	.else
	movz	\reg, #:abs_g3:\value
	movk	\reg, #:abs_g2_nc:\value
	movk	\reg, #:abs_g1_nc:\value
	movk	\reg, #:abs_g0_nc:\value
	.endif
	.endm
#else
#include "base/types.h"

struct smc_result { u64 x0, x1, x2, x3; };

/* One SMC to EL3 with up to four arguments. */
static inline struct smc_result smc(u64 fid, u64 a1, u64 a2, u64 a3, u64 a4)
{
	register u64 x0 __asm__("x0") = fid;
	register u64 x1 __asm__("x1") = a1;
	register u64 x2 __asm__("x2") = a2;
	register u64 x3 __asm__("x3") = a3;
	register u64 x4 __asm__("x4") = a4;

	__asm__ volatile("smc #0"
			 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4)
			 :: "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14",
			    "x15", "x16", "x17", "memory");
	return (struct smc_result){ x0, x1, x2, x3 };
}
#endif
#endif
