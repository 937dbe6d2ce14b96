/* SPDX-License-Identifier: BSD-2-Clause */
#include "rmi/rmi.h"
#include "rmi/rtt.h"

/*
 * RMI_RTT_CREATE: hang a new table under an entry that is none. What the entry
 * maps or says, all entries of the new table map or say (rmi-memory.md 7.5).
 */
status_t rmi_rtt_create(struct call *c, const struct rtt_create_args *a)
{
	struct granule *g_rd, *g_rtt;
	const struct s2 *s2;
	struct s2_walk w;

	if (!is_granule(a->rd.raw))
		return refuse(c, RTT_CREATE_rd_align);
	g_rd = hold(c, a->rd, RD);
	if (!g_rd)
		return refuse(c, RTT_CREATE_rd_state);
	s2 = &view_rd(c, g_rd)->s2;
	if (!level_may_be_table(s2, a->level))
		return refuse(c, RTT_CREATE_level_bound);
	if (!IS_ALIGNED(a->ipa.raw, s2_size((int)a->level - 1)))
		return refuse(c, RTT_CREATE_ipa_align);
	if (a->ipa.raw >= s2_ipa_top(s2))
		return refuse(c, RTT_CREATE_ipa_bound);
	if (!is_granule(a->rtt.raw))
		return refuse(c, RTT_CREATE_rtt_align);
	if (a->rtt.raw >> s2->oa_bits)
		return refuse(c, RTT_CREATE_rtt_bound);
	if (!granule_is(c, a->rtt, DELEGATED))
		return refuse(c, RTT_CREATE_rtt_state);
	if (!s2_walk_to(c, s2, a->ipa, (int)a->level - 1, &w))
		return refuse_at(c, RTT_CREATE_rtt_walk, w.level);
	if (w.entry.state == S2_TABLE)
		return refuse_at(c, RTT_CREATE_parent, w.level);

	g_rtt = hold(c, a->rtt, DELEGATED);	/* may have moved since we looked */
	if (!g_rtt)
		return refuse(c, RTT_CREATE_rtt_state);
	commit(c);

	become(c, g_rtt, RTT);
	s2_unfold(c, &w, g_rtt);
	return done(c);
}
