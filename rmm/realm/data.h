/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks of DATA: the many granules that one RTT entry names. The caller holds
 * the table of that entry.
 */
#ifndef RMM_REALM_DATA_H
#define RMM_REALM_DATA_H

#include "mem/call.h"

/* All of the block DELEGATED -> DATA and wiped, or (false) nothing; in between: c->blocked. */
bool data_claim(struct call *c, pa_t block, u64 bytes);
/* Back to DELEGATED; the content stays until the next owner's wipe (decisions 39). */
void data_release(pa_t block, u64 bytes);

#endif
