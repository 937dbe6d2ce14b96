/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random walks of one PE beside the ghost, with every check on (harness/watch.h).
 * ./fief walk SEED repeats one call for call: world n of a run has its seed plus n.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/watch.h"

#define STEPS 4000		/* of one world */

static struct chaos c;
static u64 seed;

static void tell(void)
{
	chaos_tell(&c);
	fprintf(stderr, "again: ./fief walk %" PRIu64 "\n", seed);
}

/* No more than is left of --steps. */
static u64 steps_of_world(u64 done)
{
	u64 all = test_steps();

	return !all || all - done > STEPS ? STEPS : all - done;
}

TEST(walk)
{
	time_t end = time(NULL) + test_seconds();
	FILE *log = test_log() ? fopen(test_log(), "w") : NULL;
	u64 done = 0;

	need(log || !test_log());
	sim_on_fault(tell);
	for (seed = test_seed(); test_steps() ? done < test_steps() : time(NULL) < end; seed++) {
		u64 steps = steps_of_world(done);

		test_note("./fief walk %" PRIu64, seed);
		watch_begin(&c, seed);
		c.log_file = log;
		watch_world(&c, steps);
		if (getenv("CHAOS_STATISTICS"))
			chaos_statistics(&c);
		test_check(c.succeeded * 8 > c.calls, __FILE__, __LINE__,
			   "only %" PRIu64 " of %" PRIu64 " calls worked", c.succeeded, c.calls);
		done += steps;
	}
	sim_on_fault(NULL);
	if (log)
		fclose(log);
}

static void logged(char **text, size_t *bytes)
{
	FILE *log = open_memstream(text, bytes);

	watch_begin(&c, test_seed());
	c.log_file = log;
	watch_world(&c, 1000);
	fclose(log);
}

TEST(walk_repeats_itself)
{
	size_t bytes[2];
	char *text[2];

	logged(&text[0], &bytes[0]);
	logged(&text[1], &bytes[1]);
	check_eq(bytes[0], bytes[1]);
	check(bytes[0] == bytes[1] && !memcmp(text[0], text[1], bytes[0]));
	free(text[0]);
	free(text[1]);
}
