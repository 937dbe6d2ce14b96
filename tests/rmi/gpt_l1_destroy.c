/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD GPT_L1_DESTROY
#define CMD_LOWER gpt_l1_destroy
#include "harness/command.h"

#define REGION(p)	ALIGN_DOWN(p, 1ULL << 30)

/* The region of the second bank has a table that the host made; its life: gpt_l1_create.c. */
static void make_table(struct world *w)
{
	world_make(w);
	sim_l0_block(sim_machine()->bank[1].base, true);
	check_status(sro_finish(rmi(FID_GPT_L1_CREATE, REGION(sim_machine()->bank[1].base))),
		     RMI_SUCCESS);
}

#define MAKE make_table
#define GOOD_STATUS RMI_INCOMPLETE

GOOD	{ a->base = pa(REGION(sim_machine()->bank[1].base)); }

CHANGED
{
	check(!(res.x[0] & RMI_CAN_CANCEL));
	check_eq(RMI_MEM(res.x[0]), RMI_MEM_RECLAIM);
	check_eq(rmi(FID_GPT_INFO, a->base.raw, a->base.raw + (1ULL << 30)).x[2],
		 RMI_GPT_HOST_NOT_CREATED);
}

SPOIL(bound)		{ a->base = pa(w->beyond); }
SPOIL(align)		{ a->base = pa_add(a->base, GRANULE_SIZE); }
SPOIL(is_block)		{ a->base = pa(REGION(0x40000000)); sim_l0_block(0x40000000, true); }
SPOIL(of_platform)	{ a->base = pa(REGION(0x40000000)); }
SPOIL(homogeneous)	{ sim_set_pas(sim_machine()->bank[1].base + 0x100000, SIM_ROOT); }

#include "harness/command_end.h"
