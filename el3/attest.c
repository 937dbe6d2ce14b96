/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attestation for the monitor: platform token, realm attestation key, signatures
 * (spec/el3.md 4, 7; spec/attestation.md 5, 7; docs/decisions/attestation.md).
 *
 * Nothing is made before it is asked for. What takes long is done in slices: each call
 * does one and answers AGAIN until there is an answer. One CPU at a time; a second one
 * is told AGAIN, too.
 */
#include <mbedtls/sha256.h>

#include "../abi/token.h"
#include "../attest/cose.h"
#include "el3.h"

/* Development keys, made at build time (Makefile); spec/decisions.md 88. */
static const u8 realm_key[RMM_REALM_KEY_BYTES] = {
#include "rak.inc"
};
static const u8 realm_public[RMM_PUBLIC_KEY_BYTES] = {
#include "rak-public.inc"
};
static const u8 platform_key[P384_KEY_BYTES] = {
#include "cpak.inc"
};
static const u8 instance_id[33] = { 1,		/* the hash of the platform key's public half */
#include "instance.inc"
};
static const u8 implementation_id[32] = "Fief EL3 on QEMU virt";

#define HASH_BYTES	32			/* SHA-256 measures the images */
#define HASH_SLICE	8192
#define MAX_CLAIMS	768
#define LIFECYCLE	0x1000			/* assembly and test: the keys are no secret */

/* A lock that nobody waits for; guards all below. */
static u32 at_work;
static struct pool *pool_now;

struct signer {
	struct pool pool;
	struct p384_job *job;
	u8 memory[P384_POOL_BYTES] __attribute__((aligned(16)));
};

static struct {
	u8 challenge[64];
	u64 challenge_bytes;			/* 0: nothing was asked yet */
	unsigned int image;			/* that is being measured */
	u64 hashed;				/* bytes of it */
	mbedtls_sha256_context hash;
	u8 measurement[2][HASH_BYTES];
	u8 claims[MAX_CLAIMS], digest[P384_DIGEST_BYTES];
	u64 claims_bytes;			/* 0: not written */
	struct signer signer;
	u8 token[MAX_CLAIMS + COSE_SIGN1_BYTES];
	u64 token_bytes;			/* 0: not ready */
	u64 given;
} platform;

static struct {
	bool waits;
	u64 cookie, ticket;
	u8 digest[P384_DIGEST_BYTES];
	struct signer signer;
} request;

struct pool **pool_here(void)
{
	return &pool_now;
}

static bool begin_work(void)
{
	return !__atomic_exchange_n(&at_work, 1, __ATOMIC_ACQUIRE);
}

static void end_work(void)
{
	__atomic_store_n(&at_work, 0, __ATOMIC_RELEASE);
}

static enum token_generation generation(void)
{
	u32 g = (machine.table->flags & BOOT_FLAG_TOKEN_MASK) >> BOOT_FLAG_TOKEN_SHIFT;

	return g < NR_TOKEN_GENERATIONS ? g : TOKEN_2026;
}

bool attest_signs(void)
{
	return machine.table->flags & BOOT_FLAG_EL3_SIGNS;
}

/* One step of a signature. */
static s64 sign(struct signer *s, const u8 *key, const u8 *digest, u8 *signature)
{
	enum p384_step step;
	u64 entropy[4];

	if (!s->job) {
		for (u32 i = 0; i < ARRAY_SIZE(entropy); i++)
			entropy[i] = random_word();
		pool_begin(&s->pool, s->memory, sizeof(s->memory));
		s->job = p384_sign(&s->pool, key, digest, (const u8 *)entropy);
		if (!s->job)
			return RMM_EL3_UNK;
	}
	step = p384_step(&s->pool, s->job, signature);
	if (step == P384_MORE)
		return RMM_EL3_AGAIN;
	pool_wipe(&s->pool);
	s->job = NULL;
	return step == P384_DONE ? RMM_EL3_OK : RMM_EL3_UNK;
}

/* ---- the platform token ---- */

/* What runs here, as it lies in flash, where nothing has written since. */
static const u8 *image_at(unsigned int i, u64 *bytes)
{
	*bytes = i ? machine.table->monitor_bytes : (u64)(flash_data + (data_end - data_start));
	return (const u8 *)FLASH_BASE + (i ? machine.table->monitor_offset : 0);
}

/* Of 2026: H(0 || H(image)), as if it extended a register (attestation.md 5). */
static void extend_zero(u8 measurement[HASH_BYTES])
{
	u8 both[2 * HASH_BYTES] = { 0 };

	memcpy(both + HASH_BYTES, measurement, HASH_BYTES);
	mbedtls_sha256(both, sizeof(both), measurement, 0);
}

static void measure_slice(void)
{
	u64 bytes, n;
	const u8 *at = image_at(platform.image, &bytes);

	if (!platform.hashed) {
		mbedtls_sha256_init(&platform.hash);
		mbedtls_sha256_starts(&platform.hash, 0);
	}
	n = bytes - platform.hashed < HASH_SLICE ? bytes - platform.hashed : HASH_SLICE;
	mbedtls_sha256_update(&platform.hash, at + platform.hashed, n);
	platform.hashed += n;
	if (platform.hashed < bytes)
		return;
	mbedtls_sha256_finish(&platform.hash, platform.measurement[platform.image]);
	if (generation() == TOKEN_2026)
		extend_zero(platform.measurement[platform.image]);
	platform.image++;
	platform.hashed = 0;
}

static void component(struct cbor *c, const char *type, const u8 measurement[HASH_BYTES])
{
	static const u8 nobody[HASH_BYTES];	/* images are not signed */

	cbor_map(c, 4);
	cbor_uint(c, COMPONENT_TYPE);
	cbor_text(c, type);
	cbor_uint(c, COMPONENT_MEASUREMENT);
	cbor_bytes(c, measurement, HASH_BYTES);
	cbor_uint(c, COMPONENT_SIGNER);
	cbor_bytes(c, nobody, sizeof(nobody));
	cbor_uint(c, COMPONENT_HASH);
	cbor_text(c, "sha-256");
}

static void write_claims(void)
{
	static const char *const profile[NR_TOKEN_GENERATIONS] = {
		[TOKEN_2026] = PLAT_PROFILE_2026, [TOKEN_2024] = PLAT_PROFILE_2024,
		[TOKEN_2023] = PLAT_PROFILE_2023,
	};
	enum token_generation g = generation();
	struct cbor c = cbor_to(platform.claims, sizeof(platform.claims));

	cbor_map(&c, g == TOKEN_2023 ? 8 : 9);
	cbor_uint(&c, CLAIM_PROFILE);
	cbor_text(&c, profile[g]);
	cbor_uint(&c, g == TOKEN_2026 ? CLAIM_PLAT_BINDING : CLAIM_NONCE);
	cbor_bytes(&c, platform.challenge, platform.challenge_bytes);
	cbor_uint(&c, CLAIM_PLAT_IMPLEMENTATION);
	cbor_bytes(&c, implementation_id, sizeof(implementation_id));
	cbor_uint(&c, CLAIM_UEID);
	cbor_bytes(&c, instance_id, sizeof(instance_id));
	cbor_uint(&c, CLAIM_PLAT_CONFIG);
	cbor_bytes(&c, &machine.table->flags, sizeof(machine.table->flags));
	cbor_uint(&c, CLAIM_PLAT_LIFECYCLE);
	cbor_uint(&c, LIFECYCLE);
	cbor_uint(&c, CLAIM_PLAT_HASH);
	cbor_text(&c, "sha-256");
	if (g != TOKEN_2023) {
		cbor_uint(&c, CLAIM_PLAT_CLIENT);
		cbor_uint(&c, 1);
	}
	cbor_uint(&c, CLAIM_PLAT_COMPONENTS);
	cbor_array(&c, 2);
	component(&c, "EL3", platform.measurement[0]);
	component(&c, "RMM", platform.measurement[1]);
	if (c.used > c.room)
		die("the platform token has %u bytes of claims", (u64)c.used);
	platform.claims_bytes = c.used;
	cose_digest(platform.claims, platform.claims_bytes, platform.digest);
}

/* One slice: AGAIN while there are more. */
static s64 platform_slice(void)
{
	u8 signature[P384_SIGNATURE_BYTES];
	struct cbor c = cbor_to(platform.token, sizeof(platform.token));
	s64 err;

	if (platform.image < ARRAY_SIZE(platform.measurement)) {
		measure_slice();
		return RMM_EL3_AGAIN;
	}
	if (!platform.claims_bytes)
		write_claims();
	err = sign(&platform.signer, platform_key, platform.digest, signature);
	if (err)
		return err;
	cose_sign1(&c, platform.claims, platform.claims_bytes, signature);
	platform.token_bytes = c.used;
	return RMM_EL3_OK;
}

/* Another challenge begins another token; measurements stay what they are. */
static void challenge(const u8 *bytes, u64 nr)
{
	if (platform.challenge_bytes == nr && !memcmp(platform.challenge, bytes, nr))
		return;
	memcpy(platform.challenge, bytes, nr);
	platform.challenge_bytes = nr;
	platform.claims_bytes = platform.token_bytes = 0;
	if (platform.signer.job)	/* given up: the key was in its memory */
		pool_wipe(&platform.signer.pool);
	platform.signer.job = NULL;
}

static s64 platform_token(u8 *buffer, u64 size, u64 challenge_bytes, u64 *got, u64 *left)
{
	u64 n;

	if (challenge_bytes) {
		if ((challenge_bytes != 32 && challenge_bytes != 48 && challenge_bytes != 64) ||
		    challenge_bytes > size)
			return RMM_EL3_INVAL;
		challenge(buffer, challenge_bytes);
		platform.given = 0;
	} else if (!platform.token_bytes || platform.given == platform.token_bytes) {
		return RMM_EL3_INVAL;
	}
	if (!platform.token_bytes) {
		s64 err = platform_slice();

		if (err)
			return err;
	}
	n = platform.token_bytes - platform.given < size ? platform.token_bytes - platform.given : size;
	memcpy(buffer, platform.token + platform.given, n);
	platform.given += n;
	*got = n;
	*left = platform.token_bytes - platform.given;
	return RMM_EL3_OK;
}

s64 attest_platform_token(u64 pa, u64 size, u64 challenge_bytes, u64 *got, u64 *left)
{
	s64 err = RMM_EL3_AGAIN;

	if (!in_shared_buffer(pa, size))
		return RMM_EL3_BAD_ADDR;
	if (!size)
		return RMM_EL3_INVAL;
	if (begin_work()) {
		err = platform_token(REALM_VIEW(pa), size, challenge_bytes, got, left);
		end_work();
	}
	return err;
}

/* ---- the realm attestation key, given or used ---- */

s64 attest_realm_key(u64 pa, u64 size, u64 curve, u64 *got)
{
	if (attest_signs())
		return RMM_EL3_UNK;
	if (!in_shared_buffer(pa, size))
		return RMM_EL3_BAD_ADDR;
	if (size < sizeof(realm_key) || curve != RMM_CURVE_SECP384R1)
		return RMM_EL3_INVAL;
	memcpy(REALM_VIEW(pa), realm_key, sizeof(realm_key));
	*got = sizeof(realm_key);
	return RMM_EL3_OK;
}

static s64 push(const void *buffer, u64 size)
{
	struct rmm_sign_request r;

	if (size < sizeof(r))
		return RMM_EL3_INVAL;
	memcpy(&r, buffer, sizeof(r));
	if (r.algorithm != RMM_SIGN_ECDSA_P384 || r.hash != RMM_SIGN_SHA384)
		return RMM_EL3_INVAL;
	if (request.waits)
		return RMM_EL3_AGAIN;
	request.waits = true;
	request.cookie = r.cookie;
	request.ticket = r.ticket;
	memcpy(request.digest, r.digest, sizeof(request.digest));
	return RMM_EL3_OK;
}

/* The work is done here, a step a call. */
static s64 pull(void *buffer, u64 size)
{
	struct rmm_sign_response r = { .bytes = RMM_SIGNATURE_BYTES };
	s64 err;

	if (size < sizeof(r))
		return RMM_EL3_INVAL;
	if (!request.waits)
		return RMM_EL3_AGAIN;
	err = sign(&request.signer, realm_key, request.digest, r.signature);
	if (err == RMM_EL3_AGAIN)
		return err;
	request.waits = false;
	r.cookie = request.cookie;
	r.ticket = request.ticket;
	memcpy(buffer, &r, sizeof(r));
	return err;
}

static s64 public_key(void *buffer, u64 size, u64 curve, u64 *got)
{
	if (size < sizeof(realm_public) || curve != RMM_CURVE_SECP384R1)
		return RMM_EL3_INVAL;
	memcpy(buffer, realm_public, sizeof(realm_public));
	*got = sizeof(realm_public);
	return RMM_EL3_OK;
}

s64 attest_token_sign(u64 op, u64 pa, u64 size, u64 curve, u64 *got)
{
	s64 err = RMM_EL3_INVAL;

	if (!attest_signs())
		return RMM_EL3_UNK;
	if (!in_shared_buffer(pa, size))
		return RMM_EL3_BAD_ADDR;
	if (!begin_work())
		return RMM_EL3_AGAIN;
	if (op == RMM_SIGN_PUSH)
		err = push(REALM_VIEW(pa), size);
	else if (op == RMM_SIGN_PULL)
		err = pull(REALM_VIEW(pa), size);
	else if (op == RMM_SIGN_PUBLIC_KEY)
		err = public_key(REALM_VIEW(pa), size, curve, got);
	end_work();
	return err;
}
