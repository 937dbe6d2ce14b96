/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "mem/region.h"
#include "rmi/gpt.h"
#include "rmi/rmi.h"

/*
 * RMI_GPT_L1_CREATE: EL3 makes the tables of all DRAM at boot, so there is
 * always one already (decisions 34; CAVEATS: creating and destroying them).
 */
status_t rmi_gpt_l1_create(struct call *c, const struct gpt_l1_create_args *a)
{
	u64 size = 1ULL << arch_features.l0gpt_shift;

	if (a->base.raw >= memory_top())
		return refuse(c, GPT_L1_CREATE_bound);
	if (!IS_ALIGNED(a->base.raw, size))
		return refuse(c, GPT_L1_CREATE_align);
	if (!gpt_block_has_dram(a->base.raw))
		return refuse(c, GPT_L1_CREATE_no_dram);
	return refuse_for(c, GPT_L1_CREATE_is_table, 0, a->base);
}
