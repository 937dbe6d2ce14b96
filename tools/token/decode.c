/* SPDX-License-Identifier: BSD-2-Clause */
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

#include "decode.h"

enum { UINT, NINT, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE };

/* ---- CBOR ---- */

static bool number(struct span *s, unsigned int info, uint64_t *value)
{
	size_t nr = info < 24 ? 0 : info == 24 ? 1 : info == 25 ? 2 : info == 26 ? 4 : 8;

	*value = info < 24 ? info : 0;
	if (info > 27 || nr > s->bytes)
		return false;
	while (nr--) {
		*value = *value << 8 | *s->at++;
		s->bytes--;
	}
	return true;
}

static bool nested(struct span *s, struct item *out, unsigned int depth)
{
	struct span start = *s;
	uint64_t inside = 0;

	if (!s->bytes || depth > 16)
		return false;
	out->major = *s->at >> 5;
	s->bytes--;
	if (!number(s, *s->at++ & 31, &out->value))
		return false;
	out->in = *s;
	switch (out->major) {
	case BYTES:
	case TEXT:
		if (out->value > s->bytes)
			return false;
		s->at += out->value;
		s->bytes -= out->value;
		break;
	case ARRAY:
	case TAG:
		inside = out->major == TAG ? 1 : out->value;
		break;
	case MAP:
		if (out->value > s->bytes)
			return false;
		inside = 2 * out->value;
	}
	for (; inside; inside--) {
		struct item it;

		if (!nested(s, &it, depth + 1))
			return false;
	}
	out->in.bytes -= s->bytes;
	out->whole = (struct span){ start.at, start.bytes - s->bytes };
	return true;
}

bool item_next(struct span *s, struct item *out)
{
	return nested(s, out, 0);
}

static bool is_whole(const void *bytes, size_t nr, unsigned int major, struct item *out)
{
	struct span s = { bytes, nr };

	return item_next(&s, out) && !s.bytes && out->major == major;
}

bool map_find(const struct item *map, uint64_t key, struct item *out)
{
	struct span s = map->in;
	struct item k;

	while (s.bytes)
		if (item_next(&s, &k) && item_next(&s, out) && k.major == UINT && k.value == key)
			return true;
	return false;
}

/* ---- COSE ---- */

static const char *parse_sign1(struct sign1 *out, struct span token)
{
	struct item it, part;
	struct span s, *const to[] = { &out->protected_header, NULL, &out->payload, &out->signature };

	if (!is_whole(token.at, token.bytes, TAG, &it) || it.value != 18)
		return "a token is no tagged COSE_Sign1";
	if (!is_whole(it.in.at, it.in.bytes, ARRAY, &it) || it.value != 4)
		return "a COSE_Sign1 has not four parts";
	s = it.in;
	for (unsigned int i = 0; i < 4; i++) {
		if (!item_next(&s, &part) || part.major != (to[i] ? BYTES : MAP))
			return "a part of a COSE_Sign1 has the wrong kind";
		if (to[i])
			*to[i] = part.in;
	}
	if (!is_whole(out->payload.at, out->payload.bytes, MAP, &out->claims))
		return "claims are no map";
	return NULL;
}

static const char *parse_entry(struct sign1 *out, const struct item *map, uint64_t tag, uint64_t key)
{
	struct item it, type;
	struct span s;

	if (!map_find(map, key, &it))
		return key == 44234 ? "no platform token" : "no realm token";
	if (tag == 399)
		return it.major == BYTES ? parse_sign1(out, it.in) : "an entry is no byte string";
	s = it.in;
	if (it.major != ARRAY || it.value != 2 || !item_next(&s, &type) || type.major != UINT ||
	    type.value != 263 || !item_next(&s, &it) || it.major != BYTES)
		return "an entry is not [263, token]";
	return parse_sign1(out, it.in);
}

const char *cca_parse(struct cca_token *t, const void *bytes, size_t nr)
{
	struct item it;
	const char *why;

	memset(t, 0, sizeof(*t));
	if (!is_whole(bytes, nr, TAG, &it) || (it.value != 907 && it.value != 399))
		return "not a CCA token (tag 907 or 399), or not all of one";
	t->tag = it.value;
	if (!is_whole(it.in.at, it.in.bytes, MAP, &it))
		return "the collection is no map";
	why = parse_entry(&t->platform, &it, t->tag, 44234);
	return why ? why : parse_entry(&t->realm, &it, t->tag, 44241);
}

/* Array of 4: text, protected header, nothing, payload; a 32-bit length is a legal one. */
static uint8_t *to_be_signed(const struct sign1 *s, size_t *nr)
{
	static const uint8_t context[] = "\x84\x6aSignature1";
	uint8_t *b = malloc(sizeof(context) + 16 + s->protected_header.bytes + s->payload.bytes);
	uint8_t *p = b;

	if (!b || s->protected_header.bytes > 23)
		abort();
	memcpy(p, context, sizeof(context) - 1);
	p += sizeof(context) - 1;
	*p++ = (uint8_t)(0x40 | s->protected_header.bytes);
	memcpy(p, s->protected_header.at, s->protected_header.bytes);
	p += s->protected_header.bytes;
	*p++ = 0x40;
	/* the length as the token itself has it: the shortest */
	if (s->payload.bytes < 24) {
		*p++ = (uint8_t)(0x40 | s->payload.bytes);
	} else if (s->payload.bytes < 0x100) {
		*p++ = 0x58;
		*p++ = (uint8_t)s->payload.bytes;
	} else if (s->payload.bytes < 0x10000) {
		*p++ = 0x59;
		*p++ = (uint8_t)(s->payload.bytes >> 8);
		*p++ = (uint8_t)s->payload.bytes;
	} else {
		*p++ = 0x5a;
		for (int i = 24; i >= 0; i -= 8)
			*p++ = (uint8_t)(s->payload.bytes >> i);
	}
	memcpy(p, s->payload.at, s->payload.bytes);
	*nr = (size_t)(p - b) + s->payload.bytes;
	return b;
}

static int der_of(struct span raw, unsigned char **der)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	int n = -1;

	if (sig && ECDSA_SIG_set0(sig, BN_bin2bn(raw.at, (int)raw.bytes / 2, NULL),
				  BN_bin2bn(raw.at + raw.bytes / 2, (int)raw.bytes / 2, NULL)))
		n = i2d_ECDSA_SIG(sig, der);
	ECDSA_SIG_free(sig);
	return n;
}

const char *cca_check_signature(const struct sign1 *s, EVP_PKEY *key)
{
	static const uint8_t es384[] = { 0xA1, 0x01, 0x38, 0x22 };
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char *der = NULL;
	uint8_t *message;
	int der_bytes, ok;
	size_t nr;

	if (s->protected_header.bytes != sizeof(es384) ||
	    memcmp(s->protected_header.at, es384, sizeof(es384)))
		return "the algorithm is not ES384";
	if (s->signature.bytes != 96)
		return "the signature has not 96 bytes";
	message = to_be_signed(s, &nr);
	der_bytes = der_of(s->signature, &der);
	ok = der_bytes > 0 && ctx &&
	     EVP_DigestVerifyInit(ctx, NULL, EVP_sha384(), NULL, key) == 1 &&
	     EVP_DigestVerify(ctx, der, (size_t)der_bytes, message, nr) == 1;
	OPENSSL_free(der);
	EVP_MD_CTX_free(ctx);
	free(message);
	return ok ? NULL : "the signature is wrong";
}

/* ---- claims ---- */

EVP_PKEY *cca_realm_key(const struct cca_token *t)
{
	struct item claim, key, n[4];
	struct span s;
	uint8_t point[97] = { 4 };
	char group[] = "P-384";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *ctx;
	EVP_PKEY *out = NULL;

	if (!map_find(&t->realm.claims, 44237, &claim) || claim.major != BYTES ||
	    !is_whole(claim.in.at, claim.in.bytes, MAP, &key) || !map_find(&key, 1, &n[0]) ||
	    n[0].value != 2)
		return NULL;
	s = key.in;
	memset(n, 0, sizeof(n));
	while (s.bytes) {
		struct item k, v;

		if (!item_next(&s, &k) || !item_next(&s, &v))
			return NULL;
		if (k.major == NINT && k.value < 3)
			n[k.value + 1] = v;
	}
	if (n[1].major != UINT || n[1].value != 2 || n[2].major != BYTES || n[2].in.bytes != 48 ||
	    n[3].major != BYTES || n[3].in.bytes != 48)
		return NULL;
	memcpy(point + 1, n[2].in.at, 48);
	memcpy(point + 49, n[3].in.at, 48);
	ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	if (EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &out, EVP_PKEY_PUBLIC_KEY, params) != 1)
		out = NULL;
	EVP_PKEY_CTX_free(ctx);
	return out;
}

static bool is_text(const struct item *it, const char *text)
{
	return it->major == TEXT && it->in.bytes == strlen(text) &&
	       !memcmp(it->in.at, text, it->in.bytes);
}

/* A profile may have a suffix. */
static bool begins(const struct item *it, const char *text)
{
	return it->major == TEXT && it->in.bytes >= strlen(text) &&
	       !memcmp(it->in.at, text, strlen(text));
}

static const EVP_MD *hash_of(const struct item *name)
{
	return is_text(name, "sha-256") ? EVP_sha256() : is_text(name, "sha-384") ? EVP_sha384() :
	       is_text(name, "sha-512") ? EVP_sha512() : NULL;
}

/* A byte string of this length; 0: of one of the digests'. */
static bool has_bytes(const struct item *claims, uint64_t key, size_t nr)
{
	struct item it;

	return map_find(claims, key, &it) && it.major == BYTES &&
	       (nr ? it.in.bytes == nr :
		     it.in.bytes == 32 || it.in.bytes == 48 || it.in.bytes == 64);
}

static bool has(const struct item *claims, uint64_t key, unsigned int major)
{
	struct item it;

	return map_find(claims, key, &it) && it.major == major;
}

static const char *check_realm(const struct item *claims)
{
	struct item it, one;
	const EVP_MD *md;
	size_t bytes;
	struct span s;

	if (!map_find(claims, 265, &it))
		return "realm: no profile";
	if (begins(&it, "tag:arm.com,2024:realm#2.0.0") || begins(&it, "tag:arm.com,2026:realm#2.0.0")) {
		if (!has_bytes(claims, 256, 33))
			return "realm: no instance id";
		if (!has(claims, 44243, UINT))
			return "realm: no memory encryption policy";
	} else if (!begins(&it, "tag:arm.com,2023:realm#1.0.0")) {
		return "realm: unknown profile";
	}
	if (!has_bytes(claims, 10, 64))
		return "realm: no challenge of 64 bytes";
	if (!has_bytes(claims, 44235, 64))
		return "realm: no personalization value of 64 bytes";
	if (!map_find(claims, 44236, &it) || !(md = hash_of(&it)))
		return "realm: unknown hash algorithm";
	bytes = (size_t)EVP_MD_get_size(md);
	if (!has_bytes(claims, 44238, bytes))
		return "realm: no initial measurement of its hash's length";
	if (!map_find(claims, 44239, &it) || it.major != ARRAY || it.value != 4)
		return "realm: not four extensible measurements";
	for (s = it.in; s.bytes;)
		if (!item_next(&s, &one) || one.major != BYTES || one.in.bytes != bytes)
			return "realm: an extensible measurement has not its hash's length";
	return NULL;
}

static const char *check_components(const struct item *claims)
{
	struct item it, one;
	struct span s;

	if (!map_find(claims, 2399, &it) || it.major != ARRAY || !it.value)
		return "platform: no software components";
	for (s = it.in; s.bytes;)
		if (!item_next(&s, &one) || one.major != MAP || !has_bytes(&one, 2, 0) ||
		    !has_bytes(&one, 5, 0))
			return "platform: a component without measurement or signer";
	return NULL;
}

/* *binding: the claim that ties the realm's key to this platform. */
static const char *check_platform(const struct item *claims, uint64_t *binding)
{
	struct item it;

	if (!map_find(claims, 265, &it))
		return "platform: no profile";
	*binding = 10;
	if (begins(&it, "tag:arm.com,2026:cca_platform#2.")) {
		*binding = 2408;
		if (map_find(claims, 10, &it))
			return "platform: a nonce besides the binding";
	} else if (!begins(&it, "tag:arm.com,2024:cca_platform#2.0.0") &&
		   !begins(&it, "tag:arm.com,2023:cca_platform#1.0.0")) {
		return "platform: unknown profile";
	}
	if (!map_find(claims, 265, &it) ||
	    (!begins(&it, "tag:arm.com,2023") && !has(claims, 2394, UINT)))
		return "platform: no client";
	if (!has_bytes(claims, *binding, 0))
		return "platform: no binding";
	if (!has_bytes(claims, 2396, 32))
		return "platform: no implementation id";
	if (!has_bytes(claims, 256, 33))
		return "platform: no instance id";
	if (!has(claims, 2401, BYTES))
		return "platform: no configuration";
	if (!has(claims, 2395, UINT))
		return "platform: no lifecycle";
	if (!map_find(claims, 2402, &it) || !hash_of(&it))
		return "platform: unknown hash algorithm";
	return check_components(claims);
}

static const char *check_binding(const struct cca_token *t, uint64_t claim)
{
	struct item name, key, binding;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int nr;
	const EVP_MD *md;

	if (!map_find(&t->realm.claims, 44240, &name) || !(md = hash_of(&name)))
		return "realm: unknown hash algorithm of its key";
	if (!map_find(&t->realm.claims, 44237, &key) ||
	    !map_find(&t->platform.claims, claim, &binding) ||
	    !EVP_Digest(key.in.at, key.in.bytes, digest, &nr, md, NULL))
		return "nothing to bind";
	if (binding.in.bytes != nr || memcmp(binding.in.at, digest, nr))
		return "the platform token is bound to another realm attestation key";
	return NULL;
}

const char *cca_verify(const struct cca_token *t, EVP_PKEY *platform_key)
{
	EVP_PKEY *rak;
	uint64_t binding;
	const char *why;

	why = check_platform(&t->platform.claims, &binding);
	if (!why)
		why = check_realm(&t->realm.claims);
	if (!why && platform_key && cca_check_signature(&t->platform, platform_key))
		why = "platform: the signature is not of this platform's key";
	if (why)
		return why;
	rak = cca_realm_key(t);
	if (!rak)
		return "realm: its key is no point of P-384";
	if (cca_check_signature(&t->realm, rak))
		why = "realm: the signature is not of the key it names";
	EVP_PKEY_free(rak);
	return why ? why : check_binding(t, binding);
}
