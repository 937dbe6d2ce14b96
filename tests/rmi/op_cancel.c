/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD OP_CANCEL
#define CMD_LOWER op_cancel
#include "harness/command.h"

#define GOOD_STATUS RMI_INCOMPLETE

static struct sro s;

/* REC_CREATE waiting for memory. */
GOOD
{
	u64 *params = sim_ram(w->ns2);

	params[0x100 / 8] = 2;
	need(sro_begin(&s, rmi(FID_REC_CREATE, w->r.rd, w->delegated, w->ns2)));
	a->handle = s.handle;
	a->other = 0;
}

CHANGED
{
	check_eq(RMI_MEM(res.x[0]), RMI_MEM_NONE);	/* nothing was taken */
	check_status(rmi(FID_OP_CONTINUE, s.handle, 0), RMI_ERROR_GLOBAL);
	check(inside_is(w->delegated, "DELEGATED"));
	check_eq(inside_refs(w->r.rd), 2);
}

static struct sro other;

SPOIL(handle)		{ a->handle = s.handle ^ BIT(20); }
SPOIL(cancel)
{
	need(sro_begin(&other, rmi(FID_REC_DESTROY, w->r.rec[1])));
	a->handle = other.handle;
}

TEST(cancel_with_exchanged_arguments)
{
	struct world w;
	struct args a;

	world_make(&w);
	good(&w, &a);
	check_status(rmi(FID_OP_CANCEL, 0, s.handle), RMI_INCOMPLETE);
	check_status(rmi(FID_OP_CONTINUE, s.handle, 0), RMI_ERROR_GLOBAL);
}

/* Once cancelled, never again; and it never asks for memory any more. */
TEST(cancelled_twice)
{
	struct world w;
	struct args a;
	struct rmi_result r;

	world_make(&w);
	good(&w, &a);
	r = rmi(FID_OP_CANCEL, s.handle);
	check_status(r, RMI_INCOMPLETE);
	check(!(r.x[0] & RMI_CAN_CANCEL));
	check_status(rmi(FID_OP_CANCEL, s.handle), RMI_ERROR_INPUT);
	check_status(rmi(FID_OP_MEM_DONATE, s.handle, s.list, 0, 0), RMI_ERROR_INPUT);
	check_status(rmi(FID_OP_MEM_RECLAIM, s.handle, s.list, 1), RMI_ERROR_INPUT);
	check_status(rmi(FID_OP_CONTINUE, s.handle, 0), RMI_ERROR_GLOBAL);
	check_status(rmi(FID_OP_CANCEL, s.handle), RMI_ERROR_INPUT);
}

#include "harness/command_end.h"
