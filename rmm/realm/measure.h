/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Realm measurements (rmi-measure.md, decisions 87). The RD is locked; the
 * RIM changes only while the realm is NEW.
 */
#ifndef RMM_REALM_MEASURE_H
#define RMM_REALM_MEASURE_H

#include "base/types.h"

struct rd;
struct call;

/* A DATA granule: flags as in DATA_MAP_INIT; content: the whole granule. */
void measure_data(struct rd *rd, ipa_t ipa, u64 flags, const void *content);
/* A runnable REC. Uses call_page(). */
void measure_rec(struct call *c, struct rd *rd, u64 flags, u64 pc, const u64 gprs[8]);
/* REM[index - 1], index 1..4; size 0..64 bytes of value. */
void measure_extend(struct rd *rd, unsigned int index, const u8 value[64], unsigned int size);

#endif
