/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tracking regions (rmi-memory.md 4, decisions 29 to 33) and the RMM-wide
 * state. One region per tracking-size block that holds DRAM, each with its
 * metadata: from EL3 at boot, else from the host at RMM_ACTIVATE.
 */
#ifndef RMM_MEM_REGION_H
#define RMM_MEM_REGION_H

#include "abi/rmi.h"
#include "mem/granule.h"

#define REGION_SIZE	(1ULL << region_shift())	/* of a tracking region */
#define MAX_REGIONS	4096

struct region {
	/*
	 * One per granule of [base, top); NULL: not FINE. Changed outside ACTIVE, and by whoever
	 * converts the region (rmi/granule_tracking_set.c), under the eyes of other PEs: it
	 * is published, and what it led to is used for something else only when they
	 * are through. First, because an atomic load wants its plain address.
	 */
	struct granule *granules;

	/* change with the configuration only: the DRAM span inside one region */
	u64 base, top;

	/* as granules, but nobody else looks at them */
	struct granule *reserved;	/* EL3's, for when it is FINE again */
	pa_t memory;			/* donated: what holds them */
	bool donated;			/* by the host, to be given back */
	u8 given;			/* as RMI_MEMSTATE_* */

	/* not FINE; under a lock of their own: region_move() */
	bool coarse;			/* one state for all of it: */
	u8 whole;			/* enum granule_type */
};

/*
 * From arch_banks, arch_own and arch_reserve(), 4 KiB granules and regions of 1 GiB:
 * metadata region by region until EL3 refuses; what is missing is asked of the host at RMM_ACTIVATE. DRAM beyond
 * MAX_REGIONS stays untracked, with a line on the console.
 */
void region_init(void);

/* The configuration in force, as RMI_GRANULE_* and the code of the tracking size. */
struct region_config { u8 granule, tracking; };
struct region_config region_config(void);
unsigned int region_shift(void);
bool region_config_known(struct region_config config);
/*
 * Another granule and tracking size, by RMM_CONFIG_SET between INIT and INTERMEDIATE:
 * regions are made anew and share out what EL3 gave at boot.
 */
void region_configure(struct region_config config);

/* The granule at PA is DRAM according to the manifest, all of it. */
bool memory_is_dram(u64 address);
/* The granules in a row, from that one on, of which this is so. */
u64 memory_dram_left(u64 address);
/* PA belongs to the monitor, for ever. */
bool memory_is_own(u64 address);
/* DRAM whose granules have no state. */
bool memory_is_untracked(pa_t p);
/* First address beyond the protected physical address size. */
u64 memory_top(void);

unsigned int region_count(void);
struct region *region_at(unsigned int n);
/* The region whose tracking block holds the address, and with it some DRAM; NULL: none. */
struct region *region_in_block(u64 address);
/* The region whose DRAM span holds the address; NULL: none. */
struct region *region_find(u64 address);
/* The granule in its region; NULL: none, or not FINE. */
static inline struct granule *granule_find_in(const struct region *r, pa_t p)
{
	/* once: the region may be converted meanwhile (rmi/granule_tracking_set.c) */
	struct granule *granules = r ? __atomic_load_n(&r->granules, __ATOMIC_RELAXED) : NULL;

	return granules ? &granules[(p.raw - r->base) >> GRANULE_SHIFT] : NULL;
}
/* Number of the first region that ends above the address; region_count(): none. */
unsigned int region_from(u64 address);
/* Number of granules in it. */
static inline u64 region_granules(const struct region *r)
{
	return (r->top - r->base) >> GRANULE_SHIFT;
}
/* Granules of metadata that a region wants, rounded up to a power of two. */
u64 region_metadata_granules(const struct region *r);
/* Metadata is there, zeroed: from now on the region's granules can be found. */
struct granule *region_prepare(struct region *r, pa_t memory, u8 given);
void region_attach(struct region *r, pa_t memory, u8 given);
void region_publish(struct region *r, struct granule *granules);
/* granules: where its metadata was last; nobody looks there any more. */
pa_t region_detach(struct region *r, struct granule *granules);

/*
 * From region *n, granule *at on: no granule is anything but UNDELEGATED or the
 * monitor's. Looks at one page of metadata at least, then until an interrupt
 * waits; *n == region_count(): that was all. False: one is.
 */
bool region_scan_idle(u64 *n, u64 *at);

/*
 * Marks the *n-th run of what the monitor owns INTERNAL, where there is metadata for
 * it; *n moves on. False: there are no more. The last step before ACTIVE, when nobody
 * else looks at granules.
 */
bool region_mark_own(u64 *n);
/*
 * The last steps of a deactivation: clears page *n of the metadata that EL3 gave, and all of
 * it is as at boot. False: there are no more.
 */
bool region_forget(u64 *n);
/* The first step of an activation: every region that EL3 gave metadata for is FINE. */
void region_all_fine(void);
/*
 * Memory is on one side only of each way between the host, an operation that covers it and
 * the list of granule tables: who moves it, and region_mark_own_in(), keep each other out.
 */
void region_own_lock(void);
void region_own_unlock(void);
/* The same in one region, while others look: the last step before it is FINE. */
void region_mark_own_in(const struct region *r);
/* RMI_TRACKING_NONE, FINE, COARSE. */
u64 region_kind(const struct region *r);
/* RMI_TRACKING_* as the host is told; r NULL: no DRAM there. */
u64 region_tracking(const struct region *r);
/*
 * COARSE: its one state, as region_may_become[] has it. DATA: one block maps all of it.
 * BETWEEN: an operation has it. INTERNAL: EL3 kept some of it, the monitor the rest.
 */
extern const u16 region_may_become[NR_GRANULE_TYPES];
/* The COARSE region that holds the address; NULL: none. */
struct region *region_coarse(u64 address);
/* A look; NR_GRANULE_TYPES: it is not COARSE. */
enum granule_type region_whole(const struct region *r);
/* False: it is not COARSE or not of type `from`, nothing changed. */
bool region_move(struct region *r, enum granule_type from, enum granule_type to);
/* The same for one that cannot be anything else. */
void region_move_sure(struct region *r, enum granule_type from, enum granule_type to);
/* Not FINE (any more), but COARSE and BETWEEN, or NONE. */
void region_set_coarse(struct region *r, bool coarse);
/* FINE from now on, if it is NONE, or COARSE and still of type `from`. */
bool region_set_fine(struct region *r, struct granule *granules, enum granule_type from);
/* One region at a time is between two of them. */
bool region_convert_begin(struct region *r);
void region_convert_end(void);

struct rmm_facts {
	const char *name;
	u8 may_become;		/* bit per RMI_STATE_* */
};
extern const struct rmm_facts rmm_facts[RMI_NR_STATES];

/* RMI_STATE_*; changes only from the state the caller names, by a way there is. */
u64 rmm_state(void);
bool rmm_state_change(u64 from, u64 to);

#endif
