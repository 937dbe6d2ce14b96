/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A run of granules in a row, all of one type and all locked, for the range
 * commands: what EL3 is asked for with one call.
 */
#ifndef RMM_MEM_RUN_H
#define RMM_MEM_RUN_H

#include "mem/granule.h"
#include "mem/slice.h"

#define RUN_MAX	SLICE_GRANULES	/* EL3 looks for no interrupts */

/* Where runs of one call may lie: from base on, below top, in one bank and one region. */
struct ground {
	u64 base, top;
	struct granule *first;		/* of base; NULL: not tracked, or no DRAM */
	bool is_dram;			/* there is some at base */
};
struct ground ground_at(pa_t base, pa_t top);

struct run {
	struct granule *first;
	u64 n;
	enum granule_type type;
};

/*
 * Locks granules from base on, while they are of type `type` and on the ground; at
 * most RUN_MAX. n = 0: not even the first.
 */
struct run run_lock(const struct ground *in, pa_t base, enum granule_type type);
/*
 * The first `changed` of them become `to`, the next one, if it is mixed (mem/gpt.h), INTERNAL
 * for ever; all are unlocked.
 */
void run_unlock(const struct run *r, u64 changed, enum granule_type to, bool mixed);

#endif
