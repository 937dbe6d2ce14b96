/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Emulated registers: which device answers at which guest physical address.
 */
#ifndef VMM_BUS_H
#define VMM_BUS_H

#include "util.h"

struct bus_dev {
	const char *name;
	u64 base, size;
	/* off < size; len 1, 2, 4 or 8; on the vCPU's thread */
	u64 (*read)(void *dev, u32 off, u32 len);
	void (*write)(void *dev, u32 off, u32 len, u64 val);
	void *dev;
};

#define BUS_MAX	32

struct bus {
	/* never changes once vCPUs run */
	struct bus_dev devs[BUS_MAX];
	unsigned int nr;
};

void bus_add(struct bus *b, struct bus_dev d);

/* An access nobody answers reads as zero and is otherwise ignored. */
u64 bus_read(const struct bus *b, u64 gpa, u32 len);
void bus_write(const struct bus *b, u64 gpa, u32 len, u64 val);

#endif
