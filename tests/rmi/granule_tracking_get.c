/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD GRANULE_TRACKING_GET
#define CMD_LOWER granule_tracking_get
#include "harness/command.h"

GOOD
{
	a->base = pa(sim_machine()->bank[0].base);
	a->top = pa_add(a->base, 24 << 20);
}

CHANGED
{
	check_eq(res.x[1], RMI_CATEGORY_CONVENTIONAL);
	check_eq(res.x[2], RMI_TRACKING_FINE);
	check_eq(res.x[3], a->top.raw);
}

SPOIL(base_align)	{ a->base = pa_add(a->base, 8); }
SPOIL(top_align)	{ a->top = pa_add(a->top, 8); }
SPOIL(top_order)	{ a->top = a->base; }
SPOIL(top_bound)	{ a->top = pa(w->beyond + GRANULE_SIZE); }

/* What the host does at boot: from 0 to the end, and every step moves on. */
TEST(whole_address_space)
{
	struct world w;
	u64 base = 0, steps = 0, fine = 0;

	world_make(&w);
	while (base < w.beyond && steps++ < 10000) {
		struct rmi_result r = rmi(FID_GRANULE_TRACKING_GET, base, w.beyond);

		need_eq(r.x[0], 0);
		need(r.x[3] > base && r.x[3] <= w.beyond);
		if (r.x[2] == RMI_TRACKING_FINE) {
			check_eq(r.x[1], RMI_CATEGORY_CONVENTIONAL);
			fine += r.x[3] - base;
		} else {
			check_eq(r.x[1], RMI_CATEGORY_NONE);
			check_eq(r.x[2], RMI_TRACKING_RESERVED);
		}
		base = r.x[3];
	}
	/* regions of 1 GiB, 32 MiB, 512 MiB that hold DRAM */
	check_eq(fine, test_granule() == 12 ? 2ULL << 30 : test_granule() == 14 ? 6ULL << 25 :
		 2ULL << 29);
}

TEST(tracking_before_activation)
{
	struct world w;
	struct rmi_result r;

	world_make_init(&w);
	r = rmi(FID_GRANULE_TRACKING_GET, w.ns, w.ns + GRANULE_SIZE);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[2], RMI_TRACKING_NONE);
	check_eq(r.x[3], w.ns + GRANULE_SIZE);
}

#include "harness/command_end.h"
