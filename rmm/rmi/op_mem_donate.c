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

/* What a list offers, looked at as far as it can matter. */
struct offer {
	u64 granules, ranges;		/* not empty ones */
	bool aligned;			/* blocks start at multiples of their size */
	struct range last;
};

static struct offer offer_of(const u64 *list, u64 nr, u64 wanted)
{
	struct offer o = { .aligned = true };

	for (u64 i = 0; i < nr && o.granules <= wanted; i++) {
		if (range_is_empty(list[i]))
			continue;
		o.last = range_decode(list[i]);
		o.granules += range_granules(&o.last);
		o.aligned &= range_is_aligned(&o.last);
		o.ranges++;
	}
	return o;
}

/* One descriptor, all that is wanted, aligned to its own total. */
static bool is_contiguous(const struct op *op, const struct offer *o)
{
	return o->ranges == 1 && o->granules == op->wanted &&
	       IS_ALIGNED(o->last.base.raw, op->wanted * GRANULE_SIZE);
}

/* Granule by granule until one is not what was asked for, or an interrupt waits; how many. */
static u64 take_singly(struct call *c, struct op *op, const u64 *list, u64 nr)
{
	u64 taken = 0;

	for (u64 i = 0; i < nr; i++) {
		struct range r;

		if (range_is_empty(list[i]))
			continue;
		r = range_decode(list[i]);
		for (u64 k = 0; k < range_granules(&r); k++) {
			if (r.state != op->mem_state ||
			    !op_take(c, op, pa_add(r.base, k * GRANULE_SIZE), 1))
				return taken;
			taken++;
			if (slice_over(c, SLICE_GRANULES))
				return taken;
		}
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
	struct offer o = offer_of(list, nr, op->wanted);
	u64 taken;

	if (o.granules > op->wanted)
		return fail(c, op, OP_MEM_DONATE_too_much);
	if (!o.aligned || (o.granules && op->contig && !is_contiguous(op, &o)))
		return fail(c, op, OP_MEM_DONATE_contig);

	taken = op->contig && o.granules ? take_whole(c, op, &o.last) :
					   take_singly(c, op, list, nr);
	if (o.granules && !taken)
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
