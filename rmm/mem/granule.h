/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Granules: two bytes of state for each one in a tracked region
 * (rmi-memory.md 2, 3). Where the two bytes lie: mem/region.h.
 *
 *	bit  15		lock
 *	bit  14		RTT: bits 13:0 count its live entries other than MAPPED_NS,
 *			of which a 64 KiB table may have 8192
 *	bits 13:10	any other type
 *	bits 9:0	references: RD its RECs
 *
 * The type changes only while the lock is held, so a look without the lock is
 * a guess that must be repeated with it.
 */
#ifndef RMM_MEM_GRANULE_H
#define RMM_MEM_GRANULE_H

#include "base/types.h"

struct granule { u16 word; };

enum granule_type {
	UNDELEGATED,		/* zero: what fresh metadata says */
	DELEGATED,
	RD,
	REC,
	RTT,
	DATA,
	INTERNAL,		/* the monitor's: donated, or its own */
	BETWEEN,		/* head of an object whose operation is incomplete: BLOCKED */
	CLAIMED,		/* UNDELEGATED, while its region is converted: BLOCKED */
	NR_GRANULE_TYPES
};

#define GRANULE_LOCK		BIT(15)
#define GRANULE_RTT		BIT(14)
#define GRANULE_TYPE_SHIFT	10
#define GRANULE_REFS_MASK	MASK(9, 0)
#define GRANULE_RTT_REFS_MASK	MASK(13, 0)

#define MAX_GRANULE_REFS	0x3FF

struct granule_facts {
	const char *name;
	u16 may_become;		/* bit per type */
	u8 lock_rank;		/* locks are taken in rising rank */
	u16 most_refs;
};
extern const struct granule_facts granule_facts[NR_GRANULE_TYPES];

/* The address is a multiple of the granule size. */
static inline bool is_granule(u64 address)
{
	return IS_ALIGNED(address, GRANULE_SIZE);
}

/* The granule at an address; NULL: no tracked DRAM there. */
struct granule *granule_find(pa_t p);

/* The word of one of this type, unlocked, without references. */
u16 granule_word_as(enum granule_type type);
/* A look without the lock. */
enum granule_type granule_type(const struct granule *g);

/* With the lock held, by mem/call.c and the functions below only. */
/*
 * Locks it if it is of this type, and waits only while it is: one that became
 * something of another rank meanwhile may be held by a PE that waits for us.
 */
bool granule_lock_as(struct granule *g, enum granule_type type);
/* Some PE waits in there: whoever holds a granule for long lets go soon. */
bool granule_wanted(void);
void granule_unlock(struct granule *g);
void granule_set_type(struct granule *g, enum granule_type to);
/* Both in one store: it is of type `from`, has no references and is no RTT. */
void granule_unlock_as(struct granule *g, enum granule_type from, enum granule_type to);

/*
 * How many RTTs there have been that are none any more, of any realm. Read while an
 * RTT is held and the same when it is held again: it has been that realm's all along.
 */
u64 granule_rtts_gone(void);

/* References; the granule is locked. */
unsigned int granule_refs(const struct granule *g);
void granule_add_refs(struct granule *g, int n);

/*
 * Lock, check, change, unlock in one: for the many granules of a range.
 * False: it was not of type `from` (or not tracked), nothing changed.
 */
/* UNDELEGATED ones of the nr from g on become INTERNAL; without locks: before ACTIVE only. */
void granule_mark_own(struct granule *g, u64 nr);
bool granule_move(pa_t p, enum granule_type from, enum granule_type to);
/* The same for one that cannot be anything else. */
void granule_move_sure(pa_t p, enum granule_type from, enum granule_type to);

#endif
