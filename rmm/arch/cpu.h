/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one PE owns: its stack, the host's state while a realm runs on it.
 * Found through TPIDR_EL2. Nothing here is shared between PEs.
 */
#ifndef RMM_ARCH_CPU_H
#define RMM_ARCH_CPU_H

/* struct cpu as the assembly sees it; proved in cpu.c */
#define CPU_NO_SVE		8
#define CPU_DEAD		9
#define STACK_BYTES		0x4000
#define STACK_GUARD		0x1000
#define STACK_STRIDE		(STACK_BYTES + STACK_GUARD)

#ifndef __ASSEMBLER__

#include "arch/arch.h"
#include "realm/rec.h"

/* The longest vector there is: 2048 bits. Z0-31, P0-15, FFR. */
#define SVE_BYTES		(32 * 256 + 16 * 32 + 32)

struct simd_state {
	u64 v[32][2];
	u64 fpsr, fpcr;
};

struct host_simd {
	u64 svcr;
	bool sve;			/* z below holds the state, else v */
	u64 fpsr, fpcr;
	u64 zcr_el2, zcr_el1;		/* while a realm with SVE has its own */
	union {
		struct simd_state v;
		u8 z[SVE_BYTES];
	} __attribute__((aligned(16)));
};

struct cpu {
	u64 index;
	bool no_sve;			/* SMCCC hint of the present call: no live SVE state */
	bool dead;			/* a panic, on whatever CPU: the monitor does nothing more */

	struct trace_ring trace;	/* `next` is zeroed by cpus_init(), events hold anything before */

	/* one stay of a REC */
	struct rec *rec;
	u64 last_rec;			/* PA of the one that ran here last; 0: none since tlbi alle1 */
	u64 hcr, cnthctl;
	u64 host_pmcr;
	u64 host_brbcr, host_trfcr;
	u64 mdcr;
	u64 host_oslsr;
	struct rec_debug host_debug;
	struct rec_pmu host_pmu;
	struct rec_sysregs host;
	struct host_simd simd;
} __attribute__((aligned(64)));

extern struct cpu cpus[MAX_CPUS];

static inline struct cpu *this_cpu(void)
{
	struct cpu *c;

	/* volatile: never before the write in cpu_init() */
	__asm__ volatile("mrs %0, tpidr_el2" : "=r"(c));
	return c;
}

/* Sets every EL2 register that governs a realm; each CPU, cold and warm, MMU on. */
void cpu_init(unsigned int index);
/* Before any CPU is set up: none has seen a panic, the rings are empty. They outlive a CPU_OFF. */
void cpus_init(void);
/* A panic: every other CPU leaves its realm, waits for no lock and serves no call from now on. */
void cpus_stop(void);
_Noreturn void cpu_park(void);
/* Reads the ID registers; boot CPU, once. */
void features_init(void);
void features_print(void);

/* debug.c, pmu.c: the host's away and the realm's in; back. */
void debug_load(struct cpu *c, struct rec *rec);
void debug_put_back(struct cpu *c, struct rec *rec);
void pmu_load(struct cpu *c, struct rec *rec);
void pmu_put_back(struct cpu *c, struct rec *rec);

/* simd.S. Each needs the matching CPTR_EL2 traps open. */
void simd_save(struct simd_state *s);
void simd_load(const struct simd_state *s);
/* At the present length: Z0-15, Z16-31, then P0-15 and FFR. */
void sve_save(u8 *z0, u8 *z16, u8 *p, bool ffr);
void sve_load(const u8 *z0, const u8 *z16, const u8 *p, bool ffr);
void sve_clear(void);
u64 sve_bytes(void);

#endif
#endif
