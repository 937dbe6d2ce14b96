/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL3 firmware for QEMU virt with FEAT_RME: what its files give each other.
 *
 * Code and constants run from flash at 0, everything that changes lives in
 * secure RAM (spec/decisions.md 2).
 */
#ifndef EL3_H
#define EL3_H

#include "arch.h"
#include "ctx.h"
#include "../abi/el3.h"
#include "../abi/trace.h"

/* ---- the machine ---- */

#define FLASH_BASE	0x00000000ULL
#define GICD_BASE	0x08000000ULL
#define GICR_BASE	0x080A0000ULL
#define GICR_STRIDE	0x20000ULL
#define UART0_BASE	0x09000000ULL
#define UART1_BASE	0x09040000ULL
#define SECURE_GPIO	0x090B0000ULL
#define SECRAM_BASE	0x0E000000ULL
#define SECRAM_BYTES	0x01000000ULL
#define DRAM_BASE	0x40000000ULL

#define GIB		0x40000000ULL
#define MIB2		0x00200000ULL
#define PAGE		0x1000ULL

/* ---- contexts ---- */

struct ctx {
	u64 x[31];
	u64 sp_el0;
	u64 elr_el3;
	u64 spsr_el3;
	u64 pmcr;
	u64 scr_el3;
	u64 flags;
	u64 cptr_el3;
	u64 stack;
	u32 rmi;
	u32 pad;
	u64 serve_elr, serve_spsr;
	u64 el2[NR_EL2_ALWAYS];
	u64 el2_some[NR_EL2_SOME];
	u64 el2_rare[NR_EL2_RARE];
	u64 pauth[10];
};

enum cpu_state { CPU_OFF, CPU_ON_PENDING, CPU_ON, CPU_SUSPENDED };

struct cpu {
	struct ctx host, realm;		/* in this order: switch.S steps between them */

	/* never changes after boot */
	u64 mpidr;
	u64 gicr;
	u32 index;
	bool present;

	struct trace_ring *trace;

	/* guarded by the PSCI lock */
	enum cpu_state state;
	u64 entry, context_id;
};

extern struct cpu cpus[MAX_CPUS];
extern u32 nr_cpus;

static inline struct cpu *this_cpu(void)
{
	return (struct cpu *)read_sysreg(tpidr_el3);
}

static inline bool is_realm(const struct ctx *c)
{
	return c->scr_el3 >> SCR_NSE_BIT & 1;
}

/* ---- entry.S, switch.S, and what they call ---- */

void __attribute__((noreturn)) boot_primary(void);
void __attribute__((noreturn)) boot_secondary(u64 index);
struct ctx *el3_trap(struct ctx *c, u64 esr);
void __attribute__((noreturn)) el3_async(struct ctx *c);
void __attribute__((noreturn)) el3_own_fault(u64 vector);

extern char stacks[], secram_free[], flash_data[], data_start[], data_end[];

void cpu_mmu_on(void);
void cpu_gpc_on(void);			/* values from gpt_gptbr, gpt_gpccr */
void el2_save(struct ctx *c);
void el2_load(const struct ctx *c);	/* and SCR_EL3, CPTR_EL3 of that world */
void pauth_save(struct ctx *c);
void pauth_load(const struct ctx *c);
void __attribute__((noreturn)) resume(struct ctx *c);
void sweep(u64 pa_with_pas, u64 nr_granules);	/* DC CIPAPA */
void clean_dcache(const void *p, u64 bytes);	/* DC CIVAC, and DSB */
void zero_lines(void *p, u64 bytes);	/* both multiples of the DC ZVA block */

/* ---- boot.c ---- */

struct bank { u64 base, size; };

#define MAX_BANKS 8

struct machine {
	struct bank banks[MAX_BANKS];
	u32 nr_banks;
	u64 device_top;			/* end of the highest device window */
	const struct boot_table *table;
};

extern struct machine machine;

void __attribute__((noreturn)) cpu_wait_and_start(struct cpu *c);
void __attribute__((noreturn)) cpu_restart(u64 index);	/* after power-down: entry.S */
bool is_dram(u64 base, u64 bytes);	/* inside one bank */
void *secram_alloc(u64 bytes, u64 align); /* not zeroed; NULL when full */

/* ---- console.c ---- */

void console_init(void);
/* One line, prefixed "EL3: ". Knows %s %c %u %d %x (all 64 bits wide) and %%. */
void say(const char *fmt, ...);
/* The line, then power off. For what cannot be started; never for a caller's mistake. */
void __attribute__((noreturn)) die(const char *fmt, ...);

/* ---- trace.c ---- */

void trace_init(struct cpu *c);		/* the ring of a CPU, empty */
/* An event of the world of c. x0 not 0: c is a call whose x2 and x3 are no realm's. */
static inline void trace(enum trace_kind kind, const struct ctx *c, u64 status, u64 x0, u64 x1,
			 u64 result)
{
	struct trace_ring *r = this_cpu()->trace;
	struct trace_event *e = &r->event[r->next++ % TRACE_EVENTS];

	*e = (struct trace_event){
		.time = read_sysreg(cntpct_el0),
		.what = TRACE_WHAT(kind, is_realm(c), 0, status),
		.arg = { x0, x1, x0 ? c->x[2] : 0, x0 ? c->x[3] : 0, result },
	};
}
void trace_say(void);			/* the last events of this CPU, to the console */

/* ---- mmu.c ---- */

void mmu_build(void);
void mmu_add_dram(const struct bank *b);
/* DRAM is seen three times: Non-secure at its own address, Realm and Root above. */
#define VIEW_BYTES	0x8000000000ULL
#define REALM_VIEW(pa)	((void *)((pa) + VIEW_BYTES))
#define ROOT_VIEW(pa)	((void *)((pa) + 2 * VIEW_BYTES))
#define NS_VIEW(pa)	((void *)(pa))

/* ---- gpt.c ---- */

void gpt_build(void);
/* The GPI of a granule, or -1: no L1 table, or beyond PPS. */
int gpt_get(u64 pa);
/* Boot only, before other CPUs run: no maintenance. */
void gpt_paint(u64 base, u64 bytes, unsigned int gpi);
/*
 * Moves the longest run from *base*, at most *count* and FIRME_GPI_SET_MAX
 * granules, that holds *from*. Returns its length; 0 with *err a FIRME code.
 */
u64 gpt_move(u64 base, u64 count, unsigned int from, unsigned int to, s64 *err);
/*
 * An L0 block of the host's DRAM becomes a table in *memory*, as aligned as it is
 * long, which becomes Root; and back, wiped. FIRME codes.
 */
s64 gpt_table_create(u64 region, u64 memory);
s64 gpt_table_destroy(u64 region, u64 *memory);
/* Takes every Realm granule from everybody and wipes it. */
void gpt_wipe_realm(void);
u64 gpt_feature_register(void);		/* FIRME granule register 1 */

/* ---- feature.c ---- */

void feature_find(void);		/* once */
void feature_apply(void);		/* on each CPU */
bool has_pauth(void);
u64 random_word(void);			/* 0: this CPU has none (now) */
void feature_reset_ctx(struct cpu *c);	/* both worlds as after reset */

/* ---- gic.c ---- */

void gic_init(void);			/* once; lets the other CPUs out of reset */
void gic_cpu_init(void);		/* on each CPU */
void gic_park(struct cpu *c);		/* until state leaves CPU_OFF */
void gic_kick(const struct cpu *c);

/* ---- tree.c ---- */

void tree_read(void);			/* fills machine and cpus[].present */
void tree_for_host(void);

/* ---- monitor.c ---- */

bool monitor_is_steady(void);	/* RMM_IMAGE_STEADY */
void monitor_place(void);		/* chooses memory, before gpt_build */
void monitor_load(void);		/* copies it, writes the manifest */
bool monitor_overlaps(u64 base, u64 bytes);
u64 monitor_base(void);			/* and bytes: 0 without one */
u64 monitor_bytes(void);
/* Goes to the monitor (cold or warm) when there is one, then to the host. */
void __attribute__((noreturn)) monitor_then_host(struct cpu *c, bool cold);
struct ctx *monitor_service(struct ctx *c);
bool in_shared_buffer(u64 pa, u64 bytes);

/* ---- attest.c: RMM_EL3_* codes; outputs only where the answer is OK ---- */

bool attest_signs(void);		/* the realm attestation key stays here */
s64 attest_platform_token(u64 pa, u64 size, u64 challenge_bytes, u64 *got, u64 *left);
s64 attest_realm_key(u64 pa, u64 size, u64 curve, u64 *got);
s64 attest_token_sign(u64 op, u64 pa, u64 size, u64 curve, u64 *got);

/* ---- string.c ---- */

void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
int strcmp(const char *a, const char *b);
void *memmove(void *to, const void *from, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
void __attribute__((noreturn)) __stack_chk_fail(void);

/* ---- trap.c, smc.c, psci.c, firme.c ---- */

struct ctx *smc(struct ctx *c);
bool psci(struct ctx *c, u32 fid);	/* false: not one of its functions */
void firme(struct ctx *c, u32 fid);
/* Wipes what was Realm, then ends or restarts the machine. */
void __attribute__((noreturn)) machine_off(bool reset);
/* The same without a wipe: for faults, and for before there is anything to wipe. */
void __attribute__((noreturn)) machine_pull(bool reset);
struct ctx *world_change(struct ctx *from, struct ctx *to);

#endif
