/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A CCA token looked at by somebody else (docs/spec/attestation.md 9): a decoder of its
 * own and OpenSSL, nothing of what the monitor or the firmware are made of.
 */
#ifndef TOOLS_TOKEN_DECODE_H
#define TOOLS_TOKEN_DECODE_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
	const uint8_t *at;
	size_t bytes;
};

/* One CBOR item: a number or a tag (value), a string (span), an array or a map (span of what is in it). */
struct item {
	unsigned int major;
	uint64_t value;			/* number, tag, or how many items or pairs are inside */
	struct span in;
	struct span whole;
};

/* The item at the start of *s; false: there is no whole one. *s stands behind it. */
bool item_next(struct span *s, struct item *out);
/* The value of an unsigned key of a map; false: not there. */
bool map_find(const struct item *map, uint64_t key, struct item *out);

struct sign1 {
	struct span protected_header, payload, signature;
	struct item claims;
};

struct cca_token {
	uint64_t tag;			/* 907 or 399 */
	struct sign1 platform, realm;
};

/* All of these: NULL, or what is wrong, in words. */
const char *cca_parse(struct cca_token *t, const void *bytes, size_t nr);
const char *cca_check_signature(const struct sign1 *s, EVP_PKEY *key);
/*
 * Claims of the right kinds and sizes for their profiles; signatures; the chain between
 * them. platform_key NULL: its signature is not checked.
 */
const char *cca_verify(const struct cca_token *t, EVP_PKEY *platform_key);

/* The RAK that the realm token names; NULL: it is no point of P-384. */
EVP_PKEY *cca_realm_key(const struct cca_token *t);

#endif
