/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files of the paper machine only. */
#ifndef SIM_INTERNAL_H
#define SIM_INTERNAL_H

#include "sim/sim.h"

#if defined(__SANITIZE_ADDRESS__)
#define SIM_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIM_ASAN 1
#endif
#endif

/*
 * With ThreadSanitizer the machine must not order what the monitor does: memory is
 * mapped once, views are not counted and there is no TLB, so no lock of our own.
 */
#if defined(__SANITIZE_THREAD__)
#define SIM_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SIM_TSAN 1
#endif
#endif
#ifndef SIM_TSAN
#define SIM_TSAN 0
#endif

#define SIM_MAX_CPUS 8

/* Of the GPT: a page. RMI granules are one or more in a row. */
#define LINKED_3	5		/* of level 3 */

struct sim_granule {
	u8 pas;
	u8 refuse_gpt, refuse_ns, dirty;
	u8 unsynced;			/* filled as data since the last arch_sync_icache() */
	u16 views;
	u16 views_before;		/* at sim_call_begin(), when of_call is this one */
	u32 of_call;
	u32 came_in;			/* Realm as EL3 handed it over, in this call; 0: no */
	u32 cached;			/* TLB entries that lead here as Realm memory */
	u8 linked;			/* a table that a walk may come to: LINKED_3 - 3 + level */
};

/* Null where there is no DRAM. */
struct sim_granule *sim_granule(u64 pa);
/* What hardware holds there; null when it is no Realm memory. */
const void *sim_realm_ram(u64 pa);
/* Changes when a granule table comes or goes. */
u64 sim_l0_word(void);
u64 sim_nr_granules(void);
u64 sim_granule_pa(u64 index);
struct sim_granule *sim_granule_at(u64 index);

/* PA of a pointer that arch_view() gave; ~0 when it is none. */
u64 sim_pa_of_view(const void *p);

void sim_lock_all(void);
void sim_unlock_all(void);
/* schedule.c: another PE may go on here. */
void sim_give_way(void);
/* Something was done that another PE may wait for. */
void sim_progress(void);
/* Nothing can be done until another PE does something. False: not scheduled, wait. */
bool sim_must_wait(void);

void sim_memory_power_on(const struct sim_machine *m);
void sim_locks_power_on(void);
void sim_stage2_power_on(void);
void sim_pe_power_on(const struct sim_machine *m);
void sim_monitor_power_on(void);
void sim_el3_power_on(void);

void sim_memory_call_begin(void);
void sim_memory_forget_reads(void);
void sim_memory_call_end(bool may_keep_views);
void sim_locks_call_end(void);
void sim_stage2_call_end(void);

/*
 * Instructions that the machine takes for what was asked here, with the code around
 * it, roughly (docs/latency.md). In a call: a fault when they are more than the bound
 * since its begin, the last look for interrupts or the last stay in a realm.
 */
void sim_work(u64 instructions);
void sim_work_begin(void);
void sim_work_end(void);

/* Faults when a TLB entry still leads to this granule. */
void sim_tlb_must_not_reach(u64 pa, const char *doing);

extern _Thread_local unsigned int sim_cpu;
/* Between sim_thread_call_begin() and its end. */
extern _Thread_local bool sim_in_call;

#endif
