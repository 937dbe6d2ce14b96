/* SPDX-License-Identifier: BSD-2-Clause */
/* ECDSA in steps, against OpenSSL and RFC 6979. */
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <string.h>

#include "attest/p384.h"
#include "harness/test.h"

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"	/* of OpenSSL's points: they are the plainest */

static u8 memory[P384_POOL_BYTES] __attribute__((aligned(16)));
static const u8 no_entropy[P384_ENTROPY_BYTES];

static enum p384_step run(struct pool *p, struct p384_job *job, u8 *out, unsigned int *steps)
{
	enum p384_step s;

	for (*steps = 0; (s = p384_step(p, job, out)) == P384_MORE; ++*steps)
		;
	return s;
}

static void unhex(const char *text, u8 *out)
{
	for (; *text; text += 2)
		need(sscanf(text, "%2hhx", out++) == 1);
}

/* RFC 6979 A.2.6, SHA-384, "sample" */
TEST(signature_of_rfc_6979)
{
	u8 key[48], digest[48], want[96], got[97];
	struct pool p;
	unsigned int steps;

	unhex("6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D8"
	      "96D5724E4C70A825F872C9EA60D2EDF5", key);
	unhex("94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C"
	      "81A648152E44ACF96E36DD1E80FABE46"
	      "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94F"
	      "A329C145786E679E7B82C71A38628AC8", want);
	need(EVP_Digest("sample", 6, digest, NULL, EVP_sha384(), NULL));
	pool_begin(&p, memory, sizeof(memory));
	check_eq(run(&p, p384_sign(&p, key, digest, no_entropy), got, &steps), P384_DONE);
	check(!memcmp(got, want, 96));
	check(steps > 50);
	pool_wipe(&p);
}

static EC_KEY *openssl_key(const u8 *key)
{
	EC_KEY *k = EC_KEY_new_by_curve_name(NID_secp384r1);
	BIGNUM *d = BN_bin2bn(key, 48, NULL);
	EC_POINT *q = EC_POINT_new(EC_KEY_get0_group(k));

	need(EC_POINT_mul(EC_KEY_get0_group(k), q, d, NULL, NULL, NULL));
	need(EC_KEY_set_private_key(k, d) && EC_KEY_set_public_key(k, q));
	EC_POINT_free(q);
	BN_free(d);
	return k;
}

static bool openssl_verifies(EC_KEY *k, const u8 *digest, const u8 *raw)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	bool ok;

	ECDSA_SIG_set0(sig, BN_bin2bn(raw, 48, NULL), BN_bin2bn(raw + 48, 48, NULL));
	ok = ECDSA_do_verify(digest, 48, sig, k) == 1;
	ECDSA_SIG_free(sig);
	return ok;
}

/* The most that any of it ever held. */
static size_t used(void)
{
	size_t n = sizeof(memory);

	while (n && !memory[n - 1])
		n--;
	return n;
}

static void fill(struct rng *r, u8 *to, size_t nr)
{
	while (nr--)
		*to++ = (u8)rng_next(r);
}

TEST(signatures_and_keys_of_openssl)
{
	struct rng r = { test_seed() | 1 };
	size_t most = 0;

	for (unsigned int i = 0; i < 200; i++) {
		u8 key[48], digest[48], entropy[32], got[97], public[97];
		unsigned int steps;
		struct pool p;
		EC_KEY *k;

		fill(&r, key, 48);
		fill(&r, digest, 48);
		fill(&r, entropy, 32);
		key[0] &= 0x7F;			/* below the order */
		if (i < 4)
			memset(digest, i & 1 ? 0xFF : 0, 48);
		if (i == 5)
			memset(key, 0, 47);
		k = openssl_key(key);
		memset(memory, 0, sizeof(memory));
		pool_begin(&p, memory, sizeof(memory));
		check_eq(run(&p, p384_sign(&p, key, digest, entropy), got, &steps), P384_DONE);
		check(openssl_verifies(k, digest, got));
		most = used() > most ? used() : most;
		pool_wipe(&p);
		check_eq(used(), 0);

		pool_begin(&p, memory, sizeof(memory));
		check_eq(run(&p, p384_public(&p, key, entropy), got, &steps), P384_DONE);
		need_eq(EC_POINT_point2oct(EC_KEY_get0_group(k), EC_KEY_get0_public_key(k),
					   POINT_CONVERSION_UNCOMPRESSED, public, 97, NULL), 97);
		check(!memcmp(got, public, 97));
		pool_wipe(&p);
		EC_KEY_free(k);
	}
	/* another version of the library may want more: better known here */
	test_check(most <= P384_POOL_BYTES - 128, __FILE__, __LINE__, "%zu bytes of memory used", most);
}

TEST(keys_that_are_none)
{
	static const char order[] = "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
				    "C7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973";
	u8 key[4][48] = { { 0 } };
	struct pool p;

	unhex(order, key[1]);
	memset(key[2], 0xFF, 48);
	unhex(order, key[3]);
	key[3][47]--;				/* the largest there is */
	for (unsigned int i = 0; i < 4; i++) {
		pool_begin(&p, memory, sizeof(memory));
		check(!p384_sign(&p, key[i], key[1], no_entropy) == (i != 3));
		pool_begin(&p, memory, sizeof(memory));
		check(!p384_public(&p, key[i], no_entropy) == (i != 3));
	}
}

/* Memory runs out anywhere: no job, or one that fails, and never a wrong signature. */
TEST(too_little_memory)
{
	u8 key[48], digest[48], got[97];
	unsigned int steps, none = 0, failed = 0, done = 0;
	EC_KEY *k;

	memset(key, 0x42, 48);
	memset(digest, 0x24, 48);
	k = openssl_key(key);
	for (size_t bytes = 64; bytes <= P384_POOL_BYTES; bytes += 16) {
		struct p384_job *job;
		struct pool p;

		pool_begin(&p, memory, bytes);
		job = p384_sign(&p, key, digest, no_entropy);
		if (!job) {
			none++;
		} else if (run(&p, job, got, &steps) == P384_DONE) {
			check(openssl_verifies(k, digest, got));
			done++;
		} else {
			failed++;
		}
	}
	check(none && failed && done);
	EC_KEY_free(k);
}
