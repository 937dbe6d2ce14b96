/* SPDX-License-Identifier: BSD-2-Clause */
/* Which command may come when (decisions 25), and identifiers that are none. */
#include <string.h>

#include "arch/arch.h"
#include "harness/inside.h"
#include "harness/world.h"

static const u64 any_time[] = {
	FID_VERSION, FID_FEATURES, FID_RMM_STATE_GET, FID_RMM_CONFIG_GET, FID_GRANULE_TRACKING_GET,
	FID_GPT_INFO, FID_OP_CONTINUE, FID_OP_CANCEL, FID_OP_MEM_DONATE, FID_OP_MEM_RECLAIM,
};
static const u64 in_init[] = { FID_RMM_CONFIG_SET, FID_RMM_ACTIVATE };
static const u64 in_active[] = {
	FID_GRANULE_RANGE_DELEGATE, FID_GRANULE_RANGE_UNDELEGATE, FID_GPT_L1_CREATE, FID_GPT_L1_DESTROY,
	FID_GRANULE_TRACKING_SET,
	FID_REALM_CREATE, FID_REALM_ACTIVATE, FID_REALM_TERMINATE, FID_REALM_DESTROY,
	FID_REC_CREATE, FID_REC_DESTROY, FID_REC_ENTER, FID_PSCI_COMPLETE, FID_RTT_CREATE,
	FID_RTT_DESTROY, FID_RTT_FOLD, FID_RTT_READ_ENTRY, FID_RTT_DATA_MAP_INIT, FID_RTT_DATA_MAP,
	FID_RTT_DATA_UNMAP, FID_RTT_UNPROT_MAP, FID_RTT_UNPROT_UNMAP, FID_RTT_INIT_RIPAS,
	FID_RTT_SET_RIPAS, FID_RMM_DEACTIVATE,
};

/* Arguments that are good, bad, or would be dangerous to look at: all the same. */
static void closed(u64 fid, const struct world *w)
{
	const u64 x[] = { 0, w->ns, w->hole, ~0ULL, w->monitor };

	for (unsigned int i = 0; i < ARRAY_SIZE(x); i++) {
		struct sim_snapshot *before = sim_snapshot();
		struct rmi_result r = rmi(fid, x[i], x[i], x[i], x[i], x[i]);

		test_note("FID 0x%llx with 0x%llx", (unsigned long long)fid,
			  (unsigned long long)x[i]);
		check_eq(r.x[0], RMI_ERROR_GLOBAL);
		check(!sim_snapshot_differs(before));
		check_eq(sim_ns_written(), 0);
		sim_snapshot_free(before);
	}
}

TEST(before_activation)
{
	struct world w;

	world_make_init(&w);
	for (unsigned int i = 0; i < ARRAY_SIZE(in_active); i++)
		closed(in_active[i], &w);
	for (unsigned int i = 0; i < ARRAY_SIZE(any_time); i++)
		check(rmi(any_time[i], w.ns, w.ns + GRANULE_SIZE).x[0] != RMI_ERROR_GLOBAL);
}

TEST(in_between)
{
	struct sim_machine m = sim_machine_default;
	struct world w;

	world_make_init(&w);
	m.pool = 0;
	sim_power_on(&m);
	host_power_on();
	w.ns = host_page();
	need_eq(status_of(rmi(FID_RMM_ACTIVATE)), RMI_INCOMPLETE);
	for (unsigned int i = 0; i < ARRAY_SIZE(in_active); i++)
		closed(in_active[i], &w);
	for (unsigned int i = 0; i < ARRAY_SIZE(in_init); i++)
		closed(in_init[i], &w);
	for (unsigned int i = 0; i < ARRAY_SIZE(any_time); i++)
		check(rmi(any_time[i], w.ns, w.ns + GRANULE_SIZE).x[0] != RMI_ERROR_GLOBAL);
}

TEST(after_activation)
{
	struct world w;

	world_make_bare(&w);
	for (unsigned int i = 0; i < ARRAY_SIZE(in_init); i++)
		closed(in_init[i], &w);
	for (unsigned int i = 0; i < ARRAY_SIZE(any_time); i++)
		check(rmi(any_time[i], w.ns, w.ns + GRANULE_SIZE).x[0] != RMI_ERROR_GLOBAL);
}

static bool is_built(u64 fid)
{
	const struct { const u64 *fid; unsigned int nr; } list[] = {
		{ any_time, ARRAY_SIZE(any_time) }, { in_init, ARRAY_SIZE(in_init) },
		{ in_active, ARRAY_SIZE(in_active) },
	};

	for (unsigned int k = 0; k < ARRAY_SIZE(list); k++)
		for (unsigned int i = 0; i < list[k].nr; i++)
			if (list[k].fid[i] == fid)
				return true;
	return false;
}

/* -1, the other registers as they were, nothing changed; whatever the state. */
static void unknown(u64 fid)
{
	u64 regs[8] = { fid, 1, 2, 3, 4, 5, 6, 7 };

	test_note("FID 0x%llx", (unsigned long long)fid);
	rmi_dispatch(regs);
	check_eq(regs[0], ~0ULL);
	for (unsigned int i = 4; i < 8; i++)
		check_eq(regs[i], i);
}

TEST(unknown_identifiers)
{
	struct sim_snapshot *before;
	struct world w;

	world_make(&w);
	before = sim_snapshot();
	for (u64 fid = 0xC4000100; fid < 0xC4000300; fid++)
		if (!is_built(fid))
			unknown(fid);
	unknown(0);
	unknown(0x84000150);
	unknown(0xC5000150);
	unknown(0x44000150);
	unknown(0xFFFFFFFF);
	check(!sim_snapshot_differs(before));
	sim_snapshot_free(before);
}
