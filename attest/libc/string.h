/* SPDX-License-Identifier: BSD-2-Clause */
/* For attest/ and the fetched library on the target: what they call of a C library. */
#ifndef ATTEST_LIBC_STRING_H
#define ATTEST_LIBC_STRING_H

#include <stddef.h>

void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

/* Named by functions of the library that no image keeps. */
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);

#endif
