/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RMI_RTT_DATA_MAP_INIT: one granule of initial content. The RIM is extended
 * whether or not the content is measured (rmi-measure.md 2). Measuring is an
 * operation from the start, which holds nothing while it hashes: the granule is in
 * between, the realm's state cannot change, the place is looked at again at the end.
 */
#include "base/require.h"
#include "mem/ns.h"
#include "mem/region.h"
#include "mem/sro.h"
#include "realm/measure.h"
#include "rmi/rmi.h"
#include "rmi/rtt.h"

/* All is held. */
static void map(struct call *c, struct rd *rd, struct s2_walk *w, struct granule *g_data, u64 flags,
		const u8 *digest)
{
	struct s2_entry e = { .state = S2_DATA, .ripas = RMI_RIPAS_RAM, .oa = pa_of(c, g_data) };

	measure_data(rd, s2_entry_ipa(w, w->index), flags, digest);
	become(c, g_data, DATA);
	s2_set(w, w->index, &e);
	s2_publish();
	arch_sync_icache();
}

static status_t end(struct call *c, struct op *op)
{
	struct granule *g_rd = hold_sure(c, op->rd, RD);
	struct granule *g_data = hold_sure(c, op->init.data, BETWEEN);
	struct rd *rd = view_rd(c, g_rd);
	struct s2_walk w;

	rd->nr_operations--;
	s2_walk(c, &rd->s2, ipa(op->init.ipa), S2_LAST_LEVEL, &w);
	if (w.level != S2_LAST_LEVEL || w.entry.state != S2_VOID) {
		become(c, g_data, DELEGATED);
		return op_end(c, op, RMI_ERROR_RTT | (u64)(u8)w.level << RMI_LEVEL_SHIFT);
	}
	map(c, rd, &w, g_data, op->init.flags, op->digest);
	return op_end(c, op, RMI_SUCCESS);
}

static status_t step(struct call *c, struct op *op)
{
	struct granule *g_data = hold_sure(c, op->init.data, BETWEEN);

	if (!measure_content(c, &op->hash, view(c, g_data), GRANULE_SIZE, &op->count, op->digest))
		return op_pause(c, op);
	let_go(c, g_data);
	return end(c, op);
}

static const struct op_kind kind = { .name = "RTT_DATA_MAP_INIT", .step = step };

static status_t measure(struct call *c, struct granule *g_rd, struct s2_walk *w,
			struct granule *g_data, const struct rtt_data_map_init_args *a)
{
	status_t status;
	struct op *op = op_begin(c, &kind, &status);

	if (!op)
		return status;
	commit(c);
	hash_begin(&op->hash, view_rd(c, g_rd)->hash_algo);
	view_rd(c, g_rd)->nr_operations++;
	op->rd = a->rd;
	op->init.ipa = a->ipa.raw;
	op->init.flags = a->flags;
	op->init.data = a->data;
	become(c, g_data, BETWEEN);
	let_go(c, g_data);
	s2_let_go(c, w);
	let_go(c, g_rd);
	return step(c, op);
}

status_t rmi_rtt_data_map_init(struct call *c, const struct rtt_data_map_init_args *a)
{
	struct granule *g_rd, *g_data;
	const struct s2 *s2;
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
	if (a->flags & RMI_DATA_MEASURE)
		return measure(c, g_rd, &w, g_data, a);
	commit(c);

	map(c, rd, &w, g_data, a->flags, NULL);
	return done(c);
}
