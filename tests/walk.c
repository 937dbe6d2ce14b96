/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A random walk of one PE with every check on: after each call the paper machine's
 * own (views, locks, TLB, second looks), after each refusal that nothing changed,
 * now and then the invariants of all objects; at the end a good host gets every
 * page back. Replay: run --seed N walk
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ghost/ghost.h"
#include "harness/chaos.h"
#include "harness/inside.h"

static struct chaos c;
static struct sim_snapshot *snapshot;

static void tell(void)
{
	chaos_tell(&c);
	fprintf(stderr, "replay: --seed %llu walk\n", (unsigned long long)test_seed());
}

static bool is_refusal(u64 x0)
{
	u64 s = x0 & 0xFF;

	return s != RMI_SUCCESS && s != RMI_INCOMPLETE;
}

/* Answers that remember something although they say no. */
static bool may_remember(const u64 in[8])
{
	return in[0] == FID_OP_MEM_DONATE || in[0] == FID_OP_CONTINUE || in[0] == FID_REC_ENTER ||
	       in[0] == FID_RTT_DATA_MAP_INIT;
}

static bool is_rd(u64 p)
{
	return inside_is(p, "RD");
}

static void fill_tlbs(void)
{
	for (u64 p = sim_machine()->bank[0].base; sim_is_dram(p); p += GRANULE_SIZE)
		if (is_rd(p))
			sim_tlb_fill(inside_vttbr(p), inside_vtcr(p));
}

static void before(struct chaos *ch, const u64 regs[8])
{
	if (rng_below(&ch->rng, 4) == 0)
		fill_tlbs();
	snapshot = !may_remember(regs) && rng_below(&ch->rng, 6) == 0 ? sim_snapshot() : NULL;
	sim_call_begin();
	ghost_before(regs);
}

static void after(struct chaos *ch, const u64 in[8], const u64 out[8])
{
	const char *diff = NULL;

	sim_call_end(false);
	if (snapshot && is_refusal(out[0])) {
		diff = sim_snapshot_differs(snapshot);
		if (diff)
			sim_fault("refused with 0x%llx, and changed %s", (unsigned long long)out[0],
				  diff);
		if (sim_ns_written())
			sim_fault("refused, and wrote to the host");
	}
	if (snapshot)
		sim_snapshot_free(snapshot);
	snapshot = NULL;
	if (rng_below(&ch->rng, 16) == 0 && inside_invariants())
		sim_fault("%s", inside_invariants());
	ghost_after(in, out);
}

TEST(walk)
{
	time_t end = time(NULL) + test_seconds();
	unsigned int worlds = 0;

	do {
		u64 calls = 0, succeeded = 0;

		test_note("world %u", worlds);
		chaos_world();
		chaos_init(&c, 0, test_seed() + worlds);
		c.before = before;
		c.after = after;
		c.ghost = c.hostile = true;
		ghost_start();
		sim_on_fault(tell);
		for (unsigned int i = 0; i < 4000; i++)
			chaos_step(&c);
		if (getenv("CHAOS_STATISTICS"))
			chaos_statistics(&c);
		if (getenv("CHAOS_STATISTICS"))
			printf("ghost: %llu calls %llu refused %llu done %llu incomplete %llu blocked "
			       "%llu resumes %llu entries\n", (unsigned long long)ghost_count.calls,
			       (unsigned long long)ghost_count.refused,
			       (unsigned long long)ghost_count.done,
			       (unsigned long long)ghost_count.incomplete,
			       (unsigned long long)ghost_count.blocked,
			       (unsigned long long)ghost_count.resumes,
			       (unsigned long long)ghost_count.entries);
		calls = c.calls;
		succeeded = c.succeeded;
		test_check(succeeded * 8 > calls, __FILE__, __LINE__,
			   "only %llu of %llu calls worked", (unsigned long long)succeeded,
			   (unsigned long long)calls);
		chaos_clean_up(&c);
		test_check(!inside_invariants(), __FILE__, __LINE__, "%s",
			   inside_invariants() ?: "");
		worlds++;
	} while (time(NULL) < end);
	sim_on_fault(NULL);
}
