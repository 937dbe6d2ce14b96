/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cca-token: says what is in a CCA attestation token and whether it is valid.
 *
 *	cca-token [--key PEM] [--challenge HEX] [FILE]
 *
 * FILE (default: standard input) holds the token, as bytes or as hexadecimal text. --key is
 * the public key of the platform that must have signed it; without it only the chain from
 * the platform token to the realm token is checked. Exit status 0: valid; 1: not; 2: usage.
 */
#include <ctype.h>
#include <inttypes.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode.h"

#define MAX_BYTES (1 << 20)

static void print_hex(struct span s)
{
	for (size_t i = 0; i < s.bytes; i++)
		printf("%02x", s.at[i]);
}

static const char *name_of(uint64_t key)
{
	static const struct { uint64_t key; const char *name; } names[] = {
		{ 10, "challenge" }, { 256, "instance id" }, { 265, "profile" },
		{ 2394, "client" }, { 2395, "lifecycle" }, { 2396, "implementation id" },
		{ 2399, "software components" }, { 2400, "verification service" },
		{ 2401, "configuration" }, { 2402, "hash algorithm" }, { 2408, "binding" },
		{ 44235, "personalization value" }, { 44236, "hash algorithm" },
		{ 44237, "public key" }, { 44238, "initial measurement" },
		{ 44239, "extensible measurements" }, { 44240, "public key's hash algorithm" },
		{ 44243, "memory encryption policy" }, { 44244, "live activation policy" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].key == key)
			return names[i].name;
	return "?";
}

static void print_item(const struct item *it)
{
	struct span s = it->in;
	struct item one;

	switch (it->major) {
	case 0:
		printf("%" PRIu64, it->value);
		break;
	case 2:
		print_hex(it->in);
		break;
	case 3:
		for (size_t i = 0; i < s.bytes; i++)
			putchar(isprint(s.at[i]) ? s.at[i] : '?');
		break;
	case 4:
	case 5:
		for (unsigned int n = 0; s.bytes && item_next(&s, &one); n++) {
			printf(it->major == 5 && n % 2 ? ": " : n ? ", " : it->major == 4 ? "[" : "{");
			print_item(&one);
		}
		putchar(it->major == 4 ? ']' : '}');
		break;
	default:
		print_hex(it->whole);
	}
}

static const char *lifecycle(uint64_t v)
{
	static const char *const name[] = {
		"unknown", "assembly and test", "provisioning", "secured",
		"debugged, not the platform's root of trust", "debugged, recoverable", "decommissioned",
	};

	return v >> 12 < sizeof(name) / sizeof(name[0]) ? name[v >> 12] : "?";
}

static void print_claims(const char *title, const struct item *claims)
{
	struct span s = claims->in;
	struct item key, value;

	printf("%s\n", title);
	while (s.bytes && item_next(&s, &key) && item_next(&s, &value)) {
		printf("  %5" PRIu64 " %-28s ", key.value, name_of(key.value));
		print_item(&value);
		if (key.value == 2395)
			printf(" (%s)", lifecycle(value.value));
		putchar('\n');
	}
}

static int digit(int c)
{
	return isdigit(c) ? c - '0' : isxdigit(c) ? tolower(c) - 'a' + 10 : -1;
}

/* In place; false: it is no hexadecimal text. */
static int from_hex(uint8_t *b, size_t *nr)
{
	size_t digits = 0;

	for (size_t i = 0; i < *nr; i++)
		if (!isspace(b[i])) {
			if (digit(b[i]) < 0)
				return 0;
			digits++;
		}
	if (!digits || digits % 2)
		return 0;
	for (size_t i = 0, n = 0; i < *nr; i++) {
		if (isspace(b[i]))
			continue;
		b[n / 2] = (uint8_t)(n % 2 ? b[n / 2] << 4 | digit(b[i]) : digit(b[i]));
		n++;
	}
	*nr = digits / 2;
	return 1;
}

static _Noreturn void stop(int status, const char *what, const char *more)
{
	fprintf(stderr, "cca-token: %s%s\n", what, more);
	exit(status);
}

static EVP_PKEY *read_key(const char *name)
{
	FILE *f = fopen(name, "r");
	EVP_PKEY *key = f ? PEM_read_PUBKEY(f, NULL, NULL, NULL) : NULL;

	if (!key)
		stop(2, "no public key in ", name);
	fclose(f);
	return key;
}

static const char *check_challenge(const struct cca_token *t, const char *hex)
{
	uint8_t want[130] = { 0 };
	size_t nr = strlen(hex);
	struct item it;

	if (nr > 128)
		stop(2, "a challenge has at most 64 bytes", "");
	memcpy(want, hex, nr);
	if (!from_hex(want, &nr))
		stop(2, "not hexadecimal: ", hex);
	memset(want + nr, 0, 64 - nr);		/* short ones are padded */
	if (!map_find(&t->realm.claims, 10, &it) || it.in.bytes != 64 || memcmp(it.in.at, want, 64))
		return "the challenge is another one";
	return NULL;
}

int main(int argc, char **argv)
{
	const char *key = NULL, *challenge = NULL, *file = NULL, *why;
	static uint8_t bytes[MAX_BYTES];
	struct cca_token t;
	size_t nr;
	FILE *f;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--key") && i + 1 < argc)
			key = argv[++i];
		else if (!strcmp(argv[i], "--challenge") && i + 1 < argc)
			challenge = argv[++i];
		else if (argv[i][0] != '-' && !file)
			file = argv[i];
		else
			stop(2, "usage: cca-token [--key PEM] [--challenge HEX] [FILE]", "");
	}
	f = file ? fopen(file, "rb") : stdin;
	if (!f)
		stop(2, "cannot open ", file);
	nr = fread(bytes, 1, sizeof(bytes), f);
	from_hex(bytes, &nr);
	why = cca_parse(&t, bytes, nr);
	if (why)
		stop(1, why, "");
	printf("token of %zu bytes, tag %" PRIu64 "\n", nr, t.tag);
	print_claims("platform", &t.platform.claims);
	print_claims("realm", &t.realm.claims);
	why = cca_verify(&t, key ? read_key(key) : NULL);
	if (!why && challenge)
		why = check_challenge(&t, challenge);
	if (why)
		stop(1, why, "");
	printf("valid%s\n", key ? "" : ", if the platform's key is trusted: it was not checked");
	return 0;
}
