/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System registers by name or encoding, and the values the monitor gives to
 * the EL2 ones. R-EL2 runs with HCR_EL2.E2H = 1: layouts below are the E2H
 * ones, and EL1 registers of the realm carry the _EL12 and _EL02 names.
 */
#ifndef RMM_ARCH_SYSREG_H
#define RMM_ARCH_SYSREG_H

/* Registers the assembler may not know by name. */
#define SYS_ZCR_EL2		S3_4_C1_C2_0
#define SYS_ZCR_EL12		S3_5_C1_C2_0
#define SYS_SVCR		S3_3_C4_C2_2
#define SYS_HCRX_EL2		S3_4_C1_C2_2
#define SYS_HFGRTR_EL2		S3_4_C1_C1_4
#define SYS_HFGWTR_EL2		S3_4_C1_C1_5
#define SYS_HFGITR_EL2		S3_4_C1_C1_6
#define SYS_HDFGRTR_EL2		S3_4_C3_C1_4
#define SYS_HDFGWTR_EL2		S3_4_C3_C1_5
#define SYS_HAFGRTR_EL2		S3_4_C3_C1_6
#define SYS_HDFGRTR2_EL2	S3_4_C3_C1_0
#define SYS_HDFGWTR2_EL2	S3_4_C3_C1_1
#define SYS_HFGRTR2_EL2		S3_4_C3_C1_2
#define SYS_HFGWTR2_EL2		S3_4_C3_C1_3
#define SYS_HFGITR2_EL2		S3_4_C3_C1_7
#define SYS_CNTPOFF_EL2		S3_4_C14_C0_6
#define SYS_MPAM2_EL2		S3_4_C10_C5_0
#define SYS_MPAMHCR_EL2		S3_4_C10_C4_0
#define SYS_SCXTNUM_EL0		S3_3_C13_C0_7
#define SYS_SCXTNUM_EL12	S3_5_C13_C0_7
#define SYS_ICH_HCR_EL2		S3_4_C12_C11_0
#define SYS_ICH_VTR_EL2		S3_4_C12_C11_1
#define SYS_ICC_HPPIR1_EL1	S3_0_C12_C12_2
#define SYS_BRBCR_EL12		S2_5_C9_C0_0
#define SYS_TRFCR_EL12		S3_5_C1_C2_1
#define SYS_DISR_EL1		S3_0_C12_C1_1
#define SYS_VSESR_EL2		S3_4_C5_C2_3
#define SYS_VDISR_EL2		S3_4_C12_C1_1

/*
 * SCTLR_EL2: MMU, caches, stack alignment, WXN; the RES1 bits set. IESB: what a realm
 * did wrong is known when its exception has arrived here.
 */
#define SCTLR_EL2_OFF		0x30c50830
#define SCTLR_EL2_IESB		0x200000
#define SCTLR_EL2_ON		(SCTLR_EL2_OFF | 0x1 | 0x4 | 0x8 | 0x1000 | 0x80000 | \
				 SCTLR_EL2_IESB)

/* ---- MAIR_EL2: 0 Device-nGnRE, 1 Normal write-back ---------------------- */
#define MAIR_EL2_VALUE		0xff04
#define ATTR_DEVICE		0
#define ATTR_NORMAL		1

/* ---- TCR_EL2: two 48-bit halves, 4 KiB, write-back inner shareable; IPS comes by CPU */
#define TCR_EL2_VALUE		0xb5103510
#define TCR_EL2_IPS_SHIFT	32

/* ---- HCR_EL2 (realm-exec.md 1.1, decisions 65) ------------------------- */
#ifdef __ASSEMBLER__
#define HCR_BIT(n)		(1 << (n))
#else
#define HCR_BIT(n)		(1UL << (n))
#endif
#define HCR_VM			HCR_BIT(0)
#define HCR_SWIO		HCR_BIT(1)
#define HCR_PTW			HCR_BIT(2)
#define HCR_FMO			HCR_BIT(3)
#define HCR_IMO			HCR_BIT(4)
#define HCR_AMO			HCR_BIT(5)
#define HCR_VSE			HCR_BIT(8)
#define HCR_FB			HCR_BIT(9)
#define HCR_BSU_IS		HCR_BIT(10)
#define HCR_TWI			HCR_BIT(13)
#define HCR_TWE			HCR_BIT(14)
#define HCR_TID3		HCR_BIT(18)
#define HCR_TSC			HCR_BIT(19)
#define HCR_TIDCP		HCR_BIT(20)
#define HCR_RW			HCR_BIT(31)
#define HCR_E2H			HCR_BIT(34)
#define HCR_TLOR		HCR_BIT(35)
#define HCR_TERR		HCR_BIT(36)
#define HCR_TEA			HCR_BIT(37)
#define HCR_APK			HCR_BIT(40)
#define HCR_API			HCR_BIT(41)
#define HCR_FWB			HCR_BIT(46)
#define HCR_ENSCXT		HCR_BIT(53)

/* What does not change: also the value while the monitor itself runs. */
#define HCR_EL2_BASE \
	(HCR_VM | HCR_SWIO | HCR_PTW | HCR_FMO | HCR_IMO | HCR_AMO | HCR_FB | HCR_BSU_IS | \
	 HCR_TID3 | HCR_TSC | HCR_TIDCP | HCR_RW | HCR_E2H | HCR_TLOR | HCR_TERR | \
	 HCR_TEA | HCR_APK | HCR_API | HCR_FWB)

#ifndef __ASSEMBLER__

#include "base/types.h"

#define STRINGIFY_(x)	#x
#define STRINGIFY(x)	STRINGIFY_(x)

#define read_sysreg(reg) ({						\
	u64 value_;							\
	__asm__ volatile("mrs %0, " STRINGIFY(reg) : "=r"(value_));	\
	value_;								\
})
#define write_sysreg(reg, value) \
	__asm__ volatile("msr " STRINGIFY(reg) ", %x0" :: "rZ"((u64)(value)))

/* Of a register that EL3 may keep for itself; false: it does. */
#define sysreg_is_ours(reg) ({						\
	u64 value_;							\
	bool ours_;							\
	__asm__ volatile("	mov	%w1, wzr\n"			\
			 "1:	mrs	%0, " STRINGIFY(reg) "\n"	\
			 "	mov	%w1, #1\n"			\
			 "2:\n"						\
			 "	.pushsection .extable, \"a\"\n"	\
			 "	.word	1b - ., 2b - . + 4\n"		\
			 "	.popsection" : "=r"(value_), "=&r"(ours_));	\
	ours_;								\
})

#define isb()		__asm__ volatile("isb" ::: "memory")
#define dsb(kind)	__asm__ volatile("dsb " #kind ::: "memory")

/* CPTR_EL2 */
#define CPTR_ZEN		MASK(17, 16)
#define CPTR_FPEN		MASK(21, 20)
#define CPTR_SMEN		MASK(25, 24)
#define CPTR_TTA		BIT(28)
#define CPTR_TAM		BIT(30)
#define CPTR_BASE		(CPTR_TTA | CPTR_TAM)	/* always */

/* MDCR_EL2 */
#define MDCR_HPMN		MASK(4, 0)
#define MDCR_TPMCR		BIT(5)
#define MDCR_TPM		BIT(6)
#define MDCR_TDA		BIT(9)
#define MDCR_TDOSA		BIT(10)
#define MDCR_TDRA		BIT(11)
#define MDCR_HPMD		BIT(17)
#define MDCR_TTRF		BIT(19)
#define MDCR_HCCD		BIT(23)
#define MDCR_MTPME		BIT(28)

/* HDFGRTR_EL2, HDFGWTR_EL2 */
#define HDFG_PMINTEN		BIT(17)
#define HDFG_PMOVS		BIT(18)

/* CNTHCTL_EL2 */
#define CNTHCTL_EL1PCTEN	BIT(10)
#define CNTHCTL_EL1PTEN		BIT(11)
#define CNTHCTL_CNTVMASK	BIT(18)
#define CNTHCTL_CNTPMASK	BIT(19)

/* HCRX_EL2 */
#define HCRX_MSCEN		BIT(11)

/* ISR_EL1, DISR_EL1 */
#define ISR_A			BIT(8)
#define DISR_A			BIT(31)

#define PMCR_E			BIT(0)
#define PMCR_P_C		(BIT(1) | BIT(2))	/* write only: reset */
#define MDSCR_TDCC		BIT(12)
#define SVCR_SM			BIT(0)
#define ZCR_LEN			MASK(3, 0)
#define ICH_HCR_EN		BIT(0)

#endif
#endif
