/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who serves which SMC (spec/el3.md 5.1). The host's RMI calls and the
 * monitor's completion of them do not come here, except to be refused.
 */
#include "el3.h"

#define SMCCC_VERSION		0x80000000
#define SMCCC_ARCH_FEATURES	0x80000001
#define SMCCC_1_3		0x10003

static s64 arch_features(u32 fid)
{
	return fid == SMCCC_VERSION || fid == SMCCC_ARCH_FEATURES ? 0 : SMC_UNKNOWN;
}

static bool in(u32 fid, u32 first, u32 last)
{
	return fid >= first && fid <= last;
}

static bool from_el2(const struct ctx *c)
{
	return (c->spsr_el3 >> 2 & 3) == 2;
}

static struct ctx *serve(struct ctx *c)
{
	u32 fid = c->x[0];

	if (!is_realm(c))
		fid &= ~SMC_SVE_HINT;
	if (in(fid, FIRME_FID_FIRST, FIRME_FID_LAST))		/* the monitor's most frequent */
		firme(c, fid);
	else if (fid == SMCCC_VERSION)
		c->x[0] = SMCCC_1_3;
	else if (fid == SMCCC_ARCH_FEATURES)
		c->x[0] = (u64)arch_features(c->x[1]);
	else if (is_realm(c) && in(fid, RMM_EL3_FID_FIRST, RMM_EL3_FID_LAST))
		return monitor_service(c);
	else if (is_realm(c) || !psci(c, fid))
		c->x[0] = (u64)SMC_UNKNOWN;
	return c;
}

struct ctx *smc(struct ctx *c)
{
	u64 fid = c->x[0], x1 = c->x[1];
	struct ctx *to;

	if (is_realm(c) && !from_el2(c)) {	/* a realm that its monitor does not trap */
		trace(TRACE_SMC, c, SMC_UNKNOWN, 0, 0, 0);
		c->x[0] = (u64)SMC_UNKNOWN;
		return c;
	}
	to = serve(c);				/* which changes x0 and x1 alone */
	trace(TRACE_SMC, c, c->x[0], fid, x1, c->x[1]);
	return to;
}
