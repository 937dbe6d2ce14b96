/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Metadata that the host donated: what RMM_ACTIVATE takes, and it and
 * RMM_DEACTIVATE give back (decisions 29, 30).
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

/* Of the host's, and back: wiped; false: EL3 refused, nothing happened. */
bool metadata_make_realm(pa_t base, u64 granules);
void metadata_to_host(pa_t base, u64 granules);
void metadata_wipe(pa_t base, u64 granules);

/*
 * Host DRAM becomes the operation's (op->meta), its first granule Realm. False: nothing
 * happened.
 */
bool metadata_take(struct op *op, pa_t base, u64 granules);
/* The rest of it, until an interrupt waits; done: it is the region's metadata. */
enum metadata_state { METADATA_DONE, METADATA_LATER, METADATA_REFUSED };
enum metadata_state metadata_go_on(struct op *op, struct region *r);

/* struct op_kind: a slice at a time, of what is op->meta or was a region's. */
bool metadata_peek(const struct op *op, unsigned int n, pa_t *base, u64 *granules);
void metadata_gone(struct call *c, struct op *op, unsigned int nr);

#endif
