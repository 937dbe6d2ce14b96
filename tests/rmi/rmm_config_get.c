/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD RMM_CONFIG_GET
#define CMD_LOWER rmm_config_get
#include <string.h>

#include "harness/command.h"

GOOD
{
	a->config = ns(w->ns2);
	memset(sim_ram(w->ns2), 0xEE, GRANULE_SIZE);
}

CHANGED
{
	const u8 *p = sim_ram(w->ns2);

	for (unsigned int i = 0; i < PAGE_SIZE; i++)
		if (!check_eq(p[i], i == 8 ? (test_granule() - 12) / 2 : 0))
			break;
}

SPOIL(config_align)	{ a->config = ns_add(a->config, 8); }
SPOIL(config_ns)	{ a->config = ns(w->delegated); }

#include "harness/command_end.h"
