/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SHA-256, SHA-384 and SHA-512 as realms use them (rmi-measure.md 1). The
 * algorithms come from mbedTLS; nothing else in the monitor knows that.
 */
#ifndef RMM_BASE_HASH_H
#define RMM_BASE_HASH_H

#include "base/types.h"

#define HASH_MAX_BYTES	64

/* Values of RmiHashAlgorithm (abi/rmi.h RMI_HASH_*). */
bool hash_known(u64 algorithm);
/* Digest length in bytes: 32, 64 or 48. */
unsigned int hash_bytes(unsigned int algorithm);

/* Digest of one buffer into the low bytes of out, the rest of out zero. */
void hash(unsigned int algorithm, const void *data, size_t bytes, u8 out[HASH_MAX_BYTES]);

/* The same in pieces. */
struct hash_state {
	unsigned int algorithm;
	u64 room[34];		/* the library's context; size proved in hash.c */
};
void hash_begin(struct hash_state *h, unsigned int algorithm);
void hash_more(struct hash_state *h, const void *data, size_t bytes);
void hash_end(struct hash_state *h, u8 out[HASH_MAX_BYTES]);

#endif
