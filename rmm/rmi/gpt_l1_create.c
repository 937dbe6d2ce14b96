/* SPDX-License-Identifier: BSD-2-Clause */
#include "mem/gpt.h"
#include "mem/region.h"
#include "mem/sro.h"
#include "rmi/metadata.h"
#include "rmi/rmi.h"

static status_t step(struct call *c, struct op *op)
{
	return op_end(c, op, RMI_SUCCESS);
}

static enum l1_answer make(pa_t region, pa_t base, u64 granules)
{
	enum l1_answer answer;

	if (!host_memory_keep(base, granules))
		return L1_MEMORY;
	answer = gpt_table_create(region, base);
	if (answer != L1_DONE)
		host_memory_release(base, granules);
	return answer;
}

/* The memory is all there is to it: with it the table is made, and stays. */
static bool take(struct call *c, struct op *op, pa_t base, u64 granules)
{
	enum l1_answer answer;

	(void)c;
	region_own_lock();
	answer = make(pa(op->index), base, granules);
	region_own_unlock();
	if (answer == L1_DONE) {
		op->can_cancel = false;
		return true;
	}
	if (answer != L1_MEMORY)	/* another operation was faster; or EL3 says no to all */
		op_fail(op, answer == L1_EXISTS ? RMI_ERROR_GPT : RMI_ERROR_GLOBAL);
	return false;
}

static const struct op_kind kind = {
	.name = "GPT_L1_CREATE", .step = step, .take = take,
};

/*
 * RMI_GPT_L1_CREATE: a block of level 0 becomes a table, so that its granules can be
 * delegated one by one.
 */
status_t rmi_gpt_l1_create(struct call *c, const struct gpt_l1_create_args *a)
{
	u64 granules = gpt_table_bytes() >> GRANULE_SHIFT, state;
	status_t status;
	struct op *op;

	if (a->base.raw >= memory_top())
		return refuse(c, GPT_L1_CREATE_bound);
	if (!IS_ALIGNED(a->base.raw, gpt_region_bytes()))
		return refuse(c, GPT_L1_CREATE_align);
	state = gpt_state(a->base.raw);
	if (state == RMI_GPT_RESERVED)
		return refuse(c, GPT_L1_CREATE_no_dram);
	if (state != RMI_GPT_HOST_NOT_CREATED)
		return refuse_for(c, GPT_L1_CREATE_is_table, 0, a->base);
	if (granules > RMI_DONATE_COUNT_MASK)
		return refuse(c, GPT_L1_CREATE_size);
	op = op_begin(c, &kind, &status);
	if (!op)
		return status;
	commit(c);
	op->index = a->base.raw;
	return op_ask(c, op, granules, true, RMI_MEMSTATE_UNDELEGATED);
}
