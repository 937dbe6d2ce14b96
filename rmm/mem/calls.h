/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which CPUs are inside a call. RMM_DEACTIVATE closes the gate and then looks
 * here: when no other CPU is inside, every later call sees the closed gate.
 */
#ifndef RMM_MEM_CALLS_H
#define RMM_MEM_CALLS_H

#include "base/types.h"

/* Around every call, before it looks at the state of the RMM. regs: FID and x1-x7. */
const u64 **calls_enter(const u64 regs[8]);
/* inside: what calls_enter() gave. */
static inline void calls_leave(const u64 **inside)
{
	__atomic_store_n(inside, NULL, __ATOMIC_RELEASE);
}
/* The CPUs but this one that are inside a call, as bits. */
u64 calls_others_inside(void);
/* There is none. */
static inline bool calls_others_idle(void)
{
	return !calls_others_inside();
}
/* For last words: the registers of the call that a CPU is inside, or NULL. */
const u64 *calls_inside(unsigned int cpu);

#endif
