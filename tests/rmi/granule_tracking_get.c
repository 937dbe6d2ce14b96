/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD GRANULE_TRACKING_GET
#define CMD_LOWER granule_tracking_get
#include "arch/arch.h"
#include "harness/command.h"
#include "harness/inside.h"

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

/* Many regions: an interrupt waits for 64 of them at most, and the next call goes on. */
TEST(regions_in_slices)
{
	NEEDS_4K;
	struct sim_machine m = sim_machine_default;
	const u64 base = 0x40000000, top = base + (160ULL << 20), region = 2ULL << 20;
	u64 at = base, steps = 0, page;

	m.bank[0].bytes = top - base;
	m.bank[1].bytes = 0;
	sim_power_on(&m);
	host_power_on();
	page = host_page();
	((struct rmi_rmm_config *)sim_ram(page))->tracking_region_size = 1;
	check_status(rmi(FID_RMM_CONFIG_SET, page), RMI_SUCCESS);
	check_eq(rmi(FID_GRANULE_TRACKING_GET, base, top).x[3], top);
	for (; at < top; steps++) {
		struct rmi_result r;

		sim_interrupt_after(1);
		r = rmi(FID_GRANULE_TRACKING_GET, at, top);
		check_eq(r.x[2], RMI_TRACKING_NONE);
		need(r.x[3] > at && r.x[3] <= at + 64 * region);
		at = r.x[3];
	}
	sim_interrupt_after(0);
	check_eq(steps, 2);
}

#include "harness/command_end.h"
