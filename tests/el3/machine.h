/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by the payload and the stub monitor: registers, patterns, fake calls. */
#ifndef TESTS_EL3_MACHINE_H
#define TESTS_EL3_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../abi/el3.h"

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define ALIGN_DOWN(x, a)	((x) & ~((a) - 1))
#define ALIGN_UP(x, a)	ALIGN_DOWN((x) + (a) - 1, a)
#define read_sysreg_(r)	({ u64 v_; __asm__ volatile("mrs %0, " #r : "=r"(v_)); v_; })
#define read_sysreg(r)	read_sysreg_(r)
#define write_sysreg_(r, v) __asm__ volatile("msr " #r ", %x0" :: "rZ"((u64)(v)) : "memory")
#define write_sysreg(r, v) write_sysreg_(r, v)
#define isb()		__asm__ volatile("isb" ::: "memory")
#define dsb()		__asm__ volatile("dsb sy" ::: "memory")

/* Calls that only the stub monitor answers; identifiers inside the RMI ranges. */
#define STUB_VERSION	0xC4000150	/* -> 0, 0x20000, 0x20000 */
#define STUB_PROXY	0xC4000151	/* x1-x5: an SMC of the realm world -> its x0-x3 */
#define STUB_PEEK	0xC4000152	/* x1 PA -> x1 word */
#define STUB_POKE	0xC4000153	/* x1 PA, x2 word */
#define STUB_RECORD	0xC4000154	/* x1 n -> x1 n-th word of the boot record */
#define STUB_BELOW	0xC4000156	/* x1: an SMC made at Realm EL1 -> x1 its x0 */
#define STUB_SCRAMBLE	0xC40001D0	/* fills its registers; seed in x1 */
#define STUB_CHECK	0xC40001D1	/* x1 seed -> x1 mask of registers that changed */
#define STUB_EIGHT	0xC40002CF	/* -> x0-x7 = 0xA0-0xA7 */

enum { REC_X0, REC_X1, REC_X2, REC_X3, REC_X4, REC_BASE, REC_WARM, REC_WARM_X1, REC_WARM_X3 };

/*
 * EL2 registers that a world may fill with anything while it runs at EL2 with
 * its MMU off; and a mask of bits that must stay as they are.
 */
#define EL2_REGISTERS(R) \
	R(cnthctl_el2, 0xfff00)		R(cntvoff_el2, ~0ULL)	R(S3_4_C14_C0_6, ~0ULL) \
	R(hstr_el2, ~0ULL)		R(mair_el2, ~0ULL)	R(tcr_el2, ~0ULL) \
	R(tpidr_el2, ~0ULL)		R(ttbr0_el2, ~0xfffULL)	R(vmpidr_el2, ~0ULL) \
	R(vpidr_el2, ~0ULL)		R(vtcr_el2, 0x3fffff)	R(vttbr_el2, ~0xfffULL) \
	R(elr_el2, ~0ULL)		R(spsr_el2, 0xf0000000)	R(esr_el2, ~0ULL) \
	R(far_el2, ~0ULL)		R(hpfar_el2, ~0ULL)	R(vbar_el2, ~0x7ffULL) \
	R(S3_4_C13_C0_1, ~0ULL)		R(S3_4_C2_C0_1, ~0xfffULL) R(S3_4_C12_C1_1, ~0ULL) \
	R(S3_4_C5_C2_3, ~0ULL)		R(S3_4_C1_C1_4, ~0ULL)	R(S3_4_C1_C1_5, ~0ULL) \
	R(S3_4_C1_C1_6, ~0ULL)		R(S3_4_C3_C1_4, ~0ULL)	R(S3_4_C3_C1_5, ~0ULL) \
	R(S3_4_C1_C2_2, 0x8ff)		R(S3_4_C13_C0_7, ~0ULL)	R(S3_4_C2_C2_0, ~0xfffULL) \
	R(mdcr_el2, 0xf00)		R(hcr_el2, 0x4038)	R(cptr_el2, 0x80000000) \
	R(sctlr_el2, 0x2)		R(afsr0_el2, ~0ULL)	R(amair_el2, ~0ULL) \
	R(actlr_el2, ~0ULL)		R(sp_el0, ~0ULL) \
	R(S3_0_C2_C1_0, ~0ULL)		R(S3_0_C2_C1_1, ~0ULL)	R(S3_0_C2_C1_2, ~0ULL) \
	R(S3_0_C2_C1_3, ~0ULL)		R(S3_0_C2_C2_0, ~0ULL)	R(S3_0_C2_C2_1, ~0ULL) \
	R(S3_0_C2_C2_2, ~0ULL)		R(S3_0_C2_C2_3, ~0ULL)	R(S3_0_C2_C3_0, ~0ULL) \
	R(S3_0_C2_C3_1, ~0ULL)

/* Those of newer CPUs: register, mask, field of ID_AA64MMFR3_EL1 that announces it. */
#define EL2_NEWER(R) \
	R(S3_4_C2_C0_3, 0xc0, 0)	R(S3_4_C1_C0_3, 0x1c, 4)	R(S3_4_C10_C2_2, ~0ULL, 8) \
	R(S3_4_C10_C2_3, ~0ULL, 8) \
	R(S3_4_C10_C2_5, ~0ULL, 12)	R(S3_4_C10_C2_4, ~0ULL, 16) \
	R(S3_4_C10_C1_1, ~0ULL, 24)	R(S3_4_C10_C3_1, ~0ULL, 24)

#define COUNT_ONE(r, ...) + 1
#define NR_EL2_REGISTERS (0 EL2_REGISTERS(COUNT_ONE) EL2_NEWER(COUNT_ONE))

static inline bool has_newer(u64 low)
{
	return read_sysreg(S3_0_C0_C7_3) >> low & 0xf;
}

static inline u64 pattern(u64 seed, u64 n)
{
	u64 v = seed * 0x9e3779b97f4a7c15ULL + n * 0xbf58476d1ce4e5b9ULL;

	return v ^ v >> 29;
}

/* Fills all of them and keeps what each really holds, and what it held before. */
static inline void el2_fill(u64 seed, u64 *before, u64 *holds)
{
	u64 n = 0;

#define FILL(r, m) \
	before[n] = read_sysreg(r); \
	write_sysreg(r, (before[n] & ~(u64)(m)) | (pattern(seed, n) & (m))); \
	isb(); \
	holds[n] = read_sysreg(r); \
	n++;
	EL2_REGISTERS(FILL)
#define FILL_NEWER(r, m, low) \
	if (has_newer(low)) { FILL(r, m) } else { before[n] = holds[n] = 0; n++; }
	EL2_NEWER(FILL_NEWER)
#undef FILL
}

/* Mask of those that differ from *holds*. */
static inline u64 el2_compare(const u64 *holds)
{
	u64 n = 0, bad = 0;

#define COMPARE(r, m) bad |= (u64)(read_sysreg(r) != holds[n]) << n; n++;
	EL2_REGISTERS(COMPARE)
#define COMPARE_NEWER(r, m, low) if (has_newer(low)) { COMPARE(r, m) } else { n++; }
	EL2_NEWER(COMPARE_NEWER)
#undef COMPARE
	return bad;
}

static inline void el2_put_back(const u64 *before)
{
	u64 n = 0;

#define BACK(r, m) write_sysreg(r, before[n]); n++;
	EL2_REGISTERS(BACK)
#define BACK_NEWER(r, m, low) if (has_newer(low)) { BACK(r, m) } else { n++; }
	EL2_NEWER(BACK_NEWER)
#undef BACK
	isb();
}

/* x0-x7 in and out; everything else is the callee's to preserve and ours to check. */
struct regs { u64 x[8]; };

static inline void smc(struct regs *r)
{
	register u64 x0 __asm__("x0") = r->x[0];
	register u64 x1 __asm__("x1") = r->x[1];
	register u64 x2 __asm__("x2") = r->x[2];
	register u64 x3 __asm__("x3") = r->x[3];
	register u64 x4 __asm__("x4") = r->x[4];
	register u64 x5 __asm__("x5") = r->x[5];
	register u64 x6 __asm__("x6") = r->x[6];
	register u64 x7 __asm__("x7") = r->x[7];

	__asm__ volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5),
			 "+r"(x6), "+r"(x7) :: "memory");
	r->x[0] = x0; r->x[1] = x1; r->x[2] = x2; r->x[3] = x3;
	r->x[4] = x4; r->x[5] = x5; r->x[6] = x6; r->x[7] = x7;
}

#endif
