/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD RTT_READ_ENTRY
#define CMD_LOWER rtt_read_entry
#include "harness/command.h"

GOOD
{
	a->rd = pa(w->r.rd);
	a->ipa = ipa(RAM);
	a->level = 3;
}

CHANGED
{
	check_eq(res.x[1], 3);
	check_eq(res.x[2], RMI_ENTRY_DATA);
	check_eq(res.x[3], w->data);
	check_eq(res.x[4], RMI_RIPAS_RAM);
	res = rmi(FID_RTT_READ_ENTRY, w->r.rd, RAM_VOID, 3);
	check_eq(res.x[2], RMI_ENTRY_VOID);
	check_eq(res.x[3], 0);
	check_eq(res.x[4], RMI_RIPAS_RAM);
	res = rmi(FID_RTT_READ_ENTRY, w->r.rd, RAM_TOP, 3);
	check_eq(res.x[4], RMI_RIPAS_EMPTY);
	res = rmi(FID_RTT_READ_ENTRY, w->r.rd, NO_TABLE, 3);	/* early: a success */
	check_status(res, RMI_SUCCESS);
	check_eq(res.x[1], 1);
	res = rmi(FID_RTT_READ_ENTRY, w->r.rd, RAM, 2);
	check_eq(res.x[2], RMI_ENTRY_TABLE);
	check_eq(res.x[3], w->rtt);
	check_eq(res.x[4], RMI_RIPAS_EMPTY);
	res = rmi(FID_RTT_READ_ENTRY, w->r.rd, w->shared, 3);
	check_eq(res.x[2], RMI_ENTRY_DATA);
	check_eq(res.x[3], w->ns | 6 << 2 | 3 << 6);
	check_eq(res.x[4], RMI_RIPAS_EMPTY);
}

SPOIL(rd_align)		{ a->rd = pa_add(a->rd, 1); }
SPOIL(rd_state)		{ a->rd = pa(w->r.rec[0]); }
SPOIL(level_bound)	{ a->level = 4; }
SPOIL(ipa_align)	{ a->ipa = ipa_add(a->ipa, 0x800); }
SPOIL(ipa_bound)	{ a->ipa = ipa(1ULL << w->r.s2sz); }

#include "harness/command_end.h"
