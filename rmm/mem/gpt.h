/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole RMI granules from world to world. EL3 moves the granules of its tables, of
 * 4 KiB; an RMI granule is 1, 4 or 16 of them and goes as one.
 */
#ifndef RMM_MEM_GPT_H
#define RMM_MEM_GPT_H

#include "arch/arch.h"

/*
 * RMI granules from base on, at most n; gives how many, 0: not even the first. *mixed: the
 * one after them has pages in both worlds, because EL3 moved some and takes none back.
 */
static inline u64 gpt_to_realm(pa_t base, u64 n, bool *mixed);
static inline u64 gpt_to_ns(pa_t base, u64 n, bool *mixed);
/* The same, wiped first: granules that the monitor, or a realm, had. */
static inline u64 gpt_to_host(pa_t base, u64 n, bool *mixed);
/*
 * EL3 refuses to move this granule. Nobody is told of it any more: the monitor keeps
 * it, INTERNAL where its state is kept, and the trace says so.
 */
void gpt_keep(pa_t granule);

/* Of more than a page each. */
u64 gpt_move_large(bool to_realm, pa_t base, u64 n, bool *mixed);

static inline u64 gpt_to_realm(pa_t base, u64 n, bool *mixed)
{
	*mixed = false;
	return GRANULE_SHIFT == PAGE_SHIFT ? arch_gpt_to_realm(base, n) :
					     gpt_move_large(true, base, n, mixed);
}

static inline u64 gpt_to_ns(pa_t base, u64 n, bool *mixed)
{
	*mixed = false;
	return GRANULE_SHIFT == PAGE_SHIFT ? arch_gpt_to_ns(base, n) :
					     gpt_move_large(false, base, n, mixed);
}

/* Granules that are Realm and the caller's. */
static inline void wipe_granules(pa_t base, u64 n)
{
	for (u64 i = 0; i < n; i++)
		arch_wipe(pa_add(base, i * GRANULE_SIZE));
}

static inline u64 gpt_to_host(pa_t base, u64 n, bool *mixed)
{
	wipe_granules(base, n);
	return gpt_to_ns(base, n, mixed);
}

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
