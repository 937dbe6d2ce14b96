/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RMI_REC_CREATE (rmi-commands.md 7.1, decisions 54): all checks now, then the
 * memory for what does not fit the REC granule, then the hash of a runnable one in
 * slices, then the REC. Until it is made the realm's state cannot change, so nothing
 * has to be checked again.
 */
#include "base/require.h"
#include "base/string.h"
#include "mem/ns.h"
#include "mem/sro.h"
#include "realm/measure.h"
#include "realm/rd.h"
#include "realm/rec.h"
#include "rmi/rmi.h"
#include "run/run.h"

_Static_assert(sizeof(struct rec) <= PAGE_SIZE, "REC fits its granule");
_Static_assert(REC_MAX_AUX <= OP_MAX_TAKEN, "the operation remembers what it took");

static bool is_runnable(const struct op *op)
{
	return op->params.flags & RMI_REC_RUNNABLE;
}

static void fill(struct rec *rec, const struct op *op, const struct rd *rd)
{
	rec_reset(rec, op->params.pc);
	memcpy(rec->gprs, op->params.gprs, sizeof(op->params.gprs));
	rec->rd = op->rd;
	rec->self = op->rec;
	rec->mpidr = op->params.mpidr;
	rec->index = op->index;
	rec->vttbr = rd->s2.vttbr;
	rec->vtcr = rd->s2.vtcr;
	rec->s2sz = rd->s2.ipa_bits;
	rec->runnable = is_runnable(op);
	rec->sve_vq = rd->sve_vq;
	rec->nr_breakpoints = rd->nr_breakpoints;
	rec->nr_watchpoints = rd->nr_watchpoints;
	rec->has_pmu = rd->has_pmu;
	rec->pmu_counters = rd->pmu_counters;
	rec->nr_aux = op->nr_taken;
	memcpy(rec->aux, op->taken, op->nr_taken * sizeof(rec->aux[0]));
	rec->token = rec->aux[rec->nr_aux - 1];
	for (unsigned int i = 0; i < rec->nr_aux; i++)
		arch_wipe(rec->aux[i]);
}

static bool hash_image(struct call *c, struct op *op)
{
	const void *image = measure_rec_image(c, RMI_REC_RUNNABLE, op->params.pc, op->params.gprs);

	return measure_content(c, &op->hash, image, sizeof(struct rmi_rec_params), &op->count,
			       op->digest);
}

static status_t make(struct call *c, struct op *op)
{
	struct granule *g_rd = hold_sure(c, op->rd, RD);
	struct granule *g_rec = hold_sure(c, op->rec, BETWEEN);
	struct rd *rd = view_rd(c, g_rd);

	arch_wipe(op->rec);
	fill(view(c, g_rec), op, rd);
	if (is_runnable(op))
		measure_rec(rd, op->digest);
	rd_set_rec(rd, op->index, op->rec);
	rd->next_index++;
	rd->nr_operations--;
	granule_add_refs(g_rd, 1);
	become(c, g_rec, REC);
	return op_end(c, op, RMI_SUCCESS);
}

static status_t step(struct call *c, struct op *op)
{
	if (is_runnable(op) && !hash_image(c, op))
		return op_pause(c, op);
	return make(c, op);
}

static void undo(struct call *c, struct op *op)
{
	struct granule *g_rd = hold_sure(c, op->rd, RD);

	view_rd(c, g_rd)->nr_operations--;
	become(c, hold_sure(c, op->rec, BETWEEN), DELEGATED);
}

static const struct op_kind kind = { .name = "REC_CREATE", .step = step, .undo = undo };

status_t rmi_rec_create(struct call *c, const struct rec_create_args *a)
{
	struct rmi_rec_params *p = call_page(c);
	struct granule *g_rd, *g_rec;
	struct rd *rd;
	struct op *op;
	status_t status;

	if (!is_granule(a->params.raw))
		return refuse(c, REC_CREATE_params_align);
	if (!ns_read(p, a->params, sizeof(*p)))
		return refuse(c, REC_CREATE_params_ns);
	if (!is_granule(a->rec.raw))
		return refuse(c, REC_CREATE_rec_align);
	if (!granule_is(c, a->rec, DELEGATED))
		return refuse(c, REC_CREATE_rec_state);
	if (!is_granule(a->rd.raw))
		return refuse(c, REC_CREATE_rd_align);
	g_rd = hold(c, a->rd, RD);
	if (!g_rd)
		return refuse(c, REC_CREATE_rd_state);
	rd = view_rd(c, g_rd);
	if (rd->nr_operations)
		return blocked(c);
	if (realm_state(rd) != REALM_NEW)
		return refuse(c, REC_CREATE_realm_state);
	if (rd->next_index >= MAX_RECS)		/* no more RECs than that, then */
		return refuse(c, REC_CREATE_rec_limit);
	if (rec_index(p->mpidr) != rd->next_index)
		return refuse(c, REC_CREATE_mpidr);
	g_rec = hold(c, a->rec, DELEGATED);
	if (!g_rec)
		return refuse(c, REC_CREATE_rec_state);
	op = op_begin(c, &kind, &status);
	if (!op)
		return status;
	commit(c);

	op->rd = a->rd;
	op->rec = a->rec;
	op->index = rd->next_index;
	op->params.flags = p->flags;
	op->params.mpidr = p->mpidr;
	op->params.pc = p->pc;
	memcpy(op->params.gprs, p->gprs, sizeof(op->params.gprs));
	hash_begin(&op->hash, rd->hash_algo);
	rd->nr_operations++;
	become(c, g_rec, BETWEEN);
	return op_ask(c, op, rec_aux_granules(rd->sve_vq), false, RMI_MEMSTATE_DELEGATED);
}
