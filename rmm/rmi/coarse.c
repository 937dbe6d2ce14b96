/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "mem/gpt.h"
#include "mem/sro.h"
#include "rmi/coarse.h"

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

static u64 move(pa_t p, u64 n, enum granule_type to, bool *mixed)
{
	return to == DELEGATED ? gpt_to_realm(p, n, mixed) : gpt_to_host(p, n, mixed);
}

/* Up to the first granule that EL3 refuses: false. One that is moved in part must go back. */
static bool move_on(struct op *op)
{
	bool mixed = false;
	pa_t p;
	u64 n = next_piece(op, &p);

	n = n ? move(p, n, op->track.type, &mixed) : 1;		/* a hole: passed over */
	op->track.at += n + mixed;
	return n && !mixed;
}

static enum granule_type before(enum granule_type to)
{
	return to == DELEGATED ? UNDELEGATED : DELEGATED;
}

/* One granule back: whatever the host had in it is lost. */
static void move_back(struct op *op)
{
	bool mixed;
	pa_t p;

	op->track.at--;
	if (!next_piece(op, &p) || move(p, 1, before(op->track.type), &mixed))
		return;
	gpt_keep(p);
	op->track.kept = true;
}

static status_t end(struct call *c, struct op *op, status_t status, u64 out_top,
		    enum granule_type whole)
{
	region_move_sure(region_of(op), BETWEEN, whole);
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
		return end(c, op, op->last, r->base, op->track.kept ? INTERNAL :
			   before(op->track.type));
	return end(c, op, RMI_SUCCESS, r->top, op->track.type);
}

static const struct op_kind kind = { .name = "GRANULE_RANGE of a region", .step = step };

struct region *coarse_region(pa_t base, pa_t top)
{
	struct region *r = region_coarse(base.raw);

	return r && base.raw == r->base && top.raw >= r->top ? r : NULL;
}

/* BETWEEN already, and nobody else's. */
static status_t begin(struct call *c, struct region *r, enum granule_type to,
		      const struct coarse_refusals *why)
{
	status_t status;
	struct op *op = op_begin(c, &kind, &status);

	if (!op) {
		region_move_sure(r, BETWEEN, before(to));
		region_convert_end();
		return status;
	}
	op->track.region = (u64)(r - region_at(0));
	op->track.type = to;
	if (!move_on(op)) {
		if (!op->track.at) {
			end(c, op, RMI_SUCCESS, r->base, before(to));
			return to == DELEGATED && gpt_is_block(pa(r->base)) ?
			       refuse_for(c, why->block, 0, pa(r->base)) : refuse(c, why->platform);
		}
		op->last = RMI_ERROR_INPUT;
	}
	commit(c);
	return arch_interrupt_pending() ? op_pause(c, op) : step(c, op);
}

status_t coarse_move(struct call *c, struct region *r, enum granule_type to,
		     const struct coarse_refusals *why)
{
	enum granule_type from = before(to);

	if (!region_convert_begin(r))
		return blocked(c);
	if (region_move(r, from, BETWEEN))
		return begin(c, r, to, why);
	region_convert_end();
	if (region_kind(r) != RMI_TRACKING_COARSE)
		return busy(c);		/* no more, since we looked */
	region_is(c, r, from);		/* in between: BLOCKED */
	return refuse(c, why->state);
}
