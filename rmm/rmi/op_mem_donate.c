/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RMI_OP_MEM_DONATE (rmi-sro.md 3.2, decisions 41 to 48). The list is read once;
 * then only the copy is looked at.
 */
#include "base/require.h"
#include "mem/range.h"
#include "mem/sro.h"
#include "rmi/rmi.h"

/* The operation has failed with this call: nothing of it was taken. */
static status_t fail(struct call *c, struct op *op, enum refusal why)
{
	op_fail(op, refusal_status(why));
	return refuse(c, why);
}

static u64 granules_in(const u64 *list, u64 nr)
{
	u64 sum = 0;

	for (u64 i = 0; i < nr; i++) {
		struct range r = range_decode(list[i]);

		sum += range_granules(&r);
	}
	return sum;
}

/* Blocks start at multiples of their size. */
static bool is_aligned(const u64 *list, u64 nr)
{
	for (u64 i = 0; i < nr; i++) {
		struct range r = range_decode(list[i]);

		if (r.count && !range_is_aligned(&r))
			return false;
	}
	return true;
}

/* One descriptor, all that is wanted, aligned to its own total. */
static bool is_contiguous(const struct op *op, const u64 *list, u64 nr, struct range *all)
{
	all->count = 0;
	for (u64 i = 0; i < nr; i++) {
		struct range r = range_decode(list[i]);

		if (!r.count)
			continue;
		if (all->count)
			return false;
		*all = r;
	}
	return range_granules(all) == op->wanted &&
	       IS_ALIGNED(all->base.raw, op->wanted * GRANULE_SIZE);
}

/* Granule by granule until one is not what was asked for; gives how many. */
static u64 take_singly(struct call *c, struct op *op, const u64 *list, u64 nr)
{
	u64 taken = 0;

	for (u64 i = 0; i < nr; i++) {
		struct range r = range_decode(list[i]);

		for (u64 k = 0; k < range_granules(&r); k++, taken++)
			if (r.state != op->mem_state ||
			    !op_take(c, op, pa_add(r.base, k * GRANULE_SIZE), 1))
				return taken;
	}
	return taken;
}

static u64 take_whole(struct call *c, struct op *op, const struct range *all)
{
	if (all->state != op->mem_state || !op_take(c, op, all->base, op->wanted))
		return 0;
	return op->wanted;
}

static status_t take(struct call *c, struct op *op, const u64 *list, u64 nr)
{
	u64 offered = granules_in(list, nr), taken;
	struct range all;

	if (offered > op->wanted)
		return fail(c, op, OP_MEM_DONATE_too_much);
	if (!is_aligned(list, nr))
		return fail(c, op, OP_MEM_DONATE_contig);
	if (offered && op->contig && !is_contiguous(op, list, nr, &all))
		return fail(c, op, OP_MEM_DONATE_contig);

	taken = op->contig && offered ? take_whole(c, op, &all) : take_singly(c, op, list, nr);
	if (offered && !taken)
		return fail(c, op, OP_MEM_DONATE_granule);

	give(c, 1, taken);
	if (taken == op->wanted)
		return op_pause(c, op);
	return op_ask(c, op, op->wanted - taken, op->contig, op->mem_state);
}

status_t rmi_op_mem_donate(struct call *c, const struct op_mem_donate_args *a)
{
	status_t status;
	struct op *op = op_resume(c, a->handle, OP_MEM_DONATE_handle, &status);
	const u64 *list;

	if (!op)
		return status;
	if (op_phase_facts[op->phase].follow_up != c->command)
		return refuse(c, OP_MEM_DONATE_phase);
	if (!IS_ALIGNED(a->list.raw, sizeof(u64)))
		return fail(c, op, OP_MEM_DONATE_list_align);
	list = list_read(c, a->list, a->count);
	if (!list)
		return fail(c, op, OP_MEM_DONATE_list_ns);
	return take(c, op, list, list_entries(a->list, a->count));
}
