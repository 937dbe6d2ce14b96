/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <mbedtls/sha512.h>

#include "abi/token.h"
#include "attest/cose.h"

void cose_key(const uint8_t public[P384_PUBLIC_BYTES], uint8_t out[COSE_KEY_BYTES])
{
	struct cbor c = cbor_to(out, COSE_KEY_BYTES);

	cbor_map(&c, 4);
	cbor_uint(&c, 1);		/* kty */
	cbor_uint(&c, 2);		/* EC2 */
	cbor_nint(&c, 0);		/* crv */
	cbor_uint(&c, 2);		/* P-384 */
	cbor_nint(&c, 1);		/* x */
	cbor_bytes(&c, public + 1, 48);
	cbor_nint(&c, 2);		/* y */
	cbor_bytes(&c, public + 49, 48);
}

/* {1: -35} */
static void protected(struct cbor *c)
{
	cbor_bytes_head(c, 4);
	cbor_map(c, 1);
	cbor_uint(c, COSE_HEADER_ALG);
	cbor_nint(c, COSE_ES384_NEGATED);
}

/* They fail on bad arguments only, and there are none. */
void cose_digest(const void *payload, size_t bytes, uint8_t digest[P384_DIGEST_BYTES])
{
	uint8_t before[40];
	struct cbor c = cbor_to(before, sizeof(before));
	mbedtls_sha512_context h;

	cbor_array(&c, 4);
	cbor_text(&c, "Signature1");
	protected(&c);
	cbor_bytes_head(&c, 0);
	cbor_bytes_head(&c, bytes);
	mbedtls_sha512_init(&h);
	mbedtls_sha512_starts(&h, 1);
	mbedtls_sha512_update(&h, before, c.used);
	mbedtls_sha512_update(&h, payload, bytes);
	mbedtls_sha512_finish(&h, digest);
}

void cose_sign1(struct cbor *c, const void *payload, size_t bytes,
		const uint8_t signature[P384_SIGNATURE_BYTES])
{
	cbor_tag(c, COSE_SIGN1_TAG);
	cbor_array(c, 4);
	protected(c);
	cbor_map(c, 0);
	cbor_bytes(c, payload, bytes);
	cbor_bytes(c, signature, P384_SIGNATURE_BYTES);
}

bool cose_find_text(const void *token, size_t bytes, uint64_t key, struct cbor_in *text)
{
	struct cbor_in in = { token, (const uint8_t *)token + bytes }, claims;
	uint64_t n, k;

	if (!cbor_want(&in, CBOR_TAG, &n) || n != COSE_SIGN1_TAG ||
	    !cbor_want(&in, CBOR_ARRAY, &n) || n != 4 || !cbor_skip(&in) || !cbor_skip(&in) ||
	    !cbor_want_string(&in, CBOR_BYTES, &claims) || !cbor_want(&claims, CBOR_MAP, &n))
		return false;
	for (; n; n--) {
		struct cbor_in at = claims;

		if (cbor_want(&at, CBOR_UINT, &k) && k == key)
			return cbor_want_string(&at, CBOR_TEXT, text);
		if (!cbor_skip(&claims) || !cbor_skip(&claims))
			return false;
	}
	return false;
}
