/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SMC of a realm: SMCCC_VERSION, PSCI and RSI; anything else does not exist
 * here (realm-exec.md 6.1, rsi.md 1; decisions 84).
 */
#include "rsi/rsi.h"
#include "run/psci.h"
#include "run/run.h"

enum outcome smc_handle(struct stay *s)
{
	u64 fid = (u32)s->rec->gprs[0];

	if (fid >= RSI_FID_VERSION && fid <= RSI_FID_PLANE_SYSREG_WRITE)
		return rsi_handle(s, fid);
	if (psci_is(fid))
		return psci_handle(s, fid);

	s->rec->gprs[0] = fid == SMCCC_VERSION ? SMCCC_VERSION_1_2 : SMCCC_UNKNOWN;
	trap_skip(s);
	return RESUME;
}
