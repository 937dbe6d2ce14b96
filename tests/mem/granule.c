/* SPDX-License-Identifier: BSD-2-Clause */
/* The granule state machine: every pair tried, against rmi-memory.md 3 written down again. */
#include "harness/test.h"
#include "mem/granule.h"
#include "sim/sim.h"

static bool may(enum granule_type from, enum granule_type to)
{
	switch (from) {
	case UNDELEGATED:
		return to == DELEGATED || to == INTERNAL || to == CLAIMED;
	case DELEGATED:		/* to all but itself; REC by way of its operation */
		return to != DELEGATED && to != CLAIMED;
	case INTERNAL:
		return to == DELEGATED || to == UNDELEGATED;
	case BETWEEN:
		return to == REC || to == DATA || to == DELEGATED;
	case CLAIMED:
		return to == UNDELEGATED;
	case DATA:		/* a block whose wipe an interrupt cut */
	case REC:
		return to == BETWEEN || to == DELEGATED;
	default:
		return to == DELEGATED;
	}
}

static void take(struct granule *g)
{
	check(granule_lock_as(g, granule_type(g)));
}

struct step { enum granule_type from, to; u16 refs; bool locked; };

/* As granule.h has it: an RTT has a bit of its own and fourteen for its count. */
static u16 word_of(enum granule_type type, u16 refs)
{
	return (u16)((type == RTT ? BIT(14) : (u64)type << 10) | refs);
}

static void move(void *arg)
{
	const struct step *s = arg;
	struct granule g = { word_of(s->from, s->refs) };

	if (s->locked)
		take(&g);
	granule_set_type(&g, s->to);
	check_eq(granule_type(&g), s->to);
	check_eq(granule_refs(&g), 0);
	granule_unlock(&g);
	check_eq(g.word, word_of(s->to, 0));
}

TEST(every_pair_of_states)
{
	for (enum granule_type from = 0; from < NR_GRANULE_TYPES; from++)
		for (enum granule_type to = 0; to < NR_GRANULE_TYPES; to++) {
			struct step s = { from, to, 0, true };

			test_note("%s to %s", granule_facts[from].name, granule_facts[to].name);
			sim_power_on(&sim_machine_default);	/* a panic leaves the lock */
			check_eq(sim_try(move, &s, true), may(from, to));
			s.refs = 1;
			sim_power_on(&sim_machine_default);
			check(!sim_try(move, &s, true));	/* never with references */
			s.refs = 0;
			s.locked = false;
			sim_power_on(&sim_machine_default);
			check(!sim_try(move, &s, true));	/* never without the lock */
		}
}

TEST(zero_is_the_safe_state)
{
	check_eq(UNDELEGATED, 0);
	for (enum granule_type t = 0; t < NR_GRANULE_TYPES; t++) {
		check(granule_facts[t].name);
		check(granule_facts[t].may_become);
		check(!(granule_facts[t].may_become & 1u << t));
		check(granule_facts[t].lock_rank);
	}
}

struct count { enum granule_type type; int before, by; };

static void add(void *arg)
{
	const struct count *c = arg;
	struct granule g = { word_of(c->type, (u16)c->before) };

	take(&g);
	granule_add_refs(&g, c->by);
	check_eq(granule_refs(&g), c->before + c->by);
	check_eq(granule_type(&g), c->type);
	granule_unlock(&g);
}

static bool counts(enum granule_type type, int before, int by)
{
	struct count c = { type, before, by };

	sim_power_on(&sim_machine_default);
	return sim_try(add, &c, true);
}

TEST(references_stay_in_bounds)
{
	check(counts(RTT, 0, 8192));		/* entries of a 64 KiB table */
	check(!counts(RTT, 0, 8193));
	check(!counts(RTT, 8192, 1));
	check(counts(RTT, 8192, -8192));
	check(!counts(RTT, 0, -1));
	check(counts(RD, 0, 1));
	check(counts(RD, 510, 1));
	check(!counts(RD, 0, -1));
	check(!counts(DATA, 0, 1));
	check(!counts(DELEGATED, 0, 1));
	check(!counts(UNDELEGATED, 0, 1));
	check(!counts(REC, 0, 1));
}

static void twice(void *arg)
{
	struct granule g = { 0 };

	(void)arg;
	take(&g);
	take(&g);
}

static void never_taken(void *arg)
{
	struct granule g = { 0 };

	(void)arg;
	granule_unlock(&g);
}

TEST(the_paper_machine_sees_bad_locking)
{
	check(!sim_try(twice, NULL, true));
	sim_power_on(&sim_machine_default);
	check(!sim_try(never_taken, NULL, true));
}

/* Of another type it is neither taken nor waited for, held or not. */
TEST(locks_what_was_asked_for)
{
	struct granule g = { word_of(DELEGATED, 0) };

	check(!granule_lock_as(&g, RD));
	check_eq(sim_locks_held(), 0);
	g.word |= GRANULE_LOCK;		/* another PE's */
	check(!granule_lock_as(&g, RD));
	check_eq(g.word, GRANULE_LOCK | word_of(DELEGATED, 0));
}
