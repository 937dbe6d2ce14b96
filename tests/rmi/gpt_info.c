/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD GPT_INFO
#define CMD_LOWER gpt_info
#include "arch/arch.h"
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

/* Neighbours that differ end the answer: EL3's table, a block, the hole between. */
TEST(gpt_of_blocks)
{
	struct world w;
	u64 high, base = 0;
	static const u64 order[] = { RMI_GPT_RESERVED, RMI_GPT_PLAT, RMI_GPT_RESERVED,
				     RMI_GPT_HOST_NOT_CREATED, RMI_GPT_RESERVED };

	world_make(&w);
	high = ALIGN_DOWN(sim_machine()->bank[1].base, 1ULL << 30);
	sim_l0_block(high, true);
	for (unsigned int i = 0; i < ARRAY_SIZE(order); i++) {
		struct rmi_result r = rmi(FID_GPT_INFO, base, w.beyond);

		need_eq(r.x[0], 0);
		check_eq(r.x[2], order[i]);
		base = r.x[1];
	}
	check_eq(base, w.beyond);
	check_eq(rmi(FID_GPT_INFO, high, high + (2ULL << 30)).x[1], high + (1ULL << 30));
}

/* A long way alike: 4096 blocks at a time, and never less than one (decisions 37). */
TEST(gpt_of_a_large_space)
{
	const u64 block = 1ULL << 30, base = 1ULL << 40;
	struct world w;
	struct rmi_result r;

	world_make(&w);
	arch_features.pps_bits = 44;
	for (u64 left = 8192; left; left -= 4096) {
		r = rmi(FID_GPT_INFO, base, base + left * block);
		check_eq(r.x[0], 0);
		check_eq(r.x[1], base + 4096 * block);
		check_eq(r.x[2], RMI_GPT_RESERVED);
	}
	check_eq(rmi(FID_GPT_INFO, base, base + 4095 * block).x[1], base + 4095 * block);
	check_eq(rmi(FID_GPT_INFO, base, base + block).x[1], base + block);
}

#include "harness/command_end.h"
