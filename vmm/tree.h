/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's device tree (decisions-kvm K76).
 */
#ifndef VMM_TREE_H
#define VMM_TREE_H

#include "util.h"

struct tree_facts {
	bool realm;
	u64 ram_base, ram_size;
	u64 initrd_start, initrd_end;	/* equal: none */
	const char *bootargs;
	unsigned int nr_cpus;
	bool pmu;
	unsigned int nr_virtio;
};

#define TREE_MAX_BYTES	(64 * KIB)

/*
 * Write the tree to buf. Returns its length in bytes, or 0 when it does not
 * fit. The same facts give the same bytes: a realm's tree is measured.
 */
u64 tree_build(const struct tree_facts *f, void *buf, u64 room);

/*
 * Complete the kernel arguments (K77): what the user said, then what a guest of
 * this VMM needs unless it was said. Returns false when out is too small.
 */
bool tree_bootargs(char *out, size_t room, const char *params, bool realm, u64 ram_size,
		   bool earlycon, u64 shared_bit);

#endif
