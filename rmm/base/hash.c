/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one file that knows the library behind the hashes. Its functions fail
 * only on bad arguments, which would be our own mistake.
 */
#include "abi/rmi.h"
#include "base/hash.h"
#include "base/require.h"
#include "base/string.h"

#include <mbedtls/sha256.h>
#include <mbedtls/sha512.h>

static const u8 digest_bytes[] = {
	[RMI_HASH_SHA256] = 32,
	[RMI_HASH_SHA512] = 64,
	[RMI_HASH_SHA384] = 48,
};

_Static_assert(sizeof(mbedtls_sha256_context) <= sizeof(((struct hash_state *)0)->room), "room");
_Static_assert(sizeof(mbedtls_sha512_context) <= sizeof(((struct hash_state *)0)->room), "room");

bool hash_known(u64 algorithm)
{
	return algorithm < ARRAY_SIZE(digest_bytes);
}

unsigned int hash_bytes(unsigned int algorithm)
{
	require(hash_known(algorithm));
	return digest_bytes[algorithm];
}

void hash_begin(struct hash_state *h, unsigned int algorithm)
{
	require(hash_known(algorithm));
	h->algorithm = algorithm;
	if (algorithm == RMI_HASH_SHA256) {
		mbedtls_sha256_init((void *)h->room);
		require(mbedtls_sha256_starts((void *)h->room, 0) == 0);
	} else {
		mbedtls_sha512_init((void *)h->room);
		require(mbedtls_sha512_starts((void *)h->room, algorithm == RMI_HASH_SHA384) == 0);
	}
}

void hash_more(struct hash_state *h, const void *data, size_t bytes)
{
	if (h->algorithm == RMI_HASH_SHA256)
		require(mbedtls_sha256_update((void *)h->room, data, bytes) == 0);
	else
		require(mbedtls_sha512_update((void *)h->room, data, bytes) == 0);
}

void hash_end(struct hash_state *h, u8 out[HASH_MAX_BYTES])
{
	u8 digest[HASH_MAX_BYTES];

	if (h->algorithm == RMI_HASH_SHA256)
		require(mbedtls_sha256_finish((void *)h->room, digest) == 0);
	else
		require(mbedtls_sha512_finish((void *)h->room, digest) == 0);
	memset(out, 0, HASH_MAX_BYTES);
	memcpy(out, digest, hash_bytes(h->algorithm));
}

void hash(unsigned int algorithm, const void *data, size_t bytes, u8 out[HASH_MAX_BYTES])
{
	struct hash_state h;

	hash_begin(&h, algorithm);
	hash_more(&h, data, bytes);
	hash_end(&h, out);
}
