/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ECDSA on P-384, done in steps: each is one or two point operations or one inversion,
 * so that whoever drives it can look at interrupts in between.
 */
#ifndef ATTEST_P384_H
#define ATTEST_P384_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/pool.h"

#define P384_KEY_BYTES		48	/* private scalar, big endian */
#define P384_DIGEST_BYTES	48	/* SHA-384 */
#define P384_SIGNATURE_BYTES	96	/* r, s, big endian */
#define P384_PUBLIC_BYTES	97	/* 04, X, Y */

/* What a job needs of memory; tests/attest/p384.c knows how much of it is ever used. */
#define P384_POOL_BYTES		3456

enum p384_step { P384_MORE, P384_DONE, P384_FAILED };

struct p384_job;

/*
 * A job in the memory of *p. The nonce is RFC 6979's: it needs no randomness. `entropy`
 * only blinds the computation against whoever measures it; zeros are no mistake.
 * NULL: no key, or no memory.
 */
#define P384_ENTROPY_BYTES	32
struct p384_job *p384_sign(struct pool *p, const uint8_t key[P384_KEY_BYTES],
			   const uint8_t digest[P384_DIGEST_BYTES],
			   const uint8_t entropy[P384_ENTROPY_BYTES]);
struct p384_job *p384_public(struct pool *p, const uint8_t key[P384_KEY_BYTES],
			     const uint8_t entropy[P384_ENTROPY_BYTES]);

/*
 * The next step. P384_DONE: the signature, or the public key, is in out. Whatever
 * the end is, pool_wipe() is what ends a job, and it may come at any time.
 */
enum p384_step p384_step(struct pool *p, struct p384_job *job, uint8_t *out);

#endif
