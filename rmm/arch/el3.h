/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RMM_ARCH_EL3_H
#define RMM_ARCH_EL3_H

#include "base/types.h"

/* Finds out how granules change their PAS here, and the geometry of the GPT. Boot CPU, once. */
void el3_probe(void);
const char *el3_granule_service(void);

#endif
