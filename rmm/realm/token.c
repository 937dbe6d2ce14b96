/* SPDX-License-Identifier: BSD-2-Clause */
#include "attest/mbedtls_config.h"
#include "base/hash.h"
#include "base/require.h"
#include "base/string.h"
#include "realm/token.h"

_Static_assert(sizeof(struct token) <= PAGE_SIZE, "a token fits its granule");

static const char *const hash_name[] = {
	[RMI_HASH_SHA256] = "sha-256", [RMI_HASH_SHA512] = "sha-512", [RMI_HASH_SHA384] = "sha-384",
};

static const char *const profile[NR_TOKEN_GENERATIONS] = {
	[TOKEN_2026] = REALM_PROFILE_2026,
	[TOKEN_2024] = REALM_PROFILE_2024,
	[TOKEN_2023] = REALM_PROFILE_2023,
};

static void give_up(struct token *t)
{
	mbedtls_platform_zeroize(t, sizeof(*t));
}

void token_begin(struct token *t, const struct rd *rd, const u8 challenge[TOKEN_CHALLENGE_BYTES])
{
	give_up(t);
	memcpy(t->challenge, challenge, sizeof(t->challenge));
	memcpy(t->measurement, rd->measurement, sizeof(t->measurement));
	t->phase = TOKEN_BEGUN;
}

/* ---- claims ---- */

static void claim_uint(struct cbor *c, u64 key, u64 v)
{
	cbor_uint(c, key);
	cbor_uint(c, v);
}

static void claim_text(struct cbor *c, u64 key, const char *text)
{
	cbor_uint(c, key);
	cbor_text(c, text);
}

static void claim_bytes(struct cbor *c, u64 key, const void *bytes, size_t nr)
{
	cbor_uint(c, key);
	cbor_bytes(c, bytes, nr);
}

/* Spec/attestation.md 4. */
static size_t claims(const struct token *t, const struct rd *rd, u8 out[REALM_CLAIMS_MAX])
{
	const struct platform *p = platform_get();
	unsigned int bytes = hash_bytes(rd->hash_algo);
	bool is_2_0 = p->generation != TOKEN_2023;
	struct cbor c = cbor_to(out, REALM_CLAIMS_MAX);

	cbor_map(&c, is_2_0 ? 10 : 8);
	claim_bytes(&c, CLAIM_NONCE, t->challenge, sizeof(t->challenge));
	claim_text(&c, CLAIM_PROFILE, profile[p->generation]);
	if (is_2_0)
		claim_bytes(&c, CLAIM_UEID, rd->instance_id, sizeof(rd->instance_id));
	claim_bytes(&c, CLAIM_REALM_RPV, rd->rpv, sizeof(rd->rpv));
	claim_bytes(&c, CLAIM_REALM_PUBLIC_KEY, p->key, sizeof(p->key));
	claim_text(&c, CLAIM_REALM_KEY_HASH, "sha-256");
	claim_text(&c, CLAIM_REALM_HASH, hash_name[rd->hash_algo]);
	if (is_2_0)
		claim_uint(&c, CLAIM_REALM_MEC, 0);	/* no contexts: shared */
	claim_bytes(&c, CLAIM_REALM_RIM, t->measurement[0], bytes);
	cbor_uint(&c, CLAIM_REALM_REMS);
	cbor_array(&c, RMI_NR_MEASUREMENTS - 1);
	for (unsigned int i = 1; i < RMI_NR_MEASUREMENTS; i++)
		cbor_bytes(&c, t->measurement[i], bytes);
	require(c.used <= c.room);
	return c.used;
}

/* ---- steps ---- */

static enum step begin_signing(struct token *t, const struct rd *rd)
{
	u8 payload[REALM_CLAIMS_MAX];

	cose_digest(payload, claims(t, rd, payload), t->digest);
	t->phase = TOKEN_SIGNING;
	return signing_begin(&t->signing, t->pool, t->digest);
}

/* The same claims again: nothing they are made of has changed. */
static void make_ready(struct token *t, const struct rd *rd, const u8 *signature)
{
	u8 payload[REALM_CLAIMS_MAX];
	struct cbor c = cbor_to(t->realm, sizeof(t->realm));

	mbedtls_platform_zeroize(t->pool, sizeof(t->pool));	/* the key was in it */
	cose_sign1(&c, payload, claims(t, rd, payload), signature);
	require(c.used <= c.room);
	t->realm_bytes = c.used;
	t->phase = TOKEN_READY;
}

enum step token_step(struct token *t, const struct rd *rd)
{
	u8 signature[P384_SIGNATURE_BYTES];
	enum step s;

	if (t->phase == TOKEN_BEGUN) {
		s = platform_step();
		if (s == STEP_DONE)
			s = begin_signing(t, rd);
	} else {
		require(t->phase == TOKEN_SIGNING);
		s = signing_step(&t->signing, t->digest, signature);
		if (s == STEP_DONE)
			make_ready(t, rd, signature);
	}
	if (s == STEP_FAILED)
		give_up(t);
	return s;
}

/* ---- delivery ---- */

/* What stands before each of the two tokens; the first with the head of the whole. */
static struct cbor envelope(u8 room[16], bool first, u64 key, size_t bytes)
{
	bool cmw = platform_get()->generation != TOKEN_2023;
	struct cbor c = cbor_to(room, 16);

	if (first) {
		cbor_tag(&c, cmw ? TOKEN_TAG_CMW : TOKEN_TAG_1_0);
		cbor_map(&c, 2);
	}
	cbor_uint(&c, key);
	if (cmw) {
		cbor_array(&c, 2);
		cbor_uint(&c, TOKEN_TYPE_EAT_CWT);
	}
	cbor_bytes_head(&c, bytes);
	require(c.used <= c.room);
	return c;
}

size_t token_deliver(struct token *t, void *to, size_t room)
{
	const struct platform *p = platform_get();
	u8 head[2][16];
	struct cbor before_platform = envelope(head[0], true, TOKEN_KEY_PLATFORM, p->token_bytes);
	struct cbor before_realm = envelope(head[1], false, TOKEN_KEY_REALM, t->realm_bytes);
	const struct { const void *at; size_t bytes; } piece[] = {
		{ head[0], before_platform.used }, { p->token, p->token_bytes },
		{ head[1], before_realm.used }, { t->realm, t->realm_bytes },
	};
	size_t skip = t->delivered, done = 0, total = 0;

	require(t->phase == TOKEN_READY);
	for (unsigned int i = 0; i < ARRAY_SIZE(piece); i++) {
		size_t from = skip < piece[i].bytes ? skip : piece[i].bytes;
		size_t n = piece[i].bytes - from < room - done ? piece[i].bytes - from : room - done;

		memcpy((u8 *)to + done, (const u8 *)piece[i].at + from, n);
		skip -= from;
		done += n;
		total += piece[i].bytes;
	}
	t->delivered += done;
	if (t->delivered == total)
		give_up(t);
	return done;
}
