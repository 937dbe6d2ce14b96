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

/* A slice of it: a descriptor cannot name all of a large one. */
static bool peek(const struct op *op, unsigned int n, pa_t *base, u64 *granules)
{
	if (n || !op->bytes)
		return false;
	*base = pa(op->block);
	*granules = op->bytes >> GRANULE_SHIFT;
	if (*granules > SLICE_GRANULES)
		*granules = SLICE_GRANULES;
	return true;
}

static void gone(struct call *c, struct op *op, unsigned int nr)
{
	pa_t base;
	u64 n;

	(void)c;
	if (!nr || !peek(op, 0, &base, &n))
		return;
	region_own_lock();
	op_cover(op, pa_add(base, n * GRANULE_SIZE), op->bytes - n * GRANULE_SIZE);
	host_memory_release(base, n);
	region_own_unlock();
}

static const struct op_kind kind = {
	.name = "GPT_L1_DESTROY", .step = step, .peek = peek, .gone = gone,
};

/*
 * RMI_GPT_L1_DESTROY: a table that the host made becomes a block again, when all of it
 * is Non-secure; EL3 is who knows. Its memory waits to be reclaimed.
 */
status_t rmi_gpt_l1_destroy(struct call *c, const struct gpt_l1_destroy_args *a)
{
	status_t status;
	struct op *op;
	pa_t memory;
	u64 state;
	bool done;

	if (a->base.raw >= memory_top())
		return refuse(c, GPT_L1_DESTROY_bound);
	if (!IS_ALIGNED(a->base.raw, gpt_region_bytes()))
		return refuse(c, GPT_L1_DESTROY_align);
	state = gpt_state(a->base.raw);
	if (state == RMI_GPT_HOST_NOT_CREATED)
		return refuse(c, GPT_L1_DESTROY_is_block);
	if (state != RMI_GPT_HOST_CREATED)
		return refuse(c, GPT_L1_DESTROY_of_platform);
	op = op_begin(c, &kind, &status);
	if (!op)
		return status;
	region_own_lock();
	done = gpt_table_destroy(a->base, &memory) == L1_DONE;
	if (done)
		op_cover(op, memory, gpt_table_bytes());
	region_own_unlock();
	if (!done) {
		op_end(c, op, RMI_SUCCESS);
		return refuse(c, GPT_L1_DESTROY_homogeneous);
	}
	commit(c);
	op->mem_state = RMI_MEMSTATE_UNDELEGATED;
	return op_return(c, op);
}
