/* SPDX-License-Identifier: BSD-2-Clause */
#include "mem/sro.h"
#include "rmi/rmi.h"

/*
 * RMI_OP_CANCEL (rmi-sro.md 3.4, decisions 46): what was donated comes back,
 * then a last OP_CONTINUE ends with RMI_ERROR_GLOBAL.
 */
status_t rmi_op_cancel(struct call *c, const struct op_cancel_args *a)
{
	status_t status;
	struct op *op = op_resume(c, op_handle_of(a->handle, a->other), OP_CANCEL_handle, &status);

	if (!op)
		return status;
	if (!op->can_cancel)
		return refuse(c, OP_CANCEL_cancel);
	commit(c);
	op_fail(op, RMI_ERROR_GLOBAL);
	op->can_cancel = false;
	return op_return(c, op);
}
