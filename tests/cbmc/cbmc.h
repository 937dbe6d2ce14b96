/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For proofs by CBMC: each PROOF() is an entry point whose free variables take
 * every value at once. given() narrows them, claim() must hold for what is left.
 * A proof that cannot be reached would pass: reached() at its end must FAIL, and
 * run.sh insists on it.
 */
#ifndef TESTS_CBMC_H
#define TESTS_CBMC_H

#include "base/require.h"
#include "base/types.h"

#define PROOF(name)	void proof_##name(void)
#define given(x)	__CPROVER_assume(x)
#define claim(x)	__CPROVER_assert(x, #x)
#define reached()	__CPROVER_assert(0, "reached")

/* CBMC gives a function of this name any value, a new one at each call. */
u64 nondet_u64(void);
s64 nondet_s64(void);
unsigned int nondet_uint(void);
int nondet_int(void);
bool nondet_bool(void);
#define any_u64		nondet_u64
#define any_s64		nondet_s64
#define any_uint	nondet_uint
#define any_int		nondet_int
#define any_bool	nondet_bool

/* x implies y */
#define so(x, y)	(!(x) || (y))

#endif
