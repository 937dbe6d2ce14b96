/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A REC as it comes out of reset: at REC_CREATE and at CPU_ON.
 */
#include "base/string.h"
#include "run/run.h"

/* EL1h, DAIF masked */
#define PSTATE_RESET	0x3C5
/* MMU and caches off, little endian, the RES1 bits set */
#define SCTLR_RESET	0x30C50878
#define MDSCR_RESET	BIT(12)		/* TDCC: EL0 does not see the debug channel */

void rec_reset(struct rec *rec, u64 pc)
{
	memset(rec->gprs, 0, sizeof(rec->gprs));
	memset(&rec->sys, 0, sizeof(rec->sys));
	memset(&rec->last, 0, sizeof(rec->last));
	memset(&rec->ripas, 0, sizeof(rec->ripas));
	memset(&rec->debug, 0, sizeof(rec->debug));
	memset(&rec->pmu, 0, sizeof(rec->pmu));
	rec->debug.mdscr = MDSCR_RESET;
	rec->debug.os_lock = true;
	rec->parts_wanted = 0;
	rec->pc = pc;
	rec->pstate = PSTATE_RESET;
	rec->sys.sctlr_el1 = SCTLR_RESET;
	rec->sys.mdscr_el1 = MDSCR_RESET;
	rec->pending = PENDING_NONE;
	rec->vserror_pending = false;
	rec->entered = false;
}
