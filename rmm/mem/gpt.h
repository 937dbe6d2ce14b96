/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole RMI granules from world to world. EL3 moves the granules of its tables, of
 * 4 KiB; an RMI granule is 1, 4 or 16 of them and goes as one.
 */
#ifndef RMM_MEM_GPT_H
#define RMM_MEM_GPT_H

#include "arch/arch.h"

/* RMI granules from base on, at most n; gives how many, 0: not even the first. */
u64 gpt_to_realm(pa_t base, u64 n);
u64 gpt_to_ns(pa_t base, u64 n);

/* ---- level 1 tables (rmi-memory.md 5, decisions 34 to 36) ---- */

/* What one entry of level 0 covers; the memory of its level 1 table. */
u64 gpt_region_bytes(void);
u64 gpt_table_bytes(void);
/* RMI_GPT_* of the region that starts here. */
u64 gpt_state(u64 region);
/* The address lies below a block: EL3 moves nothing there. */
bool gpt_is_block(pa_t p);
/* By EL3, in memory of the host and back; who has it is remembered. */
enum l1_answer gpt_table_create(pa_t region, pa_t memory);
enum l1_answer gpt_table_destroy(pa_t region, pa_t *memory);
/* The memory of the n-th table that the host made, 0: it is gone; false: there were only n. */
bool gpt_table_memory(unsigned int n, pa_t *memory);

#endif
