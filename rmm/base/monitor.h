/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What boot and the RMI entry of rmm/arch call in the portable part, in this
 * order: monitor_init() once on the boot CPU, then rmm_dispatch() for every
 * RMI call on every CPU.
 */
#ifndef RMM_BASE_MONITOR_H
#define RMM_BASE_MONITOR_H

#include "base/types.h"

struct memory_range {
	u64 base, size;			/* bytes; granule aligned or rounded inwards */
};

#define MAX_BANKS	32
#define MAX_OWN		8

struct memory_layout {
	/* DRAM as the manifest lists it, ascending, not overlapping */
	unsigned int nr_banks;
	struct memory_range banks[MAX_BANKS];

	/* memory of the monitor inside DRAM (image, bss, stacks, shared buffer): INTERNAL for ever */
	unsigned int nr_own;
	struct memory_range own[MAX_OWN];

	/*
	 * Memory from EL3 (RESERVE_MEMORY): `bytes` of it, zeroed, Realm PAS,
	 * aligned to 2^log2_align. False: none. May be NULL.
	 */
	bool (*reserve)(u64 bytes, unsigned int log2_align, pa_t *base);
};

/*
 * Takes the layout, asks for granule metadata region by region until EL3
 * refuses; what is missing is asked of the host at RMM_ACTIVATE (decisions 29).
 * RMM state INIT. False: more regions than the monitor can keep (BOOT_COMPLETE -8).
 */
bool monitor_init(const struct memory_layout *layout);

/*
 * One RMI call. in: x0 (FID, SVE hint removed) .. x7 as the host passed them.
 * out: x0 .. x7 to give back (decisions 27). Any FID; unknown ones answer -1.
 */
void rmm_dispatch(const u64 in[8], u64 out[8]);

#endif
