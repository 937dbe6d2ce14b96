/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "rmi/rmi.h"
#include "rmi/rtt.h"

/* EMPTY becomes RAM; a DATA entry is then one the realm may use. */
static bool make_ram(struct s2_walk *w, unsigned int i)
{
	struct s2_entry e = s2_entry_at(w, i);

	if (e.state == S2_TABLE || e.ripas == RMI_RIPAS_DESTROYED)
		return false;
	if (e.ripas == RMI_RIPAS_EMPTY) {
		e.ripas = RMI_RIPAS_RAM;
		s2_set(w, i, &e);
	}
	return true;
}

/*
 * RMI_RTT_INIT_RIPAS (rmi-commands.md 9.4): before activation, entries of one
 * table. Not measured in 2.0 (rmi-measure.md 5).
 */
HOT status_t rmi_rtt_init_ripas(struct call *c, const struct rtt_init_ripas_args *a)
{
	u64 at = a->base.raw, size;
	struct granule *g_rd;
	const struct s2 *s2;
	struct s2_walk w;

	give(c, 1, a->base.raw);
	if (!is_granule(a->rd.raw))
		return refuse(c, RTT_INIT_RIPAS_rd_align);
	g_rd = hold(c, a->rd, RD);
	if (!g_rd)
		return refuse(c, RTT_INIT_RIPAS_rd_state);
	s2 = &view_rd(c, g_rd)->s2;
	if (!is_granule(a->base.raw))
		return refuse(c, RTT_INIT_RIPAS_base_align);
	if (!is_granule(a->top.raw))
		return refuse(c, RTT_INIT_RIPAS_top_align);
	if (a->top.raw <= a->base.raw)
		return refuse(c, RTT_INIT_RIPAS_top_order);
	if (!s2_is_protected(s2, a->top.raw - 1))
		return refuse(c, RTT_INIT_RIPAS_range_bound);
	if (realm_state(view_rd(c, g_rd)) != REALM_NEW)
		return refuse(c, RTT_INIT_RIPAS_realm_state);

	s2_walk(c, s2, a->base, S2_LAST_LEVEL, &w);	/* the RD stays held: NEW until the end */
	size = s2_size(w.level);
	if (!IS_ALIGNED(at, size))
		return refuse_at(c, RTT_INIT_RIPAS_entry_align, w.level);
	for (unsigned int i = w.index; i < w.nr_entries && at + size <= a->top.raw; i++) {
		if (!make_ram(&w, i))
			break;
		at += size;
		if (slice_over(c, SLICE_ENTRIES))
			break;
	}
	if (at == a->base.raw)
		return refuse_at(c, RTT_INIT_RIPAS_progress, w.level);
	commit(c);
	s2_publish();
	give(c, 1, at);
	return done(c);
}
