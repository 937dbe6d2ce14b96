/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "mem/gpt.h"
#include "mem/sro.h"
#include "rmi/coarse.h"
#include "rmi/metadata.h"

static struct region *region_of(const struct op *op)
{
	return region_at((unsigned int)op->track.region);
}

/* DRAM from `at` on, as much as is moved between two looks for interrupts; 0: a hole. */
static u64 next_piece(const struct op *op, pa_t *p)
{
	const struct region *r = region_of(op);
	u64 left = region_granules(r) - op->track.at, n;

	*p = pa(r->base + op->track.at * GRANULE_SIZE);
	n = memory_dram_left(p->raw);
	n = n < left ? n : left;
	return n < SLICE_GRANULES ? n : SLICE_GRANULES;
}

/* Up to the first granule that EL3 refuses: false. */
static bool move_on(struct op *op)
{
	pa_t p;
	u64 n = next_piece(op, &p);

	if (!n)
		n = 1;			/* a hole */
	else if (op->track.type == DELEGATED)
		n = gpt_to_realm(p, n);
	else
		metadata_to_host(p, n);
	op->track.at += n;
	return n;
}

/* One granule back: whatever the host had in it is lost. */
static void move_back(struct op *op)
{
	pa_t p;

	op->track.at--;
	if (next_piece(op, &p))
		metadata_to_host(p, 1);
}

static status_t end(struct call *c, struct op *op, status_t status, u64 out_top)
{
	region_convert_end();
	give(c, 1, out_top);
	return op_end(c, op, status);
}

static status_t step(struct call *c, struct op *op)
{
	struct region *r = region_of(op);

	while (!op->last && op->track.at < region_granules(r)) {
		if (!move_on(op))
			op->last = RMI_ERROR_INPUT;
		if (arch_interrupt_pending() && (op->last || op->track.at < region_granules(r)))
			return op_pause(c, op);
	}
	while (op->last && op->track.at) {
		move_back(op);
		if (slice_over(c, SLICE_GRANULES / 2))	/* EL3 is asked for each */
			return op_pause(c, op);
	}
	if (op->last)
		return end(c, op, op->last, r->base);
	r->coarse_type = op->track.type;
	return end(c, op, RMI_SUCCESS, r->top);
}

static const struct op_kind kind = { .name = "GRANULE_RANGE of a region", .step = step };

struct region *coarse_region(pa_t base, pa_t top)
{
	struct region *r = region_find(base.raw);

	return r && region_kind(r) == RMI_TRACKING_COARSE && base.raw == r->base &&
	       top.raw >= r->top ? r : NULL;
}

status_t coarse_move(struct call *c, struct region *r, enum granule_type to,
		     const struct coarse_refusals *why)
{
	struct op *op = NULL;
	status_t status;

	if (!region_convert_begin(r))
		return blocked(c);
	if (region_kind(r) != RMI_TRACKING_COARSE)	/* no more, since we looked */
		status = busy(c);
	else if (r->coarse_type == to)
		status = refuse(c, why->state);
	else
		op = op_begin(c, &kind, &status);
	if (!op) {
		region_convert_end();
		return status;
	}
	op->track.region = (u64)(r - region_at(0));
	op->track.type = to;
	if (!move_on(op)) {
		end(c, op, RMI_SUCCESS, r->base);
		return gpt_is_block(pa(r->base)) ? refuse_for(c, why->block, 0, pa(r->base)) :
						   refuse(c, why->platform);
	}
	commit(c);
	return arch_interrupt_pending() ? op_pause(c, op) : step(c, op);
}
