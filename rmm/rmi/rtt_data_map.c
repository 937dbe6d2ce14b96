/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RMI_RTT_DATA_MAP (rmi-commands.md 9.2): wiped pages or blocks, in the one table
 * that holds base, until that ends, the addresses end, or an interrupt waits.
 * Blocks are an operation from the start, and hold no table while they are wiped:
 * the entry stays as it was, what was claimed is in between, and when the block is
 * whole every question about its place is asked again.
 */
#include "base/require.h"
#include "mem/ns.h"
#include "mem/region.h"
#include "mem/sro.h"
#include "realm/data.h"
#include "rmi/rmi.h"
#include "rmi/rtt.h"

static const struct list_refusals list_refusals = {
	RTT_DATA_MAP_list_align, RTT_DATA_MAP_list_ns, RTT_DATA_MAP_list_count,
};

/* A descriptor this command can map at all: its state, its size, its place. */
static bool may_map(const struct s2 *s2, const struct range *r)
{
	return r->count && r->state == RMI_MEMSTATE_DELEGATED &&
	       S2_LAST_LEVEL - (int)r->size >= s2->block_level && range_is_aligned(r) &&
	       r->base.raw + range_block_bytes(r->size) <= 1ULL << s2->oa_bits;
}

/* A COARSE region takes blocks only that are as large (rmi-memory.md 4). */
static bool is_untracked(pa_t p, int level)
{
	return memory_is_untracked(p) && !(REGION_SIZE <= s2_size(level) && region_coarse(p.raw));
}

/* What is asked of entry i and of the place of its block, but for the granules themselves. */
static enum refusal judge(const struct s2_walk *w, unsigned int i, const struct range *r)
{
	struct s2_entry e = s2_entry_at(w, i);

	if (!may_map(w->s2, r) || S2_LAST_LEVEL - (int)r->size != w->level)
		return RTT_DATA_MAP_desc;
	if (e.state == S2_DATA && e.oa.raw == r->base.raw)
		return REFUSED_NOT;
	if (e.state != S2_VOID)
		return RTT_DATA_MAP_entry;
	return is_untracked(r->base, w->level) ? RTT_DATA_MAP_tracking : REFUSED_NOT;
}

/* VOID becomes DATA; the RIPAS stays. */
static void set_entry(struct s2_walk *w, unsigned int i, pa_t oa)
{
	struct s2_entry e = s2_entry_at(w, i);

	e.state = S2_DATA;
	e.oa = oa;
	s2_set(w, i, &e);
}

static status_t say_no(struct call *c, enum refusal why, const struct s2_walk *w, pa_t p)
{
	if (why == RTT_DATA_MAP_tracking)
		return refuse_for(c, why, 0, p);
	return refusal_status(why) == RMI_ERROR_RTT ? refuse_at(c, why, w->level) : refuse(c, why);
}

/* ---- pages -------------------------------------------------------------------- */

/* The next page under entry i; REFUSED_NOT: mapped, or was already. */
static enum refusal map_page(struct call *c, struct s2_walk *w, unsigned int i,
			     const struct range *r)
{
	enum refusal why = judge(w, i, r);

	if (why || s2_entry_at(w, i).state == S2_DATA)
		return why;
	if (!data_claim_page(c, r->base))
		return RTT_DATA_MAP_data_state;
	set_entry(w, i, r->base);
	return REFUSED_NOT;
}

HOT static status_t map_pages(struct call *c, struct s2_walk *w, u64 base, u64 top,
			      struct range_input *in)
{
	enum refusal why = REFUSED_NOT;
	u64 at = base;

	for (unsigned int i = w->index; i < w->nr_entries && at < top; i++) {
		if (input_is_empty(in))
			break;
		why = map_page(c, w, i, &in->now);
		if (why)
			break;
		input_advance(in);
		at += GRANULE_SIZE;
		if (slice_over(c, SLICE_MAP))
			break;
	}
	if (at == base)
		return say_no(c, why, w, in->now.base);
	commit(c);
	s2_publish();
	give(c, 1, at);
	return done(c);
}

/* ---- blocks --------------------------------------------------------------------- */

/* op->map: block by block, as long as the descriptor and the table go. */

/*
 * It ends with what the last block met; blocks before it are progress. BLOCKED says that
 * nothing happened: not after the first call, which told of a handle.
 */
static status_t end(struct call *c, struct op *op)
{
	if (op->last == RMI_BLOCKED && c->command != op->command)
		op->last = RMI_ERROR_INPUT;
	give(c, 1, op->map.at);
	return op_end(c, op, op->map.at > op->map.base ? RMI_SUCCESS : op->last);
}

static status_t pause(struct call *c, struct op *op)
{
	op_cover(op, op->map.block, op->count);
	return op_pause(c, op);
}

/* What was claimed goes back, the last slice first. */
static status_t give_back(struct call *c, struct op *op)
{
	while (op->count) {
		op->count -= data_give_back(pa_add(op->map.block, op->count));
		if (slice_over(c, SLICE_GRANULES) && op->count)
			return pause(c, op);
	}
	return end(c, op);
}

static status_t give_up(struct call *c, struct op *op, enum refusal why, int level)
{
	op->last = c->blocked ? RMI_BLOCKED : refusal_status(why);
	if (op->last == RMI_ERROR_RTT)
		op->last |= (u64)(u8)level << RMI_LEVEL_SHIFT;
	if (op->last == RMI_ERROR_TRACKING)
		op->last = status_for(op->last, 0, pa_add(op->map.block, op->count));
	return give_back(c, op);
}

/*
 * A granule that could not be claimed: in between, for another operation than this
 * one, whose cover reaches over all of the block.
 */
static enum refusal not_free(struct call *c, struct op *op)
{
	pa_t p = pa_add(op->map.block, op->count);

	op_cover(op, op->map.block, op->count);
	c->blocked = false;
	granule_is(c, p, DELEGATED);
	return is_untracked(p, S2_LAST_LEVEL - (int)op->map.size) ? RTT_DATA_MAP_tracking :
								    RTT_DATA_MAP_data_state;
}

/* The realm may have changed, or be another one by now. */
static enum refusal judge_again(struct call *c, const struct op *op, struct s2_walk *w)
{
	struct range r = { op->map.block, op->map.size, 1, RMI_MEMSTATE_DELEGATED };
	int level = S2_LAST_LEVEL - (int)op->map.size;
	struct granule *g_rd = hold(c, op->rd, RD);
	enum realm_state state;
	const struct s2 *s2;

	if (!g_rd)
		return RTT_DATA_MAP_rd_state;
	s2 = &view_rd(c, g_rd)->s2;
	state = realm_state(view_rd(c, g_rd));
	if (!s2_is_protected(s2, op->map.at + s2_size(level) - 1))
		return RTT_DATA_MAP_range_bound;
	if (state != REALM_NEW && state != REALM_ACTIVE)
		return RTT_DATA_MAP_realm_state;
	s2_walk(c, s2, ipa(op->map.at), level, w);
	let_go(c, g_rd);
	if (w->level != level)
		return RTT_DATA_MAP_rtt_walk;
	return w->entry.state == S2_VOID ? judge(w, w->index, &r) : RTT_DATA_MAP_entry;
}

/* Another block follows in this table, and nobody wants to stop. */
static bool goes_on(struct op *op, u64 bytes, const struct s2_walk *w)
{
	op->map.at += bytes;
	op->map.block = pa_add(op->map.block, bytes);
	op->count = 0;
	return --op->map.left && op->map.at + bytes <= op->map.top &&
	       w->index + 1 < w->nr_entries && !op->stop && !arch_interrupt_pending();
}

static status_t step(struct call *c, struct op *op)
{
	u64 bytes = range_block_bytes(op->map.size);
	struct s2_walk w = { .level = 0 };
	enum refusal why;
	bool more;

	if (op->last)
		return give_back(c, op);
	do {
		op_cover(op, op->map.block, bytes);
		if (!data_claim(c, op->map.block, bytes, &op->count))
			return give_up(c, op, not_free(c, op), 0);
		if (op->count < bytes)
			return pause(c, op);
		why = judge_again(c, op, &w);
		if (why)
			return give_up(c, op, why, w.level);
		set_entry(&w, w.index, op->map.block);
		s2_publish();
		more = goes_on(op, bytes, &w);
		s2_let_go(c, &w);
	} while (more);
	return end(c, op);
}

static const struct op_kind kind = { .name = "RTT_DATA_MAP", .step = step };

static status_t map_blocks(struct call *c, pa_t rd, struct s2_walk *w, u64 base, u64 top,
			   const struct range *r, bool single)
{
	enum refusal why = judge(w, w->index, r);
	status_t status;
	struct op *op;

	if (why)
		return say_no(c, why, w, r->base);
	if (w->entry.state == S2_DATA) {	/* was already */
		give(c, 1, base + s2_size(w->level));
		return done(c);
	}
	op = op_begin(c, &kind, &status);
	if (!op)
		return status;
	commit(c);
	op->rd = rd;
	op->map.base = op->map.at = base;
	op->map.top = top;
	op->map.block = r->base;
	op->map.size = r->size;
	op->map.left = single ? r->count : 1;
	s2_let_go(c, w);
	return step(c, op);
}

status_t rmi_rtt_data_map(struct call *c, const struct rtt_data_map_args *a)
{
	struct range_input in;
	enum realm_state state;
	struct granule *g_rd;
	const struct s2 *s2;
	enum refusal why;
	struct s2_walk w;
	int level;

	give(c, 1, a->base.raw);
	if (!is_granule(a->rd.raw))
		return refuse(c, RTT_DATA_MAP_rd_align);
	g_rd = hold(c, a->rd, RD);
	if (!g_rd)
		return refuse(c, RTT_DATA_MAP_rd_state);
	s2 = &view_rd(c, g_rd)->s2;
	if (!is_granule(a->base.raw))
		return refuse(c, RTT_DATA_MAP_base_align);
	if (!is_granule(a->top.raw))
		return refuse(c, RTT_DATA_MAP_top_align);
	if (a->top.raw <= a->base.raw)
		return refuse(c, RTT_DATA_MAP_top_order);
	if (!s2_is_protected(s2, a->top.raw - 1))
		return refuse(c, RTT_DATA_MAP_range_bound);
	if (oaddr_type(a->flags) != RMI_OADDR_SINGLE && oaddr_type(a->flags) != RMI_OADDR_LIST)
		return refuse(c, RTT_DATA_MAP_oaddr_type);
	why = list_judge(a->flags, a->oaddr, &list_refusals);
	if (why)
		return refuse(c, why);
	if (!input_open(c, a->flags, a->oaddr, &in))
		return refuse(c, RTT_DATA_MAP_list_ns);
	if (!may_map(s2, &in.now))
		return refuse(c, RTT_DATA_MAP_desc);
	state = realm_state(view_rd(c, g_rd));
	if (state != REALM_NEW && state != REALM_ACTIVE)
		return refuse(c, RTT_DATA_MAP_realm_state);

	level = S2_LAST_LEVEL - (int)in.now.size;
	s2_walk(c, s2, a->base, level, &w);
	let_go(c, g_rd);
	if (w.level != level)
		return refuse_at(c, RTT_DATA_MAP_rtt_walk, w.level);
	if (!IS_ALIGNED(a->base.raw, s2_size(level)) || a->base.raw + s2_size(level) > a->top.raw)
		return refuse_at(c, RTT_DATA_MAP_entry_align, w.level);
	if (level == S2_LAST_LEVEL)
		return map_pages(c, &w, a->base.raw, a->top.raw, &in);
	return map_blocks(c, a->rd, &w, a->base.raw, a->top.raw, &in.now,
			  oaddr_type(a->flags) == RMI_OADDR_SINGLE);
}
