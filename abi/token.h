/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers and words of CCA attestation tokens (attestation.md 1 to 5), for who
 * makes them (monitor, EL3) and who checks them (tools, tests).
 */
#ifndef ABI_TOKEN_H
#define ABI_TOKEN_H

/* What of attestation.md 1 a token is; the newest is zero, and the default. */
enum token_generation { TOKEN_2026, TOKEN_2024, TOKEN_2023, NR_TOKEN_GENERATIONS };

/* The whole: a map of these two */
#define TOKEN_TAG_CMW			907	/* each value [type, bstr] */
#define TOKEN_TAG_1_0			399	/* each value a bstr; 2023 only */
#define TOKEN_KEY_PLATFORM		44234
#define TOKEN_KEY_REALM			44241
#define TOKEN_TYPE_EAT_CWT		263

#define COSE_SIGN1_TAG			18
#define COSE_HEADER_ALG			1
#define COSE_ES384_NEGATED		34	/* -35 = -1 - 34 */

/* Claims of both */
#define CLAIM_NONCE			10	/* realm: 64 bytes. Platform, not 2026: hash of the RAK */
#define CLAIM_UEID			256	/* 01, 32 bytes */
#define CLAIM_PROFILE			265

/* Realm */
#define CLAIM_REALM_RPV			44235
#define CLAIM_REALM_HASH		44236
#define CLAIM_REALM_PUBLIC_KEY		44237	/* bstr of a COSE_Key */
#define CLAIM_REALM_RIM			44238
#define CLAIM_REALM_REMS		44239	/* array of 4 */
#define CLAIM_REALM_KEY_HASH		44240	/* what the platform's binding is computed with */
#define CLAIM_REALM_MEC			44243	/* 0 shared */

#define REALM_PROFILE_2026		"tag:arm.com,2026:realm#2.0.0"
#define REALM_PROFILE_2024		"tag:arm.com,2024:realm#2.0.0"
#define REALM_PROFILE_2023		"tag:arm.com,2023:realm#1.0.0"

/* Platform */
#define CLAIM_PLAT_CLIENT		2394	/* 1: realm management; not 2023 */
#define CLAIM_PLAT_LIFECYCLE		2395
#define CLAIM_PLAT_IMPLEMENTATION	2396
#define CLAIM_PLAT_COMPONENTS		2399
#define CLAIM_PLAT_CONFIG		2401
#define CLAIM_PLAT_HASH			2402
#define CLAIM_PLAT_BINDING		2408	/* 2026, instead of the nonce */

#define COMPONENT_TYPE			1
#define COMPONENT_MEASUREMENT		2
#define COMPONENT_VERSION		4
#define COMPONENT_SIGNER		5
#define COMPONENT_HASH			6

/* A profile begins like this whatever its suffix */
#define PLAT_PROFILE_2026		"tag:arm.com,2026:cca_platform#2.0.0"
#define PLAT_PROFILE_2024		"tag:arm.com,2024:cca_platform#2.0.0"
#define PLAT_PROFILE_2023		"tag:arm.com,2023:cca_platform#1.0.0"

#endif
