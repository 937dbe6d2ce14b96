/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address range descriptors and lists of them in host memory (rmi-sro.md 2.3,
 * decisions 41, 42, 44).
 */
#ifndef RMM_MEM_RANGE_H
#define RMM_MEM_RANGE_H

#include "base/types.h"
#include "mem/call.h"

struct range {
	pa_t base;
	unsigned int size;		/* RMI_BLOCK_*: one block is one entry of level 3 - size */
	u64 count;			/* blocks; 0: empty */
	unsigned int state;		/* RMI_MEMSTATE_* */
};

#define RANGE_MAX_COUNT	((1ULL << (GRANULE_SHIFT - RMI_DESC_COUNT_SHIFT)) - 1)

/* The descriptor covers nothing. */
static inline bool range_is_empty(u64 descriptor)
{
	return !FIELD(descriptor, GRANULE_SHIFT - 1, RMI_DESC_COUNT_SHIFT);
}
struct range range_decode(u64 descriptor);
u64 range_encode(const struct range *r);
u64 range_block_bytes(unsigned int size);
/* Granules in it. */
u64 range_granules(const struct range *r);
/* Starts at a multiple of its block size. */
bool range_is_aligned(const struct range *r);

#define LIST_MAX_ENTRIES	(PAGE_SIZE / sizeof(u64))
/* How many entries of a list at p the monitor looks at: a page of them, none beyond its granule. */
u64 list_entries(ns_t p, u64 count);
/* list_entries() of them, read once into the call's page. NULL: not readable. */
const u64 *list_read(struct call *c, ns_t p, u64 count);

/* ---- input of the map commands ------------------------------------------- */

struct range_input {
	const u64 *descriptors;
	u64 nr, next;
	u64 single;
	struct range now;		/* what is left of the current one */
};

/* One descriptor in a register, or a list that was read. Moves to the first block. */
void input_single(struct range_input *in, u64 descriptor);
void input_list(struct range_input *in, const u64 *descriptors, u64 nr);
/* Nothing left: now is empty. */
bool input_is_empty(const struct range_input *in);
/* One block of `now` is used. */
void input_advance(struct range_input *in);

/* ---- output of the unmap and reclaim commands ------------------------------- */

struct range_output {
	u64 *descriptors;		/* NULL: nobody wants to know */
	u64 max, nr;
	struct range last;		/* the nr-th, still growing */
};

/* False: no room for a block that does not continue the last range; nothing changed. */
bool output_add(struct range_output *out, pa_t block, unsigned int size, unsigned int state);

#endif
