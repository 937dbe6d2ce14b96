/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RMI_RTT_SET_RIPAS (rmi-commands.md 9.5): what the realm asked for with
 * IPA_STATE_SET, entries of one table. Content stays: a DATA entry that becomes
 * EMPTY keeps its granule, out of the realm's reach.
 */
#include "base/require.h"
#include "realm/rec.h"
#include "rmi/rmi.h"
#include "rmi/rtt.h"

/* IPA range of entries that were valid and are no more; empty while first > last. */
struct dirt { u64 first, last; };

static bool change(struct s2_walk *w, unsigned int i, const struct rec_ripas_request *want,
		   struct dirt *d)
{
	struct s2_entry e = s2_entry_at(w, i);
	u64 at = s2_entry_ipa(w, i).raw;

	if (e.state == S2_TABLE)
		return false;
	if (want->value == RMI_RIPAS_RAM && e.ripas == RMI_RIPAS_DESTROYED &&
	    !want->change_destroyed)
		return false;
	if (e.ripas == want->value)
		return true;
	if (s2_is_valid(&e)) {
		d->first = d->first > d->last ? at : d->first;
		d->last = at + s2_size(w->level);
	}
	e.ripas = want->value;
	s2_set(w, i, &e);
	return true;
}

HOT static status_t sweep(struct call *c, struct s2_walk *w, struct rec *rec, u64 top)
{
	u64 size = s2_size(w->level), at = rec->ripas.addr;
	struct dirt d = { 1, 0 };

	if (!IS_ALIGNED(at, size))
		return refuse_at(c, RTT_SET_RIPAS_entry_align, w->level);
	for (unsigned int i = w->index; i < w->nr_entries && at + size <= top; i++) {
		if (!change(w, i, &rec->ripas, &d))
			break;
		at += size;
		if (slice_over(c, SLICE_ENTRIES))
			break;
	}
	if (at == rec->ripas.addr)
		return refuse_at(c, RTT_SET_RIPAS_progress, w->level);
	commit(c);
	s2_publish();
	if (d.first < d.last)
		s2_flush(w, ipa(d.first), d.last - d.first);
	rec->ripas.addr = at;
	give(c, 1, at);
	return done(c);
}

status_t rmi_rtt_set_ripas(struct call *c, const struct rtt_set_ripas_args *a)
{
	struct granule *g_rd, *g_rec;
	const struct s2 *s2;
	struct s2_walk w;
	struct rec *rec;

	give(c, 1, a->base.raw);
	if (!is_granule(a->top.raw))
		return refuse(c, RTT_SET_RIPAS_top_align);
	if (a->top.raw <= a->base.raw)
		return refuse(c, RTT_SET_RIPAS_top_order);
	if (!is_granule(a->rd.raw))
		return refuse(c, RTT_SET_RIPAS_rd_align);
	g_rd = hold(c, a->rd, RD);
	if (!g_rd)
		return refuse(c, RTT_SET_RIPAS_rd_state);
	if (!is_granule(a->rec.raw))
		return refuse(c, RTT_SET_RIPAS_rec_align);
	g_rec = hold(c, a->rec, REC);
	if (!g_rec)
		return refuse(c, RTT_SET_RIPAS_rec_state);
	rec = view(c, g_rec);
	if (arch_load_acquire64(&rec->running))
		return refuse(c, RTT_SET_RIPAS_rec_running);
	if (rec->rd.raw != a->rd.raw)
		return refuse(c, RTT_SET_RIPAS_rec_owner);
	if (!rec->ripas.active || a->base.raw != rec->ripas.addr)
		return refuse(c, RTT_SET_RIPAS_base);
	if (a->top.raw > rec->ripas.top)
		return refuse(c, RTT_SET_RIPAS_top_bound);

	s2 = &view_rd(c, g_rd)->s2;
	s2_walk(c, s2, a->base, S2_LAST_LEVEL, &w);
	return sweep(c, &w, rec, a->top.raw);
}
