/* SPDX-License-Identifier: BSD-2-Clause */
/* The few C library functions that the compiler and libfdt call. */
#include "el3.h"

u64 __stack_chk_guard = 0x5ca1ab1e0ddba11ULL;

void __stack_chk_fail(void)
{
	die("stack overwritten in libfdt");
}

void *memcpy(void *to, const void *from, size_t n)
{
	u8 *d = to;
	const u8 *s = from;

	if (!(((u64)d | (u64)s) & 7))
		for (; n >= 8; n -= 8, d += 8, s += 8)
			*(u64 *)d = *(const u64 *)s;
	while (n--)
		*d++ = *s++;
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	u8 *d = to;
	const u8 *s = from;

	if (d <= s || d >= s + n)
		return memcpy(to, from, n);
	d += n;
	s += n;
	if (!(((u64)d | (u64)s) & 7))
		for (; n >= 8; n -= 8)
			*(u64 *)(d -= 8) = *(const u64 *)(s -= 8);
	while (n--)
		*--d = *--s;
	return to;
}

void *memset(void *to, int c, size_t n)
{
	u8 *d = to;

	while (n && (u64)d & 7)
		*d++ = c, n--;
	for (; n >= 8; n -= 8, d += 8)
		*(u64 *)d = (u8)c * 0x0101010101010101ULL;
	while (n--)
		*d++ = c;
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

void *memchr(const void *s, int c, size_t n)
{
	const u8 *p = s;

	for (; n; n--, p++)
		if (*p == (u8)c)
			return (void *)p;
	return NULL;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		;
	return (u8)*a - (u8)*b;
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (!*s)
			return NULL;
	return (char *)s;
}

char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	for (;; s++) {
		if (*s == (char)c)
			last = s;
		if (!*s)
			return (char *)last;
	}
}
