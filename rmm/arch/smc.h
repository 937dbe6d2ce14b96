/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the monitor asks EL3 for (el3.md 2.2, 4, 7), and two helpers that
 * every assembly file wants.
 */
#ifndef RMM_ARCH_SMC_H
#define RMM_ARCH_SMC_H

#define SMC_RMI_REQ_COMPLETE	0xc400018f
#define SMC_GTSI_DELEGATE	0xc40001b0
#define SMC_GTSI_UNDELEGATE	0xc40001b1
#define SMC_RESERVE_MEMORY	0xc40001bb
#define SMC_BOOT_COMPLETE	0xc40001cf
#define SMC_FIRME_VERSION	0xc4000400
#define SMC_FIRME_FEATURES	0xc4000401
#define SMC_FIRME_GPI_SET	0xc4000402

#define FIRME_GRANULE		1
#define GPI_NS			0x9
#define GPI_REALM		0xb

/* Results of BOOT_COMPLETE */
#define BOOT_OK			0
#define BOOT_UNKNOWN		-1
#define BOOT_VERSION		-2
#define BOOT_CPUS		-3
#define BOOT_CPU_ID		-4
#define BOOT_SHARED_BUFFER	-5
#define BOOT_MANIFEST_VERSION	-6
#define BOOT_MANIFEST_DATA	-7
#define BOOT_NO_MEMORY		-8

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
