/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * As much CBOR (RFC 8949) as tokens are made of: definite lengths, shortest heads.
 */
#ifndef ATTEST_CBOR_H
#define ATTEST_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What does not fit is counted and not written: used > room tells. */
struct cbor {
	uint8_t *at;
	size_t room, used;
};

static inline struct cbor cbor_to(void *at, size_t room)
{
	return (struct cbor){ .at = at, .room = room };
}

void cbor_uint(struct cbor *c, uint64_t v);
void cbor_nint(struct cbor *c, uint64_t v);		/* -1 - v */
void cbor_bytes(struct cbor *c, const void *bytes, size_t nr);
void cbor_text(struct cbor *c, const char *text);
void cbor_array(struct cbor *c, uint64_t nr);		/* nr items follow */
void cbor_map(struct cbor *c, uint64_t nr);		/* nr pairs follow */
void cbor_tag(struct cbor *c, uint64_t tag);		/* one item follows */
void cbor_bool(struct cbor *c, bool v);
/* The head of a byte string whose bytes somebody else writes. */
void cbor_bytes_head(struct cbor *c, uint64_t nr);

/* What is encoded already. */
void cbor_raw(struct cbor *c, const void *bytes, size_t nr);

/* ---- reading: of what another firmware made, so nothing is believed ---- */

enum cbor_major {
	CBOR_UINT, CBOR_NINT, CBOR_BYTES, CBOR_TEXT, CBOR_ARRAY, CBOR_MAP, CBOR_TAG, CBOR_SIMPLE
};

struct cbor_in {
	const uint8_t *at, *end;
};

/* One head; false: it is cut, or of indefinite length. *in stands behind it. */
bool cbor_head(struct cbor_in *in, enum cbor_major *major, uint64_t *value);
/* The next head, if it is of this kind. Of strings, *in stands behind their bytes. */
bool cbor_want(struct cbor_in *in, enum cbor_major major, uint64_t *value);
bool cbor_want_string(struct cbor_in *in, enum cbor_major major, struct cbor_in *string);
/* One whole item with all that is in it. */
bool cbor_skip(struct cbor_in *in);

#endif
