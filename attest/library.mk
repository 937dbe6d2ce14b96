# SPDX-License-Identifier: BSD-2-Clause
#
# Which files of mbedTLS 3.6 the code of this folder calls, for whoever links it, and
# how they are told what they are for.

ATTEST_LIBRARY := sha256 sha512 constant_time bignum bignum_core ecp ecp_curves ecdsa hmac_drbg md \
	asn1parse asn1write
ATTEST_CONFIG := -DMBEDTLS_CONFIG_FILE='"attest/mbedtls_config.h"'
