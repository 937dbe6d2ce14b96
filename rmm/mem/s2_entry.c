/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RTT entries as 64-bit descriptors (rmi-memory.md 7.1, 7.8; realm-exec.md 10)
 * and the shapes a tree may have (rmi-memory.md 6).
 *
 * Hardware ignores an entry whose bit 0 is clear; the rest of it is ours:
 *
 *	bit  2		DATA: holds an address although the realm may not use it
 *	bits 6:5	RIPAS
 *	address bits	as in a valid descriptor
 *
 * Zero is VOID and EMPTY, or UNMAPPED_NS: what a fresh table says.
 */
#include "base/require.h"
#include "mem/s2.h"

#define DESC_VALID		BIT(0)
#define DESC_TABLE		BIT(1)		/* and a page at level 3 */
#define DESC_MEMATTR_WB		(6ULL << 2)	/* FWB: Normal write-back whatever stage 1 says */
#define DESC_MEMATTR		MASK(4, 2)
#define DESC_S2AP		MASK(7, 6)
#define DESC_S2AP_RW		(3ULL << 6)
#define DESC_SH_INNER		(3ULL << 8)
#define DESC_SH_OUTER		(2ULL << 8)
#define DESC_AF			BIT(10)
#define DESC_XN			BIT(54)		/* XN[1:0] = 0b10: never executable */
#define DESC_NS			BIT(55)

#define SOFT_DATA		BIT(2)
#define SOFT_RIPAS_SHIFT	5
#define SOFT_RIPAS		MASK(6, 5)

/* ---- addresses ------------------------------------------------------------ */

static u64 encode_address(const struct s2 *s2, pa_t oa)
{
	return (oa.raw & s2->oa_mask) | (oa.raw >> s2->oa_move & s2->oa_high);
}

static pa_t decode_address(const struct s2 *s2, u64 desc)
{
	return pa((desc & s2->oa_mask) | (desc & s2->oa_high) << s2->oa_move);
}

/* ---- entries --------------------------------------------------------------- */

/* MemAttr 5 and above is Normal memory, and 7 takes what stage 1 says. */
static u64 ns_shareability(const struct s2 *s2, u64 attributes)
{
	if (s2->lpa2)
		return 0;			/* from VTCR */
	return FIELD(attributes, 4, 2) >= 6 ? DESC_SH_INNER : DESC_SH_OUTER;
}

static u64 leaf_type(int level)
{
	return level == S2_LAST_LEVEL ? DESC_VALID | DESC_TABLE : DESC_VALID;
}

static u64 encode_data(const struct s2 *s2, const struct s2_entry *e, int level)
{
	u64 address = encode_address(s2, e->oa);

	if (e->ns)
		return address | leaf_type(level) | (e->attributes & (DESC_MEMATTR | DESC_S2AP)) |
		       ns_shareability(s2, e->attributes) | DESC_AF | DESC_XN | DESC_NS;
	if (e->ripas == RMI_RIPAS_RAM)
		return address | leaf_type(level) | DESC_MEMATTR_WB | DESC_S2AP_RW |
		       (s2->lpa2 ? 0 : DESC_SH_INNER) | DESC_AF;
	return address | SOFT_DATA | (u64)e->ripas << SOFT_RIPAS_SHIFT;
}

u64 s2_encode(const struct s2 *s2, const struct s2_entry *e, int level)
{
	switch (e->state) {
	case S2_TABLE:
		return encode_address(s2, e->oa) | DESC_VALID | DESC_TABLE;
	case S2_DATA:
		return encode_data(s2, e, level);
	case S2_VOID:
		break;
	}
	return e->ns ? 0 : (u64)e->ripas << SOFT_RIPAS_SHIFT;
}

struct s2_entry s2_decode(const struct s2 *s2, u64 desc, int level, bool ns)
{
	struct s2_entry e = { .state = S2_VOID, .ns = ns };

	if (!(desc & DESC_VALID)) {
		e.ripas = (u8)((desc & SOFT_RIPAS) >> SOFT_RIPAS_SHIFT);
		if (desc & SOFT_DATA) {
			e.state = S2_DATA;
			e.oa = decode_address(s2, desc);
		}
		return e;
	}
	e.oa = decode_address(s2, desc);
	if (level < S2_LAST_LEVEL && desc & DESC_TABLE) {
		e.state = S2_TABLE;
		return e;
	}
	e.state = S2_DATA;
	if (ns)
		e.attributes = desc & (DESC_MEMATTR | DESC_S2AP);
	else
		e.ripas = RMI_RIPAS_RAM;
	return e;
}

u64 s2_describe(const struct s2 *s2, const struct s2_entry *e)
{
	return e->state == S2_VOID ? 0 : encode_address(s2, e->oa) | e->attributes;
}

bool s2_is_valid(const struct s2_entry *e)
{
	return e->state == S2_TABLE ||
	       (e->state == S2_DATA && (e->ns || e->ripas == RMI_RIPAS_RAM));
}

bool s2_is_live(const struct s2_entry *e)
{
	return e->state != S2_VOID;
}

bool s2_holds_address(u64 desc)
{
	return desc & (desc & DESC_VALID ? DESC_VALID : SOFT_DATA);
}

/* ---- shapes ----------------------------------------------------------------- */

/* What the architecture has of one granule: where a walk may start, where blocks may be. */
struct shape {
	s8 highest, highest_wide;	/* starting level without and with 52 bits */
	s8 lowest;			/* below the others only with small tables (FEAT_TTST) */
	s8 far;				/* a start at this level wants ... */
	u8 far_bits;			/* ... so many bits of physical address */
	s8 block, block_wide;
};

static const struct shape *shape(void)
{
	static const struct shape shapes[] = {
		{ 0, -1, 2, 0, 44, 1, 1 },	/* 4 KiB */
		{ 1, 0, 3, 1, 42, 2, 1 },	/* 16 KiB */
		{ 1, 1, 3, 1, 44, 2, 1 },	/* 64 KiB */
	};
	return &shapes[(GRANULE_SHIFT - PAGE_SHIFT) / 2];
}

/*
 * `levels` levels below and including the start translate stride * levels + shift
 * bits with one root; up to 16 roots add four more. A walk starts no higher than
 * needed: the smallest width is what one level less, with its concatenated roots
 * aside, would not do.
 */
bool s2_geometry_fits(u64 ipa_bits, s64 start_level, u64 nr_roots, bool wide, unsigned int pa_bits)
{
	const struct shape *s = shape();
	unsigned int levels, one_root;

	if (start_level < (wide ? s->highest_wide : s->highest) || start_level > s->lowest)
		return false;
	if (start_level == s->far && pa_bits < s->far_bits)
		return false;
	levels = (unsigned int)(S2_LAST_LEVEL - start_level) + 1;
	one_root = S2_STRIDE * levels + GRANULE_SHIFT;
	if (ipa_bits <= one_root - S2_STRIDE || ipa_bits > one_root + 4 ||
	    ipa_bits > (wide ? 52 : 48))
		return false;
	return nr_roots == (ipa_bits <= one_root ? 1 : 1ULL << (ipa_bits - one_root));
}

/* OA[51:50] sit in bits 9:8 with LPA2 (4 and 16 KiB); of 64 KiB OA[51:48] in bits 15:12. */
void s2_set_form(struct s2 *s2, bool wide)
{
	s2->block_level = wide ? shape()->block_wide : shape()->block;
	s2->lpa2 = wide && GRANULE_SHIFT != 16;
	s2->oa_mask = MASK(s2->lpa2 ? 49 : 47, GRANULE_SHIFT);
	s2->oa_high = s2->lpa2 ? MASK(9, 8) : wide ? MASK(15, 12) : 0;
	s2->oa_move = s2->lpa2 ? 42 : 36;
}

/* ---- folding ------------------------------------------------------------------ */

u64 s2_step(const struct s2_entry *first, int level)
{
	return first->state == S2_DATA ? s2_size(level) : 0;
}

bool s2_is_homogeneous(const struct s2 *s2, const u64 *table, unsigned int nr_entries, int level,
		       bool ns, struct s2_entry *parent)
{
	struct s2_entry first = s2_decode(s2, arch_s2_read(&table[0]), level, ns);
	u64 want, step = s2_step(&first, level);

	if (first.state == S2_TABLE)
		return false;
	if (first.state == S2_DATA && (level <= s2->block_level ||
				       !IS_ALIGNED(first.oa.raw, s2_size(level - 1))))
		return false;
	want = s2_encode(s2, &first, level);
	for (unsigned int i = 0; i < nr_entries; i++, want += step)
		if (arch_s2_read(&table[i]) != want)
			return false;
	*parent = first;
	return true;
}
