/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RMI_RMM_DEACTIVATE (rmi-commands.md 3.5, decisions 30): with nothing delegated and
 * nothing under way, donated metadata goes back and the monitor is in INIT
 * again. The gate closes first; then nobody can delegate behind the scan.
 */
#include "base/require.h"
#include "mem/calls.h"
#include "rmi/metadata.h"
#include "rmi/rmi.h"

static void reopen(void)
{
	require(rmm_state_change(RMI_STATE_INTERMEDIATE, RMI_STATE_ACTIVE));
}

static bool scan_is_over(const struct op *op)
{
	return op->index == region_count();
}

static status_t step(struct call *c, struct op *op)
{
	u64 granules;
	pa_t base;

	if (!scan_is_over(op) && !region_scan_idle(&op->index, &op->count)) {
		reopen();
		return op_end(c, op, refusal_status(RMM_DEACTIVATE_granule_state));
	}
	if (!scan_is_over(op))
		return op_pause(c, op);
	op->mem_state = RMI_MEMSTATE_UNDELEGATED;
	if (metadata_peek_all(op, 0, &base, &granules))
		return op_return(c, op);
	while (region_forget(&op->count))
		if (slice_over(c, SLICE_PAGES))
			return op_pause(c, op);
	require(rmm_state_change(RMI_STATE_INTERMEDIATE, RMI_STATE_INIT));
	return op_end(c, op, RMI_SUCCESS);
}

static const struct op_kind kind = {
	.name = "RMM_DEACTIVATE", .step = step,
	.ready = metadata_ready_all, .peek = metadata_peek_all, .gone = metadata_gone,
};

/*
 * No other CPU is inside a call, and no operation waits. A call that was inside
 * may begin an operation, and one that waits may be driven on meanwhile: so the
 * CPUs are looked at before and after.
 */
static bool is_quiet(bool *waiting)
{
	*waiting = false;
	if (!calls_others_idle())
		return false;
	*waiting = !op_all_free();
	return !*waiting && calls_others_idle();
}

status_t rmi_rmm_deactivate(struct call *c, const struct rmm_deactivate_args *a)
{
	u64 region = 0, granule = 0;
	status_t status;
	struct op *op;
	bool waiting;

	(void)a;
	if (!rmm_state_change(RMI_STATE_ACTIVE, RMI_STATE_INTERMEDIATE))
		return RMI_ERROR_GLOBAL;	/* another CPU was faster */
	if (!is_quiet(&waiting)) {
		reopen();
		return waiting ? blocked(c) : busy(c);
	}
	if (!region_scan_idle(&region, &granule)) {
		reopen();
		return refuse(c, RMM_DEACTIVATE_granule_state);
	}
	op = op_begin(c, &kind, &status);
	require(op);				/* all are free */
	commit(c);
	op->index = region;
	op->count = granule;
	return step(c, op);
}
