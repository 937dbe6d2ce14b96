/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Metadata that the host donated: what RMM_ACTIVATE and GRANULE_TRACKING_SET take, and
 * they and RMM_DEACTIVATE give back (decisions 29, 30, docs/decisions/tracking.md).
 */
#ifndef RMM_RMI_METADATA_H
#define RMM_RMI_METADATA_H

#include "mem/region.h"
#include "mem/sro.h"

/*
 * Host DRAM, all of it UNDELEGATED or not tracked, becomes INTERNAL as far as somebody
 * keeps a state of it; and back. False: nothing happened.
 */
bool host_memory_keep(pa_t base, u64 granules);
void host_memory_release(pa_t base, u64 granules);

/*
 * It becomes the operation's (op->meta). UNDELEGATED host DRAM: its first granule is
 * Realm; DELEGATED: it is no longer anyone else's already. False: nothing happened.
 */
bool metadata_take(struct op *op, pa_t base, u64 granules, u8 given);
/* All of it becomes Realm and wiped, until an interrupt waits; done: a region can have it. */
enum metadata_state { METADATA_DONE, METADATA_LATER, METADATA_REFUSED };
enum metadata_state metadata_go_on(struct op *op);

/* What a region has no more, at `base`, goes back in this state. */
void metadata_return(struct op *op, const struct region *r, pa_t base, u8 given);

/*
 * struct op_kind: op->meta goes back, a slice at a time, wiped. What EL3 does not make
 * Non-secure again the monitor keeps (gpt_keep()), and the host is not told of it. _all: then
 * what regions have, one after the other.
 */
void metadata_ready(struct op *op);
void metadata_ready_all(struct op *op);
bool metadata_peek(const struct op *op, unsigned int n, pa_t *base, u64 *granules);
bool metadata_peek_all(const struct op *op, unsigned int n, pa_t *base, u64 *granules);
void metadata_gone(struct call *c, struct op *op, unsigned int nr);

#endif
