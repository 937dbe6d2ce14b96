/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ghost: what the monitor should be, a second time. Granules, realms, RECs, RTTs
 * and operations as docs/spec says them, with data of its own and no line of rmm/.
 * For each call it knows which answers are allowed and, from the answer, what is
 * next; after each call the monitor's state must be the ghost's (see.c).
 *
 * It runs behind the monitor: the answer chooses among what is allowed, so where a
 * range stops, when an operation pauses, how memory is asked for stays the
 * monitor's choice. One call at a time.
 */
#ifndef TESTS_GHOST_H
#define TESTS_GHOST_H

#include "base/types.h"

struct trap;

/* Takes over what the monitor holds now. No operation is under way. */
void ghost_start(void);

/* Around one call. Faults (sim_fault) at an answer or a state that may not be. */
void ghost_before(const u64 in[8]);
void ghost_after(const u64 in[8], const u64 out[8]);

/* The monitor has read this of the host's memory: what it saw, whatever comes after. */
void ghost_saw(u64 pa, size_t bytes);

/* A realm runs: its registers as it finds them; then what it does next, with which. */
void ghost_runs(u64 rec, const u64 x[31], u64 pc);
void ghost_traps(u64 rec, const u64 x[31], const struct trap *trap);

/* How many answers were judged, by kind. */
struct ghost_count { u64 calls, refused, done, incomplete, blocked, resumes, entries; };
extern struct ghost_count ghost_count;

#endif
