/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "mem/ns.h"
#include "mem/range.h"
#include "mem/s2.h"

#define DESC_COUNT(d)	FIELD(d, GRANULE_SHIFT - 1, RMI_DESC_COUNT_SHIFT)
#define DESC_ADDRESS	MASK(RMI_DESC_ADDR_TOP_BIT, GRANULE_SHIFT)

struct range range_decode(u64 d)
{
	return (struct range){
		.base = pa(d & DESC_ADDRESS),
		.size = (unsigned int)(d & RMI_DESC_SIZE_MASK),
		.count = DESC_COUNT(d),
		.state = (unsigned int)((d >> RMI_DESC_STATE_SHIFT) & RMI_DESC_STATE_MASK),
	};
}

u64 range_encode(const struct range *r)
{
	expect(r->count <= RANGE_MAX_COUNT);
	return (r->base.raw & DESC_ADDRESS) | r->count << RMI_DESC_COUNT_SHIFT | r->size |
	       (u64)r->state << RMI_DESC_STATE_SHIFT;
}

u64 range_block_bytes(unsigned int size)
{
	return s2_size(S2_LAST_LEVEL - (int)size);
}

u64 range_granules(const struct range *r)
{
	return r->count * (range_block_bytes(r->size) >> GRANULE_SHIFT);
}

bool range_is_aligned(const struct range *r)
{
	return IS_ALIGNED(r->base.raw, range_block_bytes(r->size));
}

u64 list_entries(ns_t p, u64 count)
{
	u64 room = (GRANULE_SIZE - (p.raw & (GRANULE_SIZE - 1))) / sizeof(u64);

	if (room > LIST_MAX_ENTRIES)
		room = LIST_MAX_ENTRIES;
	return count < room ? count : room;
}

const u64 *list_read(struct call *c, ns_t p, u64 count)
{
	u64 *copy = call_page(c), entries = list_entries(p, count);
	bool ok = entries ? ns_read(copy, p, entries * sizeof(u64)) : ns_accessible(p);

	return ok ? copy : NULL;
}

/* ---- input ---------------------------------------------------------------- */

/* Empty descriptors are passed over. */
static void next_range(struct range_input *in)
{
	while (!in->now.count && in->next < in->nr) {
		if (!range_is_empty(in->descriptors[in->next]))
			in->now = range_decode(in->descriptors[in->next]);
		in->next++;
	}
}

void input_list(struct range_input *in, const u64 *descriptors, u64 nr)
{
	in->descriptors = descriptors;
	in->nr = nr;
	in->next = 0;
	in->now = (struct range){ .count = 0 };
	next_range(in);
}

void input_single(struct range_input *in, u64 descriptor)
{
	in->single = descriptor;
	input_list(in, &in->single, 1);
}

bool input_is_empty(const struct range_input *in)
{
	return in->now.count == 0;
}

void input_advance(struct range_input *in)
{
	expect(in->now.count);
	in->now.count--;
	in->now.base = pa_add(in->now.base, range_block_bytes(in->now.size));
	next_range(in);
}

/* ---- output --------------------------------------------------------------- */

static bool continues(const struct range *r, pa_t block, unsigned int size, unsigned int state)
{
	return r->count && r->count < RANGE_MAX_COUNT && r->size == size && r->state == state &&
	       r->base.raw + r->count * range_block_bytes(size) == block.raw;
}

bool output_add(struct range_output *out, pa_t block, unsigned int size, unsigned int state)
{
	if (!out->descriptors)
		return true;
	if (continues(&out->last, block, size, state)) {
		out->last.count++;
	} else {
		if (out->nr == out->max)
			return false;
		out->last = (struct range){ block, size, 1, state };
		out->nr++;
	}
	out->descriptors[out->nr - 1] = range_encode(&out->last);
	return true;
}
