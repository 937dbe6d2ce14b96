/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two to four PEs at once on the same objects, taking turns by a seed at each lock,
 * atomic, GPT change and TLB operation (sim/schedule.c). Between rounds all stop and
 * the invariants of everything are checked. At the end the ghost takes over what the
 * race left and walks on with it, until every page is back: a state that the
 * specification does not know, or that differs from what the calls can see of it,
 * ends there. ./fief race SEED repeats a run: world n has its seed plus n. Under
 * ThreadSanitizer (make race) threads run freely.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/inside.h"
#include "harness/watch.h"

#define MOST_PES	4
#define CALLS		150	/* of each PE in a round */
#define ROUNDS		10	/* of one world */
#define AFTERWARDS	200	/* calls beside the ghost */

/* ThreadSanitizer: what the platform does out of turn would be a race of its own. */
#ifdef __SANITIZE_THREAD__
#define FREE_THREADS true
#else
#define FREE_THREADS false
#endif

static struct chaos pe[MOST_PES];
static unsigned int nr_pes;
static u64 seed, steps;
static FILE *log_file;
static _Thread_local struct chaos *mine;

static void tell(void)
{
	if (mine)
		chaos_tell(mine);
	fprintf(stderr, "again: ./fief race %" PRIu64 "\n", seed);
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
	for (u64 i = 0; i < steps; i++)
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

static void round_of_all(u64 turns)
{
	pthread_t t[MOST_PES];

	sim_schedule(nr_pes, turns);
	for (unsigned int i = 0; i < nr_pes; i++)
		if (pthread_create(&t[i], NULL, one_pe, &pe[i]))
			abort();
	for (unsigned int i = 0; i < nr_pes; i++)
		pthread_join(t[i], NULL);
	sim_schedule(0, 0);
	sim_quiet_check(may_be_viewed);
	test_check(!inside_invariants(), __FILE__, __LINE__, "%s", inside_invariants() ?: "");
}

static void begin(void)
{
	nr_pes = 2 + (unsigned int)(seed % 3);
	chaos_blocks = seed % 4 < 2 && test_granule() == 12;
	chaos_world(seed % 4 == 3);
	for (unsigned int i = 0; i < nr_pes; i++) {
		chaos_init(&pe[i], i, seed * 7);
		pe[i].before = before;
		pe[i].after = after;
		pe[i].hostile = !FREE_THREADS;
		pe[i].log_file = log_file;
	}
}

/* One PE goes on from what they left, and every answer is judged. */
static void end(void)
{
	for (unsigned int i = 0; i < nr_pes; i++)
		chaos_finish_operations(&pe[i]);
	mine = &pe[0];
	sim_be_cpu(0);
	if (!FREE_THREADS)
		watch(&pe[0]);
	watch_world(&pe[0], FREE_THREADS ? 0 : AFTERWARDS);
	chaos_blocks = false;
	mine = NULL;
}

static void world(u64 calls_of_each)
{
	test_note("./fief race %" PRIu64, seed);
	chaos_large(seed % 8 == 5);
	begin();
	sim_faults_end_process(true);
	for (unsigned int i = 0; calls_of_each; i++) {
		steps = calls_of_each < CALLS ? calls_of_each : CALLS;
		calls_of_each -= steps;
		round_of_all(seed * ROUNDS + i);
	}
	if (getenv("CHAOS_STATISTICS"))
		chaos_statistics(&pe[0]);
	end();
	sim_faults_end_process(false);
}

/* Of each PE in this world: what is left of --steps, if given. */
static u64 share(u64 done)
{
	u64 all = test_steps();

	return !all || all - done > CALLS * ROUNDS ? CALLS * ROUNDS : all - done;
}

TEST(race)
{
	time_t until = time(NULL) + test_seconds();
	u64 done = 0;

	sim_on_fault(tell);
	log_file = test_log() ? fopen(test_log(), "w") : NULL;
	need(log_file || !test_log());
	for (seed = test_seed(); test_steps() ? done < test_steps() : time(NULL) < until; seed++) {
		u64 n = share(done);

		world(n);
		done += n;
	}
	if (log_file)
		fclose(log_file);
	log_file = NULL;
	sim_on_fault(NULL);
}

static void logged(char **text, size_t *bytes)
{
	log_file = open_memstream(text, bytes);
	seed = test_seed();
	world(300);
	fclose(log_file);
	log_file = NULL;
}

TEST(race_repeats_itself)
{
	size_t bytes[2];
	char *text[2];

	if (FREE_THREADS)
		return;
	sim_on_fault(tell);
	logged(&text[0], &bytes[0]);
	logged(&text[1], &bytes[1]);
	check_eq(bytes[0], bytes[1]);
	check(bytes[0] == bytes[1] && !memcmp(text[0], text[1], bytes[0]));
	free(text[0]);
	free(text[1]);
	sim_on_fault(NULL);
}
