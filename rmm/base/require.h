/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stopping (STYLE.md): require() when going on would be unsafe, always on and
 * never about anything a caller can choose; expect() for our own mistakes, in
 * hosted tests and debug builds.
 */
#ifndef RMM_BASE_REQUIRE_H
#define RMM_BASE_REQUIRE_H

#include "arch/arch.h"

#define require(x)	((x) ? (void)0 : arch_panic(__FILE__, __LINE__, #x))

#ifdef RMM_EXPECT
#define expect(x)	require(x)
#else
#define expect(x)	((void)sizeof(!(x)))
#endif

#endif
