/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One call into the monitor, and its verbs (STYLE.md):
 *
 *	hold()		lock a granule of a given type, or nothing
 *	view()		see what is in it
 *	let_go()	unlock before the end: hand-over-hand, before entering a realm
 *	give()		set an output register
 *	refuse()	say no
 *	commit()	nothing below can fail
 *	become()	change what a granule is
 *	done()		say yes
 *
 * What the call still holds at the end the dispatcher gives back, in reverse.
 */
#ifndef RMM_MEM_CALL_H
#define RMM_MEM_CALL_H

#include "abi/rmi.h"
#include "abi/rmi/commands.h"
#include "base/types.h"
#include "mem/granule.h"
#include "mem/slice.h"

typedef u64 status_t;		/* result word, x0 (rmi.md 3.3) */

#define MAX_HELD	20	/* REALM_CREATE: RD and 16 starting tables */

struct held {
	struct granule *g;
	pa_t pa;
	enum granule_type type;
	void *view;
};

struct op;

struct call {
	enum rmi_command command;
	u64 out[5];			/* x1 .. x4 in [1] .. [4] */

	unsigned int nr_held;
	struct held held[MAX_HELD];
	struct op *op;			/* stateful operation at work in this call */

	u32 work;			/* since the last look for interrupts: slice_over() */
	bool committed;
	bool blocked;			/* met an object in between: the answer is BLOCKED */
	enum refusal refused;		/* the label, for the trace */
};

void call_begin(struct call *c, enum rmi_command command);
void call_end(struct call *c);

/*
 * The granule at p, locked, if it is of this type. NULL: it is not, or not
 * tracked. Looks before it waits, so a wrong claim of the host never waits.
 * Ranks must rise; within one rank, addresses (expect).
 */
struct granule *hold(struct call *c, pa_t p, enum granule_type type);
/* The same, reached through something this call holds or owns: cannot fail. */
struct granule *hold_sure(struct call *c, pa_t p, enum granule_type type);
/* A granule that was of this type when last seen. NULL: no more, and no reason to answer BLOCKED. */
struct granule *hold_again(struct call *c, pa_t p, enum granule_type type);
/* A guess without the lock; of an object in between it makes the refusal BLOCKED. */
bool granule_is(struct call *c, pa_t p, enum granule_type type);
/* The same of all of a COARSE region. */
struct region;
bool region_is(struct call *c, const struct region *r, enum granule_type type);

/* The Realm view of a held granule. Valid until it is let go. */
void *view(struct call *c, struct granule *g);
pa_t pa_of(const struct call *c, const struct granule *g);
void let_go(struct call *c, struct granule *g);

void give(struct call *c, unsigned int reg, u64 value);

status_t refuse(struct call *c, enum refusal why);
/* RMI_ERROR_RTT with the level where the walk ended. */
status_t refuse_at(struct call *c, enum refusal why, int level);
/* RMI_ERROR_TRACKING and _GPT with level and address (decisions 36). */
status_t refuse_for(struct call *c, enum refusal why, int level, pa_t p);
/* The same after commit(). */
status_t status_for(status_t status, int level, pa_t p);
/* Not now: nothing happened, and it may work when tried again. */
status_t busy(struct call *c);
/* An incomplete operation must be driven on first. */
status_t blocked(struct call *c);

/*
 * A slice of work is done (mem/slice.h). True: the call should end, because an
 * interrupt waits for this PE, or another PE for a granule, and this call holds some.
 */
bool slice_end(const struct call *c);
/* One more piece of work is done, of which `pieces` are a slice: and if that was one? */
bool slice_over(struct call *c, u32 pieces);

void commit(struct call *c);
/* The granule's references are zero; its new type is one the table allows. */
void become(struct call *c, struct granule *g, enum granule_type to);
status_t done(struct call *c);

/* 4 KiB of this CPU, for copies of host structures; the call's only. */
void *call_page(struct call *c);

/* The refusal's status (RMI_ERROR_*) and name ("RTT_CREATE_rd_align"). */
u64 refusal_status(enum refusal why);
const char *refusal_name(enum refusal why);

#endif
