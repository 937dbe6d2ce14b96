/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RMI_RTT_DATA_MAP (rmi-commands.md 9.2): wiped pages or blocks, in the one table
 * that holds base, until that ends, the addresses end, or an interrupt waits. A first
 * block whose wipe an interrupt cuts goes on as an operation: its first granule is
 * in between, the entry stays as it was, and the end asks every question again.
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
	       S2_LAST_LEVEL - (int)r->size >= S2_BLOCK_LEVEL && range_is_aligned(r) &&
	       r->base.raw + range_block_bytes(r->size) <= 1ULL << s2->oa_bits;
}

/*
 * The next block under entry i; REFUSED_NOT: mapped, or was already. *cut: NULL, or
 * where an interrupt ended the wipe, if short of the block's end: nothing is mapped.
 */
static enum refusal map_one(struct call *c, struct s2_walk *w, unsigned int i,
			    const struct range *r, u64 *cut)
{
	struct s2_entry e = s2_entry_at(w, i);
	u64 size = s2_size(w->level), at = 0;

	if (!may_map(w->s2, r) || S2_LAST_LEVEL - (int)r->size != w->level)
		return RTT_DATA_MAP_desc;
	if (e.state == S2_DATA && e.oa.raw == r->base.raw)
		return REFUSED_NOT;
	if (e.state != S2_VOID)
		return RTT_DATA_MAP_entry;
	if (memory_is_untracked(r->base))
		return RTT_DATA_MAP_tracking;
	if (!data_claim(c, r->base, size, &at, cut)) {
		data_release(r->base, at);
		return RTT_DATA_MAP_data_state;
	}
	if (cut)
		*cut = at;
	if (at < size)
		return REFUSED_NOT;
	e.state = S2_DATA;
	e.oa = r->base;
	s2_set(w, i, &e);
	return REFUSED_NOT;
}

static status_t say_no(struct call *c, enum refusal why, const struct s2_walk *w, pa_t p)
{
	if (why == RTT_DATA_MAP_tracking)
		return refuse_for(c, why, 0, p);
	return refusal_status(why) == RMI_ERROR_RTT ? refuse_at(c, why, w->level) : refuse(c, why);
}

/* ---- a block that takes more than one call ---------------------------------- */

enum { WIPE, RELEASE };		/* op->index */

#define OP_IPA(op)	((op)->params.gprs[0])
#define OP_BLOCK(op)	pa((op)->params.gprs[1])
#define OP_LEVEL(op)	((int)(op)->params.gprs[2])

static void mark(const struct op *op, enum granule_type from, enum granule_type to)
{
	if (op->count)
		granule_move_sure(OP_BLOCK(op), from, to);
}

static status_t pause(struct call *c, struct op *op)
{
	mark(op, DATA, BETWEEN);
	return op_pause(c, op);
}

/* What was claimed goes back, the last slice first. */
static status_t release(struct call *c, struct op *op)
{
	while (op->count) {
		u64 bytes = op->count < DATA_SLICE ? op->count : DATA_SLICE;

		op->count -= bytes;
		data_release(pa_add(OP_BLOCK(op), op->count), bytes);
		if (op->count && arch_interrupt_pending())
			return pause(c, op);
	}
	give(c, 1, OP_IPA(op));
	return op_end(c, op, op->last);
}

static enum refusal judge_again(struct call *c, struct op *op, struct s2_walk *w)
{
	struct granule *g_rd = hold(c, op->rd, RD);
	enum realm_state state;
	const struct s2 *s2;
	u64 top = OP_IPA(op) + s2_size(OP_LEVEL(op));

	if (!g_rd)
		return RTT_DATA_MAP_rd_state;
	s2 = &view_rd(c, g_rd)->s2;
	if (!s2_is_protected(s2, top - 1))
		return RTT_DATA_MAP_range_bound;
	if (OP_BLOCK(op).raw + s2_size(OP_LEVEL(op)) > 1ULL << s2->oa_bits)
		return RTT_DATA_MAP_desc;
	state = realm_state(view_rd(c, g_rd));
	if (state != REALM_NEW && state != REALM_ACTIVE)
		return RTT_DATA_MAP_realm_state;
	s2_walk(c, s2, ipa(OP_IPA(op)), OP_LEVEL(op), w);
	let_go(c, g_rd);
	if (w->level != OP_LEVEL(op))
		return RTT_DATA_MAP_rtt_walk;
	return w->entry.state == S2_VOID ? REFUSED_NOT : RTT_DATA_MAP_entry;
}
static status_t give_up(struct call *c, struct op *op, enum refusal why, int level)
{
	op->index = RELEASE;
	op->last = refusal_status(why);
	if (op->last == RMI_ERROR_RTT)
		op->last |= (u64)(u8)level << RMI_LEVEL_SHIFT;
	return release(c, op);
}

static status_t step(struct call *c, struct op *op)
{
	u64 size = s2_size(OP_LEVEL(op));
	struct s2_walk w = { .level = 0 };
	enum refusal why;

	mark(op, BETWEEN, DATA);
	if (op->index == RELEASE)
		return release(c, op);
	if (!data_claim(c, OP_BLOCK(op), size, &op->count, true))
		return give_up(c, op, RTT_DATA_MAP_data_state, 0);
	if (op->count < size)
		return pause(c, op);
	why = judge_again(c, op, &w);
	if (why)
		return give_up(c, op, why, w.level);
	w.entry.state = S2_DATA;
	w.entry.oa = OP_BLOCK(op);
	s2_set(&w, w.index, &w.entry);
	s2_publish();
	give(c, 1, OP_IPA(op) + size);
	return op_end(c, op, RMI_SUCCESS);
}

/* It cannot be cancelled and is given nothing: never called. */
static void undo(struct call *c, struct op *op)
{
	(void)c;
	(void)op;
}

static const struct op_kind kind = { .name = "RTT_DATA_MAP", .step = step, .undo = undo };

/* An interrupt cut the wipe at `cut`. */
static status_t go_on_later(struct call *c, pa_t rd, u64 base, int level, pa_t block, u64 cut)
{
	status_t status;
	struct op *op = op_begin(c, &kind, &status);

	if (!op) {
		data_release(block, cut);
		return status;
	}
	commit(c);
	op->rd = rd;
	op->count = cut;
	op->params.gprs[0] = base;
	op->params.gprs[1] = block.raw;
	op->params.gprs[2] = (u64)level;
	return pause(c, op);
}

static status_t map(struct call *c, pa_t rd, struct s2_walk *w, u64 base, u64 top,
		    struct range_input *in)
{
	u64 size = s2_size(w->level), at = base, cut = size;
	enum refusal why = REFUSED_NOT;

	for (unsigned int i = w->index; i < w->nr_entries && at + size <= top; i++) {
		if (input_is_empty(in) || (at != base && arch_interrupt_pending()))
			break;
		why = map_one(c, w, i, &in->now, at == base ? &cut : NULL);
		if (why)
			break;
		if (cut < size)
			return go_on_later(c, rd, base, w->level, in->now.base, cut);
		input_advance(in);
		at += size;
	}
	if (at == base)
		return say_no(c, why, w, in->now.base);
	commit(c);
	s2_publish();
	give(c, 1, at);
	return done(c);
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
	return map(c, a->rd, &w, a->base.raw, a->top.raw, &in);
}
