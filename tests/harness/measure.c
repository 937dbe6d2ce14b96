/* SPDX-License-Identifier: BSD-2-Clause */
#include <openssl/evp.h>
#include <string.h>

#include "measure.h"
#include "test.h"

static const EVP_MD *algorithm(u8 hash)
{
	return hash == 0 ? EVP_sha256() : hash == 1 ? EVP_sha512() : EVP_sha384();
}

/* Digest into 64 bytes, the rest zero. */
void digest(u8 hash, const void *data, size_t bytes, u8 out[64])
{
	unsigned int n;

	memset(out, 0, 64);
	need(EVP_Digest(data, bytes, out, &n, algorithm(hash), NULL));
	need(n == (hash == 0 ? 32u : hash == 1 ? 64u : 48u));
}

static void put64(u8 *at, u64 v)
{
	for (unsigned int i = 0; i < 8; i++)
		at[i] = (u8)(v >> (8 * i));
}

void extend_data(u8 hash, u8 rim[64], u64 ipa_, u64 flags, const void *content)
{
	u8 d[256] = { 0 };

	put64(d + 0x08, 0x100);
	memcpy(d + 0x10, rim, 64);
	put64(d + 0x50, ipa_);
	put64(d + 0x58, flags);
	if (flags & 1)
		digest(hash, content, 4096, d + 0x60);
	digest(hash, d, sizeof(d), rim);
}

void extend_rec(u8 hash, u8 rim[64], u64 pc, const u64 gprs[8])
{
	u8 d[256] = { 1 }, image[4096] = { 0 };

	put64(image, 1);
	put64(image + 0x200, pc);
	for (unsigned int i = 0; i < 8; i++)
		put64(image + 0x300 + 8 * i, gprs[i]);
	put64(d + 0x08, 0x100);
	memcpy(d + 0x10, rim, 64);
	digest(hash, image, sizeof(image), d + 0x50);
	digest(hash, d, sizeof(d), rim);
}

void extend_rem(u8 hash, u8 rem[64], const void *value, size_t size)
{
	u8 both[128] = { 0 };

	memcpy(both, rem, 64);
	memcpy(both + 64, value, size);
	digest(hash, both, sizeof(both), rem);
}
