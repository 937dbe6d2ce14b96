/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "mem/ns.h"
#include "mem/range.h"
#include "mem/sro.h"
#include "rmi/rmi.h"

/* Descriptors for one run, which may be longer than one descriptor says. */
static u64 describe(u64 *list, u64 room, pa_t base, u64 granules, u64 state)
{
	u64 nr = 0;

	while (granules && nr < room) {
		struct range r = { base, RMI_BLOCK_L3, granules, (unsigned int)state };

		if (r.count > RANGE_MAX_COUNT)
			r.count = RANGE_MAX_COUNT;
		list[nr++] = range_encode(&r);
		base = pa_add(base, r.count * GRANULE_SIZE);
		granules -= r.count;
	}
	return granules ? 0 : nr;
}

/*
 * RMI_OP_MEM_RECLAIM (rmi-sro.md 3.3): the list is written first, so that a
 * fault there leaves everything for the next try.
 */
status_t rmi_op_mem_reclaim(struct call *c, const struct op_mem_reclaim_args *a)
{
	status_t status;
	struct op *op = op_resume(c, a->handle, OP_MEM_RECLAIM_handle, &status);
	u64 *list = call_page(c), room, nr = 0, granules;
	unsigned int runs = 0;
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
	for (; op_peek(op, runs, &base, &granules); runs++) {
		u64 more = describe(&list[nr], room - nr, base, granules, op->mem_state);

		if (!more)
			break;
		nr += more;
	}
	if (nr && !ns_write(a->list, list, nr * sizeof(u64)))
		return refuse(c, OP_MEM_RECLAIM_list_ns);
	commit(c);

	op_gone(c, op, runs);
	give(c, 1, nr);
	return op_return(c, op);
}
