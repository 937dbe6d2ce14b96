/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of granule types (rmi-memory.md 3).
 * with: mem/granule.c
 */
#include "cbmc.h"
#include "mem/granule.h"
#include "mem/region.h"

/* As granule.h has it. */
static unsigned int word_of(enum granule_type type)
{
	return type == RTT ? BIT(14) : (unsigned int)type << 10;
}

static struct granule any_locked(enum granule_type type, unsigned int refs)
{
	return (struct granule){ (u16)(GRANULE_LOCK | word_of(type) | refs) };
}

static enum granule_type any_type(void)
{
	unsigned int type = any_uint();

	given(type < NR_GRANULE_TYPES);
	return (enum granule_type)type;
}

/* Type, lock and references share two bytes and never touch each other. */
PROOF(fields_are_apart)
{
	enum granule_type type = any_type(), to = any_type();
	struct granule g = any_locked(type, 0);
	unsigned int refs = any_uint();

	given(refs <= granule_facts[type].most_refs);
	granule_add_refs(&g, (int)refs);
	claim(granule_type(&g) == type && granule_refs(&g) == refs && (g.word & GRANULE_LOCK));
	granule_add_refs(&g, -(int)refs);
	claim(granule_refs(&g) == 0 && granule_type(&g) == type);
	given(granule_facts[type].may_become & (1U << to));
	granule_set_type(&g, to);
	claim(granule_type(&g) == to && granule_refs(&g) == 0 && (g.word & GRANULE_LOCK));
	granule_unlock(&g);
	claim(granule_type(&g) == to && !(g.word & GRANULE_LOCK));
	reached();
}

/*
 * What the specification's drawing says: the host's memory becomes Realm memory
 * by delegation only, and goes back only from there (what the monitor takes for
 * its own metadata aside); every object comes from DELEGATED and returns to it.
 */
PROOF(table_is_the_drawing)
{
	enum granule_type from = any_type(), to = any_type();

	given(granule_facts[from].may_become & (1U << to));
	claim(from != to);
	claim(so(from == UNDELEGATED, to == DELEGATED || to == INTERNAL || to == CLAIMED));
	claim(so(to == UNDELEGATED, from == DELEGATED || from == INTERNAL || from == CLAIMED));
	claim(so(to == RD || to == RTT, from == DELEGATED));
	claim(so(to == REC || to == DATA, from == DELEGATED || from == BETWEEN));
	claim(so(from == RD || from == RTT, to == DELEGATED));
	/* none of the objects that a realm relies on turns into another one */
	claim(so(from == REC, to == DELEGATED || to == BETWEEN));
	claim(so(from == DATA, to == DELEGATED || to == BETWEEN));
	reached();
}

/* From every type there is a way back to the host. */
PROOF(nothing_is_a_dead_end)
{
	u32 back = 1U << UNDELEGATED;

	for (unsigned int step = 0; step < NR_GRANULE_TYPES; step++)
		for (unsigned int t = 0; t < NR_GRANULE_TYPES; t++)
			if (granule_facts[t].may_become & back)
				back |= 1U << t;
	claim(back == (1U << NR_GRANULE_TYPES) - 1);
	reached();
}

/* A move that is refused changes nothing, one that is made changes the type alone. */
static struct granule the_one;
struct region *region_find(u64 address)
{
	static struct region r = { .base = 0, .top = PAGE_SIZE, .granules = &the_one };

	return address < GRANULE_SIZE ? &r : NULL;
}

PROOF(move)
{
	enum granule_type is = any_type(), from = any_type(), to = any_type();
	pa_t p = pa(any_u64());
	bool moved;

	the_one.word = (u16)word_of(is);
	given(granule_facts[from].may_become & (1U << to));
	moved = granule_move(p, from, to);
	claim(moved == (p.raw < GRANULE_SIZE && is == from));
	claim(granule_type(&the_one) == (moved ? to : is));
	claim(!(the_one.word & GRANULE_LOCK));
	reached();
}
