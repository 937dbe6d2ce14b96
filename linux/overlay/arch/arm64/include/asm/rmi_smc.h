/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Realm Management Interface 2.0: function identifiers, result words and
 * memory layouts, as the Realm Management Monitor specification (DEN0137) has
 * them.  Numbers only; the calls are in <asm/rmi_cmds.h>.
 *
 * All betas of 2.0 report the same version.  Where they differ, the values are
 * those of the last one (bet3); the places are marked.
 */
#ifndef __ASM_RMI_SMC_H
#define __ASM_RMI_SMC_H

#include <linux/arm-smccc.h>
#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/const.h>

#ifndef __ASSEMBLER__
#include <linux/types.h>
#endif

#define SMC_RMI_CALL(nr)					\
	ARM_SMCCC_CALL_VAL(ARM_SMCCC_FAST_CALL, ARM_SMCCC_SMC_64, \
			   ARM_SMCCC_OWNER_STANDARD, (nr))

#define SMC_RMI_VERSION			SMC_RMI_CALL(0x0150)
#define SMC_RMI_RTT_DATA_MAP_INIT	SMC_RMI_CALL(0x0153)
#define SMC_RMI_REALM_ACTIVATE		SMC_RMI_CALL(0x0157)
#define SMC_RMI_REALM_CREATE		SMC_RMI_CALL(0x0158)
#define SMC_RMI_REALM_DESTROY		SMC_RMI_CALL(0x0159)
#define SMC_RMI_REC_CREATE		SMC_RMI_CALL(0x015a)
#define SMC_RMI_REC_DESTROY		SMC_RMI_CALL(0x015b)
#define SMC_RMI_REC_ENTER		SMC_RMI_CALL(0x015c)
#define SMC_RMI_RTT_CREATE		SMC_RMI_CALL(0x015d)
#define SMC_RMI_RTT_DESTROY		SMC_RMI_CALL(0x015e)
#define SMC_RMI_RTT_READ_ENTRY		SMC_RMI_CALL(0x0161)
#define SMC_RMI_PSCI_COMPLETE		SMC_RMI_CALL(0x0164)
#define SMC_RMI_FEATURES		SMC_RMI_CALL(0x0165)
#define SMC_RMI_RTT_FOLD		SMC_RMI_CALL(0x0166)
#define SMC_RMI_RTT_INIT_RIPAS		SMC_RMI_CALL(0x0168)
#define SMC_RMI_RTT_SET_RIPAS		SMC_RMI_CALL(0x0169)
#define SMC_RMI_RMM_CONFIG_SET		SMC_RMI_CALL(0x016e)
#define SMC_RMI_GRANULE_TRACKING_GET	SMC_RMI_CALL(0x01e1)
#define SMC_RMI_RMM_STATE_GET		SMC_RMI_CALL(0x01ee)
#define SMC_RMI_GRANULE_RANGE_DELEGATE	SMC_RMI_CALL(0x01f1)
#define SMC_RMI_GRANULE_RANGE_UNDELEGATE SMC_RMI_CALL(0x01f2)
#define SMC_RMI_GPT_L1_CREATE		SMC_RMI_CALL(0x01f3)
#define SMC_RMI_RTT_DATA_MAP		SMC_RMI_CALL(0x01f5)
#define SMC_RMI_RTT_DATA_UNMAP		SMC_RMI_CALL(0x01f6)
#define SMC_RMI_RTT_UNPROT_MAP		SMC_RMI_CALL(0x01fb)
#define SMC_RMI_RTT_UNPROT_UNMAP	SMC_RMI_CALL(0x01fc)
#define SMC_RMI_REALM_TERMINATE		SMC_RMI_CALL(0x0201)
#define SMC_RMI_RMM_ACTIVATE		SMC_RMI_CALL(0x0202)
#define SMC_RMI_OP_CONTINUE		SMC_RMI_CALL(0x0203)
#define SMC_RMI_OP_MEM_DONATE		SMC_RMI_CALL(0x0208)
#define SMC_RMI_OP_MEM_RECLAIM		SMC_RMI_CALL(0x0209)
#define SMC_RMI_OP_CANCEL		SMC_RMI_CALL(0x020a)
#define SMC_RMI_GPT_INFO		SMC_RMI_CALL(0x0211)

/* RMI_VERSION: one word for request and replies */
#define RMI_VERSION_MAJOR		GENMASK(30, 16)
#define RMI_VERSION_MINOR		GENMASK(15, 0)
#define RMI_VERSION_2_0			(2UL << 16)

/* The result word, x0 */
#define RMI_RESULT_STATUS		GENMASK(7, 0)
#define RMI_RESULT_LEVEL		GENMASK(15, 8)	/* signed; RMI_ERROR_RTT */
#define RMI_RESULT_MEM			GENMASK(9, 8)	/* RMI_INCOMPLETE */
#define RMI_RESULT_CAN_CANCEL		BIT(10)		/* RMI_INCOMPLETE */

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

/* RMI_RESULT_MEM */
#define RMI_OP_MEM_REQ_NONE		0
#define RMI_OP_MEM_REQ_DONATE		1
#define RMI_OP_MEM_REQ_RECLAIM		2

/* RMI_OP_CONTINUE, x2 */
#define RMI_CONTINUE_KEEP_GOING		0
#define RMI_CONTINUE_STOP		1

/* x2 with INCOMPLETE + DONATE (state has two bits since bet3) */
#define RMI_DONATE_SIZE			GENMASK(1, 0)
#define RMI_DONATE_COUNT		GENMASK(15, 2)
#define RMI_DONATE_CONTIG		BIT(16)
#define RMI_DONATE_STATE		GENMASK(18, 17)

/*
 * Address range descriptor: count blocks of one size, contiguous.  The size
 * is counted upwards from the last level: 0 a page, 1 what a level 2 entry
 * maps, and so on (state has two bits since bet3).
 */
#define RMI_RANGE_SIZE			GENMASK(1, 0)
#define RMI_RANGE_COUNT			GENMASK(PAGE_SHIFT - 1, 2)
#define RMI_RANGE_ADDR			GENMASK(51, PAGE_SHIFT)
#define RMI_RANGE_STATE			GENMASK(63, 62)

#define RMI_RANGE_COUNT_MAX		((1UL << (PAGE_SHIFT - 2)) - 1)

#define RMI_MEM_DELEGATED		0
#define RMI_MEM_UNDELEGATED		1
#define RMI_MEM_CONDITIONAL		2

/* Feature register 0 */
#define RMI_FEATURE_0_S2SZ		GENMASK(7, 0)
#define RMI_FEATURE_0_LPA2		BIT(8)
#define RMI_FEATURE_0_SVE		BIT(9)
#define RMI_FEATURE_0_SVE_VL		GENMASK(13, 10)
#define RMI_FEATURE_0_NUM_BPS		GENMASK(19, 14)
#define RMI_FEATURE_0_NUM_WPS		GENMASK(25, 20)
#define RMI_FEATURE_0_PMU		BIT(26)
#define RMI_FEATURE_0_PMU_NUM_CTRS	GENMASK(31, 27)

/* Feature register 1 */
#define RMI_FEATURE_1_GRAN_4K		BIT(0)
#define RMI_FEATURE_1_GRAN_16K		BIT(1)
#define RMI_FEATURE_1_GRAN_64K		BIT(2)
#define RMI_FEATURE_1_HASH_SHA_256	BIT(3)
#define RMI_FEATURE_1_HASH_SHA_384	BIT(4)
#define RMI_FEATURE_1_HASH_SHA_512	BIT(5)
#define RMI_FEATURE_1_MAX_RECS_ORDER	GENMASK(9, 6)
#define RMI_FEATURE_1_L0GPTSZ		GENMASK(13, 10)
#define RMI_FEATURE_1_PPS		GENMASK(16, 14)

#define RMI_NR_FEATURE_REGS		5

/* RMI_RMM_STATE_GET */
#define RMI_RMM_STATE_INIT		0
#define RMI_RMM_STATE_INTERMEDIATE	1
#define RMI_RMM_STATE_ACTIVE		2

/* RMI_GRANULE_TRACKING_GET */
#define RMI_MEM_CATEGORY_CONVENTIONAL	0
#define RMI_MEM_CATEGORY_DEV_NCOH	1
#define RMI_MEM_CATEGORY_DEV_COH	2
#define RMI_MEM_CATEGORY_NONE		3
#define RMI_TRACKING_RESERVED		0
#define RMI_TRACKING_NONE		1
#define RMI_TRACKING_FINE		2
#define RMI_TRACKING_COARSE		3

/* RMI_GPT_INFO: who made the table below an L0 entry */
#define RMI_GPT_PLAT			1

/* struct rmi_rmm_config */
#define RMI_GRANULE_SIZE_4K		0
#define RMI_GRANULE_SIZE_16K		1
#define RMI_GRANULE_SIZE_64K		2
#define RMI_TRACKING_SIZE_DEFAULT	0

/* RTT_READ_ENTRY */
#define RMI_RTTE_VOID			0	/* and UNMAPPED_NS */
#define RMI_RTTE_DATA			1	/* and MAPPED_NS */
#define RMI_RTTE_TABLE			2

#define RMI_RIPAS_EMPTY			0
#define RMI_RIPAS_RAM			1
#define RMI_RIPAS_DESTROYED		2
#define RMI_RIPAS_DEV			3

/* Flag word of the map and unmap commands, x4 */
#define RMI_MAP_ADDR_TYPE		GENMASK(1, 0)
#define RMI_MAP_LIST_COUNT		GENMASK(15, 2)
#define RMI_MAP_MEMATTR			GENMASK(18, 16)	/* UNPROT_MAP */
#define RMI_MAP_S2AP			GENMASK(22, 19)	/* UNPROT_MAP */

#define RMI_ADDR_TYPE_NONE		0
#define RMI_ADDR_TYPE_SINGLE		1
#define RMI_ADDR_TYPE_LIST		2

#define RMI_MEMATTR_NORMAL_NC		5
#define RMI_MEMATTR_NORMAL_WB		6
#define RMI_S2AP_WRITE			BIT(0)
#define RMI_S2AP_READ			BIT(1)

/* RTT_DATA_MAP_INIT, x5 */
#define RMI_MEASURE_CONTENT		BIT(0)

/* struct rmi_realm_params */
#define RMI_REALM_FLAGS0_LPA2		BIT(0)	/* gone in bet3 */
#define RMI_REALM_FLAGS0_SVE		BIT(1)
#define RMI_REALM_FLAGS0_PMU		BIT(2)

#define RMI_HASH_SHA_256		0
#define RMI_HASH_SHA_512		1
#define RMI_HASH_SHA_384		2

/* struct rmi_rec_params */
#define RMI_REC_RUNNABLE		BIT(0)

/* MPIDR value: Aff0 has four bits only */
#define RMI_MPIDR_AFF0			GENMASK(3, 0)
#define RMI_MPIDR_AFF123		GENMASK(31, 8)

/* struct rmi_rec_enter */
#define RMI_REC_ENTER_EMULATED_MMIO	BIT(0)
#define RMI_REC_ENTER_INJECT_SEA	BIT(1)
#define RMI_REC_ENTER_TRAP_WFI		BIT(2)
#define RMI_REC_ENTER_TRAP_WFE		BIT(3)
#define RMI_REC_ENTER_RIPAS_REJECT	BIT(4)

/* struct rmi_rec_exit */
#define RMI_EXIT_SYNC			0
#define RMI_EXIT_IRQ			1
#define RMI_EXIT_FIQ			2
#define RMI_EXIT_PSCI			3
#define RMI_EXIT_RIPAS_CHANGE		4
#define RMI_EXIT_HOST_CALL		5
#define RMI_EXIT_SERROR			6
#define RMI_EXIT_S2AP_CHANGE		7

#define RMI_NR_GPRS			31

#ifndef __ASSEMBLER__

/*
 * Every structure is one granule at least; the defined part is 4 KiB whatever
 * the granule.  Narrow fields are stored zero-extended to eight bytes.
 */
struct rmi_rmm_config {
	u64 tracking_region_size;
	u64 rmi_granule_size;
	u8 reserved[0xff0];
};
static_assert(sizeof(struct rmi_rmm_config) == SZ_4K);

struct rmi_realm_params {
	u64 flags0;
	u64 s2sz;
	u64 sve_vl;
	u64 num_bps;
	u64 num_wps;
	u64 pmu_num_ctrs;
	u64 hash_algo;
	u64 num_aux_planes;
	u8 reserved0[0x3c0];
	u8 rpv[64];
	u64 ats_plane;
	u8 reserved1[0x3c0];
	u64 rtt_base;
	s64 rtt_level_start;
	u32 rtt_num_start;
	u32 reserved2;
	u64 flags1;
	u64 max_num_vdevs;
	u8 reserved3[0x750];
	u64 aux_rtt_base[3];
	u8 reserved4[0x68];
};
static_assert(sizeof(struct rmi_realm_params) == SZ_4K);
static_assert(offsetof(struct rmi_realm_params, rpv) == 0x400);
static_assert(offsetof(struct rmi_realm_params, ats_plane) == 0x440);
static_assert(offsetof(struct rmi_realm_params, rtt_base) == 0x808);
static_assert(offsetof(struct rmi_realm_params, rtt_num_start) == 0x818);
static_assert(offsetof(struct rmi_realm_params, flags1) == 0x820);
static_assert(offsetof(struct rmi_realm_params, aux_rtt_base) == 0xf80);

struct rmi_rec_params {
	u64 flags;
	u8 reserved0[0xf8];
	u64 mpidr;
	u8 reserved1[0xf8];
	u64 pc;
	u8 reserved2[0xf8];
	u64 gprs[8];
	u8 reserved3[0xcc0];
};
static_assert(sizeof(struct rmi_rec_params) == SZ_4K);
static_assert(offsetof(struct rmi_rec_params, mpidr) == 0x100);
static_assert(offsetof(struct rmi_rec_params, pc) == 0x200);
static_assert(offsetof(struct rmi_rec_params, gprs) == 0x300);

struct rmi_rec_enter {
	u64 flags;
	u8 reserved0[0x1f8];
	u64 gprs[RMI_NR_GPRS];
	u8 reserved1[0x508];
};
static_assert(sizeof(struct rmi_rec_enter) == SZ_2K);
static_assert(offsetof(struct rmi_rec_enter, gprs) == 0x200);

struct rmi_rec_exit {
	u8 exit_reason;
	u8 reserved0[0xff];
	u64 esr;
	u64 far;
	u64 hpfar;
	u64 rtt_tree;
	u8 reserved1[0xe0];
	u64 gprs[RMI_NR_GPRS];
	u8 reserved2[0x108];
	u64 cntp_ctl;
	u64 cntp_cval;
	u64 cntv_ctl;
	u64 cntv_cval;
	u8 reserved3[0xe0];
	u64 ripas_base;
	u64 ripas_top;
	u8 ripas_value;
	u8 reserved4[0xf];
	u64 s2ap_base;
	u64 s2ap_top;
	u8 reserved5[0xd0];
	u16 imm;
	u8 reserved6[6];
	u64 plane;
	u8 reserved7[0xf0];
	u8 pmu_ovf_status;
	u8 reserved8[0xff];
};
static_assert(sizeof(struct rmi_rec_exit) == SZ_2K);
static_assert(offsetof(struct rmi_rec_exit, esr) == 0x100);
static_assert(offsetof(struct rmi_rec_exit, gprs) == 0x200);
static_assert(offsetof(struct rmi_rec_exit, cntp_ctl) == 0x400);
static_assert(offsetof(struct rmi_rec_exit, ripas_base) == 0x500);
static_assert(offsetof(struct rmi_rec_exit, ripas_value) == 0x510);
static_assert(offsetof(struct rmi_rec_exit, s2ap_base) == 0x520);
static_assert(offsetof(struct rmi_rec_exit, imm) == 0x600);
static_assert(offsetof(struct rmi_rec_exit, plane) == 0x608);
static_assert(offsetof(struct rmi_rec_exit, pmu_ovf_status) == 0x700);

struct rmi_rec_run {
	struct rmi_rec_enter enter;
	struct rmi_rec_exit exit;
};
static_assert(sizeof(struct rmi_rec_run) == SZ_4K);

/**
 * rmi_status() - the status of a result
 * @ret: what a wrapper of <asm/rmi_cmds.h> returned
 *
 * Return: an RMI_* status, or -1 for a negative errno, which is no status.
 */
static inline int rmi_status(long ret)
{
	return ret < 0 ? -1 : FIELD_GET(RMI_RESULT_STATUS, ret);
}

/**
 * rmi_level() - the level where a walk ended
 * @ret: a result with status RMI_ERROR_RTT
 */
static inline int rmi_level(long ret)
{
	return (s8)FIELD_GET(RMI_RESULT_LEVEL, ret);
}

/**
 * rmi_range_desc() - describe contiguous blocks
 * @pa:    first byte
 * @size:  block size code: 0 page, 1 block of level 2, ...
 * @count: number of blocks, at most RMI_RANGE_COUNT_MAX
 * @state: RMI_MEM_*
 */
static inline u64 rmi_range_desc(phys_addr_t pa, unsigned int size, unsigned long count,
				 unsigned int state)
{
	return FIELD_PREP(RMI_RANGE_SIZE, size) | FIELD_PREP(RMI_RANGE_COUNT, count) |
	       (pa & RMI_RANGE_ADDR) | FIELD_PREP(RMI_RANGE_STATE, state);
}

/* Address of the first block of a range descriptor */
static inline phys_addr_t rmi_range_pa(u64 desc)
{
	return desc & RMI_RANGE_ADDR;
}

/* Bytes of one block of size code @size */
static inline unsigned long rmi_block_bytes(unsigned int size)
{
	return PAGE_SIZE << (size * (PAGE_SHIFT - 3));
}

/* Bytes that a range descriptor covers */
static inline unsigned long rmi_range_bytes(u64 desc)
{
	return FIELD_GET(RMI_RANGE_COUNT, desc) *
	       rmi_block_bytes(FIELD_GET(RMI_RANGE_SIZE, desc));
}

#endif /* __ASSEMBLER__ */

#endif /* __ASM_RMI_SMC_H */
