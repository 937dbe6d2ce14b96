/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RMM_ARCH_CONSOLE_H
#define RMM_ARCH_CONSOLE_H

#include "arch/mmu.h"

/* PL011 registers at base, mapped; until then the monitor is silent. */
void console_set(u64 base);
/* From here on a panic keeps its CPU instead of reporting to EL3. */
void console_boot_done(void);

#endif
