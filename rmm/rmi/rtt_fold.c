/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "rmi/rmi.h"
#include "rmi/rtt.h"

/* RMI_RTT_FOLD: a table whose entries are all alike becomes one entry (rmi-memory.md 7.6). */
status_t rmi_rtt_fold(struct call *c, const struct rtt_fold_args *a)
{
	struct granule *g_rd, *g_rtt;
	struct s2_entry whole;
	const struct s2 *s2;
	struct s2_walk w;
	pa_t rtt;

	if (!is_granule(a->rd.raw))
		return refuse(c, RTT_FOLD_rd_align);
	g_rd = hold(c, a->rd, RD);
	if (!g_rd)
		return refuse(c, RTT_FOLD_rd_state);
	s2 = &view_rd(c, g_rd)->s2;
	if (!level_may_be_table(s2, a->level))
		return refuse(c, RTT_FOLD_level_bound);
	if (!IS_ALIGNED(a->ipa.raw, s2_size((int)a->level - 1)))
		return refuse(c, RTT_FOLD_ipa_align);
	if (a->ipa.raw >= s2_ipa_top(s2))
		return refuse(c, RTT_FOLD_ipa_bound);

	s2_walk(c, s2, a->ipa, (int)a->level - 1, &w);
	let_go(c, g_rd);
	if (w.level != (int)a->level - 1)
		return refuse_at(c, RTT_FOLD_rtt_walk, w.level);
	if (w.entry.state != S2_TABLE)
		return refuse_at(c, RTT_FOLD_parent, w.level);
	rtt = w.entry.oa;
	g_rtt = hold_sure(c, rtt, RTT);
	if (!s2_is_homogeneous(w.s2, view(c, g_rtt), S2_ENTRIES, (int)a->level, w.entry.ns, &whole))
		return refuse_at(c, RTT_FOLD_homogeneous, (int)a->level);
	commit(c);

	s2_fold(c, &w, g_rtt, &whole);
	arch_wipe(rtt);
	become(c, g_rtt, DELEGATED);
	give(c, 1, rtt.raw);
	return done(c);
}
