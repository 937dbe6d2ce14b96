/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD RTT_CREATE
#define CMD_LOWER rtt_create
#include "harness/command.h"

GOOD
{
	a->rd = pa(w->r.rd);
	a->rtt = pa(w->delegated);
	a->ipa = ipa(FLAT);
	a->level = 3;
}

CHANGED
{
	struct rmi_result e = rmi(FID_RTT_READ_ENTRY, a->rd.raw, FLAT, 2);

	check(inside_is(a->rtt.raw, "RTT"));
	check_eq(inside_refs(a->rtt.raw), 0);
	check_eq(e.x[2], RMI_ENTRY_TABLE);
	check_eq(e.x[3], a->rtt.raw);
	check_eq(e.x[4], RMI_RIPAS_EMPTY);
	e = rmi(FID_RTT_READ_ENTRY, a->rd.raw, FLAT + 5 * GRANULE_SIZE, 3);
	check_eq(e.x[1], 3);
	check_eq(e.x[2], RMI_ENTRY_VOID);
}

SPOIL(rd_align)		{ a->rd = pa_add(a->rd, 1); }
SPOIL(rd_state)		{ a->rd = pa(w->r.rec[0]); }
SPOIL(level_bound)	{ a->level = 1; }
SPOIL(ipa_align)	{ a->ipa = ipa_add(a->ipa, GRANULE_SIZE); }
SPOIL(ipa_bound)	{ a->ipa = ipa(1ULL << w->r.s2sz); }
SPOIL(rtt_align)	{ a->rtt = pa_add(a->rtt, 8); }
SPOIL(rtt_bound)	{ a->rtt = pa(BIT(52)); }
SPOIL(rtt_state)	{ a->rtt = pa(w->data); }
SPOIL(rtt_walk)		{ a->ipa = ipa(NO_TABLE); w->level = 1; }
SPOIL(parent)		{ a->ipa = ipa(RAM); w->level = 2; }

/* Below a block: every page keeps what the block had, and the realm its contents. */
TEST(unfold_a_block)
{
	NEEDS_BLOCKS;
	struct world w;
	u64 pa, word = 0x1122334455667788, back = 0;

	world_make(&w);
	realm_init_ripas(&w.r, FLAT, FLAT + level_bytes(2));
	pa = realm_data_block(&w.r, FLAT);
	check(sim_realm_write(realm_vttbr(&w.r), realm_vtcr(&w.r), FLAT + 0x5008, &word, 8));
	realm_table(&w.r, FLAT, 3);
	for (u64 i = 0; i < table_entries(); i += test_granule() == 12 ? 1 : 89) {
		struct rmi_result e = rmi(FID_RTT_READ_ENTRY, w.r.rd, FLAT + i * GRANULE_SIZE, 3);

		check(e.x[2] == RMI_ENTRY_DATA && e.x[3] == pa + i * GRANULE_SIZE &&
		      e.x[4] == RMI_RIPAS_RAM);
	}
	check(sim_realm_read(realm_vttbr(&w.r), realm_vtcr(&w.r), FLAT + 0x5008, &back, 8));
	check_eq(back, word);
	check(!inside_invariants());
}

TEST(unfold_a_shared_block)
{
	struct world w;
	u64 at, block;
	struct rmi_result e;

	world_make(&w);
	block = BLOCK_PA;
	at = realm_shared(&w.r) + FLAT;
	realm_table(&w.r, at, 2);
	need_eq(rmi(FID_RTT_UNPROT_MAP, w.r.rd, at, at + level_bytes(2),
		    RMI_OADDR_SINGLE | 6 << 16 | 3 << 19, desc(block, 1, RMI_BLOCK_L2, 0)).x[0], 0);
	realm_table(&w.r, at, 3);
	e = rmi(FID_RTT_READ_ENTRY, w.r.rd, at + 7 * GRANULE_SIZE, 3);
	check_eq(e.x[2], RMI_ENTRY_DATA);
	check_eq(e.x[3] & MASK(51, GRANULE_SHIFT), block + 7 * GRANULE_SIZE);
	check_eq(FIELD(e.x[3], 4, 2), 6);
	check_eq(FIELD(e.x[3], 7, 6), 3);
	check(!inside_invariants());
}

#include "harness/command_end.h"
