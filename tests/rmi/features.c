/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD FEATURES
#define CMD_LOWER features
#include "arch/arch.h"
#include "harness/command.h"

GOOD { a->index = 0; }

/* decisions 40, 24; the machine of decisions 8. */
CHANGED
{
	check_eq(FIELD(res.x[1], 7, 0), 52);		/* S2SZ */
	check_eq(FIELD(res.x[1], 8, 8), test_granule() != 16);	/* LPA2: no DS bit for 64 KiB */
	check_eq(FIELD(res.x[1], 9, 9), 1);		/* SVE */
	check_eq(FIELD(res.x[1], 13, 10), 15);		/* 2048 bits */
	check_eq(FIELD(res.x[1], 19, 14), 5);		/* breakpoints minus 1 */
	check_eq(FIELD(res.x[1], 25, 20), 3);
	check_eq(FIELD(res.x[1], 40, 33), 52);		/* S2OASZ */
	check_eq(FIELD(res.x[1], 26, 26), 1);		/* PMU */
	check_eq(FIELD(res.x[1], 31, 27), 6);
	check_eq(res.x[1] & ~(MASK(31, 0) | MASK(40, 33)), 0);
}

TEST(feature_registers)
{
	struct world w;
	u64 f1;

	world_make(&w);
	f1 = rmi(FID_FEATURES, 1).x[1];
	check_eq(FIELD(f1, 2, 0), 7);			/* 4, 16 and 64 KiB */
	check_eq(FIELD(f1, 5, 3), 7);			/* all three hashes */
	check_eq(FIELD(f1, 9, 6), 9);
	check_eq(FIELD(f1, 13, 10), 0);			/* L0GPTSZ: 1 GiB */
	check_eq(FIELD(f1, 16, 14), 2);			/* PPS: 40 bits */
	check_eq(f1 >> 17, 0);
	for (u64 i = 2; i < 300; i++)
		check_eq(rmi(FID_FEATURES, i).x[1], 0);
	check_eq(rmi(FID_FEATURES, ~0ULL).x[1], 0);
	check_eq(rmi(FID_FEATURES, BIT(32)).x[1], 0);
	check_eq(rmi(FID_FEATURES, BIT(32)).x[0], 0);
}

TEST(features_without_sve)
{
	u64 f0;

	sim_power_on(&sim_machine_default);
	need_eq(rmm_init(), 0);
	host_power_on();
	arch_features.sve_max_vq = 0;
	f0 = rmi(FID_FEATURES, 0).x[1];
	check_eq(FIELD(f0, 13, 9), 0);
	arch_features.sve_max_vq = 1;
	f0 = rmi(FID_FEATURES, 0).x[1];
	check_eq(FIELD(f0, 13, 9), 1);
}

TEST(features_without_pmu)
{
	sim_power_on(&sim_machine_default);
	need_eq(rmm_init(), 0);
	host_power_on();
	arch_features.pmu_for_realms = false;
	check_eq(FIELD(rmi(FID_FEATURES, 0).x[1], 31, 26), 0);
}

TEST(features_without_lpa2)
{
	struct sim_machine m = sim_machine_default;
	u64 f0;

	m.lpa2 = false;
	sim_power_on(&m);
	need_eq(rmm_init(), 0);
	host_power_on();
	f0 = rmi(FID_FEATURES, 0).x[1];
	check_eq(FIELD(f0, 7, 0), 48);
	check_eq(FIELD(f0, 8, 8), 0);
	check_eq(FIELD(f0, 40, 33), 48);
}

#include "harness/command_end.h"
