/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD REALM_TERMINATE
#define CMD_LOWER realm_terminate
#include "harness/command.h"

GOOD			{ a->rd = pa(w->r.rd); }
CHANGED
{
	check_status(rmi(FID_REALM_TERMINATE, a->rd.raw), RMI_SUCCESS);	/* again: still a zombie */
	check_status(rmi(FID_REALM_ACTIVATE, a->rd.raw), RMI_ERROR_REALM);
}
SPOIL(rd_align)		{ a->rd = pa_add(a->rd, 8); }
SPOIL(rd_state)		{ a->rd = pa(w->data); }
SPOIL(rec_running)	{ inside_pretend_running(w->r.rd, w->r.rec[0]); }

#include "harness/command_end.h"
