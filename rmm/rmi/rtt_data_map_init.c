/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "mem/ns.h"
#include "mem/region.h"
#include "realm/measure.h"
#include "rmi/rmi.h"
#include "rmi/rtt.h"

/*
 * RMI_RTT_DATA_MAP_INIT: one granule of initial content. The RIM is extended
 * whether or not the content is measured (rmi-measure.md 2).
 */
status_t rmi_rtt_data_map_init(struct call *c, const struct rtt_data_map_init_args *a)
{
	struct granule *g_rd, *g_data;
	const struct s2 *s2;
	struct s2_entry e;
	struct s2_walk w;
	struct rd *rd;

	if (a->flags & ~RMI_DATA_MEASURE)
		return refuse(c, RTT_DATA_MAP_INIT_flags);
	if (!is_granule(a->src.raw))
		return refuse(c, RTT_DATA_MAP_INIT_src_align);
	if (!ns_accessible(a->src))
		return refuse(c, RTT_DATA_MAP_INIT_src_ns);
	if (!is_granule(a->data.raw))
		return refuse(c, RTT_DATA_MAP_INIT_data_align);
	if (!is_granule(a->rd.raw))
		return refuse(c, RTT_DATA_MAP_INIT_rd_align);
	g_rd = hold(c, a->rd, RD);
	if (!g_rd)
		return refuse(c, RTT_DATA_MAP_INIT_rd_state);
	rd = view_rd(c, g_rd);
	s2 = &rd->s2;
	if (!is_granule(a->ipa.raw))
		return refuse(c, RTT_DATA_MAP_INIT_ipa_align);
	if (!s2_is_protected(s2, a->ipa.raw))
		return refuse(c, RTT_DATA_MAP_INIT_ipa_bound);
	if (a->data.raw >> s2->oa_bits)
		return refuse(c, RTT_DATA_MAP_INIT_data_bound);
	if (realm_state(rd) != REALM_NEW)
		return refuse(c, RTT_DATA_MAP_INIT_realm_state);
	if (!s2_walk_to(c, s2, a->ipa, S2_LAST_LEVEL, &w))
		return refuse_at(c, RTT_DATA_MAP_INIT_rtt_walk, w.level);
	if (w.entry.state != S2_VOID)
		return refuse_at(c, RTT_DATA_MAP_INIT_entry, w.level);
	if (memory_is_untracked(a->data))
		return refuse_for(c, RTT_DATA_MAP_INIT_tracking, 0, a->data);
	g_data = hold(c, a->data, DELEGATED);
	if (!g_data)
		return refuse(c, RTT_DATA_MAP_INIT_data_state);
	if (!arch_copy_from_ns(a->data, a->src))
		return refuse(c, RTT_DATA_MAP_INIT_src_read);
	commit(c);

	measure_data(rd, a->ipa, a->flags, view(c, g_data));
	become(c, g_data, DATA);
	e = (struct s2_entry){ .state = S2_DATA, .ripas = RMI_RIPAS_RAM, .oa = a->data };
	s2_set(&w, w.index, &e);
	s2_publish();
	arch_sync_icache();
	return done(c);
}
