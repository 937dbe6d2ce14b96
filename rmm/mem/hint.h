/* SPDX-License-Identifier: BSD-2-Clause */
/* What s2_touch_page() remembers from one touch to the next; a REC keeps it. */
#ifndef RMM_MEM_HINT_H
#define RMM_MEM_HINT_H

#include "base/types.h"

/*
 * Which table led to a page last time. One that is a table no more, or another
 * realm's, is not believed: granule_rtts_gone(). All zero: none.
 */
struct s2_hint {
	pa_t table;
	ipa_t base;			/* of its entry 0 */
	int level;
	u64 rtts_gone;			/* when it was held */
};

#endif
