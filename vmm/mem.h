/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's RAM as the VMM may touch it.
 *
 * A realm's RAM has two backings: a guest_memfd nobody can map (private), and
 * this process's anonymous memory (shared). Which of the two a page is at, only
 * the bitmap here says; it follows the attributes KVM was told. Devices get at
 * memory by mem_dma() only.
 */
#ifndef VMM_MEM_H
#define VMM_MEM_H

#include <pthread.h>

#include "util.h"

struct mem {
	/* never changes after mem_init() */
	u64 base;		/* guest physical, 1 GiB aligned */
	u64 size;		/* bytes, whole pages */
	u8 *host;		/* shared backing, 2 MiB aligned like base */
	bool realm;
	u64 shared_bit;		/* of a realm's bus addresses; else 0 */
	int gmem;		/* guest_memfd of a realm, else -1 */

	/* held for reading by a device while it uses pointers from mem_dma() */
	pthread_rwlock_t lock;

	/* guarded by lock: one bit per page, 1 = private */
	u64 *is_private;
};

/*
 * Describe RAM and map the shared backing. A realm's pages begin private.
 * Returns false without memory.
 */
bool mem_init(struct mem *m, u64 base, u64 size, bool realm, u64 shared_bit);

static inline bool mem_holds(const struct mem *m, u64 gpa, u64 len)
{
	return gpa >= m->base && gpa - m->base <= m->size &&
	       len <= m->size - (gpa - m->base);
}

bool mem_page_is_private(const struct mem *m, u64 gpa);
void mem_mark(struct mem *m, u64 gpa, u64 len, bool private);

/*
 * A device's view: len bytes at a bus address out of a queue. NULL unless all
 * of it is RAM the guest shares: in a realm the address must carry the shared
 * bit and no page may be private. Caller holds m->lock until done with the
 * pointer. The guest may write the memory at any time: read once, into a copy.
 */
void *mem_dma(const struct mem *m, u64 addr, u64 len);

void mem_hold(struct mem *m);		/* for reading */
void mem_let_go(struct mem *m);

enum convert_result {
	CONVERT_DONE,		/* something changed */
	CONVERT_SAME,		/* the range already is what was asked for */
	CONVERT_OUTSIDE,	/* not RAM, or not whole pages: nothing changed */
	CONVERT_FAILED,		/* errno says why */
};

/*
 * Make [gpa, gpa + len) of a realm private or shared (decisions-kvm K79): tell
 * KVM first, then drop the backing that is no longer used, so that each page is
 * held once.
 */
enum convert_result mem_convert(struct mem *m, int vm_fd, u64 gpa, u64 len, bool private);

#endif
