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

/*
 * Locks granules from base on, while they are of type `type`, below top and in
 * one region; at most RUN_MAX. Gives how many, 0: not even the first.
 */
u64 run_lock(pa_t base, pa_t top, enum granule_type type);
/* The first `changed` of the n become `to`; all are unlocked. */
void run_unlock(pa_t base, u64 n, u64 changed, enum granule_type to);

#endif
