/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * First fit in blocks that tell their own length. A job holds some dozens of them,
 * so nothing faster is wanted.
 */
#include <string.h>

#include "attest/mbedtls_config.h"
#include "attest/pool.h"

#define ALIGN	16UL

/* Before each block's bytes; blocks lie back to back and fill the pool. */
struct block {
	size_t bytes;			/* without this header */
	size_t used;
};

_Static_assert(sizeof(struct block) == ALIGN, "bytes behind it are aligned");

static struct block *next(struct block *b)
{
	return (struct block *)((uint8_t *)(b + 1) + b->bytes);
}

static void *end(const struct pool *p)
{
	return (uint8_t *)p->start + p->bytes;
}

void pool_begin(struct pool *p, void *start, size_t bytes)
{
	struct block *b = start;

	p->start = start;
	p->bytes = bytes;
	b->bytes = bytes - sizeof(*b);
	b->used = 0;
}

/* The block, joined with the free ones behind it, is now as long as wanted or more. */
static bool fits(struct block *b, void *pool_end, size_t bytes)
{
	if (b->used)
		return false;
	while ((void *)next(b) < pool_end && !next(b)->used)
		b->bytes += sizeof(*b) + next(b)->bytes;
	return b->bytes >= bytes;
}

static void *take(struct block *b, size_t bytes)
{
	if (b->bytes > bytes + sizeof(*b)) {
		size_t rest = b->bytes - bytes - sizeof(*b);

		b->bytes = bytes;
		next(b)->bytes = rest;
		next(b)->used = 0;
	}
	b->used = 1;
	return memset(b + 1, 0, b->bytes);
}

void *pool_take(struct pool *p, size_t bytes)
{
	bytes = (bytes + ALIGN - 1) & ~(ALIGN - 1);
	for (struct block *b = p->start; (void *)b < end(p); b = next(b))
		if (fits(b, end(p), bytes))
			return take(b, bytes);
	return NULL;
}

void pool_wipe(struct pool *p)
{
	mbedtls_platform_zeroize(p->start, p->bytes);
}

void *pool_calloc(size_t n, size_t bytes)
{
	return pool_take(*pool_here(), n * bytes);	/* neither comes from outside: no overflow */
}

void pool_free(void *p)
{
	if (p)
		((struct block *)p - 1)->used = 0;
}

/* ---- and what it has in platform_util.c ---- */

/* The compiler must not see that nobody reads it afterwards. */
void mbedtls_platform_zeroize(void *buf, size_t bytes)
{
	memset(buf, 0, bytes);
	__asm__ volatile("" : : "r"(buf) : "memory");
}

void mbedtls_zeroize_and_free(void *buf, size_t bytes)
{
	if (buf)
		mbedtls_platform_zeroize(buf, bytes);
	pool_free(buf);
}
