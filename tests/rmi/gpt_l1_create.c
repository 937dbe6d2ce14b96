/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD GPT_L1_CREATE
#define CMD_LOWER gpt_l1_create
#include "harness/command.h"

/* Every table was made at boot here: the best answer is "already a table". */
#define GOOD_STATUS RMI_ERROR_GPT

GOOD			{ a->base = pa(0x40000000); }
CHANGED			{}
SPOIL(bound)		{ a->base = pa(w->beyond); }
SPOIL(align)		{ a->base = pa_add(a->base, GRANULE_SIZE); }
SPOIL(no_dram)		{ a->base = pa(0x80000000); }
SPOIL(is_table)		{}

#include "harness/command_end.h"
