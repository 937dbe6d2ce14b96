/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every beta of RMI 2.0 reports the version 2.0, so the numbers that moved
 * between them cannot be negotiated. They stand here behind one switch
 * (rmi.md 2.5, decisions.md items marked with a beta).
 */
#ifndef ABI_BETA_H
#define ABI_BETA_H

#ifndef RMI_BETA
#define RMI_BETA 3
#endif

#if RMI_BETA >= 3
#define RMI_DESC_STATE_SHIFT		62	/* address range descriptor: [63:62] */
#define RMI_DESC_STATE_MASK		3ULL
#define RMI_DONATE_STATE_MASK		3ULL	/* donate request: [18:17]           */
#else
#define RMI_DESC_STATE_SHIFT		63	/* [63] */
#define RMI_DESC_STATE_MASK		1ULL
#define RMI_DONATE_STATE_MASK		1ULL	/* [17] */
#endif

/* RMM_STATE_GET (decisions 26) */
#define RMI_STATE_INIT			0
#define RMI_STATE_INTERMEDIATE		1
#define RMI_STATE_ACTIVE		2
#define RMI_NR_STATES			3

/* Memory categories; NONE appeared in bet3 (decisions 31) */
#define RMI_CATEGORY_CONVENTIONAL	0
#define RMI_CATEGORY_DEV_NCOH		1
#define RMI_CATEGORY_DEV_COH		2
#if RMI_BETA >= 3
#define RMI_CATEGORY_NONE		3
#else
#define RMI_CATEGORY_NONE		0
#endif

/* Level [15:8] and PA >> 12 [55:16] in RMI_ERROR_GPT and _TRACKING (decisions 36) */
#define RMI_ERROR_HAS_ADDRESS		(RMI_BETA >= 3)

/* Feature register 0: bits that bet3 added (rmi-structs.md 7.1) */
#define RMI_HAS_S2OASZ			(RMI_BETA >= 3)

/* Exit reasons 0..7 agree everywhere; 8 and above are never used (decisions 66) */

#endif
