/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtio block device on a raw file.
 */
#ifndef VMM_BLK_H
#define VMM_BLK_H

#include "virtio.h"

struct blk {
	struct virtio v;

	/* never changes once vCPUs run */
	int fd;
	bool ro;
	u64 sectors;		/* of 512 bytes */
	char id[20];

	struct chain chain;	/* guarded by v.lock */
};

/* Open path; dies with a sentence when it cannot serve as a disk. nr names it. */
void blk_init(struct blk *b, struct mem *mem, const char *path, bool ro, unsigned int nr);

/* The same on an open file of that many sectors (for tests). */
void blk_init_fd(struct blk *b, struct mem *mem, int fd, bool ro, u64 sectors, unsigned int nr);

#endif
