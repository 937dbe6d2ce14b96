/* SPDX-License-Identifier: BSD-2-Clause */
#include "mem/gpt.h"
#include "mem/region.h"
#include "rmi/rmi.h"

/* How many L0 blocks one call looks at: a prefix that goes on may be cut (decisions 37). */
#define MAX_BLOCKS	4096

/* RMI_GPT_INFO: whose the L1 table at base is, and how far that reaches. */
status_t rmi_gpt_info(struct call *c, const struct gpt_info_args *a)
{
	u64 size = gpt_region_bytes(), end = a->base.raw, state;

	if (!IS_ALIGNED(a->base.raw, size))
		return refuse(c, GPT_INFO_base_align);
	if (!IS_ALIGNED(a->top.raw, size))
		return refuse(c, GPT_INFO_top_align);
	if (a->top.raw <= a->base.raw)
		return refuse(c, GPT_INFO_top_order);
	if (a->top.raw > memory_top())
		return refuse(c, GPT_INFO_top_bound);
	state = gpt_state(end);
	for (unsigned int i = 0; i < MAX_BLOCKS; i++) {
		end += size;
		if (end == a->top.raw || arch_interrupt_pending() || gpt_state(end) != state)
			break;
	}
	give(c, 1, end);
	give(c, 2, state);
	return done(c);
}
