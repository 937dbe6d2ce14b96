/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL3s of other projects, as far as a monitor sees them: ours with something missing.
 * Linked into el3/ by other.sh; OTHER says what is missing.
 */
#include "../../el3/el3.h"

#define OTHER_GTSI	1	/* no FIRME: granules one by one, by GTSI */
#define OTHER_SINGLE	2	/* FIRME takes one granule a call (decisions 21) */
#define OTHER_POOR	4	/* RESERVE_MEMORY gives nothing */
#define OTHER_HUNKS	8	/* the platform token comes in small pieces */

void __real_firme(struct ctx *c, u32 fid);
void __wrap_firme(struct ctx *c, u32 fid);
struct ctx *__real_monitor_service(struct ctx *c);
struct ctx *__wrap_monitor_service(struct ctx *c);

void __wrap_firme(struct ctx *c, u32 fid)
{
	if (OTHER & OTHER_GTSI)
		c->x[0] = (u64)SMC_UNKNOWN;
	else if (OTHER & OTHER_SINGLE && fid == FIRME_GM_GPI_SET && c->x[2] != 1)
		c->x[0] = (u64)FIRME_INVALID;
	else
		__real_firme(c, fid);
}

struct ctx *__wrap_monitor_service(struct ctx *c)
{
	if (OTHER & OTHER_HUNKS && (u32)c->x[0] == RMM_ATTEST_GET_PLAT_TOKEN && c->x[2] > 100)
		c->x[2] = 100;
	if (!(OTHER & OTHER_POOR) || (u32)c->x[0] != RMM_RESERVE_MEMORY)
		return __real_monitor_service(c);
	c->x[0] = (u64)RMM_EL3_NOMEM;
	return c;
}
