/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memcpy and its kin for the target; hosted builds use the C library's.
 * Built with -fno-tree-loop-distribute-patterns, or the compiler would make
 * each of them call itself.
 */
#include <stdint.h>

#include "base/string.h"

static int words(const void *a, const void *b, size_t n)
{
	return (((uintptr_t)a | (uintptr_t)b | n) & 7) == 0;
}

void *memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	uint8_t *d = dst;
	const uint8_t *s = src;

	if (words(dst, src, n)) {
		uint64_t *dw = dst;
		const uint64_t *sw = src;

		for (; n >= 64; n -= 64, dw += 8, sw += 8) {
			uint64_t a = sw[0], b = sw[1], c = sw[2], e = sw[3];
			uint64_t f = sw[4], g = sw[5], h = sw[6], i = sw[7];

			dw[0] = a, dw[1] = b, dw[2] = c, dw[3] = e;
			dw[4] = f, dw[5] = g, dw[6] = h, dw[7] = i;
		}
		for (; n >= 16; n -= 16, dw += 2, sw += 2) {
			uint64_t a = sw[0], b = sw[1];

			dw[0] = a, dw[1] = b;
		}
		if (n)
			*dw = *sw;
		return dst;
	}
	while (n--)
		*d++ = *s++;
	return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
	uint8_t *d = dst;
	const uint8_t *s = src;

	if (d <= s || d >= s + n)
		return memcpy(dst, src, n);
	while (n--)
		d[n] = s[n];
	return dst;
}

void *memset(void *dst, int c, size_t n)
{
	uint8_t *d = dst;

	if (words(dst, dst, n)) {
		uint64_t *dw = dst;
		uint64_t word = 0x0101010101010101ULL * (uint8_t)c;

		for (; n >= 64; n -= 64, dw += 8) {
			dw[0] = word, dw[1] = word, dw[2] = word, dw[3] = word;
			dw[4] = word, dw[5] = word, dw[6] = word, dw[7] = word;
		}
		for (; n >= 16; n -= 16, dw += 2)
			dw[0] = word, dw[1] = word;
		if (n)
			*dw = word;
		return dst;
	}
	while (n--)
		*d++ = (uint8_t)c;
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x < *y ? -1 : 1;
	return 0;
}
