/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several PEs at once on the same objects, taking turns by a seed at each lock,
 * atomic, GPT change and TLB operation (sim/schedule.c). Between rounds all stop and
 * the invariants of everything are checked; at the end every page comes back.
 * Replay: run --seed N race. Under ThreadSanitizer (make race) threads run freely.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/chaos.h"
#include "harness/inside.h"

#define PES	3
#define CALLS	150		/* of each PE in a round */

/* ThreadSanitizer: what the platform does out of turn would be a race of its own. */
#ifdef __SANITIZE_THREAD__
#define FREE_THREADS true
#else
#define FREE_THREADS false
#endif

static struct chaos pe[PES];
static _Thread_local struct chaos *mine;

static void tell(void)
{
	if (mine)
		chaos_tell(mine);
	fprintf(stderr, "replay: --seed %llu race\n", (unsigned long long)test_seed());
}

static void before(struct chaos *c, const u64 regs[8])
{
	(void)c;
	(void)regs;
	sim_thread_call_begin();
}

static void after(struct chaos *c, const u64 in[8], const u64 out[8])
{
	(void)c;
	(void)in;
	(void)out;
	sim_thread_call_end();
}

static void calls(void *arg)
{
	for (unsigned int i = 0; i < CALLS; i++)
		chaos_step(arg);
}

static void *one_pe(void *arg)
{
	mine = arg;
	sim_be_cpu(mine->cpu);
	sim_schedule_enter();
	if (!sim_try(calls, mine, false))
		_Exit(3);
	sim_schedule_leave();
	return NULL;
}

static bool may_be_viewed(u64 p)
{
	return inside_is(p, "INTERNAL");
}

static void round_of_all(u64 seed)
{
	pthread_t t[PES];

	sim_schedule(PES, seed);
	for (unsigned int i = 0; i < PES; i++)
		if (pthread_create(&t[i], NULL, one_pe, &pe[i]))
			abort();
	for (unsigned int i = 0; i < PES; i++)
		pthread_join(t[i], NULL);
	sim_schedule(0, 0);
	sim_quiet_check(may_be_viewed);
	test_check(!inside_invariants(), __FILE__, __LINE__, "%s", inside_invariants() ?: "");
}

TEST(race)
{
	time_t end = time(NULL) + test_seconds();
	unsigned int worlds = 0;

	sim_on_fault(tell);
	do {
		test_note("world %u", worlds);
		chaos_world();
		sim_faults_end_process(true);
		for (unsigned int i = 0; i < PES; i++) {
			chaos_init(&pe[i], i, test_seed() * 7 + worlds);
			pe[i].before = before;
			pe[i].after = after;
			pe[i].hostile = !FREE_THREADS;
		}
		for (unsigned int i = 0; i < 10; i++)
			round_of_all(test_seed() + worlds * 10 + i);
		if (getenv("CHAOS_STATISTICS"))
			chaos_statistics(&pe[0]);
		for (unsigned int i = 1; i < PES; i++)
			chaos_finish_operations(&pe[i]);
		chaos_clean_up(&pe[0]);
		test_check(!inside_invariants(), __FILE__, __LINE__, "%s",
			   inside_invariants() ?: "");
		worlds++;
	} while (time(NULL) < end);
	sim_on_fault(NULL);
	sim_faults_end_process(false);
}
