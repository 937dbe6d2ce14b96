/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Services of EL3 (el3.md 4, 7; decisions 19-24): granule protection through
 * FIRME with ranges, FIRME one by one, or GTSI, whatever this EL3 has.
 */
#include "arch/arch.h"
#include "arch/el3.h"
#include "arch/mmu.h"
#include "arch/smc.h"

static enum { GTSI, FIRME_SINGLE, FIRME_RANGE } granule_service;

void el3_probe(void)
{
	static const u8 pps[] = { 32, 36, 40, 42, 44, 48, 52 };
	struct smc_result r;

	r = smc(FIRME_SERVICE_VERSION, FIRME_SERVICE_GRANULE, 0, 0, 0);
	if ((s64)r.x0 < 0 || (u32)r.x0 >> 16 != 1)
		return;
	r = smc(FIRME_SERVICE_FEATURES, FIRME_SERVICE_GRANULE, 0, 0, 0);
	if (r.x0 || !(r.x1 & FIRME_GM0_GPI_SET))
		return;
	granule_service = FIRME_RANGE;

	r = smc(FIRME_SERVICE_FEATURES, FIRME_SERVICE_GRANULE, 1, 0, 0);
	if (r.x0)
		return;
	if (FIRME_GM1_PPS(r.x1) < ARRAY_SIZE(pps))
		arch_features.pps_bits = pps[FIRME_GM1_PPS(r.x1)];
	arch_features.l0gpt_shift = 30 + (unsigned int)FIRME_GM1_L0GPTSZ(r.x1);
}

const char *el3_granule_service(void)
{
	return granule_service == GTSI ? "GTSI" : "FIRME";
}

/* As many granules as one SMC moves, at most count. */
static u64 gpi_set(u64 base, u64 count, u64 gpi)
{
	struct smc_result r;

	if (granule_service == GTSI) {
		r = smc(gpi == GPI_REALM ? RMM_GTSI_DELEGATE : RMM_GTSI_UNDELEGATE, base, 0, 0, 0);
		return (u32)r.x0 == 0;
	}
	if (granule_service == FIRME_SINGLE)
		count = 1;
	r = smc(FIRME_GM_GPI_SET, base, count, gpi, 0);
	if (r.x0 == 0 && r.x1)
		return r.x1 < count ? r.x1 : count;
	if (count == 1)
		return 0;

	/* An EL3 that takes single granules only (decisions 21) refuses the count, not the granule. */
	r = smc(FIRME_GM_GPI_SET, base, 1, gpi, 0);
	if (r.x0)
		return 0;
	granule_service = FIRME_SINGLE;
	return 1;
}

static u64 gpi_set_all(u64 base, u64 count, u64 gpi)
{
	u64 done = 0, n;

	while (done < count) {
		n = gpi_set(base + done * GRANULE_SIZE, count - done, gpi);
		if (!n)
			break;
		done += n;
	}
	return done;
}

u64 arch_gpt_to_realm(pa_t base, u64 count)
{
	return gpi_set_all(base.raw, count, GPI_REALM);
}

u64 arch_gpt_to_ns(pa_t base, u64 count)
{
	return gpi_set_all(base.raw, count, GPI_NS);
}

bool arch_reserve(u64 bytes, unsigned int align_log2, pa_t *out)
{
	struct smc_result r;

	bytes = ALIGN_UP(bytes, GRANULE_SIZE);
	if (align_log2 < GRANULE_SHIFT)
		align_log2 = GRANULE_SHIFT;
	if (arch_nr_own == ARCH_MAX_BANKS)
		return false;
	r = smc(RMM_RESERVE_MEMORY, bytes, (u64)align_log2 << 56, 0, 0);
	if ((u32)r.x0 || !r.x1 || !IS_ALIGNED(r.x1, GRANULE_SIZE))
		return false;
	if (!mmu_map_realm(r.x1, bytes, MAP_DATA))
		return false;
	mmu_publish();
	arch_own[arch_nr_own++] = (struct arch_range){ pa(r.x1), bytes };
	*out = pa(r.x1);
	return true;
}
