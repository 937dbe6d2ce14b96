/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD REC_DESTROY
#define CMD_LOWER rec_destroy
#include "harness/command.h"

#define GOOD_STATUS RMI_INCOMPLETE

GOOD			{ a->rec = pa(w->r.rec[1]); }

CHANGED
{
	check_eq(RMI_MEM(res.x[0]), RMI_MEM_RECLAIM);
	check(!(res.x[0] & RMI_CAN_CANCEL));
	check(res.x[1] > 1);
	check_eq(res.x[2], 0);
	check(inside_is(a->rec.raw, "BETWEEN"));
	check_status(sro_finish(res), RMI_SUCCESS);
	check(inside_is(a->rec.raw, "DELEGATED"));
	check(is_wiped(a->rec.raw));
	check_eq(inside_refs(w->r.rd), 1);
	check_eq(host_undelegate(a->rec.raw, 1), 0);
}

SPOIL(rec_align)	{ a->rec = pa_add(a->rec, 8); }
SPOIL(rec_state)	{ a->rec = pa(w->data); }
SPOIL(rec_running)	{ inside_pretend_running(w->r.rd, w->r.rec[1]); }

#include "harness/command_end.h"
