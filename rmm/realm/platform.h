/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What all tokens share: the realm attestation key and the platform token (spec/attestation.md
 * 7, decisions 89). Made once, when the first realm asks, by whoever asks: each step is
 * short, and no realm waits for another one to go on.
 */
#ifndef RMM_REALM_PLATFORM_H
#define RMM_REALM_PLATFORM_H

#include "abi/token.h"
#include "attest/cose.h"
#include "base/types.h"

#define PLATFORM_TOKEN_MAX	0x4000

/*
 * STEP_BUSY: another CPU is at it. STEP_FAILED: EL3 refuses, or what it gave cannot be; the
 * next try begins where this one failed.
 */
enum step { STEP_MORE, STEP_BUSY, STEP_DONE, STEP_FAILED };

/* The next step towards platform_get() and platform_sign(). */
enum step platform_step(void);

struct platform {
	u8 key[COSE_KEY_BYTES];			/* public, as claim 44237 */
	enum token_generation generation;	/* of the platform token; realms' follow it */
	size_t token_bytes;
	u8 token[PLATFORM_TOKEN_MAX];
};
/* When platform_step() has said STEP_DONE; never changes after that. */
const struct platform *platform_get(void);

/*
 * A signature in steps, in memory of the caller's. EL3 makes it when it keeps the key,
 * one after another; else we.
 */
struct signing {
	u64 ticket;				/* EL3's side: ours, when not 0 */
	struct pool pool;
	struct p384_job *job;
};
/* memory: P384_POOL_BYTES, aligned to 16. */
enum step signing_begin(struct signing *s, void *memory, const u8 digest[P384_DIGEST_BYTES]);
enum step signing_step(struct signing *s, const u8 digest[P384_DIGEST_BYTES],
		       u8 signature[P384_SIGNATURE_BYTES]);

/* Blinding and identities; where the machine has no randomness, at least never twice the same. */
void random_bytes(u8 out[32]);

#endif
