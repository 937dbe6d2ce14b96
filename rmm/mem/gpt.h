/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole RMI granules from world to world. EL3 moves the granules of its tables, of
 * 4 KiB; an RMI granule is 1, 4 or 16 of them and goes as one.
 */
#ifndef RMM_MEM_GPT_H
#define RMM_MEM_GPT_H

#include "base/types.h"

/* RMI granules from base on, at most n; gives how many, 0: not even the first. */
u64 gpt_to_realm(pa_t base, u64 n);
u64 gpt_to_ns(pa_t base, u64 n);

#endif
