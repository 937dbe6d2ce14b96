/* SPDX-License-Identifier: BSD-2-Clause */
/* What the monitor offers, as feature registers (rmi-structs.md 7, decisions 40). */
#ifndef RMM_REALM_FEATURES_H
#define RMM_REALM_FEATURES_H

#include "base/types.h"

#define NR_FEATURE_REGISTERS	5

/* Of an index beyond the last: 0. */
u64 feature_register(u64 index);

/* Widest IPA space and widest output address, in bits. */
unsigned int feature_s2sz(void);
unsigned int feature_s2oasz(void);
/* Stage 2 of the granule in force takes and gives 52 bits; by VTCR_EL2.DS. */
bool feature_wide(void);
bool feature_lpa2(void);

#endif
