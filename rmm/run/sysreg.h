/* SPDX-License-Identifier: BSD-2-Clause */
/* Trapped system registers by group: what sysreg.c hands on. */
#ifndef RMM_RUN_SYSREG_H
#define RMM_RUN_SYSREG_H

#include "run/run.h"

#define ISS_READ	BIT(0)
#define ISS_RT(esr)	((unsigned int)FIELD(esr, 9, 5))

struct encoding { unsigned int op0, op1, crn, crm, op2; };

/* debug.c: breakpoints, watchpoints, OS lock. Not trace, not BRBE. */
bool debug_is(const struct encoding *e);
enum outcome debug_trap(struct stay *s, const struct encoding *e, u64 esr);

/* pmu.c: of a realm that has one. */
bool pmu_is(const struct encoding *e);
enum outcome pmu_trap(struct stay *s, const struct encoding *e, u64 esr);

#endif
