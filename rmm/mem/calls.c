/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/arch.h"
#include "mem/calls.h"

/* A line each: written at every call. */
static struct { u64 inside; } __attribute__((aligned(64))) cpus[MAX_CPUS];

/*
 * Ours is written before the gate is read, the closing CPU's gate before ours is
 * read: one of the two sees the other. Hence sequentially consistent, and
 * rmm_state() as well.
 */
void calls_enter(void)
{
	__atomic_store_n(&cpus[arch_cpu()].inside, 1, __ATOMIC_SEQ_CST);
}

void calls_leave(void)
{
	__atomic_store_n(&cpus[arch_cpu()].inside, 0, __ATOMIC_RELEASE);
}

bool calls_others_idle(void)
{
	for (unsigned int i = 0; i < MAX_CPUS; i++)
		if (i != arch_cpu() && __atomic_load_n(&cpus[i].inside, __ATOMIC_SEQ_CST))
			return false;
	return true;
}
