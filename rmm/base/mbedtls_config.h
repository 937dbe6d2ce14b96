/* SPDX-License-Identifier: BSD-2-Clause */
/* What of mbedTLS 3.6 the monitor is made of: the three hashes, nothing else. */
#ifndef RMM_BASE_MBEDTLS_CONFIG_H
#define RMM_BASE_MBEDTLS_CONFIG_H

#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA384_C
#define MBEDTLS_SHA512_C
#define MBEDTLS_PLATFORM_ZEROIZE_ALT	/* base/hash.c */

#endif
