/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RIM and REM computed a second time, with OpenSSL, from rmi-measure.md and
 * decisions 87.
 */
#ifndef TESTS_MEASURE_H
#define TESTS_MEASURE_H

#include "base/types.h"

/* Digest into 64 bytes, the rest zero; hash as in RmiRealmParams. */
void digest(u8 hash, const void *data, size_t bytes, u8 out[64]);

/* Each extends in place. */
void extend_data(u8 hash, u8 rim[64], u64 ipa_, u64 flags, const void *content);
void extend_rec(u8 hash, u8 rim[64], u64 pc, const u64 gprs[8]);
void extend_rem(u8 hash, u8 rem[64], const void *value, size_t size);

#endif
