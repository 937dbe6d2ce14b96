/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RMI_RTT_UNPROT_MAP (rmi-commands.md 10.1): host memory under the unprotected
 * half. What lies at the address granule protection decides at each access
 * (decisions 61), so nothing about it is checked or remembered.
 */
#include "base/require.h"
#include "mem/ns.h"
#include "rmi/rmi.h"
#include "rmi/rtt.h"

#define MEMATTR(flags)	FIELD(flags, 18, 16)
#define S2AP(flags)	FIELD(flags, 22, 19)
#define MEMATTR_RESERVED	4

static const struct list_refusals list_refusals = {
	RTT_UNPROT_MAP_list_align, RTT_UNPROT_MAP_list_ns, RTT_UNPROT_MAP_list_count,
};

/* MemAttr [4:2] and S2AP [7:6] of the descriptor: bit 6 is read, bit 7 is write. */
static u64 attributes(u64 flags)
{
	u64 s2ap = S2AP(flags);

	return MEMATTR(flags) << 2 | (s2ap & RMI_UNPROT_S2AP_R ? BIT(6) : 0) |
	       (s2ap & RMI_UNPROT_S2AP_W ? BIT(7) : 0);
}

/* The state of the descriptor is ignored (decisions 42). */
static bool may_map(const struct s2 *s2, const struct range *r)
{
	return r->count && S2_LAST_LEVEL - (int)r->size >= s2->block_level && range_is_aligned(r) &&
	       r->base.raw + range_block_bytes(r->size) <= 1ULL << s2->oa_bits;
}

static enum refusal map_one(struct s2_walk *w, unsigned int i, const struct range *r, u64 attr)
{
	struct s2_entry e = s2_entry_at(w, i);

	if (!may_map(w->s2, r) || S2_LAST_LEVEL - (int)r->size != w->level)
		return RTT_UNPROT_MAP_desc;
	if (e.state == S2_DATA && e.oa.raw == r->base.raw && e.attributes == attr)
		return REFUSED_NOT;
	if (e.state != S2_VOID)
		return RTT_UNPROT_MAP_entry;
	e = (struct s2_entry){ .state = S2_DATA, .ns = true, .oa = r->base, .attributes = attr };
	s2_set(w, i, &e);
	return REFUSED_NOT;
}

HOT static status_t map(struct call *c, struct s2_walk *w, u64 base, u64 top,
			struct range_input *in, u64 attr)
{
	u64 size = s2_size(w->level), at = base;
	enum refusal why = REFUSED_NOT;

	for (unsigned int i = w->index; i < w->nr_entries && at + size <= top; i++) {
		if (input_is_empty(in))
			break;
		why = map_one(w, i, &in->now, attr);
		if (why)
			break;
		input_advance(in);
		at += size;
		if (slice_over(c, SLICE_ENTRIES))
			break;
	}
	if (at == base)
		return refusal_status(why) == RMI_ERROR_RTT ? refuse_at(c, why, w->level) :
							      refuse(c, why);
	commit(c);
	s2_publish();
	give(c, 1, at);
	return done(c);
}

status_t rmi_rtt_unprot_map(struct call *c, const struct rtt_unprot_map_args *a)
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
		return refuse(c, RTT_UNPROT_MAP_rd_align);
	g_rd = hold(c, a->rd, RD);
	if (!g_rd)
		return refuse(c, RTT_UNPROT_MAP_rd_state);
	s2 = &view_rd(c, g_rd)->s2;
	if (!is_granule(a->base.raw))
		return refuse(c, RTT_UNPROT_MAP_base_align);
	if (!is_granule(a->top.raw))
		return refuse(c, RTT_UNPROT_MAP_top_align);
	if (a->top.raw <= a->base.raw)
		return refuse(c, RTT_UNPROT_MAP_top_order);
	if (s2_is_protected(s2, a->base.raw) || a->top.raw > s2_ipa_top(s2))
		return refuse(c, RTT_UNPROT_MAP_range_bound);
	if (oaddr_type(a->flags) != RMI_OADDR_SINGLE && oaddr_type(a->flags) != RMI_OADDR_LIST)
		return refuse(c, RTT_UNPROT_MAP_oaddr_type);
	if (MEMATTR(a->flags) == MEMATTR_RESERVED)
		return refuse(c, RTT_UNPROT_MAP_memattr);
	if (S2AP(a->flags) & ~(RMI_UNPROT_S2AP_R | RMI_UNPROT_S2AP_W))
		return refuse(c, RTT_UNPROT_MAP_s2ap);
	why = list_judge(a->flags, a->oaddr, &list_refusals);
	if (why)
		return refuse(c, why);
	if (!input_open(c, a->flags, a->oaddr, &in))
		return refuse(c, RTT_UNPROT_MAP_list_ns);
	if (!may_map(s2, &in.now))
		return refuse(c, RTT_UNPROT_MAP_desc);
	state = realm_state(view_rd(c, g_rd));
	if (state != REALM_NEW && state != REALM_ACTIVE)
		return refuse(c, RTT_UNPROT_MAP_realm_state);

	level = S2_LAST_LEVEL - (int)in.now.size;
	s2_walk(c, s2, a->base, level, &w);
	let_go(c, g_rd);
	if (w.level != level)
		return refuse_at(c, RTT_UNPROT_MAP_rtt_walk, w.level);
	if (!IS_ALIGNED(a->base.raw, s2_size(level)) || a->base.raw + s2_size(level) > a->top.raw)
		return refuse_at(c, RTT_UNPROT_MAP_entry_align, w.level);
	return map(c, &w, a->base.raw, a->top.raw, &in, attributes(a->flags));
}
