/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RMM_ARCH_MMU_H
#define RMM_ARCH_MMU_H

#include "base/types.h"

enum map_kind { MAP_CODE, MAP_CONST, MAP_DATA, MAP_DEVICE, MAP_NOTHING };

/* Start and end of the image and of its parts (rmm.lds). */
extern char _text_start[], _rodata_start[], _data_start[], _bss_start[], _bss_end[];
extern char _stacks_start[], _end[];

/*
 * The Realm view: virtual = physical. What is mapped already stays as it is.
 * False: no table left.
 */
bool mmu_map_realm(u64 pa, u64 bytes, enum map_kind kind);
/* The NS view: NS_VIEW + physical, Non-secure PAS, data. */
bool mmu_map_ns(u64 pa, u64 bytes);
/* New mappings become usable. */
void mmu_publish(void);

#define NS_VIEW		0xffff000000000000UL

#endif
