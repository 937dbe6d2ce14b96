/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "mem/region.h"
#include "rmi/gpt.h"
#include "rmi/rmi.h"

/* How many L0 blocks one call looks at: a prefix that goes on may be cut (decisions 37). */
#define MAX_BLOCKS	4096

bool gpt_block_has_dram(u64 base)
{
	u64 end = base + (1ULL << arch_features.l0gpt_shift);

	for (unsigned int i = 0; i < region_count(); i++)
		if (region_at(i)->base < end && region_at(i)->top > base)
			return true;
	return false;
}

/* RMI_GPT_INFO: whose the L1 table at base is, and how far that reaches. */
status_t rmi_gpt_info(struct call *c, const struct gpt_info_args *a)
{
	u64 size = 1ULL << arch_features.l0gpt_shift;
	u64 end = a->base.raw;
	bool dram;

	if (!IS_ALIGNED(a->base.raw, size))
		return refuse(c, GPT_INFO_base_align);
	if (!IS_ALIGNED(a->top.raw, size))
		return refuse(c, GPT_INFO_top_align);
	if (a->top.raw <= a->base.raw)
		return refuse(c, GPT_INFO_top_order);
	if (a->top.raw > memory_top())
		return refuse(c, GPT_INFO_top_bound);
	dram = gpt_block_has_dram(end);
	for (unsigned int i = 0; i < MAX_BLOCKS && end < a->top.raw; i++, end += size)
		if (gpt_block_has_dram(end) != dram)
			break;
	give(c, 1, end);
	give(c, 2, dram ? RMI_GPT_PLAT : RMI_GPT_RESERVED);
	return done(c);
}
