/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ID registers of a realm: of the machine's fields those whose state the
 * monitor switches, or that have none (realm-exec.md 2, decisions 85). A field
 * nobody has looked at reads zero.
 */
#include "run/run.h"

struct id_mask {
	u8 crm, op2;
	u64 shown;
};

#define F4(shift)	(0xFULL << (shift))

static const struct id_mask masks[] = {
	/* PFR0: EL0-EL3, FP, AdvSIMD, GIC, RAS, SVE, DIT, CSV2, CSV3; not SEL2, MPAM, AMU, RME */
	{ 4, 0, MASK(35, 0) | F4(48) | F4(56) | F4(60) },
	/* PFR1: BT, SSBS, RAS_frac, CSV2_frac */
	{ 4, 1, F4(0) | F4(4) | F4(12) | F4(32) },
	/* ZFR0: SVEver, AES, EltPerm, BitPerm, BF16, B16B16, SHA3, SM4, I8MM, F16MM, F32MM, F64MM */
	{ 4, 4, MASK(7, 0) | MASK(27, 12) | F4(32) | MASK(59, 40) },
	/* DFR0: DebugVer, PMUVer, CTX_CMPs; BRPs and WRPs come from the realm */
	{ 5, 0, F4(0) | F4(8) | F4(28) },
	/* ISAR0: all but TME and what is reserved */
	{ 6, 0, ~(F4(0) | F4(24)) },
	/* ISAR1: all but LS64 */
	{ 6, 1, ~F4(60) },
	/* ISAR2: WFxT, RPRES, GPA3, APA3, MOPS, BC, PAC_frac, CLRBHB, CSSC */
	{ 6, 2, MASK(31, 0) | F4(52) },
	/* MMFR0: all but FGT and ECV, which are EL2's */
	{ 7, 0, MASK(47, 0) },
	/* MMFR1: not VH, TWED, HCX (EL2's), not LO (hidden registers) */
	{ 7, 1, ~(F4(8) | F4(16) | F4(32) | F4(40)) },
	/* MMFR2: not NV, FWB, EVT (EL2's) */
	{ 7, 2, ~(F4(24) | F4(40) | F4(44) | F4(56)) },
	/* MMFR3: Spec_FPACC only */
	{ 7, 3, F4(60) },
};

#define PMUVER_V3P8	8

static u64 shown(unsigned int crm, unsigned int op2)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(masks); i++) {
		if (masks[i].crm == crm && masks[i].op2 == op2)
			return masks[i].shown;
	}
	return 0;
}

/* Contexts are known to the last breakpoints, of which the realm has as many as it has. */
static u64 debug_features(const struct rd *rd, u64 v)
{
	u64 bps = rd->nr_breakpoints - 1, wps = rd->nr_watchpoints - 1, pmu = FIELD(v, 11, 8);

	if (!rd->has_pmu)
		pmu = 0;
	else if (pmu > PMUVER_V3P8)	/* what came later has registers that are hidden */
		pmu = PMUVER_V3P8;
	v = (v & ~(F4(8) | F4(12) | F4(20))) | pmu << 8 | bps << 12 | wps << 20;
	if (FIELD(v, 31, 28) > bps)
		v = (v & ~F4(28)) | bps << 28;
	return v;
}

u64 idreg_value(const struct rd *rd, unsigned int crm, unsigned int op2)
{
	u64 v = arch_id_register(crm, op2) & shown(crm, op2);

	if (crm == 4 && op2 == 0 && !rd->sve_vq)
		v &= ~F4(32);
	if (crm == 4 && op2 == 4 && !rd->sve_vq)
		v = 0;
	if (crm == 7 && op2 == 1 && FIELD(v, 3, 0) > 2)
		v = (v & ~F4(0)) | 2;	/* HAFDBS beyond 2 needs hidden registers */
	return crm == 5 && op2 == 0 ? debug_features(rd, v) : v;
}
