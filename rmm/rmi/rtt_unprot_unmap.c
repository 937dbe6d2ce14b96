/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "rmi/rmi.h"
#include "rmi/rtt.h"

static const struct list_refusals list_refusals = {
	RTT_UNPROT_UNMAP_list_align, RTT_UNPROT_UNMAP_list_ns, RTT_UNPROT_UNMAP_list_count,
};

/*
 * RMI_RTT_UNPROT_UNMAP (rmi-commands.md 10.2): as DATA_UNMAP, of host memory: nothing
 * changes hands, but no PE may reach it any more.
 */
status_t rmi_rtt_unprot_unmap(struct call *c, const struct rtt_unprot_unmap_args *a)
{
	struct granule *g_rd;
	const struct s2 *s2;
	enum refusal why;
	struct s2_walk w;

	give(c, 1, a->base.raw);
	if (!is_granule(a->rd.raw))
		return refuse(c, RTT_UNPROT_UNMAP_rd_align);
	g_rd = hold(c, a->rd, RD);
	if (!g_rd)
		return refuse(c, RTT_UNPROT_UNMAP_rd_state);
	s2 = &view_rd(c, g_rd)->s2;
	if (!is_granule(a->base.raw))
		return refuse(c, RTT_UNPROT_UNMAP_base_align);
	if (!is_granule(a->top.raw))
		return refuse(c, RTT_UNPROT_UNMAP_top_align);
	if (a->top.raw <= a->base.raw)
		return refuse(c, RTT_UNPROT_UNMAP_top_order);
	if (s2_is_protected(s2, a->base.raw) || a->top.raw > s2_ipa_top(s2))
		return refuse(c, RTT_UNPROT_UNMAP_range_bound);
	if (oaddr_type(a->flags) > RMI_OADDR_LIST)
		return refuse(c, RTT_UNPROT_UNMAP_oaddr_type);
	why = list_judge(a->flags, a->oaddr, &list_refusals);
	if (why)
		return refuse(c, why);

	s2_walk(c, s2, a->base, S2_LAST_LEVEL, &w);
	let_go(c, g_rd);
	return unmap(c, &w, &(struct unmap_args){
		a->base.raw, a->top.raw, a->flags, a->oaddr, RTT_UNPROT_UNMAP_entry_align,
		RTT_UNPROT_UNMAP_list_ns, REFUSED_NOT });
}
