/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD RMM_CONFIG_SET
#define CMD_LOWER rmm_config_set
#include <string.h>

#include "arch/arch.h"

#include "harness/command.h"

#define MAKE world_make_init

static struct rmi_rmm_config *config;

GOOD
{
	a->config = ns(w->ns);
	config = sim_ram(w->ns);
	memset(config, 0xEE, sizeof(*config));	/* decisions 30a: the rest is not judged */
	config->tracking_region_size = 0;
	config->rmi_granule_size = 0;
}

CHANGED
{
	struct rmi_rmm_config *now = sim_ram(w->ns2);

	memset(now, 0xEE, sizeof(*now));
	check_status(rmi(FID_RMM_CONFIG_GET, w->ns2), RMI_SUCCESS);
	check_eq(now->tracking_region_size, 0);
	check_eq(now->rmi_granule_size, 0);
	check_eq(now->sbz0[0] | now->sbz1[0] | now->sbz1[sizeof(now->sbz1) - 1], 0);
}

SPOIL(config_align)	{ a->config = ns_add(a->config, 8); }
SPOIL(config_ns)	{ a->config = ns(w->hole); }
SPOIL(granule_size)	{ config->rmi_granule_size = 3; }
SPOIL(tracking_size)	{ config->tracking_region_size = 7; }

/* Every granule and tracking size, one after the other: what EL3 gave serves them all. */
TEST(configurations)
{
	static const struct { u8 granule, tracking; u64 fine; } all[] = {
		{ 0, 0, 2ULL << 30 },  { 0, 1, 20ULL << 21 }, { 1, 0, 2ULL << 25 },
		{ 2, 0, 2ULL << 29 },  { 2, 1, 0 },	       { 1, 1, 0 },
		{ 0, 1, 20ULL << 21 }, { 0, 0, 2ULL << 30 },
	};
	struct world w;
	u64 at;

	NEEDS_4K;
	world_make_init(&w);
	at = host_alloc(16, 16 * PAGE_SIZE);
	for (unsigned int i = 0; i < ARRAY_SIZE(all); i++) {
		u64 fine = 0;

		test_note("granule %u, tracking %u", all[i].granule, all[i].tracking);
		config = sim_ram(at);
		memset(config, 0, sizeof(*config));
		config->rmi_granule_size = all[i].granule;
		config->tracking_region_size = all[i].tracking;
		if (i)		/* judged by the granule still in force */
			check_eq(rmi(FID_RMM_CONFIG_SET, at + PAGE_SIZE).x[0],
				 GRANULE_SIZE == PAGE_SIZE ? RMI_SUCCESS : RMI_ERROR_INPUT);
		check_eq(rmi(FID_RMM_CONFIG_SET, at).x[0], RMI_SUCCESS);
		check_eq(GRANULE_SIZE, 4096ULL << 2 * all[i].granule);
		memset(config, 0xEE, sizeof(*config));
		check_eq(rmi(FID_RMM_CONFIG_GET, at).x[0], RMI_SUCCESS);
		check_eq(config->rmi_granule_size, all[i].granule);
		check_eq(config->tracking_region_size, all[i].tracking);
		if (all[i].granule && all[i].tracking)
			continue;	/* the hole between the banks counts: more than EL3 gave */
		need_eq(rmi(FID_RMM_ACTIVATE).x[0], RMI_SUCCESS);
		for (u64 base = 0, next; base < w.beyond; base = next) {
			struct rmi_result r = rmi(FID_GRANULE_TRACKING_GET, base, w.beyond);

			need_eq(r.x[0], RMI_SUCCESS);
			next = r.x[3];
			need(next > base);
			fine += r.x[2] == RMI_TRACKING_FINE ? next - base : 0;
		}
		check_eq(fine, all[i].fine);
		check_eq(rmi(FID_RMM_CONFIG_SET, at).x[0], RMI_ERROR_GLOBAL);
		check_eq(rmi(FID_GRANULE_RANGE_DELEGATE, at, at + 16 * PAGE_SIZE).x[1],
			 at + 16 * PAGE_SIZE);
		for (u64 p = at; p < at + 16 * PAGE_SIZE; p += PAGE_SIZE)
			check(sim_pas(p) == SIM_REALM && inside_is(p, "DELEGATED"));
		check_eq(rmi(FID_GRANULE_RANGE_UNDELEGATE, at, at + 16 * PAGE_SIZE).x[1],
			 at + 16 * PAGE_SIZE);
		check(!inside_invariants());
		need_eq(sro_finish(rmi(FID_RMM_DEACTIVATE)).x[0], RMI_SUCCESS);
	}
}

/* What the CPU does not have is not offered. */
TEST(granules_of_the_machine)
{
	struct world w;

	NEEDS_4K;
	for (u64 has = 1; has < 8; has += 2) {
		world_make_init(&w);
		arch_features.granules = (u8)has;
		check_eq(FIELD(rmi(FID_FEATURES, 1).x[1], 2, 0), has);
		config = sim_ram(w.ns);
		for (u8 granule = 1; granule < 3; granule++) {
			u64 aligned = ALIGN_DOWN(w.ns, 65536) + 65536;

			config = sim_ram(aligned);
			memset(config, 0, sizeof(*config));
			config->rmi_granule_size = granule;
			check_eq(rmi(FID_RMM_CONFIG_SET, aligned).x[0],
				 has & BIT(granule) ? RMI_SUCCESS : RMI_ERROR_INPUT);
		}
	}
}

#include "harness/command_end.h"
