/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SMC of a realm: SMCCC_VERSION, PSCI and RSI; anything else does not exist
 * here (realm-exec.md 6.1, rsi.md 1; decisions 84).
 */
#include "base/trace.h"
#include "rsi/rsi.h"
#include "run/psci.h"
#include "run/run.h"

enum outcome smc_handle(struct stay *s)
{
	u64 fid = (u32)s->rec->gprs[0];
	enum outcome next = RESUME;

	if (fid >= RSI_FID_VERSION && fid <= RSI_FID_PLANE_SYSREG_WRITE) {
		next = rsi_handle(s, fid);
	} else if (psci_is(fid)) {
		next = psci_handle(s, fid);
	} else {
		s->rec->gprs[0] = fid == SMCCC_VERSION ? SMCCC_VERSION_1_2 : SMCCC_UNKNOWN;
		trap_skip(s);
	}
	trace(TRACE_REALM, next == LEAVE, next == LEAVE ? 0 : s->rec->gprs[0], s->rec->self.raw, fid);
	return next;
}
