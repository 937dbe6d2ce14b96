/* SPDX-License-Identifier: BSD-2-Clause */
/* Range descriptors and lists of them (rmm/mem/range.h), without a command around them. */
#include <string.h>

#include "harness/host.h"
#include "harness/test.h"
#include "mem/range.h"
#include "sim/sim.h"

TEST(a_descriptor_and_back)
{
	struct range r = range_decode(BIT(52) | 0x12340000 | 7 << 2 | 2);

	check_eq(r.base.raw, 0x12340000);
	check_eq(r.size, 2);
	check_eq(r.count, 7);
	check_eq(r.state, 0);
	for (unsigned int state = 0; state < 4; state++)
		for (unsigned int size = 0; size < 4; size++) {
			struct range in = { pa(0x5678ABCD0000), size, 1 + 16 * state, state };
			struct range out = range_decode(range_encode(&in));

			check_eq(out.base.raw, in.base.raw);
			check_eq(out.size, size);
			check_eq(out.count, in.count);
			check_eq(out.state, state);
		}
}

/* No more than a page of entries, none beyond the granule, none beyond what there are. */
TEST(entries_of_a_list)
{
	check_eq(list_entries((ns_t){ 0x40000000 }, 3), 3);
	check_eq(list_entries((ns_t){ 0x40000000 }, 512), 512);
	check_eq(list_entries((ns_t){ 0x40000000 }, 1000), 512);
	check_eq(list_entries((ns_t){ 0x40000008 + GRANULE_SIZE - PAGE_SIZE }, 1000), 511);
	check_eq(list_entries((ns_t){ 0x40000FF8 + GRANULE_SIZE - PAGE_SIZE }, 1000), 1);
	check_eq(list_entries((ns_t){ 0x40000FF8 + GRANULE_SIZE - PAGE_SIZE }, 0), 0);
}

static void ranges(const u64 *descriptors, u64 nr, const u64 *blocks, u64 nr_blocks)
{
	struct range_input in;

	input_list(&in, descriptors, nr);
	for (u64 i = 0; i < nr_blocks; i++, input_advance(&in)) {
		if (!check(!input_is_empty(&in)))
			return;
		check_eq(in.now.base.raw, blocks[i]);
	}
	check(input_is_empty(&in));
}

TEST(blocks_of_a_list)
{
	const u64 list[] = {
		0, desc(0x40000000, 2, 0, 0), 0, desc(0x50000000, 0, 0, 0), desc(0x60000000, 1, 0, 0), 0,
	};
	const u64 blocks[] = { 0x40000000, 0x40000000 + GRANULE_SIZE, 0x60000000 };

	ranges(list, ARRAY_SIZE(list), blocks, 3);
	ranges(list, 5, blocks, 3);
	ranges(list, 4, blocks, 2);
	ranges(list, 1, blocks, 0);
	ranges(list, 0, blocks, 0);
}

/* A block goes on with the last range if it is the next of its kind, and there is room in the count. */
TEST(output_of_blocks)
{
	static const struct { u64 by; unsigned int size, state; bool goes_on; } c[] = {
		{ 1, 0, 1, true }, { 2, 0, 1, false }, { 0, 0, 1, false },
		{ 1, 1, 1, false }, { 1, 0, 0, false },
	};
	u64 list[2];

	for (unsigned int i = 0; i < ARRAY_SIZE(c); i++) {
		struct range_output out = { .descriptors = list, .max = 2 };

		test_note("case %u", i);
		check(output_add(&out, pa(0x40000000), 0, 1));
		check_eq(list[0], desc(0x40000000, 1, 0, 1));
		check(output_add(&out, pa(0x40000000 + c[i].by * GRANULE_SIZE), c[i].size, c[i].state));
		check_eq(out.nr, c[i].goes_on ? 1 : 2);
		check_eq(list[0], desc(0x40000000, c[i].goes_on ? 2 : 1, 0, 1));
		if (!c[i].goes_on)
			check_eq(list[1], desc(0x40000000 + c[i].by * GRANULE_SIZE, 1, c[i].size,
					       c[i].state));
	}
}

TEST(output_ends_where_its_room_does)
{
	u64 list[2] = { 0, 0xEEEE };
	struct range_output out = { .descriptors = list, .max = 1 };
	struct range_output nobody = { .descriptors = NULL };

	for (u64 i = 0; i < RANGE_MAX_COUNT; i++)
		need(output_add(&out, pa(0x40000000 + i * GRANULE_SIZE), 0, 0));
	check_eq(list[0], desc(0x40000000, RANGE_MAX_COUNT, 0, 0));
	check(!output_add(&out, pa(0x40000000 + RANGE_MAX_COUNT * GRANULE_SIZE), 0, 0));
	check_eq(out.nr, 1);
	check_eq(list[0], desc(0x40000000, RANGE_MAX_COUNT, 0, 0));
	check_eq(list[1], 0xEEEE);
	check(output_add(&nobody, pa(0x40000000), 0, 0));
}
