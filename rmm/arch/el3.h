/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RMM_ARCH_EL3_H
#define RMM_ARCH_EL3_H

#include "base/types.h"

/*
 * Finds out how granules change their PAS here, and the geometry of the GPT. Boot CPU,
 * once, when the manifest has been read: its page carries requests from now on.
 */
void el3_probe(u64 shared_buffer);
const char *el3_granule_service(void);

#endif
