/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/arch.h"
#include "mem/calls.h"

/* A line each: written at every call. */
static struct { const u64 *inside; } __attribute__((aligned(64))) callers[MAX_CPUS];

/*
 * Ours is written before the gate is read, the closing CPU's gate before ours is
 * read: one of the two sees the other. Hence sequentially consistent, and
 * rmm_state() as well.
 */
const u64 **calls_enter(const u64 regs[8])
{
	const u64 **inside = &callers[arch_cpu()].inside;

	__atomic_store_n(inside, regs, __ATOMIC_SEQ_CST);
	return inside;
}

_Static_assert(MAX_CPUS <= 64, "a bit for each");

u64 calls_others_inside(void)
{
	u64 mask = 0;

	for (unsigned int i = 0; i < MAX_CPUS; i++)
		if (i != arch_cpu() && __atomic_load_n(&callers[i].inside, __ATOMIC_SEQ_CST))
			mask |= BIT(i);
	return mask;
}

const u64 *calls_inside(unsigned int cpu)
{
	return __atomic_load_n(&callers[cpu].inside, __ATOMIC_RELAXED);
}
