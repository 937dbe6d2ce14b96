/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long an interrupt of the host may wait for a call (docs/latency.md). A call
 * looks for one after each slice of work at the latest, and then ends: with the
 * progress it made, or as an operation that goes on later.
 */
#ifndef RMM_MEM_SLICE_H
#define RMM_MEM_SLICE_H

#include "base/types.h"

/*
 * Instructions of monitor and EL3 from the moment an interrupt is pending until the
 * host is back, seen from the host; cache and TLB maintenance count as one each. Larger
 * granules have longer tables: twice and four times as many.
 */
#define LATENCY_BOUND_4K	20000UL
#define LATENCY_BOUND	(LATENCY_BOUND_4K << (GRANULE_SHIFT - PAGE_SHIFT) / 2)

/* Between two looks: granules wiped, claimed, released or moved between worlds. */
#define SLICE_GRANULES	(32 / GRANULE_PAGES)
/* Between two looks: granules mapped, granules unmapped, other RTT entries changed. */
#define SLICE_MAP	(24 / GRANULE_PAGES)
#define SLICE_UNMAP	32
#define SLICE_ENTRIES	64
/* Between two looks: pages of metadata cleared. */
#define SLICE_PAGES	2
/* Between two looks: bytes hashed. */
#define SLICE_HASH	128

#endif
