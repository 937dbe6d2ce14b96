/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stateful RMI operations (rmi-sro.md, decisions 41 to 55): one pool of
 * contexts, each at work on one CPU or parked until the host's next follow-up.
 */
#ifndef RMM_MEM_SRO_H
#define RMM_MEM_SRO_H

#include "base/hash.h"
#include "mem/call.h"

struct op;

/* What one kind of operation does at each step; object pointers are its own. */
struct op_kind {
	const char *name;
	/*
	 * OP_CONTINUE with nothing owed either way: goes on until it wants
	 * memory, gives some back, or ends. Uses op_ask(), op_return(), op_end().
	 */
	status_t (*step)(struct call *c, struct op *op);
	/* It was cancelled or its donation failed: put the objects back. NULL: there is nothing to. */
	void (*undo)(struct call *c, struct op *op);
	/*
	 * A donated run: takes it all and remembers it, or (false) nothing.
	 * NULL: single DELEGATED granules, kept in op->taken.
	 */
	bool (*take)(struct call *c, struct op *op, pa_t base, u64 granules);
	/* OP_MEM_RECLAIM comes: a slice of it is made ready to go. NULL: it is. */
	void (*ready)(struct op *op);
	/*
	 * The n-th run to give back, a slice at most, and: the first nr of them are
	 * gone. False: there are only n. None of its granules: it is not ready.
	 * NULL: from op->taken, wiped, DELEGATED.
	 */
	bool (*peek)(const struct op *op, unsigned int n, pa_t *base, u64 *granules);
	void (*gone)(struct call *c, struct op *op, unsigned int nr);
};

#define OP_MAX_TAKEN	16

enum op_phase { OP_NEED_CONTINUE, OP_NEED_DONATE, OP_FAILED, OP_NEED_RECLAIM, NR_OP_PHASES };

struct op_phase_facts {
	const char *name;
	enum rmi_command follow_up;	/* the one that serves it; OP_CANCEL when it can be cancelled */
};
extern const struct op_phase_facts op_phase_facts[NR_OP_PHASES];

struct op {
	u64 word;			/* [63:8] generation, [7:0] free, parked, at work; CAS */
	/* granules in [block, block + bytes) are in between: op_cover(), op_covers() */
	u64 block, bytes;

	/* owned by whoever is at work on it */
	const struct op_kind *kind;
	enum rmi_command command;
	enum op_phase phase;
	bool can_cancel;
	bool stop;			/* the host's last OP_CONTINUE said STOP */
	status_t end;			/* failed or cancelled: the last status; else 0 */
	u64 wanted;			/* granules still asked for */
	bool contig;
	u64 mem_state;			/* RMI_MEMSTATE_* that is asked for and given back */
	unsigned int nr_taken;
	pa_t taken[OP_MAX_TAKEN];

	/* the kind's own */
	pa_t rd, rec;
	u64 index;
	u64 count;
	status_t last;			/* what it ends with when it has undone itself */
	struct hash_state hash;		/* of a content, `count` bytes of it so far */
	u8 digest[HASH_MAX_BYTES];
	struct {
		pa_t base;
		u64 granules;		/* the host's on its way in, or on its way back */
		u64 realm;		/* the first are Realm, and on the way in wiped */
		u64 free;		/* the first could go now */
		u8 given;		/* RMI_MEMSTATE_*, as it came and goes */
	} meta;				/* metadata in no use: rmi/metadata.c */
	union {
		struct {
			u64 flags, mpidr, pc, gprs[8];
		} params;		/* REC_CREATE */
		struct {
			u64 base, at, top, left;
			pa_t block;
			unsigned int size;
		} map;			/* DATA_MAP of blocks */
		struct {
			u64 ipa, flags;
			pa_t data;
		} init;			/* DATA_MAP_INIT */
		struct {
			u64 region, at, inside;
			struct granule *granules;
			u8 step, to, type;
			bool kept;
		} track;		/* GRANULE_TRACKING_SET, GRANULE_RANGE of a region */
		struct {
			u64 out[4];	/* x1 .. x3 in [1] .. [3] */
		} unmap;		/* DATA_UNMAP of a block */
	};
};

/* A context, at work in this call: the last step before commit(). NULL: none free, see *status. */
struct op *op_begin(struct call *c, const struct op_kind *kind, status_t *status);
/* The parked operation of a handle, at work in this call. NULL: see *status; why: unknown handle. */
struct op *op_resume(struct call *c, u64 handle, enum refusal why, status_t *status);
/* Hosts exist that exchange handle and flags (decisions 51): gives the one that is a handle. */
u64 op_handle_of(u64 handle, u64 flags);
/* No context is in use. */
bool op_all_free(void);
/*
 * Granules here, DATA or INTERNAL, belong to the operation and to no table: other
 * commands that name one answer BLOCKED. Until it is told otherwise, or ends.
 */
void op_cover(struct op *op, pa_t block, u64 bytes);
/* Some operation covers this granule. */
bool op_covers(pa_t p);
/* A region is FINE from now on: what is covered in [base, top) is no longer UNDELEGATED. */
void op_mark_covered(u64 base, u64 top);
/* By call_end(): the operation waits for the host. */
void op_park(struct call *c);

/* Ends of the initiating command, of step() and of the follow-ups: */
status_t op_ask(struct call *c, struct op *op, u64 granules, bool contig, u64 mem_state);
status_t op_return(struct call *c, struct op *op);	/* memory goes back, if any; then step() */
status_t op_pause(struct call *c, struct op *op);	/* only OP_CONTINUE is missing */
status_t op_end(struct call *c, struct op *op, status_t status);
/* It will end with this status once all memory is back. */
void op_fail(struct op *op, status_t end);

/* For the follow-up commands. */
bool op_take(struct call *c, struct op *op, pa_t base, u64 granules);
bool op_peek(const struct op *op, unsigned int n, pa_t *base, u64 *granules);
void op_gone(struct call *c, struct op *op, unsigned int nr);

#endif
