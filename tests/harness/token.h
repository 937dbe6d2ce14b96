/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attestation on the paper machine: an EL3 that makes real platform tokens, with OpenSSL
 * and a CBOR writer of its own, and a realm that fetches tokens.
 */
#ifndef TESTS_TOKEN_H
#define TESTS_TOKEN_H

#include <openssl/evp.h>

#include "abi/token.h"
#include "harness/play.h"
#include "sim/sim.h"
#include "tools/token/decode.h"

#define FID_TOKEN_INIT		0xC4000194
#define FID_TOKEN_CONTINUE	0xC4000195

/* From now on EL3 makes platform tokens of this generation, with so much padding in them. */
void token_platform_is(enum token_generation g, size_t padding);
/* ... and keeps the realms' key to itself. */
void token_el3_signs(void);
EVP_PKEY *token_platform_key(void);

/* What REC i of the realm reads in X0 after one call; further results in *s. */
u64 token_init(const struct realm *r, unsigned int i, u8 challenge_byte, struct step *s);
u64 token_continue(const struct realm *r, unsigned int i, u64 at, u64 offset, u64 size,
		   struct step *s);

struct fetched {
	u8 bytes[40000];
	size_t nr;
	unsigned int nr_calls;
};
/*
 * INIT and then CONTINUE until SUCCESS, `chunk` bytes at a time into the page at IPA at,
 * whose memory is page. The status of the last call.
 */
u64 token_fetch(const struct realm *r, unsigned int i, u8 challenge_byte, u64 at, u64 page,
		u64 chunk, struct fetched *f);
/* Only the second part: the token was begun. */
u64 token_fetch_rest(const struct realm *r, unsigned int i, u64 at, u64 page, u64 chunk,
		     struct fetched *f);

/* Whole and valid, its challenge this byte 64 times; checks, and says whether it is. */
bool token_check(const struct fetched *f, u8 challenge_byte, struct cca_token *t);

#endif
