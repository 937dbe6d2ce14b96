/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ranges of the monitor's TLB maintenance: what the instruction is told is what was
 * counted, not beyond the end, and at least half of what is left.
 */
#include "cbmc.h"

#include "arch/tlbi.h"

PROOF(range)
{
	u64 base = any_u64(), units = any_u64(), covered, operand, num, scale;
	unsigned int shift = any_uint();

	given(shift == 12 || shift == 14 || shift == 16);
	given(base < (shift == 16 ? BIT(52) : BIT(48)) && IS_ALIGNED(base, BIT(shift)));
	given(units >= 2 && units <= BIT(27));		/* MAX_RANGE of the smallest granules */
	operand = tlbi_range(base, units, shift, &covered);

	/* Arm ARM: (NUM + 1) * 2^(5 * SCALE + 1) granules from BaseADDR on */
	num = operand >> 39 & 0x1f;
	scale = operand >> 44 & 3;
	claim(operand >> 46 == 0);			/* TG and ASID are the caller's */
	claim((operand & MASK(36, 0)) << shift == base);
	claim(!(operand & MASK(38, 37)));		/* no hint of a level */
	claim((num + 1) << (5 * scale + 1) == covered);
	claim(covered <= units);
	claim(so(units - covered > 1, !(covered & 63)));	/* the next base is whole 64 KiB, too */
	claim(2 * covered > units || covered == 32ULL << 16);
	reached();
}
