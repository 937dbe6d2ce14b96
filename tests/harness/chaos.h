/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls at random, aimed so that about half of them work: a host that knows what
 * it does most of the time, lies now and then, and realms that do likewise. Used
 * by one PE with every check (tests/walk.c) and by several at once (tests/race.c).
 */
#ifndef TESTS_CHAOS_H
#define TESTS_CHAOS_H

#include <stdio.h>

#include "harness/host.h"
#include "sim/sim.h"

#define CHAOS_PAGES	192		/* pages that change hands, in one run */
#define CHAOS_HANDLES	8
#define CHAOS_LOG	24
#define CHAOS_STARTED	8192
#define CHAOS_COMMANDS	0x100

struct chaos_call { u64 in[8], out[8]; bool answered; const char *label; };

struct chaos {
	struct rng rng;
	const u8 *bytes;		/* of a fuzzer: they decide instead of the seed */
	size_t nr_bytes;
	bool hostile;			/* the host changes what was read, EL3 refuses */
	bool ghost;			/* it is told what the realm does and the monitor reads */
	struct { u64 rd, ipa; int level; } want;	/* the table that the last call missed */
	FILE *log_file;			/* each call in words; null: none */
	bool flips;
	u64 refused;
	unsigned int cpu;
	u64 params, run, list;		/* this PE's host pages, never delegated */
	u64 calls, succeeded;
	u64 started[CHAOS_STARTED], nr_started;	/* handles of operations, for the end */
	u32 answers[CHAOS_COMMANDS][20];	/* by low bits of the FID and status */
	struct chaos_call log[CHAOS_LOG];
	/* around one call: what the caller of chaos_step() wants to check */
	void (*before)(struct chaos *c, const u64 regs[8]);
	void (*after)(struct chaos *c, const u64 in[8], const u64 out[8]);
	void *arg;
};

/*
 * An ACTIVE monitor and the pool of pages, half of them DELEGATED; once per world.
 * donated: its metadata are the host's, not EL3's.
 */
void chaos_world(bool donated);
/* Set before chaos_world(): a third bank, below a block of level 0 that comes and goes. */
extern bool chaos_blocks;
/* Deactivates a monitor of which nothing is in use, and activates it again, with mistakes. */
void chaos_live_again(struct chaos *c);
/* The next world has memory for a block of level 2. */
void chaos_large(bool on);
void chaos_init(struct chaos *c, unsigned int cpu, u64 seed);
/* One call. */
void chaos_step(struct chaos *c);
/* One call in words; out null: not answered yet; label: of a refusal, or "". */
void chaos_say(FILE *to, const u64 in[8], const u64 out[8], const char *label);
/* The last calls in words, on stderr. */
void chaos_tell(const struct chaos *c);
/* How often which command gave which answer. */
void chaos_statistics(const struct chaos *c);
/* Ends what is incomplete, destroys all realms, gives back all pages. */
void chaos_clean_up(struct chaos *c);
/* Only the first part: the operations this PE began. */
void chaos_finish_operations(struct chaos *c);

#endif
