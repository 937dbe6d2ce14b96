/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD GPT_INFO
#define CMD_LOWER gpt_info
#include "harness/command.h"

GOOD
{
	a->base = pa(0x40000000);
	a->top = pa(0x80000000);
}

CHANGED
{
	check_eq(res.x[1], 0x80000000);
	check_eq(res.x[2], RMI_GPT_PLAT);
}

SPOIL(base_align)	{ a->base = pa_add(a->base, GRANULE_SIZE); }
SPOIL(top_align)	{ a->top = pa_add(a->top, GRANULE_SIZE); }
SPOIL(top_order)	{ a->top = a->base; }
SPOIL(top_bound)	{ a->top = pa(w->beyond + (1ULL << 30)); }

TEST(gpt_of_all)
{
	struct world w;
	u64 base = 0, tables = 0;

	world_make(&w);
	while (base < w.beyond) {
		struct rmi_result r = rmi(FID_GPT_INFO, base, w.beyond);

		need_eq(r.x[0], 0);
		need(r.x[1] > base && r.x[1] <= w.beyond);
		if (r.x[2] == RMI_GPT_PLAT)
			tables += r.x[1] - base;
		else
			check_eq(r.x[2], RMI_GPT_RESERVED);
		base = r.x[1];
	}
	check_eq(tables, 2ULL << 30);
}

#include "harness/command_end.h"
