/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DATA: the granules that one RTT entry names. While a page is mapped or unmapped the
 * caller holds the table of that entry; a block is covered by an operation (mem/sro.h).
 */
#ifndef RMM_REALM_DATA_H
#define RMM_REALM_DATA_H

#include "mem/call.h"

/* A DELEGATED granule becomes DATA, wiped. False: it is not DELEGATED. */
bool data_claim_page(struct call *c, pa_t page);
/*
 * The same of the block's granules from *at on, until an interrupt waits: then
 * *at < bytes. False: the granule at *at is not DELEGATED; those below stay claimed. A
 * COARSE region is claimed whole: it lies in the block.
 */
bool data_claim(struct call *c, pa_t block, u64 bytes, u64 *at);
/*
 * Back to DELEGATED, of a block in rising order: the granules of [p, p + bytes), or all of
 * p's region when that is COARSE. Gives how many bytes. The content stays until the next
 * owner's wipe (decisions 39).
 */
u64 data_release(pa_t p, u64 bytes);
/* A page of its own, whose region is FINE therefore. */
static inline void data_release_page(pa_t page)
{
	granule_move_sure(page, DATA, DELEGATED);
}
/* The same of what data_claim() claimed, below `end`, in falling order. */
u64 data_give_back(pa_t end);

#endif
