/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "mem/sro.h"
#include "rmi/rmi.h"

/* Failed or cancelled: everything goes back, then the objects, then the status. */
static status_t wind_up(struct call *c, struct op *op)
{
	u64 granules;
	pa_t base;

	if (op_peek(op, 0, &base, &granules))
		return op_return(c, op);
	if (op->kind->undo)
		op->kind->undo(c, op);
	return op_end(c, op, op->end);
}

/*
 * RMI_OP_CONTINUE (rmi-sro.md 3.1). STOP is for operations with more of their range
 * before them than what is in between: they end after that.
 */
status_t rmi_op_continue(struct call *c, const struct op_continue_args *a)
{
	status_t status;
	u64 handle = op_handle_of(a->handle, a->flags);
	u64 flags = handle == a->handle ? a->flags : a->handle;
	struct op *op = op_resume(c, handle, OP_CONTINUE_handle, &status);

	if (!op)
		return status;
	if (op_phase_facts[op->phase].follow_up != c->command)
		return refuse(c, OP_CONTINUE_phase);
	commit(c);
	op->stop = flags & RMI_CONTINUE_STOP;
	return op->end ? wind_up(c, op) : op->kind->step(c, op);
}
