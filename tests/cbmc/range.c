/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address range descriptors and lists of them (rmi-sro.md 2.3).
 * with: mem/range.c
 */
#include "cbmc.h"
#include "mem/range.h"
#include "mem/s2.h"

#define LIST	4

/* Any 64 bits decode to something within bounds. */
PROOF(decode)
{
	u64 d = any_u64();
	struct range r = range_decode(d);

	claim(IS_ALIGNED(r.base.raw, GRANULE_SIZE));
	claim(r.base.raw < 1ULL << 52);
	claim(r.size <= RMI_BLOCK_L0);
	claim(r.count <= RANGE_MAX_COUNT);
	claim(r.state <= RMI_DESC_STATE_MASK);
	claim(range_block_bytes(r.size) >= GRANULE_SIZE);
	/* no sum of a whole list can wrap */
	claim(range_granules(&r) <= RANGE_MAX_COUNT << (3 * S2_STRIDE));
	claim(RANGE_MAX_COUNT << (3 * S2_STRIDE) < ~0ULL / LIST_MAX_ENTRIES);
	reached();
}

/* Decoding and encoding again loses nothing, and encoding then decoding neither. */
PROOF(both_ways)
{
	u64 d = any_u64();
	struct range r = range_decode(d), again;

	claim(range_encode(&r) == (d & ~MASK(RMI_DESC_STATE_SHIFT - 1, 52)));	/* SBZ: not looked at */
	again = range_decode(range_encode(&r));
	claim(again.base.raw == r.base.raw && again.size == r.size);
	claim(again.count == r.count && again.state == r.state);
	reached();
}

/* As many entries as asked for, or up to the end of the granule; never across it. */
PROOF(list_stays_in_its_granule)
{
	u64 p = any_u64(), count = any_u64(), n;

	given(IS_ALIGNED(p, sizeof(u64)) && p <= ~0ULL - GRANULE_SIZE);
	n = list_entries(ns(p), count);
	claim(n <= count);
	claim(so(count, n >= 1));
	claim(n <= LIST_MAX_ENTRIES);
	claim(so(n, ALIGN_DOWN(p, GRANULE_SIZE) == ALIGN_DOWN(p + n * sizeof(u64) - 1, GRANULE_SIZE)));
	claim(so(n < count, n == LIST_MAX_ENTRIES || IS_ALIGNED(p + n * sizeof(u64), GRANULE_SIZE)));
	reached();
}

/* The parser gives each block of a list once, in order, and stops at its end. */
PROOF(input_gives_each_block_once)
{
	u64 list[LIST], nr = any_u64(), sum = 0, seen = 0;
	struct range_input in;
	struct range before;

	given(nr <= LIST);
	for (unsigned int i = 0; i < LIST; i++) {
		list[i] = any_u64();
		given(range_decode(list[i]).count <= 2);
		sum += i < nr ? range_decode(list[i]).count : 0;
	}
	input_list(&in, list, nr);
	while (!input_is_empty(&in) && seen < 2 * LIST + 1) {
		before = in.now;
		input_advance(&in);
		seen++;
		claim(in.next <= nr);
		claim(so(before.count > 1, in.now.count == before.count - 1 &&
			 in.now.base.raw == before.base.raw + range_block_bytes(before.size)));
	}
	claim(input_is_empty(&in));
	claim(seen == sum);
	reached();
}

/* What is put out says just what was put in, in no more entries than there is room for. */
PROOF(output_says_what_was_put_in)
{
	u64 list[2];
	struct range_output out = { .descriptors = list, .max = any_u64() };
	u64 blocks = 0, said = 0;
	pa_t block = pa(any_u64() & MASK(51, GRANULE_SHIFT));

	given(out.max <= 2 && block.raw < 1ULL << 51);
	for (unsigned int i = 0; i < 3; i++) {
		u64 had = out.nr;
		bool ok = output_add(&out, block, RMI_BLOCK_L3, RMI_MEMSTATE_DELEGATED);

		claim(out.nr <= out.max);
		claim(so(!ok, out.nr == had && had == out.max));
		if (!ok)
			break;
		blocks++;
		claim(out.last.base.raw + (out.last.count - 1) * GRANULE_SIZE == block.raw);
		block = pa_add(block, any_bool() ? GRANULE_SIZE : 3 * GRANULE_SIZE);
	}
	for (u64 i = 0; i < out.nr; i++)
		said += range_decode(list[i]).count;
	claim(said == blocks);
	reached();
}

/* Whoever wants no output is never refused. */
PROOF(output_to_nobody)
{
	struct range_output out = { .descriptors = NULL, .max = any_u64() };

	claim(output_add(&out, pa(any_u64()), any_uint() & 3, any_uint() & 3));
	claim(out.nr == 0);
	reached();
}

/* What this file's code calls and these proofs do not. */
void *call_page(struct call *c) { (void)c; return NULL; }
bool ns_read(void *to, ns_t from, size_t bytes)
{
	(void)to; (void)from; (void)bytes;
	return any_bool();
}
bool ns_accessible(ns_t p) { (void)p; return any_bool(); }
