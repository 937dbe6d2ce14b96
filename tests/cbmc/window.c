/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLBI RPALOS of EL3: the operand that is made for a run of granules covers all of
 * it, in one of the sizes that the architecture has, and no smaller one would do.
 */
#include "cbmc.h"

#include "el3/window.h"

/* Arm ARM, TLBI RPALOS: SIZE to bytes, as shifts; a second time, by hand */
static unsigned int bits_of(u64 size)
{
	switch (size) {
	case 0: return 12;
	case 1: return 14;
	case 2: return 16;
	case 3: return 21;
	case 4: return 25;
	case 5: return 29;
	case 6: return 30;
	case 7: return 34;
	case 8: return 36;
	case 9: return 39;
	}
	return 0;
}

PROOF(covers)
{
	u64 pa = any_u64(), granules = any_u64(), operand, base, bytes, smaller = any_u64();

	given(pa < BIT(52) && IS_ALIGNED(pa, 4096) && granules && granules <= BIT(40));
	bytes = granules << 12;
	given(bytes <= BIT(52) - pa);
	if (!window_around(pa, bytes, &operand)) {
		claim(pa >> 39 != (pa + bytes - 1) >> 39);	/* more than the largest one */
		return;
	}
	claim(operand >> 44 <= 9);
	claim(!(operand & MASK(43, 40)));
	base = (operand & MASK(39, 0)) << 12;
	claim(IS_ALIGNED(base, BIT(bits_of(operand >> 44))));
	claim(base <= pa && pa + bytes <= base + BIT(bits_of(operand >> 44)));
	given(smaller < operand >> 44);
	claim(pa >> bits_of(smaller) != (pa + bytes - 1) >> bits_of(smaller));
	reached();
}
