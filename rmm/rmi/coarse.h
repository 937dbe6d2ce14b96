/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Delegation of a region that is COARSE: all of it at once, as an operation
 * (rmi-memory.md 4, docs/decisions/tracking.md).
 */
#ifndef RMM_RMI_COARSE_H
#define RMM_RMI_COARSE_H

#include "mem/region.h"
#include "mem/call.h"

struct coarse_refusals { enum refusal state, platform, block; };

/* The COARSE region that [base, top) covers; NULL: it is none, or not covered. */
struct region *coarse_region(pa_t base, pa_t top);
/* All of it becomes DELEGATED, or UNDELEGATED and wiped. out_top in x1. */
status_t coarse_move(struct call *c, struct region *r, enum granule_type to,
		     const struct coarse_refusals *why);

#endif
