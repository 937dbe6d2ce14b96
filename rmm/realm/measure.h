/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Realm measurements (rmi-measure.md, decisions 87). The RD is locked while one is
 * extended, not while content is hashed; the RIM changes only while the realm is NEW.
 */
#ifndef RMM_REALM_MEASURE_H
#define RMM_REALM_MEASURE_H

#include "base/types.h"

struct rd;
struct call;
struct hash_state;

/*
 * The hash of so many bytes of content, a multiple of SLICE_HASH, from *at on, until
 * an interrupt waits. True: the digest is there, and none does.
 */
bool measure_content(struct call *c, struct hash_state *h, const void *content, u64 bytes,
		     u64 *at, u8 digest[64]);
/* A DATA granule: flags as in DATA_MAP_INIT; digest: NULL unless its content is measured. */
void measure_data(struct rd *rd, ipa_t ipa, u64 flags, const u8 digest[64]);
/* What is hashed of a runnable REC; uses call_page(). */
const void *measure_rec_image(struct call *c, u64 flags, u64 pc, const u64 gprs[8]);
void measure_rec(struct rd *rd, const u8 digest[64]);
/* REM[index - 1], index 1..4; size 0..64 bytes of value. */
void measure_extend(struct rd *rd, unsigned int index, const u8 value[64], unsigned int size);

#endif
