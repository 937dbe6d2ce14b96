/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tracking regions (rmi-memory.md 4, rmi-commands.md 4.1 to 4.4, docs/decisions/tracking.md).
 * While one is converted its granules keep the state they had, until the operation ends:
 * who asks for one may find it, or that it is in between, or that none is kept any more.
 */
#include "harness/fids.h"
#include "harness/inside.h"
#include "sim/sim.h"
#include "state.h"

/* rmi-structs.md 1, decisions 32. */
u64 tracking_bytes(void)
{
	static const u8 bits[3][2] = { { 30, 21 }, { 25, 36 }, { 29, 42 } };

	return BIT(bits[(ghost.shift - 12) / 2][ghost.tracking]);
}

struct region *region_around(u64 pa)
{
	for (struct region *r = ghost.region; r < ghost.region + ghost.nr_regions; r++)
		if (r->base == ALIGN_DOWN(pa, tracking_bytes()))
			return r;
	return NULL;
}

bool region_converts(u64 pa)
{
	const struct region *r = region_around(pa);

	return r && r->converting;
}

static bool any_converts(void)
{
	for (unsigned int i = 0; i < ghost.nr_regions; i++)
		if (ghost.region[i].converting)
			return true;
	return false;
}

u64 tracking_of(u64 pa)
{
	const struct region *r = region_around(pa);

	if (ghost.rmm_state != RMI_STATE_ACTIVE)
		return RMI_TRACKING_NONE;
	return r->converting ? RMI_TRACKING_INTERMEDIATE : r->kind;
}

/* Two bytes for each granule, in granules, a power of two (decisions 29). */
static u64 metadata_granules(const struct region *r)
{
	u64 bytes = 2 * ((r->to - r->from) >> ghost.shift), n = 1;

	while (n << ghost.shift < bytes)
		n *= 2;
	return n;
}

/* ---- as it is --------------------------------------------------------------------- */

static void adopt(struct region *r)
{
	struct inside_region is;

	inside_region(r->base, &is);
	r->kind = is.kind;
	r->reserved = is.reserved;
	r->delegated = r->kind == RMI_TRACKING_COARSE && sim_pas(r->from) == SIM_REALM;
	while (r->kind == RMI_TRACKING_FINE && is.donated &&
	       r->nr_metadata < metadata_granules(r)) {
		r->metadata[r->nr_metadata].pa = is.memory + (r->nr_metadata << ghost.shift);
		r->metadata[r->nr_metadata++].was = is.was_delegated ? DELEGATED : UNDELEGATED;
	}
}

void regions_adopt(void)
{
	ghost.nr_regions = 0;
	for (u64 n = 0; n < nr_pages(); n++) {
		u64 pa = page_address(n);
		struct region *r = region_around(pa);

		if (!page_at(pa))
			continue;
		if (!r) {
			if (ghost.nr_regions == MAX_REGIONS)
				ghost_fault("too many regions");
			r = &ghost.region[ghost.nr_regions++];
			*r = (struct region){ .base = ALIGN_DOWN(pa, tracking_bytes()), .from = pa };
		}
		r->to = pa + granule_bytes();
	}
	for (unsigned int i = 0; ghost.rmm_state == RMI_STATE_ACTIVE && i < ghost.nr_regions; i++)
		adopt(&ghost.region[i]);
}

void regions_compare(void)
{
	for (const struct region *r = ghost.region; r < ghost.region + ghost.nr_regions; r++) {
		struct inside_region is;

		inside_region(r->base, &is);
		must_be(is.kind, tracking_of(r->base), "the tracking of a region");
		for (u64 p = r->from; p < r->to && r->kind == RMI_TRACKING_COARSE && !r->converting;
		     p += granule_bytes())
			if (page_at(p) && (sim_pas(p) == SIM_REALM) != r->delegated)
				ghost_fault("0x%llx of a COARSE region is of the wrong world",
					    (unsigned long long)p);
	}
}

/* ---- TRACKING_SET -------------------------------------------------------------------- */

static bool is_own_metadata(const struct region *r, const struct op *o, u64 pa)
{
	for (unsigned int i = 0; i < r->nr_metadata; i++)
		if (r->metadata[i].pa == pa)
			return true;
	for (unsigned int i = 0; o && i < o->nr_given; i++)
		if (o->given[i].pa == pa)
			return true;
	return false;
}

/* The state of all granules of a FINE region but its own metadata; FOREIGN: there are several. */
static u8 state_of_all(const struct region *r, const struct op *o)
{
	int all = -1;

	for (u64 p = r->from; p < r->to; p += granule_bytes()) {
		if (!page_at(p) || is_own_metadata(r, o, p))
			continue;
		if (all >= 0 && page_at(p)->state != all)
			return FOREIGN;
		all = page_at(p)->state;
	}
	return all < 0 ? UNDELEGATED : (u8)all;
}

static void judge_change(struct judged *j, const struct region *r, u64 to)
{
	u8 s;

	if (r->kind == RMI_TRACKING_FINE) {
		s = state_of_all(r, j->op);
		if (s != UNDELEGATED && (s != DELEGATED || to == RMI_TRACKING_NONE))
			no_late(j, 0, RMI_ERROR_INPUT, "granules are in use");
		else if (j->op && j->op->refused)
			maybe(j, 0, RMI_ERROR_INPUT, "granules were in use");
	} else if (to != RMI_TRACKING_FINE && r->delegated) {
		no(j, 0, RMI_ERROR_INPUT, "the region is DELEGATED");
	}
}

static bool holds_table(u64 pa)
{
	for (unsigned int i = 0; i < ghost.nr_l0; i++)
		for (unsigned int k = 0; k < ghost.l0[i].nr; k++)
			if (ghost.l0[i].table[k].pa == pa)
				return true;
	return false;
}

/* An operation was given it, and has it still. */
static bool is_on_its_way(u64 pa)
{
	for (const struct op *o = ghost.op; o < ghost.op + MAX_OPS; o++)
		for (unsigned int k = 0; o->used && k < o->nr_given; k++)
			if (o->given[k].pa == pa)
				return true;
	return false;
}

bool is_free_whole(u64 pa)
{
	return is(pa, WHOLE) && !region_around(pa)->delegated && !holds_table(pa) &&
	       !is_on_its_way(pa);
}

bool may_describe(const struct region *r, u64 pa)
{
	if (region_around(pa) != r)
		return is(pa, DELEGATED);
	return r->delegated ? is(pa, WHOLE) : is_free_whole(pa);
}

static void is_fine(struct judged *j, struct region *r)
{
	u8 all = r->delegated ? DELEGATED : UNDELEGATED;

	if (r->reserved ? j->op && j->op->nr_given : !j->op || !j->op->nr_given)
		ghost_fault("FINE, and %s", r->reserved ? "there was metadata of EL3's" :
			    "nobody gave metadata");
	for (unsigned int i = 0; j->op && i < j->op->nr_given; i++)
		r->metadata[r->nr_metadata++] = j->op->given[i];
	for (u64 p = r->from; p < r->to; p += granule_bytes())
		if (page_at(p))
			set_state(p, holds_table(p) || is_on_its_way(p) ? INTERNAL : all);
	r->delegated = false;
}

static void is_whole(struct region *r, const struct op *o, u64 to)
{
	r->delegated = state_of_all(r, o) == DELEGATED;
	r->kind = to;
	for (u64 p = r->from; p < r->to; p += granule_bytes())
		if (page_at(p))
			set_state(p, WHOLE);
}

void region_is_left(struct op *o)
{
	struct judged j = { .op = o };

	if (o->phase != RECLAIM || !o->region || o->region->kind != RMI_TRACKING_FINE)
		return;
	judge_change(&j, o->region, o->in[3]);
	if (j.nr_late)
		ghost_fault("a region stops being FINE, although %s", j.no[0].why);
	is_whole(o->region, o, o->in[3]);
}

/* Metadata of the region itself goes back in the state that the region then has. */
static void leaves_fine(struct op *o, struct region *r)
{
	u8 all = state_of_all(r, NULL);

	for (unsigned int i = 0; i < r->nr_metadata; i++) {
		o->given[i] = r->metadata[i];
		if (region_around(r->metadata[i].pa) == r)
			o->given[i].was = all;
	}
	o->nr_given = r->nr_metadata;
	r->nr_metadata = 0;
}

static void begins(struct judged *j, struct region *r, u64 to)
{
	struct op *o = op_new(j);

	o->region = r;
	o->refused = j->nr_late;
	r->converting = true;
	if (r->kind == RMI_TRACKING_FINE) {
		leaves_fine(o, r);
	} else if (to != RMI_TRACKING_FINE) {
		ghost_fault("NONE and COARSE are only a word");
	} else if ((o->phase == DONATE) == r->reserved) {
		ghost_fault("metadata is asked for, or not, against what EL3 reserved");
	} else if (o->phase == DONATE) {
		must_be(o->wanted, metadata_granules(r), "the metadata that is wanted");
		must_be(o->mem_state, RMI_MEMSTATE_CONDITIONAL, "the state that is wanted");
		must_be(o->contig, 1, "contiguous");
	}
	if (o->phase == RECLAIM && !o->nr_given)
		ghost_fault("memory is offered that nobody gave");
	region_is_left(o);
}

void tracking_set(struct judged *j)
{
	u64 base = j->in[1], to = j->in[3];
	struct region *r = region_around(base);

	if (to < RMI_TRACKING_NONE || to > RMI_TRACKING_COARSE)
		no(j, 0, RMI_ERROR_INPUT, "no such state");
	if (!aligned(base, tracking_bytes()))
		no(j, 0, RMI_ERROR_INPUT, "alignment");
	if (base >= pps_end())
		no(j, 0, RMI_ERROR_INPUT, "beyond the protected space");
	if (!r)
		no(j, 0, RMI_ERROR_INPUT, "no DRAM");
	if (j->in[2] != RMI_CATEGORY_CONVENTIONAL)
		no(j, 0, RMI_ERROR_INPUT, "category");
	if (!j->op && any_converts())
		j->may_block = j->must_block = true;
	else if (!j->nr_no && r->kind != to)
		judge_change(j, r, to);
	may_want_context(j);
	switch (verdict(j, true, -1)) {
	case DONE:
		if (r->kind == to && j->op && j->op->nr_given)
			ghost_fault("not FINE, and the metadata is not back");
		if (r->kind != to && to == RMI_TRACKING_FINE)
			is_fine(j, r);
		else if (r->kind == RMI_TRACKING_FINE && r->kind != to && r->nr_metadata)
			ghost_fault("not FINE, and the metadata never went back");
		else if (r->kind == RMI_TRACKING_FINE && r->kind != to)
			is_whole(r, j->op, to);
		r->kind = to;
		break;
	case LATER:
		begins(j, r, to);
		break;
	default:
		for (unsigned int i = 0; j->op && i < j->op->nr_given; i++)
			r->metadata[r->nr_metadata++] = j->op->given[i];
	}
}

/* ---- all of a region to the host and back ------------------------------------------------- */

static bool is_refused(u64 p)
{
	return sim_gpt_refused(p) || holds_table(p);
}

void may_be_refused(struct op *o)
{
	struct judged j = { .op = o };

	if (o->region && o->in[0] == FID_GRANULE_TRACKING_SET && !o->end) {
		judge_change(&j, o->region, o->in[3]);
		o->refused |= j.nr_late;
	}
	if (!o->region || o->in[0] == FID_GRANULE_TRACKING_SET)
		return;
	for (u64 p = o->region->from; p < o->region->to; p += granule_bytes())
		o->refused |= is_refused(p);
}

static void judge_whole(struct judged *j, const struct region *r, bool delegate)
{
	u64 base = j->in[1], top = j->in[2];

	if (r->kind != RMI_TRACKING_COARSE || base != r->from || top < r->to) {
		no(j, 0, RMI_ERROR_TRACKING | base >> 12 << 16, "not COARSE, or not all of it");
		return;
	}
	if (j->op) {
		if (j->op->refused)
			maybe(j, 0, RMI_ERROR_INPUT, "EL3 refuses");
		return;
	}
	if (r->delegated == delegate)
		no(j, 0, RMI_ERROR_INPUT, "state");
	if (delegate && is_below_block(base))
		no(j, 0, RMI_ERROR_GPT | base >> 12 << 16, "below a block of level 0");
	if (is_refused(base))
		no(j, 0, RMI_ERROR_INPUT, "EL3 refuses the first");
	for (u64 p = base; p < r->to && !j->nr_no; p += granule_bytes())
		if (is_refused(p))
			no_late(j, 0, RMI_ERROR_INPUT, "EL3 refuses");
}

void whole_range(struct judged *j, struct region *r, bool delegate)
{
	if (!j->nr_no)
		judge_whole(j, r, delegate);
	if (!j->op) {
		j->may_block |= any_converts();
		j->must_block |= r->converting && !j->nr_no;
	}
	may_want_context(j);
	switch (verdict(j, true, 1)) {
	case DONE:
		must_be(j->out[1], r->to, "out_top");
		r->delegated = delegate;
		break;
	case LATER: {
		struct op *o = op_new(j);

		o->region = r;
		o->refused = j->nr_late;
		r->converting = true;
		break;
	}
	default:
		break;
	}
}
