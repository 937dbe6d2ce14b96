/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Realm Management Interface 2.0: numbers and layouts between host and monitor
 * (rmi.md, rmi-sro.md, rmi-structs.md). The commands themselves, with their
 * function identifiers, arguments and refusals, are in abi/rmi/.
 * Offsets are proved in abi/layout.c.
 */
#ifndef ABI_RMI_H
#define ABI_RMI_H

#include <stdint.h>

#include "beta.h"

#define RMI_VERSION_2_0			0x20000ULL

/* ---- result word, x0 (rmi.md 3.3, 3.4) ---------------------------------- */

#define RMI_SUCCESS			0
#define RMI_ERROR_INPUT			1
#define RMI_ERROR_REALM			2
#define RMI_ERROR_REC			3
#define RMI_ERROR_RTT			4
#define RMI_ERROR_NOT_SUPPORTED		5
#define RMI_ERROR_DEVICE		6
#define RMI_ERROR_RTT_AUX		7
#define RMI_ERROR_PSMMU_ST		8
#define RMI_ERROR_DPT			9
#define RMI_BUSY			10
#define RMI_ERROR_GLOBAL		11
#define RMI_ERROR_TRACKING		12
#define RMI_INCOMPLETE			13
#define RMI_BLOCKED			14
#define RMI_ERROR_GPT			15
#define RMI_ERROR_GRANULE		16
#define RMI_UNKNOWN_FID			(~0ULL)	/* SMCCC: not supported */

#define RMI_STATUS(x0)			((x0) & 0xFF)
#define RMI_LEVEL_SHIFT			8	/* signed, 8 bits */
#define RMI_ADDRESS_SHIFT		16	/* PA >> 12, 40 bits (decisions 36) */

#define RMI_MEM_SHIFT			8
#define RMI_MEM_NONE			0
#define RMI_MEM_DONATE			1
#define RMI_MEM_RECLAIM			2
#define RMI_CAN_CANCEL			(1ULL << 10)
#define RMI_MEM(x0)			(((x0) >> RMI_MEM_SHIFT) & 3)

/* ---- stateful operations (rmi-sro.md 2) --------------------------------- */

#define RMI_BLOCK_L3			0	/* size codes: one entry of level 3 - code */
#define RMI_BLOCK_L2			1
#define RMI_BLOCK_L1			2
#define RMI_BLOCK_L0			3

#define RMI_MEMSTATE_DELEGATED		0
#define RMI_MEMSTATE_UNDELEGATED	1
#define RMI_MEMSTATE_CONDITIONAL	2

#define RMI_DONATE_SIZE_SHIFT		0
#define RMI_DONATE_COUNT_SHIFT		2	/* 14 bits */
#define RMI_DONATE_COUNT_MASK		0x3FFFULL
#define RMI_DONATE_CONTIG		(1ULL << 16)
#define RMI_DONATE_STATE_SHIFT		17

/* Address range descriptor: size [1:0], count [g-1:2], address [51:g], state */
#define RMI_DESC_SIZE_MASK		3ULL
#define RMI_DESC_COUNT_SHIFT		2
#define RMI_DESC_ADDR_TOP_BIT		51

#define RMI_CONTINUE_STOP		(1ULL << 0)

/* ---- flag words (rmi-structs.md 5) -------------------------------------- */

#define RMI_OADDR_NONE			0
#define RMI_OADDR_SINGLE		1
#define RMI_OADDR_LIST			2
#define RMI_MAP_OADDR_MASK		3ULL
#define RMI_MAP_COUNT_SHIFT		2	/* 14 bits */
#define RMI_MAP_COUNT_MASK		0x3FFFULL
#define RMI_UNPROT_MEMATTR_SHIFT	16	/* 3 bits */
#define RMI_UNPROT_S2AP_SHIFT		19	/* 4 bits; direct: write, read */
#define RMI_UNPROT_S2AP_W		(1ULL << 0)
#define RMI_UNPROT_S2AP_R		(1ULL << 1)

#define RMI_DATA_MEASURE		(1ULL << 0)

/* ---- enumerations (rmi-structs.md 6) ------------------------------------ */

#define RMI_RIPAS_EMPTY			0
#define RMI_RIPAS_RAM			1
#define RMI_RIPAS_DESTROYED		2
#define RMI_RIPAS_DEV			3

#define RMI_ENTRY_VOID			0	/* unprotected: UNMAPPED_NS */
#define RMI_ENTRY_DATA			1	/* unprotected: MAPPED_NS   */
#define RMI_ENTRY_TABLE			2

#define RMI_HASH_SHA256			0
#define RMI_HASH_SHA512			1
#define RMI_HASH_SHA384			2

#define RMI_TRACKING_RESERVED		0
#define RMI_TRACKING_NONE		1
#define RMI_TRACKING_FINE		2
#define RMI_TRACKING_COARSE		3
#define RMI_TRACKING_INTERMEDIATE	4

#define RMI_GPT_RESERVED		0
#define RMI_GPT_PLAT			1
#define RMI_GPT_HOST_NOT_CREATED	2
#define RMI_GPT_HOST_CREATED		3

#define RMI_GRANULE_4K			0
#define RMI_GRANULE_16K			1
#define RMI_GRANULE_64K			2

/* ---- feature registers (rmi-structs.md 7) ------------------------------- */

#define RMI_F0_S2SZ_SHIFT		0
#define RMI_F0_LPA2			(1ULL << 8)
#define RMI_F0_SVE			(1ULL << 9)
#define RMI_F0_SVE_VL_SHIFT		10
#define RMI_F0_NUM_BPS_SHIFT		14	/* minus one; 6 bits */
#define RMI_F0_NUM_WPS_SHIFT		20
#define RMI_F0_PMU			(1ULL << 26)
#define RMI_F0_PMU_CTRS_SHIFT		27
#define RMI_F0_L0GPT_BLOCK_DELEGATE	(1ULL << 32)
#define RMI_F0_S2OASZ_SHIFT		33	/* 8 bits */

#define RMI_F1_GRAN_4KB			(1ULL << 0)
#define RMI_F1_GRAN_16KB		(1ULL << 1)
#define RMI_F1_GRAN_64KB		(1ULL << 2)
#define RMI_F1_SHA256			(1ULL << 3)
#define RMI_F1_SHA384			(1ULL << 4)
#define RMI_F1_SHA512			(1ULL << 5)
#define RMI_F1_MAX_RECS_ORDER_SHIFT	6
#define RMI_F1_L0GPTSZ_SHIFT		10	/* 2^(30 + n) bytes */
#define RMI_F1_PPS_SHIFT		14	/* as GPCCR_EL3.PPS */

#define RMI_MAX_RECS_ORDER		9

/* ---- structures in host memory (rmi-structs.md 1 to 4) ------------------ */

struct rmi_rmm_config {			/* 4 KiB */
	uint8_t tracking_region_size;	/* 0x000 */
	uint8_t sbz0[7];
	uint8_t rmi_granule_size;	/* 0x008 */
	uint8_t sbz1[0x1000 - 9];
};

#define RMI_REALM_LPA2			(1ULL << 0)	/* ignored: decisions 56 */
#define RMI_REALM_SVE			(1ULL << 1)
#define RMI_REALM_PMU			(1ULL << 2)
#define RMI_REALM_DA			(1ULL << 3)
#define RMI_REALM_MEC_SHIFT		7		/* 2 bits */

#define RMI_REALM1_TREE_PER_PLANE	(1ULL << 0)
#define RMI_REALM1_S2AP_INDIRECT	(1ULL << 1)
#define RMI_REALM1_ATS			(1ULL << 2)

struct rmi_realm_params {		/* 4 KiB */
	uint64_t flags0;		/* 0x000 */
	uint8_t s2sz;			/* 0x008 */
	uint8_t sbz0[7];
	uint8_t sve_vl;			/* 0x010 */
	uint8_t sbz1[7];
	uint8_t num_bps;		/* 0x018: minus one */
	uint8_t sbz2[7];
	uint8_t num_wps;		/* 0x020: minus one */
	uint8_t sbz3[7];
	uint8_t pmu_num_ctrs;		/* 0x028 */
	uint8_t sbz4[7];
	uint8_t hash_algo;		/* 0x030 */
	uint8_t sbz5[7];
	uint64_t num_aux_planes;	/* 0x038 */
	uint8_t sbz6[0x400 - 0x040];
	uint8_t rpv[64];		/* 0x400 */
	uint64_t ats_plane;		/* 0x440 */
	uint8_t sbz7[0x808 - 0x448];
	uint64_t rtt_base;		/* 0x808 */
	int64_t rtt_level_start;	/* 0x810 */
	uint32_t rtt_num_start;		/* 0x818 */
	uint32_t sbz8;
	uint64_t flags1;		/* 0x820 */
	uint64_t max_num_vdevs;		/* 0x828 */
	uint8_t sbz9[0xF80 - 0x830];
	uint64_t aux_rtt_base[3];	/* 0xF80 */
	uint8_t sbz10[0x1000 - 0xF98];
};

#define RMI_REC_RUNNABLE		(1ULL << 0)
#define RMI_REC_NR_GPRS			8
/* MPIDR fields of a REC; all other bits are zero (rmi-structs.md 3.1) */
#define RMI_MPIDR_MASK			0xFFFFFF0FULL

struct rmi_rec_params {			/* 4 KiB */
	uint64_t flags;			/* 0x000 */
	uint8_t sbz0[0x100 - 0x008];
	uint64_t mpidr;			/* 0x100 */
	uint8_t sbz1[0x200 - 0x108];
	uint64_t pc;			/* 0x200 */
	uint8_t sbz2[0x300 - 0x208];
	uint64_t gprs[RMI_REC_NR_GPRS];	/* 0x300 */
	uint8_t sbz3[0x1000 - 0x340];
};

#define RMI_ENTER_EMUL_MMIO		(1ULL << 0)
#define RMI_ENTER_INJECT_SEA		(1ULL << 1)
#define RMI_ENTER_TRAP_WFI		(1ULL << 2)
#define RMI_ENTER_TRAP_WFE		(1ULL << 3)
#define RMI_ENTER_RIPAS_REJECT		(1ULL << 4)
#define RMI_ENTER_S2AP_REJECT		(1ULL << 5)
#define RMI_ENTER_DEV_MEM_REJECT	(1ULL << 6)
#define RMI_ENTER_FORCE_P0		(1ULL << 7)

#define RMI_NR_GPRS			31

struct rmi_rec_enter {			/* 0x800 bytes, host to monitor */
	uint64_t flags;			/* 0x000 */
	uint8_t sbz0[0x200 - 0x008];
	uint64_t gprs[RMI_NR_GPRS];	/* 0x200 */
	uint8_t sbz1[0x800 - 0x2F8];
};

#define RMI_EXIT_SYNC			0
#define RMI_EXIT_IRQ			1
#define RMI_EXIT_FIQ			2
#define RMI_EXIT_PSCI			3
#define RMI_EXIT_RIPAS_CHANGE		4
#define RMI_EXIT_HOST_CALL		5
#define RMI_EXIT_SERROR			6
#define RMI_EXIT_S2AP_CHANGE		7

struct rmi_rec_exit {			/* 0x800 bytes, monitor to host */
	uint8_t exit_reason;		/* 0x000 */
	uint8_t sbz0[0x100 - 0x001];
	uint64_t esr;			/* 0x100 */
	uint64_t far;			/* 0x108 */
	uint64_t hpfar;			/* 0x110 */
	uint64_t rtt_tree;		/* 0x118 */
	uint8_t sbz1[0x200 - 0x120];
	uint64_t gprs[RMI_NR_GPRS];	/* 0x200 */
	uint8_t sbz2[0x400 - 0x2F8];
	uint64_t cntp_ctl;		/* 0x400 */
	uint64_t cntp_cval;		/* 0x408 */
	uint64_t cntv_ctl;		/* 0x410 */
	uint64_t cntv_cval;		/* 0x418 */
	uint8_t sbz3[0x500 - 0x420];
	uint64_t ripas_base;		/* 0x500 */
	uint64_t ripas_top;		/* 0x508 */
	uint8_t ripas_value;		/* 0x510 */
	uint8_t sbz4[0x600 - 0x511];
	uint16_t imm;			/* 0x600 */
	uint8_t sbz5[6];
	uint64_t plane;			/* 0x608 */
	uint8_t sbz6[0x700 - 0x610];
	uint8_t pmu_ovf_status;		/* 0x700 */
	uint8_t sbz7[0x800 - 0x701];
};

struct rmi_rec_run {			/* 4 KiB */
	struct rmi_rec_enter enter;
	struct rmi_rec_exit exit;	/* 0x800 */
};

/* ---- measurement descriptors (rmi-measure.md 3) ------------------------- */

#define RMI_MEASURE_DATA		0
#define RMI_MEASURE_REC			1
#define RMI_MEASURE_BYTES		64	/* one slot */
#define RMI_NR_MEASUREMENTS		5	/* RIM, REM[0..3] */

struct rmi_measure_data {
	uint8_t desc_type;		/* 0x00 */
	uint8_t zero0[7];
	uint64_t len;			/* 0x08 */
	uint8_t rim[64];		/* 0x10 */
	uint64_t ipa;			/* 0x50 */
	uint64_t flags;			/* 0x58 */
	uint8_t content[64];		/* 0x60 */
	uint8_t zero1[0x100 - 0xA0];
};

struct rmi_measure_rec {
	uint8_t desc_type;		/* 0x00 */
	uint8_t zero0[7];
	uint64_t len;			/* 0x08 */
	uint8_t rim[64];		/* 0x10 */
	uint8_t content[64];		/* 0x50 */
	uint8_t zero1[0x100 - 0x90];
};

#endif
