/* SPDX-License-Identifier: BSD-2-Clause */
/* One event with two words (abi/trace.h). */
#ifndef RMM_BASE_TRACE_H
#define RMM_BASE_TRACE_H

#include "arch/arch.h"

static inline void trace(enum trace_kind kind, unsigned int number, u64 status, u64 a, u64 b)
{
	const u64 args[TRACE_ARGS] = { a, b };

	arch_trace(TRACE_WHAT(kind, number, 0, status), args);
}

#endif
