/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The least of a machine: a panic is a failed proof, locks are free or taken by
 * nobody else, tables are plain memory.
 */
#include "cbmc.h"

/* run.sh proves with each RMI granule. */
#ifndef GRANULE_BITS
#define GRANULE_BITS	12
#endif
struct granule_geometry granule_geometry = { 1ULL << GRANULE_BITS, GRANULE_BITS };

struct arch_features arch_features;
struct arch_range arch_banks[ARCH_MAX_BANKS];
unsigned int arch_nr_banks;
struct arch_range arch_own[ARCH_MAX_BANKS];
unsigned int arch_nr_own;

void arch_panic(const char *file, int line, const char *what)
{
	(void)file;
	(void)line;
	(void)what;
	__CPROVER_assert(0, "the monitor never stops");
	__CPROVER_assume(0);
	for (;;)
		;
}

u64 arch_s2_read(const u64 *entry)
{
	return *entry;
}

bool arch_bitlock_try(u16 *word)
{
	given(!(*word & BIT(15)));
	*word |= BIT(15);
	return true;
}

void arch_bitlock_release(u16 *word)
{
	*word &= (u16)~BIT(15);
}

u64 arch_fetch_add64(u64 *p, u64 v)
{
	u64 was = *p;

	*p += v;
	return was;
}
