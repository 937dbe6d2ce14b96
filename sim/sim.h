/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The paper machine: rmm/arch/arch.h on the build host, made of data structures
 * that know what hardware does not tell. Memory carries its world; a view that
 * ended is poisoned; a TLB keeps what a realm could have cached until the right
 * invalidation; host memory can be watched for a second read; EL3 may refuse.
 *
 * What the monitor does wrong here is a fault: one line, a backtrace, and the
 * case under test is over (sim_try() returns false).
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "base/types.h"

struct rec;
struct trap;

/* ---- the machine -------------------------------------------------------- */

struct sim_bank { u64 base, bytes; };

struct sim_machine {
	unsigned int nr_cpus;
	bool lpa2;			/* of 4 and 16 KiB granules */
	struct sim_bank bank[3];	/* ascending, bytes 0 ends the list       */
	struct sim_bank monitor;	/* inside a bank: Realm PAS from the start */
	u64 pool;			/* last bytes of it that RESERVE_MEMORY gives */
	struct sim_bank root;		/* inside a bank: Root PAS from the start  */
};

/* Two banks with a hole between, one not at a GiB boundary; 4 CPUs; LPA2. */
extern struct sim_machine sim_machine_default;

/*
 * Everything as after power-on: host memory zero, the monitor's data is as
 * linked (its .data and .bss), no lock, view, TLB entry, script or refusal left.
 */
void sim_power_on(const struct sim_machine *m);
const struct sim_machine *sim_machine(void);

/* Which PE this thread is. */
void sim_be_cpu(unsigned int cpu);

/* ---- faults --------------------------------------------------------------- */

/* Something the monitor must never do was seen. */
_Noreturn void sim_fault(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Runs fn(arg). False: a fault or a panic of the monitor ended it early; the
 * text is in sim_what_went_wrong(). Quiet: nothing is printed (it was expected).
 */
bool sim_try(void (*fn)(void *), void *arg, bool quiet);
const char *sim_what_went_wrong(void);
/* Several threads run: a fault ends the process after saying what it was. */
void sim_faults_end_process(bool on);
/* Called before a fault is printed: what led to it. */
void sim_on_fault(void (*fn)(void));

/* What the monitor said last on its console. */
const char *sim_printed(void);

/* ---- memory ---------------------------------------------------------------- */

enum sim_pas { SIM_NONE, SIM_NS, SIM_REALM, SIM_ROOT };

enum sim_pas sim_pas(u64 pa);		/* SIM_NONE: no DRAM there */
/*
 * What hardware holds at pa, whatever its world: for the host's own pages, for
 * looking at results, and for tests that change memory behind the monitor.
 */
void *sim_ram(u64 pa);
bool sim_is_dram(u64 pa);

/* The world of a granule changes without the monitor (another agent, Secure). */
void sim_set_pas(u64 pa, enum sim_pas pas);

/* EL3 refuses to change this granule from now on. */
void sim_gpt_refuse(u64 pa, bool refuse);
/* To this world only; sim_gpt_refuse(, false) ends it. */
void sim_gpt_refuse_to(u64 pa, enum sim_pas to);
bool sim_gpt_refused(u64 pa);
/*
 * The region around pa is a block of level 0 (or a table of EL3's) from now on: call
 * it before anything there leaves the host's world.
 */
void sim_l0_block(u64 pa, bool on);
/* EL3 makes no tables of level 1 from now on, and takes none back. */
void sim_l1_refuse(bool refuse);
/* EL3 moves at most this many granules per call; 0: no limit. */
void sim_gpt_slice(u64 count);
/* NS accesses to this granule fault although its PAS says NS (a race with the host). */
void sim_ns_refuse(u64 pa, bool refuse);
bool sim_ns_refused(u64 pa);
/* Called after each read of host memory by the monitor: the host changes it meanwhile. */
void sim_ns_after_read(void (*fn)(u64 pa, size_t bytes));
/* The same after each write. */
void sim_ns_after_write(void (*fn)(u64 pa, size_t bytes));
/* How many bytes the monitor wrote to host memory since sim_call_begin(). */
u64 sim_ns_written(void);

/* ---- EL3's attestation services ---------------------------------------------- */

/* What it answers; a test changes it. Power-on: a key, a small blob for a token. */
struct sim_el3 {
	bool refuses;			/* everything, from now on */
	unsigned int again;		/* so many answers are EL3_AGAIN first */
	u8 key[48];
	bool signs;			/* keeps the key: these two are asked instead */
	u8 public[97];
	void (*sign)(const u8 digest[48], u8 signature[96]);
	/* Makes the platform token for this challenge; gives its length, which may be more. */
	size_t (*platform)(const u8 *challenge, size_t bytes, u8 *out, size_t room);
	size_t hunk;			/* at most so much of it at once */
	bool lost;			/* the next answer to a pull is for nobody who is known */
	unsigned int nr_keys, nr_tokens, nr_pushes, nr_signatures;	/* given so far */
	bool no_random;
};
extern struct sim_el3 sim_el3;

/* ---- one call of the monitor ----------------------------------------------- */

void sim_call_begin(void);
/*
 * Faults when the call held a lock or a view it did not hold before, read a byte
 * of host memory twice, left a stale TLB entry or an unpublished descriptor.
 */
void sim_call_end(bool may_keep_views);
/* The same for several PEs at once: only what one thread can judge. */
void sim_thread_call_begin(void);
void sim_thread_call_end(void);
/* No view but those of INTERNAL memory, no stale TLB entry: while no call is under way. */
void sim_quiet_check(bool (*may_be_viewed)(u64 pa));

/* ---- what must not change --------------------------------------------------- */

struct sim_snapshot;
/* The monitor's data, the world of each granule and all that Realm granules hold. */
struct sim_snapshot *sim_snapshot(void);
void sim_snapshot_free(struct sim_snapshot *s);
/* Null when all is as in the snapshot, else what differs (static buffer). */
const char *sim_snapshot_differs(const struct sim_snapshot *s);
/* The content of this granule is not compared. */
void sim_snapshot_forget(struct sim_snapshot *s, u64 pa);
/* Bytes of the monitor's data that may change at any call (counters, the call itself). */
void sim_snapshot_ignore(const void *start, size_t bytes);

/* ---- locks ------------------------------------------------------------------ */

unsigned int sim_locks_held(void);
/* Rank of a lock word, for the order check; 0 or no function: not judged. */
void sim_lock_rank(int (*rank)(const void *word));

/* ---- several PEs ------------------------------------------------------------- */

/*
 * From now on nr_pes threads take turns by this seed, changing at locks, atomics,
 * GPT changes, TLB operations, descriptors, wipes and host memory; 0: off. Each calls enter first and leave last.
 */
void sim_schedule(unsigned int nr_pes, u64 seed);
void sim_schedule_enter(void);
void sim_schedule_leave(void);

/* ---- stage 2 as hardware walks it -------------------------------------------- */

enum sim_access { SIM_READ = 1, SIM_WRITE = 2, SIM_FETCH = 4 };

enum sim_s2_fault {
	SIM_S2_OK, SIM_S2_TRANSLATION, SIM_S2_PERMISSION, SIM_S2_ADDRESS_SIZE,
	SIM_S2_ACCESS_FLAG, SIM_S2_GPF
};

struct sim_s2 {
	enum sim_s2_fault fault;
	int level;
	u64 pa;
	bool ns;
	unsigned int allowed;		/* enum sim_access */
	unsigned int memattr;		/* stage 2 MemAttr[3:0] */
};

/* An access by a realm; a cached translation wins over the tables, as in hardware. */
struct sim_s2 sim_realm_access(u64 vttbr, u64 vtcr, u64 ipa, enum sim_access how);
/* As above for data in one granule; false: it faulted. */
bool sim_realm_read(u64 vttbr, u64 vtcr, u64 ipa, void *dst, size_t bytes);
bool sim_realm_write(u64 vttbr, u64 vtcr, u64 ipa, const void *src, size_t bytes);

/* A speculating PE: caches all that the tables hold now. */
void sim_tlb_fill(u64 vttbr, u64 vtcr);
unsigned int sim_tlb_entries(u64 vttbr);
/* The realm behind it is gone: whoever walks these tables again is wrong. */
unsigned int sim_tlb_flushes(void);

/* ---- a PE ---------------------------------------------------------------------- */

/* Called for each arch_rec_run() on this PE; plays the realm until its next trap. */
typedef void (*sim_realm_fn)(void *arg, struct rec *rec, struct trap *trap);
void sim_realm_is(sim_realm_fn fn, void *arg);

/* For what the monitor does without the machine's help: hashes. sim/internal.h has the rest. */
void sim_hashed(size_t bytes);

/* Called at each look for interrupts: what other PEs do meanwhile, with no realm here. */
void sim_at_look(void (*fn)(void));
/* arch_interrupt_pending() is true from the n-th question on (1: at once; 0: never). */
void sim_interrupt_after(unsigned int questions);
bool sim_interrupt_is_near(void);	/* it is, or will be */

struct sim_pe {
	u64 el1[16];			/* by enum arch_el1 */
	u64 cntp_ctl, cntp_cval, cntv_ctl, cntv_cval;
	bool mask_phys, mask_virt;
	u64 lr[16];
	bool ich_enabled;
	bool vserror;
	u64 vserror_iss;
	unsigned int simd_loads, pmu_loads, runs;
	u64 pmcr, pmovs, pminten;
	u64 pminten_of_realm;		/* of the last one that was saved */
	struct { unsigned int loads; u64 bvr0, bcr0; } debug;	/* loads: also of nothing */
	struct rec *loaded;
};
struct sim_pe *sim_pe(void);		/* of this thread */
/* What the monitor remembered on a PE. */
const struct trace_ring *sim_trace(unsigned int cpu);
extern u64 sim_id_register[8][8];	/* [crm][op2] */

#endif
