/* SPDX-License-Identifier: BSD-2-Clause */
/* The four functions a freestanding compiler may call, and we do. */
#ifndef RMM_BASE_STRING_H
#define RMM_BASE_STRING_H

#include <stddef.h>

void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

#endif
