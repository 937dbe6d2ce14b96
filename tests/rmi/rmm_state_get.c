/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD RMM_STATE_GET
#define CMD_LOWER rmm_state_get
#include "harness/command.h"

GOOD {}

CHANGED { check_eq(res.x[1], 2); }

TEST(states)
{
	struct world w;

	world_make_init(&w);
	check_eq(rmi(FID_RMM_STATE_GET).x[1], 0);
	host_activate();
	check_eq(rmi(FID_RMM_STATE_GET).x[1], 2);
}

#include "harness/command_end.h"
