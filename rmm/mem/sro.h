/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stateful RMI operations (rmi-sro.md, decisions 41 to 55): one pool of
 * contexts, each at work on one CPU or parked until the host's next follow-up.
 */
#ifndef RMM_MEM_SRO_H
#define RMM_MEM_SRO_H

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
	/* The operation was cancelled or its donation failed: put the objects back. */
	void (*undo)(struct call *c, struct op *op);
	/*
	 * A donated run: takes it all and remembers it, or (false) nothing.
	 * NULL: DELEGATED granules, kept in op->taken.
	 */
	bool (*take)(struct call *c, struct op *op, pa_t base, u64 granules);
	/* The next run to give back, and then that it is gone. NULL: from op->taken. */
	bool (*peek)(struct op *op, pa_t *base, u64 *granules);
	void (*gone)(struct call *c, struct op *op, pa_t base, u64 granules);
};

#define OP_MAX_TAKEN	16

enum op_phase { OP_NEED_CONTINUE, OP_NEED_DONATE, OP_FAILED, OP_NEED_RECLAIM };

struct op {
	u64 word;			/* [63:8] generation, [7:0] free, parked, at work; CAS */

	/* owned by whoever is at work on it */
	const struct op_kind *kind;
	enum rmi_command command;
	enum op_phase phase;
	bool can_cancel;
	status_t end;			/* with FAILED and after a cancel: the last status; else 0 */
	u64 wanted;			/* granules still asked for */
	bool contig;
	u64 mem_state;			/* RMI_MEMSTATE_* that is asked for and given back */
	unsigned int nr_taken;
	pa_t taken[OP_MAX_TAKEN];

	/* the kind's own */
	pa_t rd, rec;
	u64 index;
	u64 count;
	struct {
		u64 flags, mpidr, pc, gprs[8];
	} params;
};

/* A context, at work on this CPU. NULL: none free, the answer is in *status. */
struct op *op_begin(struct call *c, const struct op_kind *kind, status_t *status);

/* Ends of the initiating command and of step(): */
status_t op_ask(struct call *c, struct op *op, u64 granules, bool contig, u64 mem_state);
status_t op_return(struct call *c, struct op *op);	/* memory goes back first */
status_t op_pause(struct call *c, struct op *op);	/* nothing but time */
status_t op_end(struct call *c, struct op *op, status_t status);

#endif
