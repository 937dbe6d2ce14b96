/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RMI_RMM_ACTIVATE (rmi-commands.md 3.3, decisions 29, 30): regions that have no
 * metadata from EL3 get it from the host, one request per region, lowest first.
 * Nothing can be delegated yet, so the memory comes UNDELEGATED and is made
 * Realm here.
 */
#include "base/require.h"
#include "mem/region.h"
#include "mem/sro.h"
#include "rmi/metadata.h"
#include "rmi/rmi.h"

static struct region *first_untracked(void)
{
	for (unsigned int i = 0; i < region_count(); i++)
		if (!region_at(i)->granules)
			return region_at(i);
	return NULL;
}

static status_t ask(struct call *c, struct op *op, const struct region *r)
{
	return op_ask(c, op, region_metadata_granules(r), true, RMI_MEMSTATE_UNDELEGATED);
}

static status_t finish(struct call *c, struct op *op)
{
	while (region_mark_own(&op->index))
		if (arch_interrupt_pending())
			return op_pause(c, op);
	require(rmm_state_change(RMI_STATE_INTERMEDIATE, RMI_STATE_ACTIVE));
	return op_end(c, op, RMI_SUCCESS);
}

static status_t step(struct call *c, struct op *op)
{
	struct region *r = first_untracked();
	enum metadata_state is = METADATA_DONE;

	if (op->meta.granules)
		is = metadata_go_on(op);
	if (is == METADATA_LATER)
		return op_pause(c, op);
	if (is == METADATA_REFUSED) {
		op_fail(op, RMI_ERROR_INPUT);
		return op_return(c, op);
	}
	if (op->meta.granules) {
		region_attach(r, op->meta.base, RMI_MEMSTATE_UNDELEGATED);
		op->meta.granules = 0;
	}
	r = first_untracked();
	return r ? ask(c, op, r) : finish(c, op);
}

static void undo(struct call *c, struct op *op)
{
	(void)c;
	(void)op;
	require(rmm_state_change(RMI_STATE_INTERMEDIATE, RMI_STATE_INIT));
}

static bool take(struct call *c, struct op *op, pa_t base, u64 granules)
{
	(void)c;
	return metadata_take(op, base, granules, RMI_MEMSTATE_UNDELEGATED);
}

static const struct op_kind kind = {
	.name = "RMM_ACTIVATE", .step = step, .undo = undo,
	.take = take, .ready = metadata_ready_all, .peek = metadata_peek_all, .gone = metadata_gone,
};

/* ---- the command ---------------------------------------------------------------- */

status_t rmi_rmm_activate(struct call *c, const struct rmm_activate_args *a)
{
	struct region *r;
	struct op *op;
	status_t status;
	u64 run = 0;

	(void)a;
	if (!rmm_state_change(RMI_STATE_INIT, RMI_STATE_INTERMEDIATE))
		return RMI_ERROR_GLOBAL;	/* another CPU was faster */
	region_all_fine();
	r = first_untracked();
	if (!r) {
		while (region_mark_own(&run))
			;
		require(rmm_state_change(RMI_STATE_INTERMEDIATE, RMI_STATE_ACTIVE));
		return done(c);
	}
	op = op_begin(c, &kind, &status);
	if (!op) {
		require(rmm_state_change(RMI_STATE_INTERMEDIATE, RMI_STATE_INIT));
		return status;
	}
	commit(c);
	return ask(c, op, r);
}
