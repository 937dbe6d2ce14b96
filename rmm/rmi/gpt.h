/* SPDX-License-Identifier: BSD-2-Clause */
/* Blocks of the level 0 granule protection table. */
#ifndef RMM_RMI_GPT_H
#define RMM_RMI_GPT_H

#include "base/types.h"

/* Some DRAM lies in the L0 block that starts here. */
bool gpt_block_has_dram(u64 base);

#endif
