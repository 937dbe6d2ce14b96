/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RMI_RTT_DATA_MAP (rmi-commands.md 9.2): wiped pages or blocks, in the one table
 * that holds base, until that ends, the addresses end, or an interrupt waits.
 */
#include "base/require.h"
#include "mem/ns.h"
#include "mem/region.h"
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

/* The next block under entry i; REFUSED_NOT: mapped, or was already. */
static enum refusal map_one(struct call *c, struct s2_walk *w, unsigned int i,
			    const struct range *r)
{
	struct s2_entry e = s2_entry_at(w, i);

	if (!may_map(w->s2, r) || S2_LAST_LEVEL - (int)r->size != w->level)
		return RTT_DATA_MAP_desc;
	if (e.state == S2_DATA && e.oa.raw == r->base.raw)
		return REFUSED_NOT;
	if (e.state != S2_VOID)
		return RTT_DATA_MAP_entry;
	if (memory_is_untracked(r->base))
		return RTT_DATA_MAP_tracking;
	if (!data_claim(c, r->base, s2_size(w->level)))
		return RTT_DATA_MAP_data_state;
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

static status_t map(struct call *c, struct s2_walk *w, u64 base, u64 top, struct range_input *in)
{
	u64 size = s2_size(w->level), at = base;
	enum refusal why = REFUSED_NOT;

	for (unsigned int i = w->index; i < w->nr_entries && at + size <= top; i++) {
		if (input_is_empty(in) || (at != base && arch_interrupt_pending()))
			break;
		why = map_one(c, w, i, &in->now);
		if (why)
			break;
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
	return map(c, &w, a->base.raw, a->top.raw, &in);
}
