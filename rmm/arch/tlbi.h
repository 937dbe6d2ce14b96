/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the TLBI instructions of a range take. An emulator may flush more than it is told,
 * so it is proved instead (tests/cbmc/tlbi.c).
 */
#ifndef RMM_ARCH_TLBI_H
#define RMM_ARCH_TLBI_H

#include "base/types.h"

/*
 * NUM, SCALE and BaseADDR, which counts in 1 << shift, of the longest range from `base` on
 * that is no longer than `units` granules, two at least. *covered: granules it covers.
 */
static inline u64 tlbi_range(u64 base, u64 units, unsigned int shift, u64 *covered)
{
	unsigned int scale = 3;
	u64 num;

	while (scale && units < BIT(5 * scale + 1))
		scale--;
	num = units >> (5 * scale + 1);
	if (num > 32)
		num = 32;
	*covered = num << (5 * scale + 1);
	return base >> shift | (num - 1) << 39 | (u64)scale << 44;
}

#endif
