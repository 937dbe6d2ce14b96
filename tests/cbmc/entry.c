/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RTT entries as descriptors, and the shapes of trees (rmi-memory.md 6, 7).
 * with: mem/s2_entry.c
 */
#include "cbmc.h"
#include "mem/s2.h"

#define VALID		BIT(0)
#define IS_NS		BIT(55)
#define NEVER_EXECUTE	BIT(54)
#define ACCESS_FLAG	BIT(10)

static struct s2 any_s2(void)
{
	bool wide = any_bool();
	struct s2 s2 = { .oa_bits = wide ? 52 : 48 };

	s2_set_form(&s2, wide);
	return s2;
}

static int any_level(const struct s2 *s2)
{
	int level = any_int();

	given(level >= (GRANULE_SHIFT == 12 && s2->lpa2 ? -1 : GRANULE_SHIFT == 16 ? 1 : 0) && level <= S2_LAST_LEVEL);
	return level;
}

/* An entry that the code may write at this level. */
static struct s2_entry any_entry(const struct s2 *s2, int level)
{
	unsigned int state = any_uint();
	struct s2_entry e = {
		.state = (enum s2_state)(state % 3), .ns = any_bool(), .ripas = (u8)any_uint(),
		.oa = pa(any_u64()), .attributes = any_u64(),
	};

	given(e.ripas <= RMI_RIPAS_DESTROYED);
	given(e.oa.raw < 1ULL << s2->oa_bits);
	given((e.attributes & ~(MASK(4, 2) | MASK(7, 6))) == 0);
	given(so(!e.ns || e.state != S2_DATA, e.attributes == 0));
	given(so(e.ns || e.state == S2_TABLE, e.ripas == 0));
	given(so(e.state == S2_VOID, e.oa.raw == 0));
	given(so(e.state == S2_TABLE, level < S2_LAST_LEVEL && IS_ALIGNED(e.oa.raw, GRANULE_SIZE)));
	given(so(e.state == S2_DATA, level >= s2->block_level && IS_ALIGNED(e.oa.raw, s2_size(level))));
	/* a table's own half is not in its descriptor */
	given(so(e.state == S2_TABLE, !e.ns));
	return e;
}

static bool same(const struct s2_entry *a, const struct s2_entry *b)
{
	return a->state == b->state && a->ripas == b->ripas && a->oa.raw == b->oa.raw &&
	       a->attributes == b->attributes;
}

/* Nothing is lost by being written down. */
PROOF(written_and_read)
{
	struct s2 s2 = any_s2();
	int level = any_level(&s2);
	struct s2_entry e = any_entry(&s2, level), back;
	u64 d = s2_encode(&s2, &e, level);

	back = s2_decode(&s2, d, level, e.ns);
	claim(same(&e, &back));
	claim(s2_holds_address(d) == s2_is_live(&e));
	claim(((d & VALID) != 0) == s2_is_valid(&e));
	reached();
}

/*
 * The border between the halves: what the hardware will use of the protected
 * half is Realm memory, of the unprotected half Non-secure and never executed.
 */
PROOF(halves_do_not_mix)
{
	struct s2 s2 = any_s2();
	int level = any_level(&s2);
	struct s2_entry e = any_entry(&s2, level);
	u64 d = s2_encode(&s2, &e, level);

	claim(so(e.state == S2_DATA && e.ns, (d & VALID) && (d & IS_NS) && (d & NEVER_EXECUTE)));
	claim(so(!e.ns, !(d & IS_NS)));
	claim(so(e.state == S2_DATA && s2_is_valid(&e), d & ACCESS_FLAG));
	/* the realm's own memory is not usable unless it is RAM */
	claim(so(e.state == S2_DATA && !e.ns && e.ripas != RMI_RIPAS_RAM, !(d & VALID)));
	reached();
}

/* What a fresh table says. */
PROOF(zero_is_void)
{
	struct s2 s2 = any_s2();
	bool half = any_bool();
	struct s2_entry e = s2_decode(&s2, 0, any_level(&s2), half);

	claim(e.state == S2_VOID && e.ripas == RMI_RIPAS_EMPTY && e.oa.raw == 0);
	claim(!s2_is_live(&e) && !s2_is_valid(&e) && !s2_holds_address(0));
	claim(s2_describe(&s2, &e) == 0);
	reached();
}

/* What READ_ENTRY shows has no bit that is neither address nor attribute. */
PROOF(described)
{
	struct s2 s2 = any_s2();
	int level = any_level(&s2);
	struct s2_entry e = any_entry(&s2, level);
	u64 shown = s2_describe(&s2, &e), low = shown & (GRANULE_SIZE - 1);

	low &= ~s2.oa_high;		/* address bits 51:50, or 51:48 */
	claim((shown & ~MASK(49, 0)) == 0);
	claim(low == (e.state == S2_VOID ? 0 : e.attributes));
	reached();
}

/*
 * A shape that is let through covers its IPA space: roots and levels translate
 * exactly that many bits, and there are 1 to 16 roots.
 */
PROOF(shape_covers_its_space)
{
	u64 bits = any_u64(), roots = any_u64();
	s64 start = any_s64();
	bool wide = any_bool();
	unsigned int pa_bits = any_uint();
	u64 one;

	given(bits >= 32 && bits <= (wide ? 52 : 48) && pa_bits >= 32 && pa_bits <= 52);
	if (!s2_geometry_fits(bits, start, roots, wide, pa_bits))
		return;
	claim(start >= -1 && start <= S2_LAST_LEVEL);
	claim(roots >= 1 && roots <= S2_MAX_ROOTS && (roots & (roots - 1)) == 0);
	one = GRANULE_SHIFT + S2_STRIDE * (u64)(S2_LAST_LEVEL - start + 1);
	claim(1ULL << bits <= roots << (one < 58 ? one : 58));
	claim(so(roots > 1, 1ULL << bits == roots << one));
	/* the first level is needed: one fewer would not do */
	claim(bits > one - S2_STRIDE);
	reached();
}

/* Four alike children: the parent's block says of each page what the page's entry said. */
PROOF(folding_keeps_every_page)
{
	struct s2 s2 = any_s2();
	int level = any_level(&s2);
	u64 table[4];
	struct s2_entry parent;
	bool half = any_bool();

	given(level >= 1);
	for (unsigned int i = 0; i < 4; i++)
		table[i] = any_u64();
	/* what s2_encode() writes */
	for (unsigned int i = 0; i < 4; i++) {
		struct s2_entry e = any_entry(&s2, level);

		given(e.ns == half || e.state == S2_TABLE);
		given(table[i] == s2_encode(&s2, &e, level));
	}
	if (!s2_is_homogeneous(&s2, table, 4, level, half, &parent))
		return;
	for (unsigned int i = 0; i < 4; i++) {
		struct s2_entry e = s2_decode(&s2, table[i], level, half);

		claim(e.state == parent.state && e.ripas == parent.ripas);
		claim(e.attributes == parent.attributes);
		claim(so(e.state == S2_DATA, e.oa.raw == parent.oa.raw + i * s2_size(level)));
		claim(e.state != S2_TABLE);
	}
	claim(so(parent.state == S2_DATA, level > s2.block_level));
	claim(so(parent.state == S2_DATA, IS_ALIGNED(parent.oa.raw, s2_size(level - 1))));
	reached();
}
