/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "mem/ns.h"
#include "mem/range.h"
#include "mem/sro.h"
#include "rmi/rmi.h"

/*
 * RMI_OP_MEM_RECLAIM (rmi-sro.md 3.3): the list is written first, so that a
 * fault there leaves everything for the next try. A slice of granules per call.
 */
status_t rmi_op_mem_reclaim(struct call *c, const struct op_mem_reclaim_args *a)
{
	status_t status;
	struct op *op = op_resume(c, a->handle, OP_MEM_RECLAIM_handle, &status);
	u64 *list = call_page(c), room, granules, sum = 0;
	unsigned int nr = 0;
	pa_t base;

	if (!op)
		return status;
	if (op_phase_facts[op->phase].follow_up != c->command)
		return refuse(c, OP_MEM_RECLAIM_phase);
	if (!IS_ALIGNED(a->list.raw, sizeof(u64)))
		return refuse(c, OP_MEM_RECLAIM_list_align);
	if (!ns_accessible(a->list))
		return refuse(c, OP_MEM_RECLAIM_list_ns);

	room = list_entries(a->list, a->count);
	if (room && op->kind->ready)
		op->kind->ready(op);
	for (; nr < room && sum < SLICE_GRANULES && op_peek(op, nr, &base, &granules) && granules;
	     nr++) {
		struct range r = { base, RMI_BLOCK_L3, granules, (unsigned int)op->mem_state };

		list[nr] = range_encode(&r);
		sum += granules;
	}
	if (nr && !ns_write(a->list, list, nr * sizeof(u64)))
		return refuse(c, OP_MEM_RECLAIM_list_ns);
	commit(c);

	op_gone(c, op, nr);
	give(c, 1, nr);
	return op_return(c, op);
}
