/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A walk of one PE with every check on: the ghost, the paper machine's own (views,
 * locks, TLB, second looks), after a refusal that nothing changed, now and then the
 * invariants of all objects.
 */
#ifndef TESTS_WATCH_H
#define TESTS_WATCH_H

#include "chaos.h"

/* This walker from now on; no operation is under way. */
void watch(struct chaos *c);
/* A new world, and the walker in it. */
void watch_begin(struct chaos *c, u64 seed);
/* So many calls (or until a fuzzer's bytes end), then a good host gets every page back. */
void watch_world(struct chaos *c, u64 steps);

#endif
