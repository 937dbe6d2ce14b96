/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What of mbedTLS 3.6 monitor and firmware are made of: the hashes, and ECDSA on
 * P-384 that can stop between any two point operations.
 */
#ifndef ATTEST_MBEDTLS_CONFIG_H
#define ATTEST_MBEDTLS_CONFIG_H

#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA384_C
#define MBEDTLS_SHA512_C
#define MBEDTLS_PLATFORM_ZEROIZE_ALT	/* pool.c */

#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_DP_SECP384R1_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECP_RESTARTABLE
#define MBEDTLS_ECDSA_C
#define MBEDTLS_ECDSA_DETERMINISTIC
#define MBEDTLS_HMAC_DRBG_C
#define MBEDTLS_MD_C
#define MBEDTLS_ASN1_PARSE_C		/* ECDSA_C asks for them; nothing of them is linked */
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_HAVE_ASM		/* multiplication only, general registers only */
#define MBEDTLS_NO_UDBL_DIVISION	/* no 128-bit division: that would be libgcc's */

#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_CALLOC_MACRO	pool_calloc
#define MBEDTLS_PLATFORM_FREE_MACRO	pool_free

#include <stddef.h>
void *pool_calloc(size_t n, size_t bytes);
void pool_free(void *p);
void mbedtls_platform_zeroize(void *buf, size_t bytes);
void mbedtls_zeroize_and_free(void *buf, size_t bytes);

#endif
