/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD RTT_FOLD
#define CMD_LOWER rtt_fold
#include "harness/command.h"

static u64 table;

GOOD
{
	realm_table(&w->r, FLAT, 3);
	table = w->r.table[w->r.nr_tables - 1].pa;
	a->rd = pa(w->r.rd);
	a->ipa = ipa(FLAT);
	a->level = 3;
}

CHANGED
{
	struct rmi_result e = rmi(FID_RTT_READ_ENTRY, a->rd.raw, FLAT, 2);

	check_eq(res.x[1], table);
	check(inside_is(table, "DELEGATED"));
	check(is_wiped(table));
	check_eq(e.x[2], RMI_ENTRY_VOID);
	check_eq(e.x[4], RMI_RIPAS_EMPTY);
	check_eq(host_undelegate(table, 1), 0);
}

SPOIL(rd_align)		{ a->rd = pa_add(a->rd, 1); }
SPOIL(rd_state)		{ a->rd = pa(w->r.rec[0]); }
SPOIL(level_bound)	{ a->level = 1; }
SPOIL(ipa_align)	{ a->ipa = ipa_add(a->ipa, GRANULE_SIZE); }
SPOIL(ipa_bound)	{ a->ipa = ipa(1ULL << w->r.s2sz); }
SPOIL(rtt_walk)		{ a->ipa = ipa(NO_TABLE); w->level = 1; }
SPOIL(parent)		{ a->ipa = ipa(RAM + 3 * level_bytes(2)); w->level = 2; }
SPOIL(homogeneous)	{ a->ipa = ipa(RAM); w->level = 3; }

/* 512 pages in a row become one block; the realm keeps its memory. */
TEST(fold_pages_to_a_block)
{
	NEEDS_BLOCKS;
	struct world w;
	u64 pa, step, word = 0x99, back = 0;
	struct rmi_result r;

	world_make(&w);
	step = GRANULE_SIZE * (test_granule() == 12 ? 1 : 64);
	pa = host_delegated(table_entries(), level_bytes(2));
	realm_table(&w.r, FLAT, 3);
	realm_init_ripas(&w.r, FLAT, FLAT + level_bytes(2));
	for (u64 at = 0; at < level_bytes(2); at += step)
		need_eq(rmi(FID_RTT_DATA_MAP, w.r.rd, FLAT + at, FLAT + at + step,
			    RMI_OADDR_SINGLE, desc(pa + at, step / GRANULE_SIZE, 0, 0)).x[0], 0);
	check(sim_realm_write(realm_vttbr(&w.r), realm_vtcr(&w.r), FLAT + 0x123000, &word, 8));
	r = rmi(FID_RTT_FOLD, w.r.rd, FLAT, 3);
	check_status(r, RMI_SUCCESS);
	r = rmi(FID_RTT_READ_ENTRY, w.r.rd, FLAT, 2);
	check_eq(r.x[1], 2);
	check_eq(r.x[2], RMI_ENTRY_DATA);
	check_eq(r.x[3], pa);
	check_eq(r.x[4], RMI_RIPAS_RAM);
	check(sim_realm_read(realm_vttbr(&w.r), realm_vtcr(&w.r), FLAT + 0x123000, &back, 8));
	check_eq(back, word);
	check(!inside_invariants());
}

/* Unfolded and folded again: as if nothing had been. */
TEST(unfold_and_fold)
{
	NEEDS_BLOCKS;
	struct world w;
	struct sim_s2 s;
	u64 pa;

	world_make(&w);
	realm_init_ripas(&w.r, FLAT, FLAT + level_bytes(2));
	pa = realm_data_block(&w.r, FLAT);
	realm_table(&w.r, FLAT, 3);
	check_status(rmi(FID_RTT_FOLD, w.r.rd, FLAT, 3), RMI_SUCCESS);
	s = sim_realm_access(realm_vttbr(&w.r), realm_vtcr(&w.r), FLAT + 0x12345, SIM_READ);
	check_eq(s.fault, SIM_S2_OK);
	check_eq(s.level, 2);
	check_eq(s.pa, pa + 0x12345);
	check(!inside_invariants());
}

TEST(fold_a_shared_table)
{
	struct world w;
	u64 at;

	world_make(&w);
	at = realm_shared(&w.r) + FLAT;
	realm_unprot(&w.r, at, BLOCK_PA, table_entries());
	check_status(rmi(FID_RTT_FOLD, w.r.rd, at, 3), RMI_SUCCESS);
	check_eq(sim_realm_access(realm_vttbr(&w.r), realm_vtcr(&w.r), at + 3 * GRANULE_SIZE,
				  SIM_WRITE).level, 2);
	if (sim_is_dram(BLOCK_PA))
		check_eq(sim_realm_access(realm_vttbr(&w.r), realm_vtcr(&w.r),
					  at + 3 * GRANULE_SIZE, SIM_FETCH).fault,
			 SIM_S2_PERMISSION);
	check(!inside_invariants());
}

#include "harness/command_end.h"
