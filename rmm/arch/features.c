/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the machine can do: ID registers, read once on the boot CPU.
 */
#include "abi/rmi.h"
#include "arch/cpu.h"
#include "arch/sysreg.h"

struct arch_features arch_features;

/* S3_0_C0_C<crm>_<op2>; the AArch32 half (crm 1..3) is not asked. */
static u64 id[4][8];

u64 arch_id_register(unsigned int crm, unsigned int op2)
{
	return crm >= 4 && crm <= 7 && op2 <= 7 ? id[crm - 4][op2] : 0;
}

#define READ_ROW(crm) do {					\
	id[crm - 4][0] = read_sysreg(S3_0_C0_C##crm##_0);	\
	id[crm - 4][1] = read_sysreg(S3_0_C0_C##crm##_1);	\
	id[crm - 4][2] = read_sysreg(S3_0_C0_C##crm##_2);	\
	id[crm - 4][3] = read_sysreg(S3_0_C0_C##crm##_3);	\
	id[crm - 4][4] = read_sysreg(S3_0_C0_C##crm##_4);	\
	id[crm - 4][5] = read_sysreg(S3_0_C0_C##crm##_5);	\
	id[crm - 4][6] = read_sysreg(S3_0_C0_C##crm##_6);	\
	id[crm - 4][7] = read_sysreg(S3_0_C0_C##crm##_7);	\
} while (0)

static unsigned int pa_bits(u64 parange)
{
	static const u8 bits[] = { 32, 36, 40, 42, 44, 48, 52 };

	return parange < sizeof(bits) ? bits[parange] : 48;
}

/* In 128 bits; 0 when EL3 does not let us. ZCR_EL2 is the host's: put back as found. */
static unsigned int sve_longest(void)
{
	unsigned int vq = 0;
	u64 zcr;

	write_sysreg(cptr_el2, CPTR_BASE | CPTR_ZEN | CPTR_FPEN);
	isb();
	if (sysreg_is_ours(SYS_ZCR_EL2)) {
		zcr = read_sysreg(SYS_ZCR_EL2);
		write_sysreg(SYS_ZCR_EL2, ZCR_LEN);
		isb();
		vq = (unsigned int)sve_bytes() / 16;
		write_sysreg(SYS_ZCR_EL2, zcr);
	}
	write_sysreg(cptr_el2, CPTR_BASE);
	isb();
	return vq;
}

/*
 * What stage 2 has of each granule: TGran*_2, of which 0 means as stage 1, where
 * 4 and 64 KiB count from -1 (none) and 16 KiB from 0. The next value up is LPA2,
 * which is used with 4 KiB only where stage 1 has it too.
 */
static void granules(struct arch_features *f, u64 mmfr0)
{
	unsigned int stage1[] = { (FIELD(mmfr0, 31, 28) + 1) & 0xf, FIELD(mmfr0, 23, 20),
				  (FIELD(mmfr0, 27, 24) + 1) & 0xf };
	unsigned int stage2[] = { FIELD(mmfr0, 43, 40), FIELD(mmfr0, 35, 32), FIELD(mmfr0, 39, 36) };

	f->granules = 0;
	f->granules_wide = 0;
	for (unsigned int i = 0; i < 3; i++) {
		unsigned int has = stage2[i] ? stage2[i] - 1 : stage1[i];	/* 0, 1, 2: LPA2 */

		f->granules |= has ? BIT(i) : 0;
		f->granules_wide |= has >= 2 && stage1[i] >= 2 ? BIT(i) : 0;
	}
	if (f->granules & RMI_F1_GRAN_64KB && f->pa_bits == 52)
		f->granules_wide |= RMI_F1_GRAN_64KB;
}

void features_init(void)
{
	struct arch_features *f = &arch_features;
	u64 pfr0, pfr1, dfr0, isar1, isar2, mmfr0, mmfr1, mmfr2;

	READ_ROW(4);
	READ_ROW(5);
	READ_ROW(6);
	READ_ROW(7);
	pfr0 = id[0][0];
	pfr1 = id[0][1];
	dfr0 = id[1][0];
	isar1 = id[2][1];
	isar2 = id[2][2];
	mmfr0 = id[3][0];
	mmfr1 = id[3][1];
	mmfr2 = id[3][2];

	f->pa_bits = pa_bits(FIELD(mmfr0, 3, 0));
	granules(f, mmfr0);
	f->vmid16 = FIELD(mmfr1, 7, 4) == 2;
	f->fgt = FIELD(mmfr0, 59, 56) >= 1;
	f->fgt2 = FIELD(mmfr0, 59, 56) >= 2;
	f->ecv = FIELD(mmfr0, 63, 60) >= 2;
	f->hcx = FIELD(mmfr1, 43, 40) >= 1;
	f->pauth = FIELD(isar1, 7, 4) || FIELD(isar1, 11, 8) || FIELD(isar1, 27, 24) ||
		   FIELD(isar1, 31, 28) || FIELD(isar2, 15, 8);
	f->sve_max_vq = FIELD(pfr0, 35, 32) ? sve_longest() : 0;
	f->sve = f->sve_max_vq != 0;
	f->sme = FIELD(pfr1, 27, 24) != 0;
	f->mte = FIELD(pfr1, 11, 8) >= 2;
	f->ras = FIELD(pfr0, 31, 28) != 0;
	f->pmu = FIELD(dfr0, 11, 8) != 0 && FIELD(dfr0, 11, 8) != 0xf;
	f->trf = FIELD(dfr0, 43, 40) && sysreg_is_ours(SYS_TRFCR_EL12);
	f->brbe = FIELD(dfr0, 55, 52) && sysreg_is_ours(SYS_BRBCR_EL12);
	f->recorders = f->trf || f->brbe;
	f->dit = FIELD(pfr0, 51, 48) != 0;
	f->csv2 = FIELD(pfr0, 59, 56) >= 2 || FIELD(pfr1, 35, 32) >= 2;
	f->mpam = FIELD(pfr0, 43, 40) != 0 || FIELD(pfr1, 19, 16) != 0;
	f->mops = FIELD(isar2, 19, 16) != 0;
	f->wfxt = FIELD(isar2, 3, 0) != 0;
	f->tlbi_range = FIELD(id[2][0], 59, 56) >= 2;
	f->nv = FIELD(mmfr2, 27, 24) != 0;
	f->rng = FIELD(id[2][0], 63, 60) != 0;
	f->nr_breakpoints = (unsigned int)FIELD(dfr0, 15, 12) + 1;
	f->nr_watchpoints = (unsigned int)FIELD(dfr0, 23, 20) + 1;
	f->nr_pmu_counters = f->pmu ? (unsigned int)FIELD(read_sysreg(pmcr_el0), 15, 11) : 0;
	/* PMOVS and PMINTEN of a realm are always trapped */
	f->pmu_for_realms = f->pmu && f->fgt;
	f->hpmn0 = FIELD(dfr0, 63, 60) == 1;
	f->icache_dic = FIELD(read_sysreg(ctr_el0), 29, 29) != 0;
	f->ich_vtr = read_sysreg(SYS_ICH_VTR_EL2);
	f->nr_list_regs = (unsigned int)FIELD(f->ich_vtr, 4, 0) + 1;
	f->midr = read_sysreg(midr_el1);
	f->pps_bits = 48;
	f->l0gpt_shift = 30;
}

void features_print(void)
{
	const struct arch_features *f = &arch_features;

	arch_print("RMM: PA %u bits, protected %u, L0 GPT 2^%u; granules %x, 52 bits %x; FGT %d PAuth %d SVE %d SME %d\n",
		   f->pa_bits, f->pps_bits, f->l0gpt_shift, f->granules, f->granules_wide, f->fgt, f->pauth, f->sve, f->sme);
}
