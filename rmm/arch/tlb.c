/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage 2 of realms: descriptors, control registers, TLB maintenance
 * (realm-exec.md 1.2, 10.1; decisions 56).
 */
#include "arch/arch.h"
#include "arch/sysreg.h"
#include "arch/tlbi.h"

/* Beyond this many single invalidations, or this many bytes in ranges, the whole VMID goes. */
#define MAX_SINGLE		512
#define MAX_RANGE		(64ULL << 33)	/* 64 of the largest ranges */

#define VTCR_DS			BIT(32)

void arch_s2_write(u64 *entry, u64 descriptor)
{
	__atomic_store_n(entry, descriptor, __ATOMIC_RELEASE);
}

u64 arch_s2_read(const u64 *entry)
{
	return __atomic_load_n(entry, __ATOMIC_ACQUIRE);
}

void arch_s2_publish(void)
{
	dsb(ishst);
}

/* VTCR_EL2.TG0: 4 KiB 0, 64 KiB 1, 16 KiB 2. */
static unsigned int granule_code(void)
{
	return GRANULE_SHIFT == 12 ? 0 : GRANULE_SHIFT == 16 ? 1 : 2;
}

/* SL0, and SL2 in bit 33 (4 KiB with LPA2 only): counts levels up from 2 or, not 4 KiB, from 3. */
static u64 sl(int start_level)
{
	if (start_level < 0)
		return BIT(33);
	if (GRANULE_SHIFT == 12)
		return (u64)(2 - start_level) << 6;	/* a start at 3 is not offered */
	return (u64)(3 - start_level) << 6;
}

u64 arch_vtcr(unsigned int s2sz, int start_level, bool lpa2)
{
	u64 ps = FIELD(arch_id_register(7, 0), 3, 0);

	if (GRANULE_SHIFT != 16 && !lpa2 && ps > 5)
		ps = 5;
	return (64 - (u64)s2sz) | sl(start_level) | (u64)granule_code() << 14 |
	       1 << 8 | 1 << 10 |		/* walks: write-back */
	       3 << 12 |			/* inner shareable */
	       ps << 16 |
	       (arch_features.vmid16 ? BIT(19) : 0) |
	       BIT(30) |			/* NSA: IPA space chosen by the leaf */
	       BIT(31) |			/* RES1 */
	       (lpa2 ? VTCR_DS : 0);
}

u64 arch_vttbr(pa_t root, unsigned int vmid)
{
	u64 base = root.raw;

	/* OA[51:48] of a 52-bit table address stand in bits 5:2 */
	if (base >> 48)
		base = (base & MASK(47, 6)) | FIELD(base, 51, 48) << 2;
	return (u64)vmid << 48 | base;
}

static void use(u64 vttbr, u64 vtcr)
{
	write_sysreg(vtcr_el2, vtcr);
	write_sysreg(vttbr_el2, vttbr);
	isb();
}

/* RIPAS2E1IS over translation granules, largest ranges first; the base counts in 1 << shift. */
static void flush_by_range(u64 base, u64 bytes, unsigned int shift)
{
	static const u8 tg[] = { 1, 3, 2 };	/* by VTCR_EL2.TG0 */
	u64 units = bytes >> GRANULE_SHIFT, operand_tg = (u64)tg[granule_code()] << 46, covered;

	for (; units > 1; units -= covered, base += covered << GRANULE_SHIFT) {
		u64 operand = operand_tg | tlbi_range(base, units, shift, &covered);

		__asm__ volatile("sys #4, c8, c0, #2, %0" :: "r"(operand));	/* RIPAS2E1IS */
	}
	if (units)
		__asm__ volatile("tlbi ipas2e1is, %0" :: "r"(base >> 12));
}

void arch_tlb_flush_range(u64 vttbr, u64 vtcr, ipa_t base, u64 bytes)
{
	u64 old_vttbr = read_sysreg(vttbr_el2), old_vtcr = read_sysreg(vtcr_el2);
	u64 start = base.raw, end = base.raw + bytes;

	dsb(ishst);
	use(vttbr, vtcr);
	if (end - start == GRANULE_SIZE) {
		__asm__ volatile("tlbi ipas2e1is, %0" :: "r"(start >> 12));
	} else if (arch_features.tlbi_range && bytes <= MAX_RANGE) {
		unsigned int shift = vtcr & VTCR_DS ? 16 : GRANULE_SHIFT;

		start = ALIGN_DOWN(start, BIT(shift));	/* the base is in units of 64 KiB with DS */
		flush_by_range(start, end - start, shift);
	} else if (arch_features.tlbi_range || bytes > MAX_SINGLE * GRANULE_SIZE) {
		__asm__ volatile("tlbi vmalls12e1is");
	} else {
		for (; start < end; start += GRANULE_SIZE)
			__asm__ volatile("tlbi ipas2e1is, %0" :: "r"(start >> 12));
	}
	dsb(ish);
	__asm__ volatile("tlbi vmalle1is");	/* combined stage 1 and 2 entries */
	dsb(ish);
	use(old_vttbr, old_vtcr);
}

void arch_tlb_flush_vmid(u64 vttbr, u64 vtcr)
{
	u64 old_vttbr = read_sysreg(vttbr_el2), old_vtcr = read_sysreg(vtcr_el2);

	dsb(ishst);
	use(vttbr, vtcr);
	__asm__ volatile("tlbi vmalls12e1is");
	dsb(ish);
	use(old_vttbr, old_vtcr);
}
