/* SPDX-License-Identifier: BSD-2-Clause */
/* The few C library functions that the compiler and libfdt call. */
#include "el3.h"

u64 __stack_chk_guard = 0x5ca1ab1e0ddba11ULL;

void __stack_chk_fail(void)
{
	die("stack overwritten in libfdt");
}

/*
 * Any alignment: this file is compiled without -mstrict-align. Before the MMU
 * is on (device memory) only the compiler's copies of aligned structures come here.
 */
typedef struct { u64 v; } __attribute__((packed, may_alias)) any8;

void *memcpy(void *to, const void *from, size_t n)
{
	u8 *d = to;
	const u8 *s = from;

	for (; n >= 32; n -= 32, d += 32, s += 32) {
		u64 a = ((any8 *)s)[0].v, b = ((any8 *)s)[1].v;
		u64 e = ((any8 *)s)[2].v, f = ((any8 *)s)[3].v;

		((any8 *)d)[0].v = a;
		((any8 *)d)[1].v = b;
		((any8 *)d)[2].v = e;
		((any8 *)d)[3].v = f;
	}
	for (; n >= 8; n -= 8, d += 8, s += 8)
		((any8 *)d)->v = ((any8 *)s)->v;
	while (n--)
		*d++ = *s++;
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	u8 *d = to;
	const u8 *s = from;

	if (d <= s)
		return memcpy(to, from, n);	/* reads what it writes next before it writes */
	d += n;
	s += n;
	for (; n >= 32; n -= 32) {		/* the same from above */
		u64 a, b, e, f;

		d -= 32;
		s -= 32;
		a = ((any8 *)s)[0].v, b = ((any8 *)s)[1].v;
		e = ((any8 *)s)[2].v, f = ((any8 *)s)[3].v;
		((any8 *)d)[0].v = a;
		((any8 *)d)[1].v = b;
		((any8 *)d)[2].v = e;
		((any8 *)d)[3].v = f;
	}
	while (n--)
		*--d = *--s;
	return to;
}

void *memset(void *to, int c, size_t n)
{
	u8 *d = to;
	u64 v = (u8)c * 0x0101010101010101ULL;

	for (; n >= 32; n -= 32, d += 32) {
		((any8 *)d)[0].v = v;
		((any8 *)d)[1].v = v;
		((any8 *)d)[2].v = v;
		((any8 *)d)[3].v = v;
	}
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
