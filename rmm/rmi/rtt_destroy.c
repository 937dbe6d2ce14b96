/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "rmi/rmi.h"
#include "rmi/rtt.h"

/* Nothing to destroy here: the host learns where to look next. */
static status_t no_table(struct call *c, enum refusal why, const struct s2_walk *w)
{
	give(c, 2, s2_next_live(w, w->index));
	return refuse_at(c, why, w->level);
}

/*
 * RMI_RTT_DESTROY: a table without live entries goes, in any realm state. A
 * table of unprotected mappings counts as such, so the flush covers all of it.
 */
status_t rmi_rtt_destroy(struct call *c, const struct rtt_destroy_args *a)
{
	struct granule *g_rd, *g_rtt;
	struct s2_entry gone;
	const struct s2 *s2;
	struct s2_walk w;
	pa_t rtt;

	if (!is_granule(a->rd.raw))
		return refuse(c, RTT_DESTROY_rd_align);
	g_rd = hold(c, a->rd, RD);
	if (!g_rd)
		return refuse(c, RTT_DESTROY_rd_state);
	s2 = &view_rd(c, g_rd)->s2;
	if (!level_may_be_table(s2, a->level))
		return refuse(c, RTT_DESTROY_level_bound);
	if (!IS_ALIGNED(a->ipa.raw, s2_size((int)a->level - 1)))
		return refuse(c, RTT_DESTROY_ipa_align);
	if (a->ipa.raw >= s2_ipa_top(s2))
		return refuse(c, RTT_DESTROY_ipa_bound);

	s2_walk(c, s2, a->ipa, (int)a->level - 1, &w);
	let_go(c, g_rd);
	if (w.level != (int)a->level - 1)
		return no_table(c, RTT_DESTROY_rtt_walk, &w);
	if (w.entry.state != S2_TABLE)
		return no_table(c, RTT_DESTROY_parent, &w);
	rtt = w.entry.oa;
	g_rtt = hold_sure(c, rtt, RTT);
	give(c, 2, a->ipa.raw);
	if (granule_refs(g_rtt))
		return refuse_at(c, RTT_DESTROY_live, (int)a->level);
	commit(c);

	gone = entry_after_table(w.entry.ns);
	s2_set(&w, w.index, &gone);
	s2_flush(&w, a->ipa, s2_size(w.level));
	arch_wipe(rtt);
	become(c, g_rtt, DELEGATED);
	give(c, 1, rtt.raw);
	give(c, 2, s2_next_live(&w, w.index));
	return done(c);
}
