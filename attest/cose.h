/* SPDX-License-Identifier: BSD-2-Clause */
/* COSE (RFC 9052) as CCA tokens use it: one signer, ES384 (attestation.md 3, 4). */
#ifndef ATTEST_COSE_H
#define ATTEST_COSE_H

#include "attest/cbor.h"
#include "attest/p384.h"

/* The public key as claim 44237 holds it, and as it is hashed for the binding. */
#define COSE_KEY_BYTES		107
void cose_key(const uint8_t public[P384_PUBLIC_BYTES], uint8_t out[COSE_KEY_BYTES]);

/* What is to be signed for this payload: the SHA-384 of its Sig_structure. */
void cose_digest(const void *payload, size_t bytes, uint8_t digest[P384_DIGEST_BYTES]);
/* The tagged COSE_Sign1. */
void cose_sign1(struct cbor *c, const void *payload, size_t bytes,
		const uint8_t signature[P384_SIGNATURE_BYTES]);
/* Bytes that it takes beside the payload, at most. */
#define COSE_SIGN1_BYTES	(1 + 1 + 5 + 1 + 5 + 2 + P384_SIGNATURE_BYTES)

/* A text claim of a COSE_Sign1 that somebody else made; nothing but the claim is judged. */
bool cose_find_text(const void *token, size_t bytes, uint64_t key, struct cbor_in *text);

#endif
