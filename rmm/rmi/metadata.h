/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Metadata that the host donated: what RMM_ACTIVATE takes, and it and
 * RMM_DEACTIVATE give back (decisions 29, 30).
 */
#ifndef RMM_RMI_METADATA_H
#define RMM_RMI_METADATA_H

#include "mem/region.h"
#include "mem/sro.h"

/* Host DRAM, made Realm and wiped, becomes the region's metadata; false: nothing happened. */
bool metadata_take(struct region *r, pa_t base, u64 granules);

/* struct op_kind: every donated region is one run. */
bool metadata_peek(const struct op *op, unsigned int n, pa_t *base, u64 *granules);
void metadata_gone(struct call *c, struct op *op, unsigned int nr);

#endif
