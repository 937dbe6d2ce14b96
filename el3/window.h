/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What TLBI RPALOS takes. No emulator looks at it - they flush everything - so it is
 * proved instead (tests/cbmc/window.c). Relies on u8, u64, bool alone.
 */
#ifndef EL3_WINDOW_H
#define EL3_WINDOW_H

/* SIZE of the operand, and the bits of a window of that size. */
static const struct { u8 size, bits; } windows[] = {
	{ 0, 12 }, { 1, 14 }, { 2, 16 }, { 3, 21 }, { 4, 25 }, { 5, 29 },
	{ 6, 30 }, { 7, 34 }, { 8, 36 }, { 9, 39 },
};

/*
 * The operand for the smallest window, as aligned as it is long, that holds all of
 * [pa, pa + bytes); false: there is none.
 */
static inline bool window_around(u64 pa, u64 bytes, u64 *operand)
{
	u64 crossed = pa ^ (pa + bytes - 1);

	for (unsigned int i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
		if (crossed >> windows[i].bits)
			continue;
		*operand = (u64)windows[i].size << 44 | pa >> windows[i].bits << windows[i].bits >> 12;
		return true;
	}
	return false;
}

#endif
