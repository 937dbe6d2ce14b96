/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD OP_CONTINUE
#define CMD_LOWER op_continue
#include "harness/command.h"

static struct sro s;

/* An operation that wants nothing but time: REC_CREATE after its donation. */
GOOD
{
	u64 *params = sim_ram(w->ns2);

	params[0x100 / 8] = 2;
	need(sro_begin(&s, rmi(FID_REC_CREATE, w->r.rd, w->delegated, w->ns2)));
	need_eq(status_of(sro_give(&s, 512)), RMI_INCOMPLETE);
	need_eq(sro_wants(&s), RMI_MEM_NONE);
	a->handle = s.handle;
	a->flags = 0;
}

CHANGED
{
	check(inside_is(w->delegated, "REC"));
	check_status(rmi(FID_OP_CONTINUE, s.handle, 0), RMI_ERROR_INPUT); /* the handle is gone */
}

static struct sro other;

SPOIL(handle)		{ a->handle = s.handle + 1; }
SPOIL(phase)
{
	need(sro_begin(&other, rmi(FID_REC_DESTROY, w->r.rec[1])));	/* wants RECLAIM */
	a->handle = other.handle;
}

/* The exchanged arguments of some hosts (decisions 51). */
TEST(exchanged_arguments)
{
	for (u64 flags = 0; flags < 2; flags++) {
		struct world w;
		struct args a;

		world_make(&w);
		good(&w, &a);
		check_status(rmi(FID_OP_CONTINUE, flags, s.handle), RMI_SUCCESS);
		check(inside_is(w.delegated, "REC"));
	}
}

TEST(stop_flag)
{
	struct world w;
	struct args a;

	world_make(&w);
	good(&w, &a);
	check_status(rmi(FID_OP_CONTINUE, s.handle, RMI_CONTINUE_STOP), RMI_SUCCESS);
}

#include "harness/command_end.h"
