/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes that decide what a walk does: which command, aimed at what, how it is spoiled,
 * what a realm does meanwhile (harness/chaos.c). Every string of bytes is a walk that
 * knows its way, so libFuzzer's changes lead deep instead of to the first refusal.
 * ./fief fuzz runs it there; the runner's share tries strings made from the seed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/watch.h"

#define MOST_BYTES	4096
#define MOST_STEPS	2000
#define SEED		1	/* of what decides nothing */

struct input { const u8 *bytes; size_t nr; FILE *log; };

static struct chaos c;

static void tell(void)
{
	chaos_tell(&c);
}

static void walk(void *arg)
{
	const struct input *in = arg;

	watch_begin(&c, SEED);
	c.bytes = in->bytes;
	c.nr_bytes = in->nr;
	c.log_file = in->log;
	watch_world(&c, in->nr ? MOST_STEPS : 0);
}

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t nr);
int LLVMFuzzerTestOneInput(const u8 *bytes, size_t nr)
{
	sim_on_fault(tell);
	if (!test_one(walk, &(struct input){ bytes, nr, NULL }))
		abort();
	return 0;
}

static void one_file(const char *name)
{
	static u8 bytes[1 << 20];
	FILE *f = fopen(name, "r");

	need(f);
	size_t nr = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	walk(&(struct input){ bytes, nr, stdout });
}

TEST(bytes)
{
	time_t end = time(NULL) + test_seconds();
	struct rng rng = { test_seed() };
	u8 bytes[MOST_BYTES];

	sim_on_fault(tell);
	if (test_file())
		one_file(test_file());
	while (!test_file() && time(NULL) < end) {
		struct input in = { bytes, 1 + rng_below(&rng, sizeof(bytes)), NULL };

		for (size_t i = 0; i < in.nr; i++)
			bytes[i] = (u8)rng_next(&rng);
		walk(&in);
	}
	sim_on_fault(NULL);
}
