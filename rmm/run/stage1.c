/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The realm's own translation, walked as hardware does it, to name the level of
 * an address that lies beyond the IPA space: hardware reports such a fault by the
 * levels of stage 2 (decisions 77). What is read here decides nothing else.
 */
#include "base/string.h"
#include "run/run.h"

#define SCTLR_M		BIT(0)

#define TCR_T0SZ(tcr)	((unsigned int)FIELD(tcr, 5, 0))
#define TCR_TG0(tcr)	FIELD(tcr, 15, 14)
#define TCR_T1SZ(tcr)	((unsigned int)FIELD(tcr, 21, 16))
#define TCR_TG1(tcr)	FIELD(tcr, 31, 30)
#define TCR_IPS_52(tcr)	(FIELD(tcr, 34, 32) == 6)
#define TCR_DS		BIT(59)

#define VA_IS_HIGH	BIT(55)
#define DESC_VALID	BIT(0)
#define DESC_TABLE	BIT(1)

struct stage1 {
	unsigned int shift;		/* of the granule: 12, 14, 16 */
	unsigned int va_bits;
	bool big_endian;
	bool wide_4k_16k;		/* OA[51:50] in bits 9:8 */
	bool wide_64k;			/* OA[51:48] in bits 15:12 */
	u64 table;			/* IPA of the first one */
};

/* False: stage 1 is off, or set up as no hardware would walk it. */
static bool describe(struct stage1 *w, u64 va)
{
	static const u8 shift_0[] = { 12, 16, 14, 0 }, shift_1[] = { 0, 14, 12, 16 };
	u64 sctlr = arch_el1_read(EL1_SCTLR), tcr = arch_el1_read(EL1_TCR);
	bool high = va & VA_IS_HIGH;
	u64 ttbr = arch_el1_read(high ? EL1_TTBR1 : EL1_TTBR0);

	w->shift = high ? shift_1[TCR_TG1(tcr)] : shift_0[TCR_TG0(tcr)];
	w->va_bits = 64 - (high ? TCR_T1SZ(tcr) : TCR_T0SZ(tcr));
	if (!(sctlr & SCTLR_M) || !w->shift || w->va_bits <= w->shift || w->va_bits > 52)
		return false;
	w->big_endian = sctlr & SCTLR_EE;
	w->wide_4k_16k = w->shift != 16 && tcr & TCR_DS;
	w->wide_64k = w->shift == 16;
	w->table = ttbr & MASK(47, 1);
	if (TCR_IPS_52(tcr) && (w->wide_4k_16k || w->wide_64k))
		w->table = (ttbr & MASK(47, 6)) | FIELD(ttbr, 5, 2) << 48;
	return true;
}

static u64 address(const struct stage1 *w, u64 desc)
{
	u64 low = desc & MASK(47, 0) & ~(BIT(w->shift) - 1);

	if (w->wide_64k)
		return low | FIELD(desc, 15, 12) << 48;
	if (w->wide_4k_16k)
		return low | (desc & MASK(49, 48)) | FIELD(desc, 9, 8) << 50;
	return low;
}

/* One descriptor; false: it is not in memory of the realm's own that is mapped now. */
static bool fetch(struct stay *s, const struct stage1 *w, u64 at, u64 *desc)
{
	u64 page = ALIGN_DOWN(at, GRANULE_SIZE);
	struct s2_walk walk;
	const u8 *view;
	int level;
	pa_t pa;

	if (!s2_is_protected(&s->rd->s2, page) ||
	    s2_touch_page(s->c, &s->rd->s2, ipa(page), &s->rec->hint, &walk, &pa, &level) !=
		    S2_TOUCH_OK)
		return false;
	view = arch_view(pa);
	memcpy(desc, view + (at - page), sizeof(*desc));
	arch_unview((void *)view);
	s2_let_go(s->c, &walk);
	if (w->big_endian)
		*desc = __builtin_bswap64(*desc);
	return true;
}

int stage1_level(struct stay *s, u64 va)
{
	unsigned int stride, low, high;
	struct stage1 w;
	int level, named = 0;		/* a base register that is too high: level 0 */
	u64 at, desc;

	if (!describe(&w, va))
		return 0;
	stride = w.shift - 3;
	level = 4 - (int)((w.va_bits - w.shift + stride - 1) / stride);
	for (at = w.table; ; at = address(&w, desc), named = level++) {
		low = w.shift + stride * (unsigned int)(3 - level);
		high = low + stride < w.va_bits ? low + stride : w.va_bits;
		at += FIELD(va, high - 1, low) * 8;
		if (at >= s2_ipa_top(&s->rd->s2))
			return named;
		if (!fetch(s, &w, ALIGN_DOWN(at, 8), &desc) || !(desc & DESC_VALID) ||
		    !(desc & DESC_TABLE) || level == 3)
			return level;
	}
}
