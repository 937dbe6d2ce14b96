/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which CPUs are inside a call. RMM_DEACTIVATE closes the gate and then looks
 * here: when no other CPU is inside, every later call sees the closed gate.
 */
#ifndef RMM_MEM_CALLS_H
#define RMM_MEM_CALLS_H

#include "base/types.h"

/* Around every call, before it looks at the state of the RMM. */
void calls_enter(void);
void calls_leave(void);
/* No CPU but this one is inside a call. */
bool calls_others_idle(void);

#endif
