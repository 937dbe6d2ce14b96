/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks of DATA: the many granules that one RTT entry names. While one is mapped
 * or unmapped, the caller holds the table of that entry.
 */
#ifndef RMM_REALM_DATA_H
#define RMM_REALM_DATA_H

#include "mem/call.h"

/*
 * The block's granules from *at on, DELEGATED, become DATA, wiped. With may_stop
 * it looks for interrupts after each slice and may end before *at == bytes. False:
 * the granule at *at is not DELEGATED; the caller releases those below.
 */
#define DATA_SLICE	(64 * GRANULE_SIZE)
bool data_claim(struct call *c, pa_t block, u64 bytes, u64 *at, bool may_stop);
/* Back to DELEGATED; the content stays until the next owner's wipe (decisions 39). */
void data_release(pa_t block, u64 bytes);

#endif
