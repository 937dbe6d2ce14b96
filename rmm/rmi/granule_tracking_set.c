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

enum { CLAIM, UNCLAIM, HIDDEN, FILL, OVER };

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
	r->coarse_type = op->track.type;
	r->coarse = op->track.to == RMI_TRACKING_COARSE;
	region_publish(r, NULL);
	op->track.inside = calls_others_inside();
	op->track.step = HIDDEN;
}

static void fill(struct op *op, const struct region *r)
{
	bool own = is_metadata(r, granule_at(r, op->track.at));

	op->track.granules[op->track.at++].word = granule_word_as(own ? INTERNAL : op->track.type);
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
		if (op->track.at == region_granules(r)) {
			region_publish(r, op->track.granules);
			region_mark_own_in(r);
			op->track.step = OVER;
			return false;
		}
		fill(op, r);
		return true;
	default:
		return false;
	}
}

static status_t step(struct call *c, struct op *op)
{
	struct region *r = region_of(op);

	while (work(op, r))
		if (slice_over(c, SLICE_GRANULES))
			return op_pause(c, op);
	if (op->track.step == UNCLAIM)
		return end(c, op, refusal_status(GRANULE_TRACKING_SET_granule_state));
	if (op->track.step == HIDDEN) {
		op->track.inside &= calls_others_inside();
		if (op->track.inside)
			return op_pause(c, op);
		op->track.step = OVER;
		if (r->donated)
			op->mem_state = lies_inside(r, r->memory) ?
					(op->track.type == DELEGATED ? RMI_MEMSTATE_DELEGATED :
								       RMI_MEMSTATE_UNDELEGATED) :
					r->given;
		if (r->donated)
			return op_return(c, op);
	}
	return end(c, op, RMI_SUCCESS);
}

/* Cancelled, or the donation failed: nothing was changed yet. */
static void undo(struct call *c, struct op *op)
{
	(void)c;
	(void)op;
	region_convert_end();
}

/* ---- metadata ---------------------------------------------------------------- */

/* What CONDITIONAL means: of the region itself in the region's state, else DELEGATED. */
static bool take_memory(const struct op *op, const struct region *r, pa_t base, u64 granules,
			u8 *given)
{
	u64 n;

	*given = RMI_MEMSTATE_DELEGATED;
	if (lies_inside(r, base)) {
		if (op->track.type == DELEGATED)
			return memory_dram_left(base.raw) >= granules;
		*given = RMI_MEMSTATE_UNDELEGATED;
		return host_memory_keep(base, granules) && metadata_make_realm(base, granules);
	}
	for (n = 0; n < granules; n++)
		if (!granule_move(pa_add(base, n * GRANULE_SIZE), DELEGATED, INTERNAL))
			break;
	if (n == granules)
		return true;
	while (n--)
		granule_move_sure(pa_add(base, n * GRANULE_SIZE), INTERNAL, DELEGATED);
	return false;
}

static bool take(struct call *c, struct op *op, pa_t base, u64 granules)
{
	struct region *r = region_of(op);
	u8 given;

	(void)c;
	if (!take_memory(op, r, base, granules, &given))
		return false;
	metadata_wipe(base, granules);
	op->track.granules = region_prepare(r, base, given);
	op->track.step = FILL;
	op->can_cancel = false;
	return true;
}

static bool peek(const struct op *op, unsigned int n, pa_t *base, u64 *granules)
{
	const struct region *r = region_of(op);

	if (n || op->track.step != OVER || r->granules || !r->donated)
		return false;
	*base = r->memory;
	*granules = region_metadata_granules(r);
	return true;
}

static void gone(struct call *c, struct op *op, unsigned int nr)
{
	struct region *r = region_of(op);
	u64 granules = region_metadata_granules(r);
	pa_t base;

	(void)c;
	if (!nr)
		return;
	base = region_detach(r, op->track.granules);
	if (op->mem_state == RMI_MEMSTATE_UNDELEGATED) {
		metadata_to_host(base, granules);
		host_memory_release(base, granules);
		return;
	}
	metadata_wipe(base, granules);
	for (u64 i = 0; i < granules; i++)	/* in a region that is COARSE: nothing to move */
		granule_move(pa_add(base, i * GRANULE_SIZE), INTERNAL, DELEGATED);
}

static const struct op_kind kind = {
	.name = "GRANULE_TRACKING_SET", .step = step, .undo = undo,
	.take = take, .peek = peek, .gone = gone,
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

static status_t become_fine(struct call *c, struct op *op, struct region *r)
{
	commit(c);
	op->track.type = r->coarse ? r->coarse_type : UNDELEGATED;
	if (!r->reserved)
		return op_ask(c, op, region_metadata_granules(r), true,
			      RMI_MEMSTATE_CONDITIONAL);
	op->track.granules = r->reserved;
	op->track.step = FILL;
	return step(c, op);
}

static status_t convert(struct call *c, struct op *op, struct region *r)
{
	if (r->granules)
		return leave_fine(c, op, r);
	if (op->track.to == RMI_TRACKING_FINE)
		return become_fine(c, op, r);
	if (r->coarse && r->coarse_type != UNDELEGATED) {
		end(c, op, RMI_SUCCESS);
		return refuse(c, GRANULE_TRACKING_SET_granule_state);
	}
	r->coarse = op->track.to == RMI_TRACKING_COARSE;	/* and still UNDELEGATED */
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
