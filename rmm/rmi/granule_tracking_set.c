/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RMI_GRANULE_TRACKING_SET (rmi-memory.md 4, docs/decisions/tracking.md). A region that
 * is FINE is left granule by granule: each is claimed, so that others find it in between,
 * then its metadata is hidden from them, and goes back when they are all through.
 * A region becomes FINE with metadata that EL3 reserved for it, else the host's.
 */
#include "base/require.h"
#include "mem/calls.h"
#include "mem/region.h"
#include "mem/sro.h"
#include "rmi/metadata.h"
#include "rmi/rmi.h"

enum { CLAIM, UNCLAIM, HIDDEN, TAKE, FILL, OVER };

static struct region *region_of(const struct op *op)
{
	return region_at((unsigned int)op->track.region);
}

static pa_t granule_at(const struct region *r, u64 at)
{
	return pa(r->base + at * GRANULE_SIZE);
}

static bool lies_inside(const struct region *r, pa_t p)
{
	return (p.raw ^ r->base) >> region_shift() == 0;
}

/* Its own metadata, which describes itself. */
static bool is_metadata(const struct region *r, pa_t p)
{
	return r->donated && p.raw - r->memory.raw < region_metadata_granules(r) * GRANULE_SIZE;
}

static enum granule_type claimed(const struct op *op)
{
	return op->track.type == UNDELEGATED ? CLAIMED : BETWEEN;
}

static bool claim(const struct op *op, const struct region *r)
{
	pa_t p = granule_at(r, op->track.at);

	return is_metadata(r, p) || granule_move(p, op->track.type, claimed(op));
}

static void unclaim(const struct op *op, const struct region *r)
{
	granule_move(granule_at(r, op->track.at), claimed(op), op->track.type);
}

/* Nobody finds the metadata any more; who found it before is among `inside`. */
static void hide(struct op *op, struct region *r)
{
	op->track.granules = r->granules;
	region_set_coarse(r, op->track.to == RMI_TRACKING_COARSE);
	region_publish(r, NULL);
	op->track.inside = calls_others_inside();
	op->track.step = HIDDEN;
}

static void fill(struct op *op, const struct region *r)
{
	bool own = is_metadata(r, granule_at(r, op->track.at));

	op->track.granules[op->track.at++].word = granule_word_as(own ? INTERNAL : op->track.type);
}

/*
 * COARSE: UNDELEGATED or DELEGATED, nobody else changes its state from here on. What a
 * block maps stays DATA, and may be unmapped meanwhile. False: neither.
 */
static bool claim_whole(struct op *op, struct region *r)
{
	for (enum granule_type type = UNDELEGATED; type <= DELEGATED; type++)
		if (region_move(r, type, BETWEEN)) {
			op->track.type = type;
			return true;
		}
	op->track.type = DATA;
	return region_whole(r) == DATA;
}

/* All filled: unless it became something else meanwhile, then from the start. */
static bool become_fine(struct op *op, struct region *r)
{
	if (!region_set_fine(r, op->track.granules, op->track.type == DATA ? DATA : BETWEEN)) {
		op->track.at = 0;
		return claim_whole(op, r);
	}
	region_mark_own_in(r);
	op->track.step = OVER;
	return false;
}

/* COARSE, and not FINE now: its state is everybody's again. */
static void unclaim_whole(const struct op *op, struct region *r)
{
	if (region_kind(r) == RMI_TRACKING_COARSE && op->track.type != DATA)
		region_move_sure(r, BETWEEN, op->track.type);
}

static status_t end(struct call *c, struct op *op, status_t status)
{
	region_convert_end();
	return op_end(c, op, status);
}

/* One piece of work. False: the next step is up to the host, or to other CPUs. */
static bool work(struct op *op, struct region *r)
{
	switch (op->track.step) {
	case CLAIM:
		if (op->track.at == region_granules(r))
			hide(op, r);
		else if (claim(op, r))
			op->track.at++;
		else
			op->track.step = UNCLAIM;
		return true;
	case UNCLAIM:
		if (!op->track.at)
			return false;
		op->track.at--;
		unclaim(op, r);
		return true;
	case FILL:
		if (op->track.at == region_granules(r))
			return become_fine(op, r);
		fill(op, r);
		return true;
	default:
		return false;
	}
}

/* The state in which metadata goes back: its own region's, or as it came. */
static u8 state_of_metadata(const struct op *op, const struct region *r)
{
	if (!lies_inside(r, r->memory))
		return r->given;
	return op->track.type == DELEGATED ? RMI_MEMSTATE_DELEGATED : RMI_MEMSTATE_UNDELEGATED;
}

/* The last one who could look at the metadata is gone, and it follows. */
static status_t leave(struct call *c, struct op *op, struct region *r)
{
	op->track.inside &= calls_others_inside();
	if (op->track.inside)
		return op_pause(c, op);
	op->track.step = OVER;
	unclaim_whole(op, r);
	if (!r->donated)
		return end(c, op, RMI_SUCCESS);
	op->mem_state = state_of_metadata(op, r);
	metadata_return(op, r, region_detach(r, op->track.granules), (u8)op->mem_state);
	return op_return(c, op);
}

/* False: not all of it is there yet, or EL3 refused some. */
static bool taken(struct op *op, struct region *r)
{
	if (metadata_go_on(op) != METADATA_DONE)
		return false;
	op->track.granules = region_prepare(r, op->meta.base, op->meta.given);
	op->meta.granules = 0;
	op->track.step = FILL;
	return true;
}

static status_t step(struct call *c, struct op *op)
{
	struct region *r = region_of(op);

	if (op->track.step == TAKE && !taken(op, r)) {
		if (!op->last)
			return op_pause(c, op);
		op_fail(op, op->last);
		op->mem_state = op->meta.given;
		return op_return(c, op);
	}
	while (work(op, r))
		if (slice_over(c, SLICE_GRANULES))
			return op_pause(c, op);
	if (op->track.step == HIDDEN)
		return leave(c, op, r);
	if (op->track.step == FILL)
		return op_pause(c, op);		/* a block is being mapped there */
	return end(c, op, op->track.step == UNCLAIM ?
			  refusal_status(GRANULE_TRACKING_SET_granule_state) : RMI_SUCCESS);
}

/* Cancelled, or the donation failed: nothing was changed yet. */
static void undo(struct call *c, struct op *op)
{
	(void)c;
	unclaim_whole(op, region_of(op));
	region_convert_end();
}

/* ---- metadata ---------------------------------------------------------------- */

/* DELEGATED ones become INTERNAL; false: nothing happened. */
static bool keep_delegated(pa_t base, u64 granules)
{
	u64 n = 0;

	while (n < granules && granule_move(pa_add(base, n * GRANULE_SIZE), DELEGATED, INTERNAL))
		n++;
	if (n == granules)
		return true;
	while (n--)
		granule_move_sure(pa_add(base, n * GRANULE_SIZE), INTERNAL, DELEGATED);
	return false;
}

/* What CONDITIONAL means: of the region itself in the region's state, else DELEGATED. */
static bool take(struct call *c, struct op *op, pa_t base, u64 granules)
{
	const struct region *r = region_of(op);
	u8 given = RMI_MEMSTATE_DELEGATED;
	bool ok;

	(void)c;
	if (lies_inside(r, base)) {
		ok = op->track.type != DATA && memory_dram_left(base.raw) >= granules;
		if (op->track.type == UNDELEGATED)
			given = RMI_MEMSTATE_UNDELEGATED;
	} else {
		ok = keep_delegated(base, granules);
	}
	if (!ok || !metadata_take(op, base, granules, given))
		return false;
	op->track.step = TAKE;
	op->can_cancel = false;
	return true;
}

static const struct op_kind kind = {
	.name = "GRANULE_TRACKING_SET", .step = step, .undo = undo,
	.take = take, .ready = metadata_ready, .peek = metadata_peek, .gone = metadata_gone,
};

/* ---- the command --------------------------------------------------------------- */

/* FINE: the first slice is claimed before anything is promised. */
static bool claim_first(struct op *op, struct region *r)
{
	while (op->track.at < SLICE_GRANULES && op->track.at < region_granules(r)) {
		if (!claim(op, r)) {
			while (op->track.at--)
				unclaim(op, r);
			return false;
		}
		op->track.at++;
	}
	return true;
}

/* Of its first granule that is not its own metadata. */
static enum granule_type first_type(const struct region *r)
{
	u64 first = is_metadata(r, pa(r->base)) ? region_metadata_granules(r) : 0;

	return granule_type(&r->granules[first < region_granules(r) ? first : 0]);
}

static status_t leave_fine(struct call *c, struct op *op, struct region *r)
{
	op->track.step = CLAIM;
	op->track.type = UNDELEGATED;
	if (op->track.to == RMI_TRACKING_COARSE && first_type(r) == DELEGATED)
		op->track.type = DELEGATED;
	if (!claim_first(op, r)) {
		end(c, op, RMI_SUCCESS);
		return refuse(c, GRANULE_TRACKING_SET_granule_state);
	}
	commit(c);
	return step(c, op);
}

static status_t to_fine(struct call *c, struct op *op, struct region *r)
{
	commit(c);
	if (!r->reserved)
		return op_ask(c, op, region_metadata_granules(r), true,
			      RMI_MEMSTATE_CONDITIONAL);
	op->track.granules = r->reserved;
	op->track.step = FILL;
	return step(c, op);
}

/* In between: BLOCKED. */
static status_t refuse_whole(struct call *c, struct op *op, const struct region *r)
{
	region_is(c, r, DELEGATED);
	end(c, op, RMI_SUCCESS);
	return refuse(c, GRANULE_TRACKING_SET_granule_state);
}

static status_t convert(struct call *c, struct op *op, struct region *r)
{
	bool coarse = region_kind(r) == RMI_TRACKING_COARSE;

	if (r->granules)
		return leave_fine(c, op, r);
	op->track.type = UNDELEGATED;
	if (op->track.to == RMI_TRACKING_FINE)
		return coarse && !claim_whole(op, r) ? refuse_whole(c, op, r) : to_fine(c, op, r);
	if (coarse && !region_move(r, UNDELEGATED, BETWEEN))
		return refuse_whole(c, op, r);
	region_set_coarse(r, !coarse);
	unclaim_whole(op, r);
	return end(c, op, RMI_SUCCESS);
}

status_t rmi_granule_tracking_set(struct call *c, const struct granule_tracking_set_args *a)
{
	struct region *r = region_in_block(a->base.raw);
	status_t status;
	struct op *op;

	if (a->state < RMI_TRACKING_NONE || a->state > RMI_TRACKING_COARSE)
		return refuse(c, GRANULE_TRACKING_SET_state);
	if (!IS_ALIGNED(a->base.raw, REGION_SIZE))
		return refuse(c, GRANULE_TRACKING_SET_align);
	if (a->base.raw >= memory_top())
		return refuse(c, GRANULE_TRACKING_SET_bound);
	if (!r)
		return refuse(c, GRANULE_TRACKING_SET_reserved);
	if (a->category != RMI_CATEGORY_CONVENTIONAL)
		return refuse(c, GRANULE_TRACKING_SET_category);
	if (!region_convert_begin(r))
		return blocked(c);
	if (region_kind(r) == a->state) {
		region_convert_end();
		return done(c);
	}
	op = op_begin(c, &kind, &status);
	if (!op) {
		region_convert_end();
		return status;
	}
	op->track.region = (u64)(r - region_at(0));
	op->track.to = (u8)a->state;
	return convert(c, op, r);
}
