/* SPDX-License-Identifier: BSD-2-Clause */
#include "abi/rmi.h"
#include "base/require.h"
#include "realm/features.h"

static unsigned int at_most(unsigned int v, unsigned int limit)
{
	return v < limit ? v : limit;
}

/* RMI_F1_GRAN_* of the granule in force. */
static u64 granule_bit(void)
{
	return RMI_F1_GRAN_4KB << (GRANULE_SHIFT - PAGE_SHIFT) / 2;
}

bool feature_wide(void)
{
	return arch_features.granules_wide & granule_bit();
}

unsigned int feature_s2oasz(void)
{
	return at_most(arch_features.pa_bits, feature_wide() ? 52 : 48);
}

bool feature_lpa2(void)
{
	return feature_wide() && GRANULE_SHIFT != 16;
}

/* A realm's IPA space is never wider than what its tables can put out. */
unsigned int feature_s2sz(void)
{
	return feature_s2oasz();
}

static u64 register_0(void)
{
	return (u64)feature_s2sz() << RMI_F0_S2SZ_SHIFT |
	       (feature_lpa2() ? RMI_F0_LPA2 : 0) |
	       (arch_features.sve_max_vq ? RMI_F0_SVE |
		(u64)(arch_features.sve_max_vq - 1) << RMI_F0_SVE_VL_SHIFT : 0) |
	       (arch_features.pmu_for_realms ? RMI_F0_PMU |
		(u64)arch_features.nr_pmu_counters << RMI_F0_PMU_CTRS_SHIFT : 0) |
	       (u64)(arch_features.nr_breakpoints - 1) << RMI_F0_NUM_BPS_SHIFT |
	       (u64)(arch_features.nr_watchpoints - 1) << RMI_F0_NUM_WPS_SHIFT |
	       (RMI_HAS_S2OASZ ? (u64)feature_s2oasz() << RMI_F0_S2OASZ_SHIFT : 0);
}

/* GPCCR_EL3.PPS */
static u64 pps_code(void)
{
	static const u8 bits[] = { 32, 36, 40, 42, 44, 48, 52 };
	u64 code = 0;

	while (code + 1 < ARRAY_SIZE(bits) && bits[code] < arch_features.pps_bits)
		code++;
	return code;
}

static u64 register_1(void)
{
	return arch_features.granules | RMI_F1_SHA256 | RMI_F1_SHA384 | RMI_F1_SHA512 |
	       (u64)RMI_MAX_RECS_ORDER << RMI_F1_MAX_RECS_ORDER_SHIFT |
	       (u64)(arch_features.l0gpt_shift - 30) << RMI_F1_L0GPTSZ_SHIFT |
	       pps_code() << RMI_F1_PPS_SHIFT;
}

u64 feature_register(u64 index)
{
	switch (index) {
	case 0:
		return register_0();
	case 1:
		return register_1();
	default:
		return 0;	/* no devices, no planes, no memory encryption contexts */
	}
}
