/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD REALM_ACTIVATE
#define CMD_LOWER realm_activate
#include "harness/command.h"

GOOD			{ a->rd = pa(w->r.rd); }
CHANGED
{
	check_status(rmi(FID_REALM_ACTIVATE, a->rd.raw), RMI_ERROR_REALM);
	check_status(rmi(FID_RTT_INIT_RIPAS, a->rd.raw, RAM, RAM_TOP), RMI_ERROR_REALM);
}
SPOIL(rd_align)		{ a->rd = pa_add(a->rd, 8); }
SPOIL(rd_state)		{ a->rd = pa(w->data); }
SPOIL(realm_state)	{ realm_activate(&w->r); }

#include "harness/command_end.h"
