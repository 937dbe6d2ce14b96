/* SPDX-License-Identifier: BSD-2-Clause */
/* CBOR: the examples of RFC 8949, and input that nobody should believe. */
#include <string.h>

#include "attest/cose.h"
#include "harness/test.h"

static bool is(const struct cbor *c, const char *want, size_t nr)
{
	return c->used == nr && !memcmp(c->at, want, nr);
}

#define ENCODES(call, want) do {				\
	u8 b[16];						\
	struct cbor c = cbor_to(b, sizeof(b));			\
								\
	call;							\
	check(is(&c, want, sizeof(want) - 1));			\
} while (0)

TEST(cbor_examples)
{
	ENCODES(cbor_uint(&c, 0), "\x00");
	ENCODES(cbor_uint(&c, 23), "\x17");
	ENCODES(cbor_uint(&c, 24), "\x18\x18");
	ENCODES(cbor_uint(&c, 255), "\x18\xff");
	ENCODES(cbor_uint(&c, 256), "\x19\x01\x00");
	ENCODES(cbor_uint(&c, 1000000), "\x1a\x00\x0f\x42\x40");
	ENCODES(cbor_uint(&c, 1000000000000), "\x1b\x00\x00\x00\xe8\xd4\xa5\x10\x00");
	ENCODES(cbor_uint(&c, ~0ULL), "\x1b\xff\xff\xff\xff\xff\xff\xff\xff");
	ENCODES(cbor_nint(&c, 0), "\x20");
	ENCODES(cbor_nint(&c, 99), "\x38\x63");
	ENCODES(cbor_nint(&c, 34), "\x38\x22");
	ENCODES(cbor_bytes(&c, "\1\2\3\4", 4), "\x44\1\2\3\4");
	ENCODES(cbor_bytes(&c, NULL, 0), "\x40");
	ENCODES(cbor_text(&c, "IETF"), "\x64IETF");
	ENCODES(cbor_text(&c, ""), "\x60");
	ENCODES(cbor_array(&c, 3), "\x83");
	ENCODES(cbor_map(&c, 2), "\xa2");
	ENCODES(cbor_tag(&c, 907), "\xd9\x03\x8b");
	ENCODES(cbor_bool(&c, true), "\xf5");
	ENCODES(cbor_bool(&c, false), "\xf4");
}

/* Nothing is written beyond the room, and the length is still told. */
TEST(cbor_room)
{
	for (size_t room = 0; room <= 12; room++) {
		u8 b[16];
		struct cbor c = cbor_to(b, room);

		memset(b, 0xEE, sizeof(b));
		cbor_text(&c, "twelve byte");
		cbor_bytes(&c, "xyz", 3);
		check_eq(c.used, 16);
		for (size_t i = room; i < sizeof(b); i++)
			check_eq(b[i], 0xEE);
	}
}

/* 18([h'', {}, << {1: 2, 265: "yes", 3: [h'00']} >>, h'']) */
static const u8 token[] = "\xD2\x84\x40\xA0\x4E\xA3\x01\x02\x19\x01\x09\x63yes\x03\x81\x41\x00\x40";
#define TOKEN_BYTES (sizeof(token) - 1)

static bool finds(const u8 *bytes, size_t nr, u64 key)
{
	struct cbor_in text;

	return cose_find_text(bytes, nr, key, &text) && text.end - text.at == 3 &&
	       !memcmp(text.at, "yes", 3);
}

TEST(cose_claim)
{
	u8 b[TOKEN_BYTES];

	check(finds(token, TOKEN_BYTES, 265));
	check(!finds(token, TOKEN_BYTES, 1));		/* no text */
	check(!finds(token, TOKEN_BYTES, 4));		/* not there */
	for (size_t nr = 0; nr < TOKEN_BYTES - 1; nr++)	/* the signature is not looked at */
		check(!finds(token, nr, 265));
	for (size_t i = 0; i < 5; i++) {
		memcpy(b, token, sizeof(b));
		b[i] ^= 0x20;				/* another kind */
		check(i == 3 || i == 2 || !finds(b, sizeof(b), 265));
	}
}

/* Whatever stands there: it ends, and stays inside (AddressSanitizer watches). */
TEST(cose_claim_garbage)
{
	struct rng r = { test_seed() | 1 };

	for (unsigned int i = 0; i < 200000; i++) {
		size_t nr = rng_below(&r, 40);
		u8 b[40], *exact = b + 40 - nr;
		struct cbor_in text;

		for (size_t k = 0; k < nr; k++)
			exact[k] = (u8)rng_next(&r);
		if (i & 1 && nr >= TOKEN_BYTES) {
			memcpy(exact, token, TOKEN_BYTES);
			exact[rng_below(&r, TOKEN_BYTES)] = (u8)rng_next(&r);
		}
		if (cose_find_text(exact, nr, 265, &text))
			check(text.at >= exact && text.at <= text.end && text.end <= exact + nr);
	}
	check(true);
}

TEST(cbor_skip_huge)
{
	static const struct { const char *b; size_t nr; } bad[] = {
		{ "\x9b\xff\xff\xff\xff\xff\xff\xff\xff\x00", 10 },
		{ "\xbb\x80\x00\x00\x00\x00\x00\x00\x00\x00", 10 },
		{ "\x5b\xff\xff\xff\xff\xff\xff\xff\xff\x00", 10 },
		{ "\x9f\x01\xff", 3 }, { "\x5f\x41\x00\xff", 4 }, { "\x1c", 1 }, { "", 0 }, { "\xd2", 1 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		struct cbor_in in = { (const u8 *)bad[i].b, (const u8 *)bad[i].b + bad[i].nr };

		check(!cbor_skip(&in));
	}
}
