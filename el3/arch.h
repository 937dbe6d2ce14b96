/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine in small: types, system registers, barriers, locks. */
#ifndef EL3_ARCH_H
#define EL3_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#define BIT(n)		(1ULL << (n))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define ALIGN_UP(x, a)	(((x) + (a) - 1) & ~((u64)(a) - 1))
#define ALIGN_DOWN(x, a) ((x) & ~((u64)(a) - 1))

#define read_sysreg_(r)	({ u64 v_; __asm__ volatile("mrs %0, " #r : "=r"(v_)); v_; })
#define write_sysreg_(r, v) __asm__ volatile("msr " #r ", %x0" :: "rZ"((u64)(v)) : "memory")
#define read_sysreg(r)	read_sysreg_(r)
#define write_sysreg(r, v) write_sysreg_(r, v)

#define isb()		__asm__ volatile("isb" ::: "memory")
#define dsb(what)	__asm__ volatile("dsb " #what ::: "memory")
#define wfi()		__asm__ volatile("dsb sy\n\twfi" ::: "memory")

/* Registers the assembler may not know by name (or only for a newer -march). */
#define ID_AA64PFR0	S3_0_C0_C4_0
#define ID_AA64PFR1	S3_0_C0_C4_1
#define ID_AA64PFR2	S3_0_C0_C4_2
#define ID_AA64SMFR0	S3_0_C0_C4_5
#define ID_AA64DFR0	S3_0_C0_C5_0
#define ID_AA64ISAR0	S3_0_C0_C6_0
#define ID_AA64ISAR1	S3_0_C0_C6_1
#define ID_AA64ISAR2	S3_0_C0_C6_2
#define ID_AA64MMFR0	S3_0_C0_C7_0
#define ID_AA64MMFR1	S3_0_C0_C7_1
#define ID_AA64MMFR2	S3_0_C0_C7_2
#define ID_AA64MMFR3	S3_0_C0_C7_3
#define ID_AA64MMFR4	S3_0_C0_C7_4
#define MPAMIDR_EL1	S3_0_C10_C4_4
#define MPAM3_EL3	S3_6_C10_C5_0
#define ZCR_EL3		S3_6_C1_C2_0
#define SMCR_EL3	S3_6_C1_C2_6
#define GPCCR_EL3	S3_6_C2_C1_6
#define GPTBR_EL3	S3_6_C2_C1_4
#define ICC_PMR_EL1	S3_0_C4_C6_0
#define ICC_IAR0_EL1	S3_0_C12_C8_0
#define ICC_EOIR0_EL1	S3_0_C12_C8_1
#define ICC_SGI0R_EL1	S3_0_C12_C11_7
#define ICC_SRE_EL1	S3_0_C12_C12_5
#define ICC_IGRPEN0_EL1	S3_0_C12_C12_6
#define ICC_IGRPEN1_EL1	S3_0_C12_C12_7
#define ICC_SRE_EL2	S3_4_C12_C9_5
#define ICC_SRE_EL3	S3_6_C12_C12_5

static inline u64 field(u64 reg, unsigned int low)
{
	return reg >> low & 0xf;
}

static inline u32 mmio_read(u64 a)
{
	return *(volatile u32 *)a;
}

static inline void mmio_write(u64 a, u32 v)
{
	*(volatile u32 *)a = v;
}

/* Taken with caches on only: exclusives want Normal memory. */
typedef struct { u32 taken; } lock_t;

static inline void lock(lock_t *l)
{
	while (__atomic_exchange_n(&l->taken, 1, __ATOMIC_ACQUIRE))
		while (__atomic_load_n(&l->taken, __ATOMIC_RELAXED))
			__asm__ volatile("yield");
}

static inline void unlock(lock_t *l)
{
	__atomic_store_n(&l->taken, 0, __ATOMIC_RELEASE);
}

#endif
