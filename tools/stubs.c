/* SPDX-License-Identifier: BSD-2-Clause */
/* What the monitor's tables and decoders (mem/granule.c, mem/s2_entry.c) want of the machine. */
#include <stdio.h>
#include <stdlib.h>

#include "arch/arch.h"

_Noreturn void arch_panic(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
	exit(1);
}

u64 arch_s2_read(const u64 *entry)
{
	return *entry;
}
