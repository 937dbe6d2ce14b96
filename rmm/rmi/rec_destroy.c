/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RMI_REC_DESTROY (rmi-commands.md 7.2): out of the realm's table at once, then
 * the donated memory goes back, then the REC granule.
 */
#include "base/require.h"
#include "base/string.h"
#include "mem/sro.h"
#include "realm/rd.h"
#include "realm/rec.h"
#include "rmi/rmi.h"

static status_t step(struct call *c, struct op *op)
{
	struct granule *g_rd = hold_sure(c, op->rd, RD);
	struct granule *g_rec = hold_sure(c, op->rec, BETWEEN);

	arch_wipe(op->rec);
	become(c, g_rec, DELEGATED);
	view_rd(c, g_rd)->nr_operations--;
	granule_add_refs(g_rd, -1);
	return op_end(c, op, RMI_SUCCESS);
}

static const struct op_kind kind = { .name = "REC_DESTROY", .step = step };

/*
 * The RD is locked before the REC, and only the REC knows its RD: look, let go,
 * take both. False: the REC went away meanwhile.
 */
static bool hold_both(struct call *c, pa_t at, struct granule **g_rd, struct granule **g_rec)
{
	pa_t rd;

	*g_rec = hold(c, at, REC);
	if (!*g_rec)
		return false;
	rd = ((struct rec *)view(c, *g_rec))->rd;
	let_go(c, *g_rec);
	*g_rd = hold(c, rd, RD);
	*g_rec = *g_rd ? hold(c, at, REC) : NULL;
	return *g_rec && ((struct rec *)view(c, *g_rec))->rd.raw == rd.raw;
}

status_t rmi_rec_destroy(struct call *c, const struct rec_destroy_args *a)
{
	struct granule *g_rd, *g_rec;
	struct rec *rec;
	struct rd *rd;
	struct op *op;
	status_t status;

	if (!is_granule(a->rec.raw))
		return refuse(c, REC_DESTROY_rec_align);
	if (!hold_both(c, a->rec, &g_rd, &g_rec))
		return refuse(c, REC_DESTROY_rec_state);
	rec = view(c, g_rec);
	if (arch_load_acquire64(&rec->running))
		return refuse(c, REC_DESTROY_rec_running);
	op = op_begin(c, &kind, &status);
	if (!op)
		return status;
	commit(c);

	rd = view_rd(c, g_rd);
	rd_set_rec(rd, rec->index, pa(0));
	rd->nr_operations++;
	op->rd = rec->rd;
	op->rec = a->rec;
	op->mem_state = RMI_MEMSTATE_DELEGATED;
	op->nr_taken = rec->nr_aux;
	memcpy(op->taken, rec->aux, rec->nr_aux * sizeof(op->taken[0]));
	become(c, g_rec, BETWEEN);
	return op_return(c, op);
}
