/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptors, against values written down from the architecture and
 * realm-exec.md 10, and the shapes of trees, against the table of rmi-memory.md 6.
 */
#include <string.h>

#include "harness/test.h"
#include "mem/s2.h"

static const struct s2 plain = {
	.ipa_bits = 40, .oa_bits = 48, .start_level = 1, .nr_roots = 2, .lpa2 = false,
	.block_level = 1, .oa_mask = MASK(47, 12),
};
static const struct s2 lpa2 = {
	.ipa_bits = 40, .oa_bits = 52, .start_level = 1, .nr_roots = 2, .lpa2 = true,
	.block_level = 1, .oa_mask = MASK(49, 12), .oa_high = MASK(9, 8), .oa_move = 42,
};

static struct s2_entry data(u64 oa, u8 ripas)
{
	return (struct s2_entry){ .state = S2_DATA, .ripas = ripas, .oa = pa(oa) };
}

static struct s2_entry shared(u64 oa, u64 memattr, u64 s2ap)
{
	return (struct s2_entry){ .state = S2_DATA, .ns = true, .oa = pa(oa),
				  .attributes = memattr << 2 | s2ap << 6 };
}

/*
 * bits 1:0 type, 5:2 MemAttr 0110, 7:6 S2AP, 9:8 SH (or OA[51:50]), 10 AF,
 * 54:53 XN, 55 NS.
 */
TEST(descriptors_for_hardware)
{
	struct s2_entry e = data(0x123456000, RMI_RIPAS_RAM);

	check_eq(s2_encode(&plain, &e, 3), 0x1234567DB);
	check_eq(s2_encode(&lpa2, &e, 3), 0x1234564DB);
	e = data(0x140000000, RMI_RIPAS_RAM);
	check_eq(s2_encode(&plain, &e, 2), 0x1400007D9);
	check_eq(s2_encode(&plain, &e, 1), 0x1400007D9);
	e = data(0xC0000123456000, RMI_RIPAS_RAM);	/* nothing beyond 52 bits survives */
	check_eq(s2_encode(&lpa2, &e, 3) & BIT(50), 0);
	e = data(0xF000123456000, RMI_RIPAS_RAM);	/* PA[51:48] = 0xF */
	check_eq(s2_encode(&lpa2, &e, 3), 0x30001234567DB);
	e = (struct s2_entry){ .state = S2_TABLE, .oa = pa(0x88123000) };
	check_eq(s2_encode(&plain, &e, 2), 0x88123003);
	e.oa = pa(0xC000088123000);
	check_eq(s2_encode(&lpa2, &e, 1), 0x88123303);
}

TEST(descriptors_for_host_memory)
{
	struct s2_entry e = shared(0x123456000, 6, 3);

	/* write-back, inner shareable, RW, never executable, Non-secure */
	check_eq(s2_encode(&plain, &e, 3), 0x00C00001234567DBULL);
	check_eq(s2_encode(&lpa2, &e, 3), 0x00C00001234564DBULL);
	e = shared(0x123456000, 0, 1);		/* Device-nGnRnE, write... bit 7:6 as given */
	check_eq(s2_encode(&plain, &e, 3), 0x00C0000123456643ULL);
	e = shared(0x123400000, 5, 3);		/* non-cacheable: outer */
	check_eq(s2_encode(&plain, &e, 2), 0x00C00001234006D5ULL);
}

/* What hardware must ignore has bit 0 clear. */
TEST(what_is_no_memory_is_invalid)
{
	for (int level = 1; level <= 3; level++)
		for (u8 ripas = RMI_RIPAS_EMPTY; ripas <= RMI_RIPAS_DESTROYED; ripas++) {
			struct s2_entry e = { .state = S2_VOID, .ripas = ripas };

			check(!(s2_encode(&lpa2, &e, level) & 1));
			check(!s2_is_valid(&e));
			check(!s2_is_live(&e));
			e = data(0xABC000ULL << 18, ripas);
			check_eq(s2_encode(&lpa2, &e, level) & 1, ripas == RMI_RIPAS_RAM);
			check_eq(s2_is_valid(&e), ripas == RMI_RIPAS_RAM);
			check(s2_is_live(&e));
		}
	check_eq(s2_decode(&lpa2, 0, 3, false).state, S2_VOID);
	check_eq(s2_decode(&lpa2, 0, 3, false).ripas, RMI_RIPAS_EMPTY);
	check_eq(s2_decode(&lpa2, 0, 3, true).state, S2_VOID);
}

static bool same(const struct s2_entry *a, const struct s2_entry *b)
{
	return a->state == b->state && a->ripas == b->ripas && a->ns == b->ns &&
	       a->oa.raw == b->oa.raw && a->attributes == b->attributes;
}

TEST(decode_undoes_encode)
{
	struct rng r = { test_seed() };

	for (unsigned int i = 0; i < 20000; i++) {
		const struct s2 *s2 = rng_below(&r, 2) ? &lpa2 : &plain;
		int level = (int)rng_below(&r, 3) + 1;
		u64 oa = rng_next(&r) & MASK(s2->oa_bits - 1, s2_shift(level));
		struct s2_entry e, back;

		switch (rng_below(&r, 4)) {
		case 0:
			e = data(oa, (u8)rng_below(&r, 3));
			break;
		case 1:
			e = shared(oa, rng_below(&r, 8), rng_below(&r, 4));
			break;
		case 2:
			if (level == 3)
				continue;
			e = (struct s2_entry){ .state = S2_TABLE,
				.oa = pa(rng_next(&r) & MASK(s2->oa_bits - 1, 12)) };
			break;
		default:
			e = (struct s2_entry){ .state = S2_VOID, .ripas = (u8)rng_below(&r, 3) };
		}
		back = s2_decode(s2, s2_encode(s2, &e, level), level, e.ns);
		if (!check(same(&e, &back)))
			break;
	}
}

/* ---- shapes ------------------------------------------------------------------------- */

/* The rows of rmi-memory.md 6, 4 KiB granule. */
static u64 roots_wanted(u64 w, s64 level, bool lpa2_on, unsigned int pa_bits)
{
	if (level == 2 && w >= 22 && w <= 30)
		return 1;
	if (level == 2 && w >= 31 && w <= 34)
		return 1ULL << (w - 30);
	if (level == 1 && w >= 31 && w <= 39)
		return 1;
	if (level == 1 && w >= 40 && w <= 43)
		return 1ULL << (w - 39);
	if (level == 0 && pa_bits < 44)
		return 0;
	if (level == 0 && w >= 40 && w <= 48)
		return 1;
	if (level == 0 && lpa2_on && w >= 49 && w <= 52)
		return 1ULL << (w - 48);
	if (level == -1 && lpa2_on && w >= 49 && w <= 52)
		return 1;
	return 0;
}

TEST(shapes_of_trees)
{
	static const unsigned int pa_bits[] = { 40, 42, 44, 48, 52 };
	static const u64 odd_roots[] = { 0, 3, 17, 1ULL << 32, ~0ULL };
	static const s64 odd_levels[] = { -2, 3, 4, 255, -128, 1LL << 40, INT64_MIN, INT64_MAX };

	for (unsigned int k = 0; k < ARRAY_SIZE(pa_bits) * 2; k++) {
		unsigned int bits = pa_bits[k / 2];
		bool on = k & 1;

		for (u64 w = 0; w < 70; w++)
			for (s64 level = -3; level <= 5; level++)
				for (u64 roots = 1; roots <= 16; roots *= 2) {
					test_note("%d bits, level %d, %d roots, LPA2 %d, PA %u",
						  (int)w, (int)level, (int)roots, on, bits);
					check_eq(s2_geometry_fits(w, level, roots, on, bits),
						 roots == roots_wanted(w, level, on, bits));
				}
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(odd_levels); i++)
		check(!s2_geometry_fits(40, odd_levels[i], 1, true, 52));
	for (unsigned int i = 0; i < ARRAY_SIZE(odd_roots); i++)
		check(!s2_geometry_fits(40, 1, odd_roots[i], true, 52));
}

/* ---- folding ----------------------------------------------------------------------------- */

static u64 table[S2_MAX_ENTRIES];

static void fill(struct s2_entry e, int level)
{
	for (unsigned int i = 0; i < S2_ENTRIES; i++) {
		table[i] = s2_encode(&lpa2, &e, level);
		if (e.state == S2_DATA)
			e.oa = pa_add(e.oa, s2_size(level));
	}
}

static bool folds(int level, bool is_shared, struct s2_entry *parent)
{
	return s2_is_homogeneous(&lpa2, table, S2_ENTRIES, level, is_shared, parent);
}

TEST(what_folds)
{
	struct s2_entry parent, e = data(0x140000000, RMI_RIPAS_RAM);

	fill(e, 3);
	check(folds(3, false, &parent) && same(&parent, &e));
	fill(data(0x140001000, RMI_RIPAS_RAM), 3);	/* not aligned to the block */
	check(!folds(3, false, &parent));
	fill(e, 2);					/* a gigabyte */
	check(folds(2, false, &parent) && same(&parent, &e));
	fill(e, 1);					/* no blocks of 512 GiB */
	check(!folds(1, false, &parent));
	for (unsigned int i = 0; i < S2_ENTRIES; i += 511) {
		struct s2_entry other = data(0x140000000 + i * 0x1000, RMI_RIPAS_EMPTY);

		fill(e, 3);
		table[i] = s2_encode(&lpa2, &other, 3);	/* one RIPAS differs */
		check(!folds(3, false, &parent));
		other = data(0x140000000 + i * 0x1000 + 0x1000, RMI_RIPAS_RAM);
		table[i] = s2_encode(&lpa2, &other, 3);	/* one address differs */
		check(!folds(3, false, &parent));
		table[i] = 0;
		check(!folds(3, false, &parent));
	}
	for (u8 ripas = 0; ripas < 3; ripas++) {
		e = (struct s2_entry){ .ripas = ripas };
		fill(e, 3);
		check(folds(3, false, &parent) && same(&parent, &e));
	}
	e = shared(0x200000, 6, 3);
	fill(e, 3);
	check(folds(3, true, &parent) && same(&parent, &e));
	e = (struct s2_entry){ .state = S2_TABLE, .oa = pa(0x140000000) };
	for (unsigned int i = 0; i < S2_ENTRIES; i++)
		table[i] = s2_encode(&lpa2, &e, 2);
	check(!folds(2, false, &parent));
}
