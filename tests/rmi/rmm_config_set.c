/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD RMM_CONFIG_SET
#define CMD_LOWER rmm_config_set
#include <string.h>

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

#include "harness/command_end.h"
