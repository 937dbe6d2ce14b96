/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What no command's table says of RTTs: every state of an entry unfolded and folded
 * again, every difference that forbids it, blocks of every level, lists of every
 * length, where each range command stops (rmi-memory.md 7).
 */
#include <string.h>

#include "arch/arch.h"
#include "harness/inside.h"
#include "harness/world.h"

static struct world w;

static struct rmi_result entry(u64 ipa, int level)
{
	return rmi(FID_RTT_READ_ENTRY, w.r.rd, ipa, (u64)level);
}

static bool same(struct rmi_result a, struct rmi_result b)
{
	return a.x[0] == 0 && b.x[0] == 0 && !memcmp(&a.x[1], &b.x[1], 4 * sizeof(u64));
}

static struct sim_s2 touch(u64 ipa, enum sim_access how)
{
	return sim_realm_access(realm_vttbr(&w.r), realm_vtcr(&w.r), ipa, how);
}

static struct rmi_result unprot(u64 ipa, u64 bytes, u64 attr, u64 oaddr)
{
	return rmi(FID_RTT_UNPROT_MAP, w.r.rd, ipa, ipa + bytes, RMI_OADDR_SINGLE | attr, oaddr);
}

static u64 attributes(u64 memattr, u64 s2ap)
{
	return memattr << RMI_UNPROT_MEMATTR_SHIFT | s2ap << RMI_UNPROT_S2AP_SHIFT;
}

/* ---- unfold and fold ------------------------------------------------------------- */

/*
 * The entry of level - 1 at ipa becomes a table of `level` and itself again. Meanwhile
 * each of the table's entries says the same of its part, and the realm sees no change.
 */
static void there_and_back(u64 ipa, int level)
{
	struct rmi_result before = entry(ipa, level - 1), e;
	struct sim_s2 seen = touch(ipa + level_bytes(level), SIM_READ), now;
	u64 step = level_bytes(level) * (table_entries() / 8 - 1);
	u64 table = host_delegated(1, GRANULE_SIZE);

	need_eq(before.x[1], level - 1);
	check_eq(rmi(FID_RTT_CREATE, w.r.rd, table, ipa, (u64)level).x[0], 0);
	check_eq(inside_refs(table), before.x[2] == RMI_ENTRY_DATA &&
		 ipa < realm_shared(&w.r) ? table_entries() : 0);
	for (u64 at = 0; at < level_bytes(level - 1); at += step) {
		u64 part = ALIGN_DOWN(at, level_bytes(level));

		e = entry(ipa + part, level);
		check_eq(e.x[1], level);
		check_eq(e.x[2], before.x[2]);
		check_eq(e.x[3], before.x[3] + (before.x[2] == RMI_ENTRY_DATA ? part : 0));
		check_eq(e.x[4], before.x[4]);
	}
	now = touch(ipa + level_bytes(level), SIM_READ);
	check_eq(now.fault, seen.fault);
	check_eq(now.pa, seen.pa);
	check_eq(now.allowed, seen.allowed);
	check_eq(now.memattr, seen.memattr);
	check(!inside_invariants());
	e = rmi(FID_RTT_FOLD, w.r.rd, ipa, (u64)level);
	check_eq(e.x[0], 0);
	check_eq(e.x[1], table);
	check(is_wiped(table));
	check(same(entry(ipa, level - 1), before));
	check_eq(touch(ipa + level_bytes(level), SIM_READ).pa, seen.pa);
	check(!inside_invariants());
	host_return(table, 1);
}

/* Leaves VOID and DESTROYED behind (rmi-memory.md 7.3). */
static void destroy_ripas(u64 ipa)
{
	u64 table = host_delegated(1, GRANULE_SIZE);

	need_eq(rmi(FID_RTT_CREATE, w.r.rd, table, ipa, 3).x[0], 0);
	need_eq(rmi(FID_RTT_DESTROY, w.r.rd, ipa, 3).x[0], 0);
	host_return(table, 1);
	need_eq(entry(ipa, 2).x[4], RMI_RIPAS_DESTROYED);
}

TEST(protected_states_fold)
{
	for (unsigned int ripas = RMI_RIPAS_EMPTY; ripas <= RMI_RIPAS_DESTROYED; ripas++)
		for (unsigned int data = 0; data < (test_granule() == 16 ? 1 : 2); data++) {
			test_note("RIPAS %u, DATA %u", ripas, data);
			world_make(&w);
			if (ripas == RMI_RIPAS_RAM)
				realm_init_ripas(&w.r, FLAT, FLAT + level_bytes(2));
			if (ripas == RMI_RIPAS_DESTROYED)
				destroy_ripas(FLAT);
			if (data)
				realm_data_block(&w.r, FLAT);
			there_and_back(FLAT, 3);
			check_eq(entry(FLAT, 2).x[4], ripas);
			check_eq(entry(FLAT, 2).x[2], data ? RMI_ENTRY_DATA : RMI_ENTRY_VOID);
		}
	/* one level up */
	world_make(&w);
	there_and_back(NO_TABLE, 2);
	realm_init_ripas(&w.r, NO_TABLE, NO_TABLE + level_bytes(1));
	there_and_back(NO_TABLE, 2);
}

TEST(unprotected_states_fold)
{
	u64 at, top;

	world_make(&w);
	at = w.shared + FLAT - RAM;
	there_and_back(at, 3);
	for (u64 memattr = 0; memattr < 8; memattr++)
		for (u64 s2ap = 0; s2ap < 4; s2ap++) {
			if (memattr == 4 || (test_granule() == 16 && memattr != 6))
				continue;
			test_note("MemAttr %u, S2AP %u", (unsigned int)memattr, (unsigned int)s2ap);
			need_eq(unprot(at, level_bytes(2), attributes(memattr, s2ap),
				       desc(BLOCK_PA, 1, RMI_BLOCK_L2, 0)).x[0], 0);
			there_and_back(at, 3);
			need_eq(rmi(FID_RTT_UNPROT_UNMAP, w.r.rd, at, at + level_bytes(2), 0, 0)
					.x[0], 0);
		}
	/* one entry of level 1: 1 GiB, 64 GiB, 4 TiB */
	at = realm_shared(&w.r) + NO_TABLE;
	top = at + level_bytes(1);
	there_and_back(at, 2);
	need_eq(unprot(at, level_bytes(1), attributes(6, 3),
		       desc(level_bytes(1), 1, RMI_BLOCK_L1, 0)).x[1], top);
	there_and_back(at, 2);
	check_status(rmi(FID_RTT_UNPROT_UNMAP, w.r.rd, at, top - GRANULE_SIZE, 0, 0), RMI_ERROR_RTT);
	check_eq(rmi(FID_RTT_UNPROT_UNMAP, w.r.rd, at, top, RMI_OADDR_SINGLE, 0).x[2],
		 desc(level_bytes(1), 1, RMI_BLOCK_L1, RMI_MEMSTATE_UNDELEGATED));
}

/* Every way in which one entry can differ: nothing happens. */
static void differs(const char *how, u64 at, int level)
{
	struct rmi_result r = rmi(FID_RTT_FOLD, w.r.rd, ALIGN_DOWN(at, level_bytes(level - 1)),
				  (u64)level);

	test_note("%s", how);
	check_status(r, RMI_ERROR_RTT);
	check_eq(level_of(r), level);
	check_eq(r.x[1], 0);
	check(!inside_invariants());
}

TEST(what_does_not_fold)
{
	u64 at, last, pa;

	world_make(&w);
	realm_table(&w.r, FLAT, 3);
	last = FLAT + level_bytes(2) - GRANULE_SIZE;
	realm_init_ripas(&w.r, last, last + GRANULE_SIZE);
	differs("RIPAS of the last", FLAT, 3);
	realm_init_ripas(&w.r, FLAT, last);
	pa = realm_data(&w.r, last, 1);
	differs("the last is DATA", FLAT, 3);
	need_eq(rmi(FID_RTT_DATA_UNMAP, w.r.rd, last, last + GRANULE_SIZE, 0, 0).x[0], 0);
	host_return(pa, 1);
	differs("the last is DESTROYED", FLAT, 3);
	differs("an entry is a table", RAM, 2);

	at = w.shared + FLAT - RAM;
	realm_unprot(&w.r, at, BLOCK_PA, table_entries());
	last = at + level_bytes(2) - GRANULE_SIZE;
	pa = BLOCK_PA + level_bytes(2) - GRANULE_SIZE;
	for (unsigned int how = 0; how < 4; how++) {
		static const char *const name[] = { "S2AP", "MemAttr", "address", "not mapped" };

		need_eq(rmi(FID_RTT_UNPROT_UNMAP, w.r.rd, last, last + GRANULE_SIZE, 0, 0).x[0], 0);
		if (how < 3)
			need_eq(unprot(last, GRANULE_SIZE, attributes(how == 1 ? 5 : 6, how ? 3 : 2),
				       desc(pa + (how == 2 ? GRANULE_SIZE : 0), 1, 0, 0)).x[0], 0);
		differs(name[how], at, 3);
	}
	need_eq(unprot(last, GRANULE_SIZE, attributes(6, 3), desc(pa, 1, 0, 0)).x[0], 0);
	check_eq(rmi(FID_RTT_FOLD, w.r.rd, at, 3).x[0], 0);
	w.r.nr_tables--;

	/* alike and in a row, but no block starts there */
	realm_unprot(&w.r, at + level_bytes(2), BLOCK_PA + GRANULE_SIZE, table_entries());
	differs("not aligned", at + level_bytes(2), 3);
}

/* Without LPA2 a 16 KiB granule has no blocks of level 1, without 52 bits a 64 KiB one neither. */
TEST(level_1_blocks_without_lpa2)
{
	struct sim_machine m = sim_machine_default;
	u64 at, block, status = test_granule() == 12 ? RMI_SUCCESS : RMI_ERROR_INPUT;

	m.lpa2 = false;
	sim_power_on(&m);
	host_power_on();
	host_activate();
	w.r = realm_default;
	realm_create(&w.r);
	at = realm_shared(&w.r) + NO_TABLE;
	check_status(unprot(at, level_bytes(1), attributes(6, 3),
			    desc(level_bytes(1), 1, RMI_BLOCK_L1, 0)), status);
	if (status == RMI_SUCCESS)
		need_eq(rmi(FID_RTT_UNPROT_UNMAP, w.r.rd, at, at + level_bytes(1), 0, 0).x[0], 0);
	realm_table(&w.r, at, 2);
	block = level_bytes(1);
	for (u64 done = 0; done < level_bytes(1); done += 512 * level_bytes(2))
		need_eq(unprot(at + done, 512 * level_bytes(2), attributes(6, 3),
			       desc(block + done, 512, RMI_BLOCK_L2, 0)).x[0], 0);
	check_status(rmi(FID_RTT_FOLD, w.r.rd, at, 2),
		     status == RMI_SUCCESS ? RMI_SUCCESS : RMI_ERROR_RTT);
}

/* ---- lists ------------------------------------------------------------------------- */

/* Of any length, from anywhere in the granule: as far as a page of entries and its end. */
TEST(lists_of_any_length)
{
	static const u64 lengths[] = { 1, 2, 3, 7, 100, 255, 256, 511, 512, 513, 1000, 0x3FFF };
	u64 list, at, full;

	world_make(&w);
	full = table_entries();
	const u64 starts[] = { 0, 1, 5, full / 2, full > 513 ? full - 513 : 0, full - 512,
			       full - 100, full - 2, full - 1 };

	at = w.shared + FLAT - RAM;
	realm_table(&w.r, at, 3);
	list = host_page();
	for (u64 i = 0; i < full; i++)		/* falling: no two of them are one run */
		((u64 *)sim_ram(list))[i] = desc(BLOCK_PA + (full - i) * GRANULE_SIZE, 1, 0, 0);
	for (unsigned int s = 0; s < ARRAY_SIZE(starts); s++)
		for (unsigned int l = 0; l < ARRAY_SIZE(lengths); l++) {
			u64 start = starts[s], n = lengths[l], most = full - start;
			struct rmi_result r;

			test_note("%u entries from %u on", (unsigned int)n, (unsigned int)start);
			most = most < 512 ? most : 512;
			n = n < most ? n : most;
			r = rmi(FID_RTT_UNPROT_MAP, w.r.rd, at, at + level_bytes(2),
				RMI_OADDR_LIST | lengths[l] << RMI_MAP_COUNT_SHIFT | attributes(6, 3),
				list + start * 8);
			check_status(r, RMI_SUCCESS);
			check_eq(r.x[1], at + n * GRANULE_SIZE);
			check_eq(entry(r.x[1] - GRANULE_SIZE, 3).x[3] & MASK(51, GRANULE_SHIFT),
				 BLOCK_PA + (full - start - n + 1) * GRANULE_SIZE);
			if (n < full)
				check_eq(entry(r.x[1], 3).x[2], RMI_ENTRY_VOID);
			/* and back, into a list that holds one less, where there was more than one */
			r = rmi(FID_RTT_UNPROT_UNMAP, w.r.rd, at, at + level_bytes(2),
				RMI_OADDR_LIST | (n > 1 ? n - 1 : 1) << RMI_MAP_COUNT_SHIFT, w.ns2);
			check_status(r, RMI_SUCCESS);
			check_eq(r.x[3], n > 1 ? n - 1 : 1);
			check_eq(r.x[1], n > 1 ? at + (n - 1) * GRANULE_SIZE : at + level_bytes(2));
			if (n > 1)
				need_eq(rmi(FID_RTT_UNPROT_UNMAP, w.r.rd, r.x[1], at + level_bytes(2), 0,
					    0).x[1], at + level_bytes(2));
		}
}

/* ---- where they stop ------------------------------------------------------------------ */

/* Each obstacle at each place: everything below is done, nothing above. */
TEST(every_stop_is_exact)
{
	enum { TAKEN, NOT_DELEGATED, END_OF_LIST, END_OF_RANGE, END_OF_TABLE, STOPS };

	for (unsigned int stop = 0; stop < STOPS; stop++)
		for (u64 n = 0; n <= 6; n++) {
			u64 base, pa, top, last;
			struct rmi_result r;

			test_note("stop %u after %u", stop, (unsigned int)n);
			if (!n && stop >= END_OF_LIST)
				continue;
			world_make(&w);
			base = RAM_VOID;
			if (stop == END_OF_TABLE)
				base = RAM + level_bytes(2) - n * GRANULE_SIZE;
			top = base + (stop == END_OF_RANGE ? n : 8) * GRANULE_SIZE;
			last = base + n * GRANULE_SIZE;
			pa = host_delegated(9, GRANULE_SIZE);
			if (stop == TAKEN)
				need_eq(rmi(FID_RTT_DATA_MAP, w.r.rd, last, last + GRANULE_SIZE,
					    RMI_OADDR_SINGLE, desc(pa + 8 * GRANULE_SIZE, 1, 0, 0))
						.x[0], 0);
			if (stop == NOT_DELEGATED)
				need_eq(host_undelegate(pa + n * GRANULE_SIZE, 1), 0);
			r = rmi(FID_RTT_DATA_MAP, w.r.rd, base, top, RMI_OADDR_SINGLE,
				desc(pa, stop == END_OF_LIST ? n : 8, 0, 0));
			check_status(r, n ? RMI_SUCCESS :
				     stop == TAKEN ? RMI_ERROR_RTT : RMI_ERROR_INPUT);
			check_eq(r.x[1], last);
			for (u64 i = 0; i < 8; i++)
				check(inside_is(pa + i * GRANULE_SIZE, i < n ? "DATA" :
						i == n && stop == NOT_DELEGATED ? "UNDELEGATED" :
						"DELEGATED"));
			if (stop != TAKEN && stop != END_OF_TABLE)
				check_eq(entry(last, 3).x[2], RMI_ENTRY_VOID);
			check(!inside_invariants());
		}
}
