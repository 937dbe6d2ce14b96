/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "attest/cbor.h"

void cbor_raw(struct cbor *c, const void *bytes, size_t nr)
{
	if (nr && c->used <= c->room && nr <= c->room - c->used)
		memcpy(c->at + c->used, bytes, nr);
	c->used += nr;
}

static void head(struct cbor *c, enum cbor_major major, uint64_t v)
{
	unsigned int log2 = v <= 0xff ? 0 : v <= 0xffff ? 1 : v <= 0xffffffff ? 2 : 3;
	unsigned int nr = 1U << log2;
	uint8_t b[9];

	if (v < 24) {
		b[0] = (uint8_t)(major << 5 | v);
		nr = 0;
	} else {
		b[0] = (uint8_t)(major << 5 | (24 + log2));
		for (unsigned int i = 0; i < nr; i++)
			b[1 + i] = (uint8_t)(v >> 8 * (nr - 1 - i));
	}
	cbor_raw(c, b, 1 + nr);
}

void cbor_uint(struct cbor *c, uint64_t v) { head(c, CBOR_UINT, v); }
void cbor_nint(struct cbor *c, uint64_t v) { head(c, CBOR_NINT, v); }
void cbor_array(struct cbor *c, uint64_t nr) { head(c, CBOR_ARRAY, nr); }
void cbor_map(struct cbor *c, uint64_t nr) { head(c, CBOR_MAP, nr); }
void cbor_tag(struct cbor *c, uint64_t tag) { head(c, CBOR_TAG, tag); }
void cbor_bool(struct cbor *c, bool v) { head(c, CBOR_SIMPLE, v ? 21 : 20); }
void cbor_bytes_head(struct cbor *c, uint64_t nr) { head(c, CBOR_BYTES, nr); }

void cbor_bytes(struct cbor *c, const void *bytes, size_t nr)
{
	cbor_bytes_head(c, nr);
	cbor_raw(c, bytes, nr);
}

void cbor_text(struct cbor *c, const char *text)
{
	size_t nr = 0;

	while (text[nr])
		nr++;
	head(c, CBOR_TEXT, nr);
	cbor_raw(c, text, nr);
}

bool cbor_head(struct cbor_in *in, enum cbor_major *major, uint64_t *value)
{
	unsigned int info, nr;

	if (in->at == in->end)
		return false;
	*major = *in->at >> 5;
	info = *in->at++ & 31;
	*value = info;
	if (info < 24)
		return true;
	nr = 1U << (info - 24);
	if (info > 27 || (size_t)(in->end - in->at) < nr)
		return false;
	for (*value = 0; nr; nr--)
		*value = *value << 8 | *in->at++;
	return true;
}

bool cbor_want(struct cbor_in *in, enum cbor_major major, uint64_t *value)
{
	enum cbor_major got;

	return cbor_head(in, &got, value) && got == major;
}

bool cbor_want_string(struct cbor_in *in, enum cbor_major major, struct cbor_in *string)
{
	uint64_t nr;

	if (!cbor_want(in, major, &nr) || nr > (uint64_t)(in->end - in->at))
		return false;
	*string = (struct cbor_in){ in->at, in->at + nr };
	in->at += nr;
	return true;
}

/* Each item takes a byte at least: more than are left cannot be, and nothing overflows. */
bool cbor_skip(struct cbor_in *in)
{
	uint64_t items = 1, value;
	enum cbor_major major;

	for (; items; items--) {
		uint64_t left;

		if (!cbor_head(in, &major, &value))
			return false;
		left = (uint64_t)(in->end - in->at);
		if (major == CBOR_TAG) {
			items++;
		} else if (major >= CBOR_BYTES && major <= CBOR_MAP) {
			if (value > left)
				return false;
			if (major == CBOR_BYTES || major == CBOR_TEXT)
				in->at += value;
			else
				items += major == CBOR_MAP ? 2 * value : value;
		}
	}
	return true;
}
