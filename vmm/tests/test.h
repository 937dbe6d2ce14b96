/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each test program of the VMM begins with. A failed check prints where
 * and ends the program.
 */
#ifndef VMM_TEST_H
#define VMM_TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

#define CHECK(x) do {								\
	if (!(x)) {								\
		fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #x);	\
		exit(1);							\
	}									\
} while (0)

/* What lives as long as the process is not given back; that is no finding. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

/* A seeded generator: a run can be repeated. */
static inline u64 rnd(u64 *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static inline u64 seed_of(int argc, char **argv)
{
	u64 seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;

	return seed ? seed : 1;
}

#endif
