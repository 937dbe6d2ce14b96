/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a granule may be and become, as a table (rmi-memory.md 3).
 */
#include "base/require.h"
#include "mem/granule.h"
#include "mem/region.h"

#define TO(type)	(1U << (type))

const struct granule_facts granule_facts[NR_GRANULE_TYPES] = {
	/*		  name		 may become			 lock rank, most refs */
	[UNDELEGATED]	= { "UNDELEGATED", TO(DELEGATED) | TO(INTERNAL) | TO(CLAIMED), 5, 0 },
	[DELEGATED]	= { "DELEGATED", TO(UNDELEGATED) | TO(RD) | TO(REC) | TO(RTT) |
			    TO(DATA) | TO(INTERNAL) | TO(BETWEEN),		4, 0 },
	[RD]		= { "RD",	 TO(DELEGATED),			1, MAX_GRANULE_REFS },
	[REC]		= { "REC",	 TO(BETWEEN) | TO(DELEGATED),	2, 0 },
	[RTT]		= { "RTT",	 TO(DELEGATED),			3, 8192 },
	[DATA]		= { "DATA",	 TO(DELEGATED) | TO(BETWEEN),	4, 0 },
	[INTERNAL]	= { "INTERNAL",	 TO(DELEGATED) | TO(UNDELEGATED), 4, 0 },
	[BETWEEN]	= { "BETWEEN",	 TO(REC) | TO(DATA) | TO(DELEGATED), 2, 0 },
	[CLAIMED]	= { "CLAIMED",	 TO(UNDELEGATED),		5, 0 },
};

_Static_assert(NR_GRANULE_TYPES <= 16, "types fit their field");

struct granule *granule_find(pa_t p)
{
	return granule_find_in(region_find(p.raw), p);
}

static u16 load(const struct granule *g)
{
	return __atomic_load_n(&g->word, __ATOMIC_RELAXED);
}

/*
 * The holder of the lock is the only writer, but others look without it, and
 * arch_bitlock_*() works on the same word: single-copy atomic stores.
 */
static void store(struct granule *g, u16 word)
{
	__atomic_store_n(&g->word, word, __ATOMIC_RELAXED);
}

static u16 type_bits(enum granule_type type)
{
	return type == RTT ? GRANULE_RTT : (u16)(type << GRANULE_TYPE_SHIFT);
}

u16 granule_word_as(enum granule_type type)
{
	return type_bits(type);
}

enum granule_type granule_type(const struct granule *g)
{
	unsigned int type = FIELD(load(g), 14, GRANULE_TYPE_SHIFT);

	return type < 16 ? (enum granule_type)type : RTT;
}

static u64 waiting;		/* PEs that wait for a granule */

bool granule_wanted(void)
{
	return __atomic_load_n(&waiting, __ATOMIC_RELAXED);
}

static bool wait_for(struct granule *g, enum granule_type type)
{
	bool got = false;

	arch_fetch_add64(&waiting, 1);
	while (!got && granule_type(g) == type)
		got = arch_bitlock_try(&g->word);
	arch_fetch_add64(&waiting, ~0ULL);
	return got;
}

bool granule_lock_as(struct granule *g, enum granule_type type)
{
	if (granule_type(g) != type)
		return false;
	if (!arch_bitlock_try(&g->word) && !wait_for(g, type))
		return false;
	if (granule_type(g) == type)
		return true;
	granule_unlock(g);
	return false;
}

void granule_unlock(struct granule *g)
{
	arch_bitlock_release(&g->word);
}

static u64 rtts_gone;

u64 granule_rtts_gone(void)
{
	return arch_load_acquire64(&rtts_gone);
}

void granule_set_type(struct granule *g, enum granule_type to)
{
	enum granule_type from = granule_type(g);

	require(load(g) & GRANULE_LOCK);
	require(granule_facts[from].may_become & TO(to));
	require(granule_refs(g) == 0);
	if (from == RTT)
		arch_fetch_add64(&rtts_gone, 1);	/* before its lock is given back */
	store(g, (u16)(GRANULE_LOCK | type_bits(to)));
}

void granule_unlock_as(struct granule *g, enum granule_type from, enum granule_type to)
{
	require(load(g) == (GRANULE_LOCK | (u16)from << GRANULE_TYPE_SHIFT));
	require(from != RTT && granule_facts[from].may_become & TO(to));
	arch_bitlock_release_as(&g->word, (u16)(to << GRANULE_TYPE_SHIFT));
}

unsigned int granule_refs(const struct granule *g)
{
	u16 word = load(g);

	return word & (word & GRANULE_RTT ? GRANULE_RTT_REFS_MASK : GRANULE_REFS_MASK);
}

void granule_add_refs(struct granule *g, int n)
{
	int refs = (int)granule_refs(g) + n;

	require(load(g) & GRANULE_LOCK);
	require(refs >= 0 && refs <= granule_facts[granule_type(g)].most_refs);
	store(g, (u16)(GRANULE_LOCK | type_bits(granule_type(g)) | (u16)refs));
}

void granule_mark_own(struct granule *g, u64 nr)
{
	for (; nr; nr--, g++)
		if (!load(g))
			store(g, type_bits(INTERNAL));
}

bool granule_move(pa_t p, enum granule_type from, enum granule_type to)
{
	struct granule *g = granule_find(p);

	if (!g || !granule_lock_as(g, from))
		return false;
	granule_set_type(g, to);
	granule_unlock(g);
	return true;
}

void granule_move_sure(pa_t p, enum granule_type from, enum granule_type to)
{
	require(granule_move(p, from, to));
}
