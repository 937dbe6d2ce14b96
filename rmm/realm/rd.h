/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Realm descriptor (rmi-exec.md 1): lives in the RD granule.
 */
#ifndef RMM_REALM_RD_H
#define RMM_REALM_RD_H

#include "abi/rmi.h"
#include "base/types.h"
#include "mem/call.h"
#include "mem/s2.h"

enum realm_state { REALM_NEW, REALM_ACTIVE, REALM_SYSTEM_OFF, REALM_ZOMBIE, NR_REALM_STATES };

#define MAX_RECS	((1U << RMI_MAX_RECS_ORDER) - 1)

struct rd {
	/* never changes after REALM_CREATE */
	pa_t self;
	struct s2 s2;
	unsigned int vmid;
	unsigned int hash_algo;			/* RMI_HASH_* */
	unsigned int nr_breakpoints;		/* counts, not minus one */
	unsigned int nr_watchpoints;
	bool has_pmu;
	unsigned int pmu_counters;		/* event counters, may be 0 with a PMU */
	unsigned int sve_vq;			/* vector length in 128 bits; 0: no SVE */
	u64 flags0;
	u8 rpv[64];
	u8 instance_id[33];			/* 01, then random: told in tokens */

	/* state [63:32] and number of running RECs [31:0]: compare and swap */
	u64 life;

	/* guarded by the granule lock */
	u64 next_index;				/* of the next REC; never goes back */
	unsigned int nr_operations;		/* incomplete ones: changes of state answer BLOCKED */
	u8 measurement[RMI_NR_MEASUREMENTS][RMI_MEASURE_BYTES];	/* [0] RIM, fixed from ACTIVE on */
	u8 recs[MAX_RECS][5];			/* PA >> 12 of the REC with this index; zero: none */
};

struct realm_facts {
	const char *name;
	u8 may_become;		/* bit per state; to stay is always possible */
};
extern const struct realm_facts realm_facts[NR_REALM_STATES];

static inline struct rd *view_rd(struct call *c, struct granule *g)
{
	return (struct rd *)view(c, g);
}

enum realm_state realm_state(const struct rd *rd);

/* From and to may be the same; false: not in `from`, a REC runs, or there is no such way. */
bool realm_change_idle(struct rd *rd, enum realm_state from, enum realm_state to);
/* SYSTEM_OFF by the realm itself: from ACTIVE, while RECs run. */
void realm_system_off(struct rd *rd);

/* REC_ENTER and its exit: count in only while ACTIVE (rmi-memory.md 8.6). */
bool realm_count_in(struct rd *rd);
void realm_count_out(struct rd *rd);
unsigned int realm_nr_running(const struct rd *rd);

/* RECs by index; the RD is locked. 0 or raw 0: none. */
pa_t rd_rec(const struct rd *rd, u64 index);
void rd_set_rec(struct rd *rd, u64 index, pa_t rec);

/* REC index of an MPIDR (rmi-structs.md 3.1); ~0: reserved bits set. */
u64 rec_index(u64 mpidr);

#endif
