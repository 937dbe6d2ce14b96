/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD RTT_DATA_UNMAP
#define CMD_LOWER rtt_data_unmap
#include "harness/command.h"

GOOD
{
	a->rd = pa(w->r.rd);
	a->base = ipa(RAM);
	a->top = ipa(RAM + 3 * GRANULE_SIZE);
	a->flags = RMI_OADDR_LIST | 512 << 2;
	a->oaddr = w->ns2;
}

CHANGED
{
	const u64 *list = sim_ram(w->ns2);
	u64 granules = 0;

	check_eq(res.x[1], a->top.raw);
	check_eq(res.x[2], 0);
	check(res.x[3] >= 1 && res.x[3] <= 3);
	for (u64 i = 0; i < res.x[3]; i++) {
		check_eq(FIELD(list[i], 63, 62), RMI_MEMSTATE_DELEGATED);
		granules += desc_count(list[i]);
	}
	check_eq(granules, 3);
	check_eq(list[0] & MASK(51, GRANULE_SHIFT), w->data);
	check(inside_is(w->data, "DELEGATED"));
	check(inside_is(w->data_page + GRANULE_SIZE, "DELEGATED"));
	for (u64 at = RAM; at < a->top.raw; at += GRANULE_SIZE) {
		struct rmi_result e = rmi(FID_RTT_READ_ENTRY, w->r.rd, at, 3);

		check_eq(e.x[2], RMI_ENTRY_VOID);
		check_eq(e.x[4], RMI_RIPAS_DESTROYED);
	}
	check_eq(host_undelegate(w->data, 1), 0);
}

static void map_block(struct world *w)
{
	realm_init_ripas(&w->r, FLAT, FLAT + level_bytes(2));
	realm_data_block(&w->r, FLAT);
}

SPOIL(rd_align)		{ a->rd = pa_add(a->rd, 1); }
SPOIL(rd_state)		{ a->rd = pa(w->r.rec[0]); }
SPOIL(base_align)	{ a->base = ipa_add(a->base, 0x800); }
SPOIL(top_align)	{ a->top = ipa_add(a->top, 0x800); }
SPOIL(top_order)	{ a->top = a->base; }
SPOIL(range_bound)	{ a->top = ipa(w->shared); }
SPOIL(oaddr_type)	{ a->flags = 3; }
SPOIL(list_align)	{ a->oaddr = w->ns2 + 12; }
SPOIL(list_ns)		{ a->oaddr = w->delegated2; }
SPOIL(list_count)	{ a->flags = RMI_OADDR_LIST; }
NOT_SPOILED(tracking, "regions of 1 GiB, of which not all is DRAM: map_a_coarse_region in rtt_data_map.c")
SPOIL(entry_align)
{
	command_not_spoiled = test_granule() == 16 ? "no block fits" : NULL;
	if (command_not_spoiled)
		return;
	map_block(w);
	a->base = ipa(FLAT + GRANULE_SIZE);
	a->top = ipa(FLAT + level_bytes(2));
	w->level = 2;
}

static struct rmi_result unmap(const struct world *w, u64 base, u64 top, u64 flags, u64 oaddr)
{
	return rmi(FID_RTT_DATA_UNMAP, w->r.rd, base, top, flags, oaddr);
}

/* SINGLE: one run of addresses in x2; it stops where the run breaks. */
TEST(unmap_single)
{
	struct world w;
	struct rmi_result r;

	world_make(&w);
	r = unmap(&w, RAM, RAM + 3 * GRANULE_SIZE, RMI_OADDR_SINGLE, 0);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[2] & MASK(51, GRANULE_SHIFT), w.data);
	check_eq(FIELD(r.x[2], 63, 62), RMI_MEMSTATE_DELEGATED);
	if (w.data + GRANULE_SIZE != w.data_page) {
		check_eq(r.x[1], RAM + GRANULE_SIZE);
		check_eq(desc_count(r.x[2]), 1);
		r = unmap(&w, RAM + GRANULE_SIZE, RAM + 3 * GRANULE_SIZE, RMI_OADDR_SINGLE, 0);
		check_eq(r.x[2] & MASK(51, GRANULE_SHIFT), w.data_page);
		check_eq(desc_count(r.x[2]), 2);
	}
	check_eq(r.x[1], RAM + 3 * GRANULE_SIZE);
	check_eq(r.x[3], 0);
}

TEST(unmap_silently)
{
	struct world w;
	struct rmi_result r;

	world_make(&w);
	r = unmap(&w, RAM, RAM + 3 * GRANULE_SIZE, RMI_OADDR_NONE, 0);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], RAM + 3 * GRANULE_SIZE);
	check_eq(r.x[2] | r.x[3], 0);
	check(inside_is(w.data, "DELEGATED"));
}

/* A full list stops the sweep; holes count as progress. */
TEST(unmap_into_short_list)
{
	struct world w;
	u64 *list, at = RAM, rounds = 0, got = 0;

	world_make(&w);
	for (u64 i = 8; i-- > 0; )	/* addresses fall as the IPA rises: nothing merges */
		realm_data(&w.r, RAM + 16 * GRANULE_SIZE + i * 2 * GRANULE_SIZE, 1);
	list = sim_ram(w.ns2);
	while (at < RAM_TOP && rounds++ < 100) {
		struct rmi_result r =
			unmap(&w, at, RAM_TOP, RMI_OADDR_LIST | 2 << 2, w.ns2 + 0xFF0);

		need_eq(r.x[0], 0);
		need(r.x[1] > at && r.x[3] <= 2);
		for (u64 i = 0; i < r.x[3]; i++)
			got += desc_count(list[0xFF0 / 8 + i]);
		at = r.x[1];
	}
	check_eq(got, 11);
	check(rounds >= 4);
	check(!inside_invariants());
}

TEST(unmap_a_block)
{
	NEEDS_BLOCKS;
	struct world w;
	struct rmi_result r;
	const u64 *list;

	world_make(&w);
	map_block(&w);
	r = unmap(&w, FLAT, FLAT + level_bytes(2) - GRANULE_SIZE, RMI_OADDR_LIST | 512 << 2, w.ns2);
	check_status(r, RMI_ERROR_RTT);		/* the entry is larger than the range */
	check_eq(level_of(r), 2);
	r = unmap(&w, FLAT, FLAT + level_bytes(2), RMI_OADDR_LIST | 512 << 2, w.ns2);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], FLAT + level_bytes(2));
	list = sim_ram(w.ns2);
	check_eq(r.x[3], 1);
	check_eq(desc_count(list[0]) << (9 * FIELD(list[0], 1, 0)), 512);
	check_eq(rmi(FID_RTT_READ_ENTRY, w.r.rd, FLAT, 2).x[4], RMI_RIPAS_DESTROYED);
	check(!inside_invariants());
}

/* Whatever the state of the realm. EMPTY stays EMPTY. */
TEST(unmap_from_a_zombie)
{
	struct world w;
	struct rmi_result r;

	world_make(&w);
	realm_data(&w.r, RAM_TOP, 1);
	need_eq(rmi(FID_REALM_TERMINATE, w.r.rd).x[0], 0);
	r = unmap(&w, RAM_TOP, RAM_TOP + GRANULE_SIZE, RMI_OADDR_LIST | 1 << 2, w.ns2);
	check_status(r, RMI_SUCCESS);
	check_eq(rmi(FID_RTT_READ_ENTRY, w.r.rd, RAM_TOP, 3).x[4], RMI_RIPAS_EMPTY);
}

/* The host's list goes away while it is written: no granule may be lost. */
TEST(list_lost)
{
	struct world w;
	struct rmi_result r;

	world_make(&w);
	sim_ns_refuse(w.ns2, true);
	r = unmap(&w, RAM, RAM + 3 * GRANULE_SIZE, RMI_OADDR_LIST | 8 << 2, w.ns2);
	check_status(r, RMI_ERROR_INPUT);
	check_eq(r.x[1], RAM);
	check(!inside_invariants());
	check(inside_is(w.data, "DATA"));
	check_eq(rmi(FID_RTT_READ_ENTRY, w.r.rd, RAM, 3).x[4], RMI_RIPAS_RAM);
}

TEST(list_lost_before_a_block)
{
	NEEDS_BLOCKS;
	struct world w;
	struct rmi_result r;
	u64 block;

	world_make(&w);
	realm_init_ripas(&w.r, FLAT, FLAT + level_bytes(2));
	block = realm_data_block(&w.r, FLAT);
	sim_ns_refuse(w.ns2, true);
	r = unmap(&w, FLAT, FLAT + level_bytes(2), RMI_OADDR_LIST | 8 << 2, w.ns2);
	check_status(r, RMI_ERROR_INPUT);
	check_eq(r.x[1], FLAT);
	check(inside_is(block, "DATA"));
	check_eq(rmi(FID_RTT_READ_ENTRY, w.r.rd, FLAT, 2).x[2], RMI_ENTRY_DATA);
	check_eq(sim_realm_access(realm_vttbr(&w.r), realm_vtcr(&w.r), FLAT, SIM_READ).fault,
		 SIM_S2_OK);
	check(!inside_invariants());
}

/* It goes away between two batches: what was told is freed, the rest is as it was. */
static u64 list_page;
static void lose_list(u64 p, size_t bytes)
{
	(void)p;
	(void)bytes;
	sim_ns_refuse(list_page, true);
}

TEST(list_lost_in_the_middle)
{
	struct world w;
	struct rmi_result r;
	const u64 *list;
	u64 data, done;

	world_make(&w);
	data = realm_data(&w.r, RAM + 16 * GRANULE_SIZE, 200);
	list_page = w.ns2;
	list = sim_ram(w.ns2);
	sim_ns_after_write(lose_list);
	r = unmap(&w, RAM + 16 * GRANULE_SIZE, RAM + 16 * GRANULE_SIZE + 200 * GRANULE_SIZE,
		  RMI_OADDR_LIST | 8 << 2, w.ns2);
	check_status(r, RMI_SUCCESS);
	done = (r.x[1] - RAM - 16 * GRANULE_SIZE) >> GRANULE_SHIFT;
	check(done > 0 && done < 200);
	check_eq(r.x[3], 1);
	check_eq(list[0], desc(data, done, 0, 0));
	for (u64 i = 0; i < 200; i++)
		check(inside_is(data + i * GRANULE_SIZE, i < done ? "DELEGATED" : "DATA"));
	check(!inside_invariants());
}

TEST(unmap_interrupted)
{
	struct world w;
	struct rmi_result r;
	u64 data, done;

	world_make(&w);
	data = realm_data(&w.r, RAM + 16 * GRANULE_SIZE, 200);
	sim_interrupt_after(2);
	r = unmap(&w, RAM + 16 * GRANULE_SIZE, RAM + 216 * GRANULE_SIZE, RMI_OADDR_SINGLE, 0);
	check_status(r, RMI_SUCCESS);
	done = (r.x[1] - RAM - 16 * GRANULE_SIZE) >> GRANULE_SHIFT;
	check(done > 0 && done < 200);
	check_eq(r.x[2], desc(data, done, 0, 0));
	for (u64 i = 0; i < 200; i++)
		check(inside_is(data + i * GRANULE_SIZE, i < done ? "DELEGATED" : "DATA"));
	check_eq(sim_realm_access(realm_vttbr(&w.r), realm_vtcr(&w.r), r.x[1], SIM_READ).fault,
		 SIM_S2_OK);
	check(!inside_invariants());
}

/*
 * A block's granules are released in slices. The entry is free at once, the granules
 * one by one; those that are not yet answer BLOCKED.
 */
TEST(unmap_a_block_in_slices)
{
	NEEDS_4K;
	for (u64 how = RMI_OADDR_NONE; how <= RMI_OADDR_LIST; how++) {
		const u64 flags = how == RMI_OADDR_LIST ? how | 4 << 2 : how;
		struct rmi_result r;
		unsigned int calls = 0;
		struct world w;
		struct sro s;
		u64 block;

		test_note("oaddr type %u", (unsigned int)how);
		world_make(&w);
		realm_init_ripas(&w.r, FLAT, FLAT + level_bytes(2));
		block = realm_data_block(&w.r, FLAT);
		sim_interrupt_after(1);
		r = unmap(&w, FLAT, FLAT + level_bytes(2), flags, how == RMI_OADDR_LIST ? w.ns2 : 0);
		need(sro_begin(&s, r));
		check_eq(r.x[2] | r.x[3], 0);
		check_eq(sro_wants(&s), RMI_MEM_NONE);
		check(!(r.x[0] & RMI_CAN_CANCEL));
		check_status(rmi(FID_OP_CANCEL, s.handle), RMI_ERROR_INPUT);
		check_status(rmi(FID_OP_MEM_RECLAIM, s.handle, w.ns2, 8), RMI_ERROR_INPUT);
		check_eq(rmi(FID_RTT_READ_ENTRY, w.r.rd, FLAT, 2).x[2], RMI_ENTRY_VOID);
		check_eq(rmi(FID_RTT_READ_ENTRY, w.r.rd, FLAT, 2).x[4], RMI_RIPAS_DESTROYED);
		do {
			bool freed = true;

			for (u64 p = block; p < block + level_bytes(2); p += GRANULE_SIZE) {
				check(freed || inside_is(p, "DATA"));
				freed &= inside_is(p, "DELEGATED");
				if (inside_is(p, "DATA") && p >> GRANULE_SHIFT & 32)
					check_status(rmi(FID_RTT_CREATE, w.r.rd, p, NO_TABLE, 2),
						     RMI_BLOCKED);
			}
			check(!inside_invariants());
			sim_interrupt_after(1);
			r = sro_continue(&s, calls & 1);
		} while (status_of(r) == RMI_INCOMPLETE && ++calls < 40);
		sim_interrupt_after(0);
		check_status(r, RMI_SUCCESS);
		check(calls >= 8);
		check_eq(r.x[1], FLAT + level_bytes(2));
		check_eq(r.x[2], how == RMI_OADDR_SINGLE ? desc(block, 1, RMI_BLOCK_L2, 0) : 0);
		check_eq(r.x[3], how == RMI_OADDR_LIST ? 1 : 0);
		if (how == RMI_OADDR_LIST)
			check_eq(*(u64 *)sim_ram(w.ns2), desc(block, 1, RMI_BLOCK_L2, 0));
		check_eq(host_undelegate(block, table_entries()), 0);
		check(!inside_invariants());
	}
}

/* The realm may be gone, and its descriptor another one's, before the granules are free. */
TEST(unmap_outlives_the_realm)
{
	NEEDS_BLOCKS;
	struct world w;
	struct sro s;
	u64 block, rd;

	world_make_bare(&w);
	w.r = realm_default;
	realm_create(&w.r);
	block = realm_data_block(&w.r, FLAT);
	sim_interrupt_after(1);
	need(sro_begin(&s, unmap(&w, FLAT, FLAT + level_bytes(2), RMI_OADDR_NONE, 0)));
	sim_interrupt_after(0);
	rd = w.r.rd;
	realm_destroy(&w.r);
	check_status(rmi(FID_RMM_DEACTIVATE), RMI_BLOCKED);
	check_status(rmi(FID_REALM_TERMINATE, rd), RMI_ERROR_INPUT);
	check_status(sro_continue(&s, 0), RMI_SUCCESS);
	check_eq(host_undelegate(block, table_entries()), 0);
	check(!inside_invariants());
}

#include "harness/command_end.h"
