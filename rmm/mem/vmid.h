/* SPDX-License-Identifier: BSD-2-Clause */
/* VMIDs of realms: 8 or 16 bits as the CPU has them, never 0 (decisions 58). */
#ifndef RMM_MEM_VMID_H
#define RMM_MEM_VMID_H

#include "base/types.h"

/* 0: none left. */
unsigned int vmid_take(void);
/* Its TLB entries are gone already. */
void vmid_give(unsigned int vmid);

#endif
