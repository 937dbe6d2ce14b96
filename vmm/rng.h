/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtio entropy device: the host kernel's random numbers.
 */
#ifndef VMM_RNG_H
#define VMM_RNG_H

#include "virtio.h"

struct rng {
	struct virtio v;
	struct chain chain;	/* guarded by v.lock */
};

void rng_init(struct rng *r, struct mem *mem);

#endif
