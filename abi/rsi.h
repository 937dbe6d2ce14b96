/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Realm Services Interface 1.0 and 1.1: numbers and layouts between a realm
 * and the monitor (rsi.md). Offsets are proved in abi/layout.c.
 */
#ifndef ABI_RSI_H
#define ABI_RSI_H

#include <stdint.h>

#define RSI_VERSION_1_0			0x10000ULL
#define RSI_VERSION_1_1			0x10001ULL

#define RSI_FID_VERSION			0xC4000190
#define RSI_FID_FEATURES		0xC4000191
#define RSI_FID_MEASUREMENT_READ	0xC4000192
#define RSI_FID_MEASUREMENT_EXTEND	0xC4000193
#define RSI_FID_ATTEST_TOKEN_INIT	0xC4000194
#define RSI_FID_ATTEST_TOKEN_CONTINUE	0xC4000195
#define RSI_FID_REALM_CONFIG		0xC4000196
#define RSI_FID_IPA_STATE_SET		0xC4000197
#define RSI_FID_IPA_STATE_GET		0xC4000198
#define RSI_FID_HOST_CALL		0xC4000199
/* RSI 1.1 */
#define RSI_FID_VSMMU_GET_INFO		0xC400019A
#define RSI_FID_ARCH_DEV_ACTIVATE	0xC400019B
#define RSI_FID_VDEV_DMA_ENABLE		0xC400019C
#define RSI_FID_VDEV_GET_INFO		0xC400019D
#define RSI_FID_VDEV_P2P_BIND		0xC400019E
#define RSI_FID_VDEV_VALIDATE_MAPPING	0xC400019F
#define RSI_FID_MEM_GET_PERM_VALUE	0xC40001A0
#define RSI_FID_MEM_SET_PERM_INDEX	0xC40001A1
#define RSI_FID_MEM_SET_PERM_VALUE	0xC40001A2
#define RSI_FID_PLANE_ENTER		0xC40001A3
#define RSI_FID_VDEV_DMA_DISABLE	0xC40001A4
#define RSI_FID_PLANE_SYSREG_READ	0xC40001AE
#define RSI_FID_PLANE_SYSREG_WRITE	0xC40001AF

#define RSI_SUCCESS			0
#define RSI_ERROR_INPUT			1
#define RSI_ERROR_STATE			2
#define RSI_INCOMPLETE			3
#define RSI_ERROR_UNKNOWN		4
#define RSI_ERROR_DEVICE		5
#define RSI_UNKNOWN_FID			(~0ULL)

#define RSI_RIPAS_EMPTY			0
#define RSI_RIPAS_RAM			1
#define RSI_RIPAS_DESTROYED		2
#define RSI_RIPAS_DEV			3
#define RSI_CHANGE_DESTROYED		(1ULL << 0)
#define RSI_RESPONSE_ACCEPT		0
#define RSI_RESPONSE_REJECT		1

/* The realm's granule is 4 KiB whatever the RMI granule is (rmi-memory.md 1.2) */
#define RSI_GRANULE_SHIFT		12
#define RSI_GRANULE_SIZE		(1ULL << RSI_GRANULE_SHIFT)

#define RSI_HOST_CALL_BYTES		0x100
#define RSI_HOST_CALL_NR_GPRS		31

struct rsi_realm_config {		/* 4 KiB */
	uint64_t ipa_width;		/* 0x000 */
	uint64_t hash_algo;		/* 0x008 */
	uint64_t num_aux_planes;	/* 0x010 */
	uint64_t gicv3_vtr;		/* 0x018 */
	uint64_t ats_plane;		/* 0x020 */
	uint8_t zero0[0x200 - 0x028];
	uint8_t rpv[64];		/* 0x200 */
	uint8_t zero1[0x1000 - 0x240];
};

struct rsi_host_call {			/* 256 bytes, aligned to 256 */
	uint16_t imm;			/* 0x000 */
	uint8_t zero0[6];
	uint64_t gprs[RSI_HOST_CALL_NR_GPRS];	/* 0x008 */
};

#endif
