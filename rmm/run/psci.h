/* SPDX-License-Identifier: BSD-2-Clause */
/* PSCI 1.1 and SMCCC 1.2 as a realm meets them (realm-exec.md 6). */
#ifndef RMM_RUN_PSCI_H
#define RMM_RUN_PSCI_H

#define PSCI_VERSION		0x84000000
#define PSCI_CPU_SUSPEND	0x84000001
#define PSCI_CPU_OFF		0x84000002
#define PSCI_CPU_ON		0x84000003
#define PSCI_AFFINITY_INFO	0x84000004
#define PSCI_SYSTEM_OFF		0x84000008
#define PSCI_SYSTEM_RESET	0x84000009
#define PSCI_FEATURES		0x8400000A
#define PSCI_LAST		0x8400001F
#define PSCI_SMC64		0x40000000	/* CPU_SUSPEND, CPU_ON, AFFINITY_INFO also so */

#define SMCCC_VERSION		0x80000000
#define SMCCC_VERSION_1_2	0x10002
#define SMCCC_UNKNOWN		(~0ULL)

#define PSCI_VERSION_1_1	0x10001

#define PSCI_SUCCESS		0
#define PSCI_NOT_SUPPORTED	((u64)-1)
#define PSCI_INVALID_PARAMETERS	((u64)-2)
#define PSCI_DENIED		((u64)-3)
#define PSCI_ALREADY_ON		((u64)-4)
#define PSCI_INVALID_ADDRESS	((u64)-9)

#define PSCI_AFFINITY_ON	0
#define PSCI_AFFINITY_OFF	1

#include "run/run.h"

/* The result of a PSCI call: X0, and X1-X3 = 0 (decisions 71). */
void psci_result(struct rec *rec, u64 x0);

#endif
