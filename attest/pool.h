/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory that the bignum library works in while one job runs. It must stay
 * where it is (at the same address) from pool_begin() to pool_wipe().
 */
#ifndef ATTEST_POOL_H
#define ATTEST_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool {
	void *start;
	size_t bytes;
};

/* start and bytes are multiples of 16. */
void pool_begin(struct pool *p, void *start, size_t bytes);
/* Zero, as with calloc; NULL when there is no room. */
void *pool_take(struct pool *p, size_t bytes);
/* No byte of what it held stays behind. */
void pool_wipe(struct pool *p);

/*
 * What the library allocates comes from here. Set before it is called, on each CPU
 * its own: whoever links this file provides the variable of the present CPU.
 */
struct pool **pool_here(void);

#endif
