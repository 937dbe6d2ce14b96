/* SPDX-License-Identifier: BSD-2-Clause */
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/params.h>
#include <string.h>

#include "abi/rsi.h"
#include "harness/token.h"
#include "harness/world.h"

/* ---- a platform token, written by hand ---- */

struct out {
	u8 b[40000];
	size_t n;
};

static void put(struct out *o, const void *bytes, size_t nr)
{
	need(nr <= sizeof(o->b) - o->n);
	memcpy(o->b + o->n, bytes, nr);
	o->n += nr;
}

/* Always with two bytes of length: legal, and not what the monitor writes itself. */
static void head(struct out *o, unsigned int major, u64 v)
{
	const u8 b[3] = { (u8)(major << 5 | 25), (u8)(v >> 8), (u8)v };

	need(v < 65536);
	put(o, b, 3);
}

static void string(struct out *o, unsigned int major, const void *bytes, size_t nr)
{
	head(o, major, nr);
	put(o, bytes, nr);
}

static void claim(struct out *o, u64 key, const void *bytes, size_t nr)
{
	head(o, 0, key);
	string(o, 2, bytes, nr);
}

static enum token_generation generation;
static size_t padding;
static EVP_PKEY *cpak, *rak;

EVP_PKEY *token_platform_key(void)
{
	if (!cpak)
		cpak = EVP_EC_gen("P-384");
	return cpak;
}

static void raw_signature(EVP_PKEY *key, const u8 digest[48], u8 out[96])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	unsigned char der[200];
	const unsigned char *p = der;
	size_t nr = sizeof(der);
	const BIGNUM *r, *s;
	ECDSA_SIG *sig;

	need(EVP_PKEY_sign_init(ctx) == 1 && EVP_PKEY_sign(ctx, der, &nr, digest, 48) == 1);
	sig = d2i_ECDSA_SIG(NULL, &p, (long)nr);
	ECDSA_SIG_get0(sig, &r, &s);
	need(BN_bn2binpad(r, out, 48) == 48 && BN_bn2binpad(s, out + 48, 48) == 48);
	ECDSA_SIG_free(sig);
	EVP_PKEY_CTX_free(ctx);
}

static void platform_claims(struct out *o, const u8 *challenge, size_t bytes)
{
	static const char *const profile[] = {
		"tag:arm.com,2026:cca_platform#2.0.0", "tag:arm.com,2024:cca_platform#2.0.0",
		"tag:arm.com,2023:cca_platform#1.0.0",
	};
	static const u8 some[40000] = { 1 };

	head(o, 5, generation == TOKEN_2023 ? 8 : 9);
	head(o, 0, 2395);
	head(o, 0, 0x3000);
	claim(o, 2401, some, padding + 1);
	if (generation != TOKEN_2023) {
		head(o, 0, 2394);
		head(o, 0, 1);
	}
	claim(o, 2396, some, 32);
	claim(o, 256, some, 33);
	head(o, 0, 265);
	string(o, 3, profile[generation], strlen(profile[generation]));
	claim(o, generation == TOKEN_2026 ? 2408 : 10, challenge, bytes);
	head(o, 0, 2402);
	string(o, 3, "sha-256", 7);
	head(o, 0, 2399);
	head(o, 4, 1);
	head(o, 5, 2);
	claim(o, 2, some, 32);
	claim(o, 5, some, 32);
}

/* The Sig_structure's heads are the shortest, as RFC 9052 wants. */
static void sign(struct out *o, const struct out *claims)
{
	static const u8 before[] = "\x84\x6aSignature1\x44\xA1\x01\x38\x22\x40\x59";
	static struct out tbs;
	const u8 length[2] = { (u8)(claims->n >> 8), (u8)claims->n };
	u8 digest[64], signature[96];
	unsigned int nr;

	need(claims->n > 255);
	tbs.n = 0;
	put(&tbs, before, sizeof(before) - 1);
	put(&tbs, length, 2);
	put(&tbs, claims->b, claims->n);
	need(EVP_Digest(tbs.b, tbs.n, digest, &nr, EVP_sha384(), NULL));
	raw_signature(token_platform_key(), digest, signature);
	put(o, "\xD2\x84\x44\xA1\x01\x38\x22\xA0", 8);
	string(o, 2, claims->b, claims->n);
	string(o, 2, signature, 96);
}

static size_t platform(const u8 *challenge, size_t bytes, u8 *out, size_t room)
{
	static struct out claims, token;

	claims.n = token.n = 0;
	platform_claims(&claims, challenge, bytes);
	sign(&token, &claims);
	need(token.n <= room);
	memcpy(out, token.b, token.n);
	return token.n;
}

void token_platform_is(enum token_generation g, size_t pad)
{
	generation = g;
	padding = pad;
	sim_el3.platform = platform;
}

static void rak_signs(const u8 digest[48], u8 signature[96])
{
	raw_signature(rak, digest, signature);
}

void token_el3_signs(void)
{
	size_t nr;

	rak = EVP_EC_gen("P-384");
	need(EVP_PKEY_get_octet_string_param(rak, OSSL_PKEY_PARAM_PUB_KEY, sim_el3.public, 97, &nr));
	need_eq(nr, 97);
	sim_el3.signs = true;
	sim_el3.sign = rak_signs;
}

/* ---- a realm that fetches tokens ---- */

static u64 call(const struct realm *r, unsigned int i, unsigned int nr, const u64 *x, struct step *s)
{
	static struct play p;
	struct step *step;

	memset(&p, 0, sizeof(p));
	step = play_smc_n(&p, nr, x);
	play_start(&p);
	need_eq(play_enter(r, i).x[0], RMI_SUCCESS);
	need_eq(realm_run(r, i)->exit.exit_reason, RMI_EXIT_IRQ);
	need(step->seen);
	check_eq(step->pc, PLAY_PC + 4);
	check_kept(step, 2);
	if (s)
		*s = *step;
	return step->after[0];
}

u64 token_init(const struct realm *r, unsigned int i, u8 challenge_byte, struct step *s)
{
	u64 x[9];

	memset(x, challenge_byte, sizeof(x));
	x[0] = FID_TOKEN_INIT;
	return call(r, i, 9, x, s);
}

u64 token_continue(const struct realm *r, unsigned int i, u64 at, u64 offset, u64 size,
		   struct step *s)
{
	return call(r, i, 4, (const u64[]){ FID_TOKEN_CONTINUE, at, offset, size }, s);
}

u64 token_fetch_rest(const struct realm *r, unsigned int i, u64 at, u64 page, u64 chunk,
		     struct fetched *f)
{
	u64 status, offset = 0;
	struct step s;

	f->nr = f->nr_calls = 0;
	do {
		u64 size = chunk < GRANULE_SIZE - offset ? chunk : GRANULE_SIZE - offset;

		memset(sim_ram(page), 0xA5, GRANULE_SIZE);
		status = token_continue(r, i, at, offset, size, &s);
		f->nr_calls++;
		if (status != RSI_SUCCESS && status != RSI_INCOMPLETE)
			break;
		need(s.after[1] <= size && s.after[1] <= sizeof(f->bytes) - f->nr);
		memcpy(f->bytes + f->nr, (u8 *)sim_ram(page) + offset, s.after[1]);
		f->nr += s.after[1];
		for (u64 k = 0; k < GRANULE_SIZE; k++)	/* nothing around it is touched */
			if ((k < offset || k >= offset + s.after[1]) &&
			    !check_eq(((u8 *)sim_ram(page))[k], 0xA5))
				break;
		offset = (offset + s.after[1]) % GRANULE_SIZE;
	} while (status == RSI_INCOMPLETE && f->nr_calls < 50000);
	return status;
}

u64 token_fetch(const struct realm *r, unsigned int i, u8 challenge_byte, u64 at, u64 page,
		u64 chunk, struct fetched *f)
{
	struct step s;

	u64 status = token_init(r, i, challenge_byte, &s);

	if (status != RSI_SUCCESS)
		return status;
	status = token_fetch_rest(r, i, at, page, chunk, f);
	check(f->nr <= s.after[1]);
	return status;
}

bool token_check(const struct fetched *f, u8 challenge_byte, struct cca_token *t)
{
	const char *why = cca_parse(t, f->bytes, f->nr);
	u8 challenge[64];
	struct item it;

	if (!why)
		why = cca_verify(t, token_platform_key());
	if (!test_check(!why, __FILE__, __LINE__, "token of %zu bytes: %s", f->nr, why ? why : ""))
		return false;
	memset(challenge, challenge_byte, sizeof(challenge));
	return check(map_find(&t->realm.claims, 10, &it) && it.in.bytes == 64 &&
		     !memcmp(it.in.at, challenge, 64));
}
