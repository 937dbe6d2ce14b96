// SPDX-License-Identifier: BSD-2-Clause
/*
 * Guest RAM: its shared backing, and who may touch which page.
 * decisions-kvm K44, K78.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "mem.h"

static u64 page_nr(const struct mem *m, u64 gpa)
{
	return (gpa - m->base) / PAGE;
}

/* Anonymous memory, aligned as a huge page wants it. */
static void *map_aligned(u64 size)
{
	u8 *p = mmap(NULL, size + BLOCK, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	u8 *start;

	if (p == MAP_FAILED)
		return NULL;
	start = (u8 *)align_up((uintptr_t)p, BLOCK);
	if (start > p)
		munmap(p, start - p);
	if (start + size < p + size + BLOCK)
		munmap(start + size, p + BLOCK - start);
	madvise(start, size, MADV_HUGEPAGE);
	return start;
}

bool mem_init(struct mem *m, u64 base, u64 size, bool realm, u64 shared_bit)
{
	size_t words = (size / PAGE + 63) / 64;

	memset(m, 0, sizeof(*m));
	m->base = base;
	m->size = size;
	m->realm = realm;
	m->shared_bit = realm ? shared_bit : 0;
	m->gmem = -1;
	pthread_rwlock_init(&m->lock, NULL);
	m->is_private = calloc(words, sizeof(u64));
	m->host = map_aligned(size);
	if (!m->host || !m->is_private)
		return false;
	if (realm)
		mem_mark(m, base, size, true);
	return true;
}

bool mem_page_is_private(const struct mem *m, u64 gpa)
{
	u64 n = page_nr(m, gpa);

	return m->is_private[n / 64] >> (n % 64) & 1;
}

void mem_mark(struct mem *m, u64 gpa, u64 len, bool private)
{
	u64 n = page_nr(m, gpa), end = page_nr(m, gpa + len);

	for (; n < end; n++) {
		if (private)
			m->is_private[n / 64] |= 1ULL << (n % 64);
		else
			m->is_private[n / 64] &= ~(1ULL << (n % 64));
	}
}

void *mem_dma(const struct mem *m, u64 addr, u64 len)
{
	u64 gpa, page;

	if (m->realm && !(addr & m->shared_bit))
		return NULL;
	gpa = addr & ~m->shared_bit;
	if (!mem_holds(m, gpa, len))
		return NULL;
	if (!m->realm)
		return m->host + (gpa - m->base);

	for (page = align_down(gpa, PAGE); page < gpa + len; page += PAGE)
		if (mem_page_is_private(m, page))
			return NULL;
	return m->host + (gpa - m->base);
}

void mem_hold(struct mem *m)
{
	pthread_rwlock_rdlock(&m->lock);
}

void mem_let_go(struct mem *m)
{
	pthread_rwlock_unlock(&m->lock);
}
