/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD RTT_DATA_MAP
#define CMD_LOWER rtt_data_map
#include <string.h>

#include "arch/arch.h"

#include "harness/command.h"

static u64 run;

GOOD
{
	run = host_delegated(2, GRANULE_SIZE);
	memset(sim_ram(run), 0x99, 2 * GRANULE_SIZE);
	a->rd = pa(w->r.rd);
	a->base = ipa(RAM_VOID);
	a->top = ipa_add(a->base, 2 * GRANULE_SIZE);
	a->flags = RMI_OADDR_SINGLE;
	a->oaddr = desc(run, 2, RMI_BLOCK_L3, RMI_MEMSTATE_DELEGATED);
}

CHANGED
{
	check_eq(res.x[1], a->top.raw);
	for (u64 i = 0; i < 2; i++) {
		struct rmi_result e =
			rmi(FID_RTT_READ_ENTRY, a->rd.raw, RAM_VOID + i * GRANULE_SIZE, 3);
		u64 word = 1;

		check_eq(e.x[2], RMI_ENTRY_DATA);
		check_eq(e.x[3], run + i * GRANULE_SIZE);
		check_eq(e.x[4], RMI_RIPAS_RAM);
		check(inside_is(run + i * GRANULE_SIZE, "DATA"));
		check(sim_realm_read(realm_vttbr(&w->r), realm_vtcr(&w->r),
				     RAM_VOID + i * GRANULE_SIZE + 0x100, &word, 8));
		check_eq(word, 0);
	}
	/* the same again is the same (decisions 60) */
	res = rmi(FID_RTT_DATA_MAP, a->rd.raw, a->base.raw, a->top.raw, a->flags, a->oaddr);
	check_status(res, RMI_SUCCESS);
	check_eq(res.x[1], a->top.raw);
}

SPOIL(rd_align)		{ a->rd = pa_add(a->rd, 1); }
SPOIL(rd_state)		{ a->rd = pa(w->r.rec[0]); }
SPOIL(base_align)	{ a->base = ipa_add(a->base, 0x800); }
SPOIL(top_align)	{ a->top = ipa_add(a->top, 0x800); }
SPOIL(top_order)	{ a->top = a->base; }
SPOIL(range_bound)	{ a->top = ipa(w->shared); }
SPOIL(oaddr_type)	{ a->flags = RMI_OADDR_NONE; }
SPOIL(list_align)	{ a->flags = RMI_OADDR_LIST | 1 << 2; a->oaddr = w->ns2 + 12; }
SPOIL(list_ns)		{ a->flags = RMI_OADDR_LIST | 1 << 2; a->oaddr = w->delegated2; }
SPOIL(list_count)	{ a->flags = RMI_OADDR_LIST; a->oaddr = w->ns2; }
SPOIL(desc)
{
	a->oaddr = desc(run, 1, RMI_BLOCK_L2, 0) | (run & (level_bytes(2) - 1) ? 0 : GRANULE_SIZE);
}
SPOIL(realm_state)	{ need_eq(rmi(FID_REALM_TERMINATE, w->r.rd).x[0], 0); }
SPOIL(rtt_walk)		{ a->base = ipa(FLAT); a->top = ipa_add(a->base, 2 * GRANULE_SIZE); w->level = 2; }
SPOIL(entry_align)
{
	a->base = ipa(FLAT + GRANULE_SIZE);
	a->top = ipa(FLAT + 2 * level_bytes(2));
	a->oaddr = desc(BLOCK_PA, 1, RMI_BLOCK_L2, 0);
	w->level = 2;
}
SPOIL(entry)		{ a->base = ipa(RAM); a->top = ipa_add(a->base, GRANULE_SIZE); w->level = 3; }
SPOIL(data_state)	{ a->oaddr = desc(w->ns2, 1, RMI_BLOCK_L3, 0); }
SPOIL(tracking)		{ a->oaddr = desc(world_untracked(), 1, RMI_BLOCK_L3, 0); }

static struct rmi_result map(const struct world *w, u64 base, u64 pages, u64 flags, u64 oaddr)
{
	return rmi(FID_RTT_DATA_MAP, w->r.rd, base, base + pages * GRANULE_SIZE, flags, oaddr);
}

/* Scattered pages, in list order; longer than the range; stopping at what does not fit. */
TEST(lists)
{
	struct world w;
	u64 *list, at;
	struct rmi_result r;

	world_make(&w);
	at = RAM_VOID;
	list = sim_ram(w.ns2);
	for (u64 i = 0; i < 20; i++)
		list[i] = desc(host_delegated(1, GRANULE_SIZE), 1, 0, 0);
	list[7] = 0;				/* an empty descriptor is skipped (decisions 44) */
	r = map(&w, at, 10, RMI_OADDR_LIST | 20 << 2, w.ns2);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], at + 10 * GRANULE_SIZE);
	for (u64 i = 0; i < 10; i++)
		check_eq(rmi(FID_RTT_READ_ENTRY, w.r.rd, at + i * GRANULE_SIZE, 3).x[3],
			 list[i < 7 ? i : i + 1] & MASK(51, GRANULE_SHIFT));
	/* a bad granule in the middle: as far as there */
	at += 16 * GRANULE_SIZE;
	list[0] = list[15];
	list[1] = list[16];
	list[2] = desc(w.ns, 1, 0, 0);
	list[3] = list[17];
	r = map(&w, at, 4, RMI_OADDR_LIST | 4 << 2, w.ns2);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], at + 2 * GRANULE_SIZE);
	r = map(&w, r.x[1], 2, RMI_OADDR_LIST | 2 << 2, w.ns2 + 16);
	check_status(r, RMI_ERROR_INPUT);
	/* a list is looked at up to the end of its granule */
	list[table_entries() - 1] = list[18];
	r = map(&w, at + 2 * GRANULE_SIZE, 2, RMI_OADDR_LIST | 0x3FFF << 2,
		w.ns2 + (table_entries() - 1) * 8);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], at + 3 * GRANULE_SIZE);
	check(!inside_invariants());
}

/* In a larger granule a list may go on behind 512 entries: that is for the next call. */
TEST(list_longer_than_a_page)
{
	struct rmi_result r;
	struct world w;
	u64 *list;

	if (test_granule() == 12)
		return;
	world_make(&w);
	list = sim_ram(w.ns2);
	memset(list, 0, GRANULE_SIZE);
	list[0] = desc(host_delegated(1, GRANULE_SIZE), 1, 0, 0);
	list[512] = desc(host_delegated(1, GRANULE_SIZE), 1, 0, 0);
	r = map(&w, RAM_VOID, 2, RMI_OADDR_LIST | 513 << 2, w.ns2);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], RAM_VOID + GRANULE_SIZE);
	r = map(&w, r.x[1], 1, RMI_OADDR_LIST | 1 << 2, w.ns2 + 512 * 8);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], RAM_VOID + 2 * GRANULE_SIZE);
}

TEST(reserved_types)
{
	struct world w;
	struct args a;

	world_make(&w);
	good(&w, &a);
	check_status(map(&w, a.base.raw, 1, 3, a.oaddr), RMI_ERROR_INPUT);
	check_status(map(&w, a.base.raw, 1, RMI_OADDR_SINGLE, desc(run, 1, 0, 1)), RMI_ERROR_INPUT);
	check_status(map(&w, a.base.raw, 1, RMI_OADDR_SINGLE, desc(run, 1, 0, 2)), RMI_ERROR_INPUT);
	check_status(map(&w, a.base.raw, 1, RMI_OADDR_SINGLE, desc(run, 1, 0, 3)), RMI_ERROR_INPUT);
	check_status(map(&w, a.base.raw, 1, RMI_OADDR_SINGLE, desc(0, 1, 3, 0)), RMI_ERROR_INPUT);
	check(inside_is(run, "DELEGATED"));
}

/* 2 MiB at once; with one page of it not DELEGATED, nothing happens. */
TEST(blocks)
{
	NEEDS_BLOCKS;
	struct world w;
	u64 block;
	struct rmi_result r;

	world_make(&w);
	realm_init_ripas(&w.r, FLAT, FLAT + level_bytes(2));
	block = host_delegated(table_entries(), level_bytes(2));
	need_eq(host_undelegate(block + 300 * GRANULE_SIZE, 1), 0);
	r = map(&w, FLAT, table_entries(), RMI_OADDR_SINGLE, desc(block, 1, RMI_BLOCK_L2, 0));
	check_status(r, RMI_ERROR_INPUT);
	for (u64 i = 0; i < table_entries(); i++)
		check(inside_is(block + i * GRANULE_SIZE, i == 300 ? "UNDELEGATED" : "DELEGATED"));
	need_eq(host_delegate(block + 300 * GRANULE_SIZE, 1), 0);
	/* a page of it is in use: INPUT, it is not the block's own that is in between */
	check_status(map(&w, RAM_VOID, 1, RMI_OADDR_SINGLE, desc(block + 300 * GRANULE_SIZE, 1, 0, 0)),
		     RMI_SUCCESS);
	check_status(map(&w, FLAT, table_entries(), RMI_OADDR_SINGLE, desc(block, 1, RMI_BLOCK_L2, 0)),
		     RMI_ERROR_INPUT);
	check_status(rmi(FID_RTT_DATA_UNMAP, w.r.rd, RAM_VOID, RAM_VOID + GRANULE_SIZE, 0, 0),
		     RMI_SUCCESS);
	r = map(&w, FLAT, table_entries() - 1, RMI_OADDR_SINGLE, desc(block, 1, RMI_BLOCK_L2, 0));
	check_status(r, RMI_ERROR_RTT);		/* the range is smaller than the entry */
	check_eq(level_of(r), 2);
	r = map(&w, FLAT, table_entries(), RMI_OADDR_SINGLE, desc(block, 1, RMI_BLOCK_L2, 0));
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], FLAT + level_bytes(2));
	check_eq(sim_realm_access(realm_vttbr(&w.r), realm_vtcr(&w.r),
				  FLAT + level_bytes(2) - GRANULE_SIZE, SIM_WRITE).pa, block + level_bytes(2) - GRANULE_SIZE);
	check(!inside_invariants());
	/* a block where a table is */
	r = map(&w, RAM, table_entries(), RMI_OADDR_SINGLE, desc(block, 1, RMI_BLOCK_L2, 0));
	check_status(r, RMI_ERROR_RTT);
}

/* Not RAM: mapped, but the realm cannot reach it (rmi-memory.md 7.2). */
TEST(mapped_but_empty)
{
	struct world w;
	u64 pa;

	world_make(&w);
	pa = realm_data(&w.r, RAM_TOP, 1);
	check(inside_is(pa, "DATA"));
	check_eq(sim_realm_access(realm_vttbr(&w.r), realm_vtcr(&w.r), RAM_TOP, SIM_READ).fault,
		 SIM_S2_TRANSLATION);
	realm_init_ripas(&w.r, RAM_TOP, RAM_TOP + GRANULE_SIZE);
	check_eq(sim_realm_access(realm_vttbr(&w.r), realm_vtcr(&w.r), RAM_TOP, SIM_READ).fault,
		 SIM_S2_OK);
	check(!inside_invariants());
}

/* As far as the table goes; then the host calls again (decisions 37). */
TEST(one_table_per_call)
{
	struct world w;
	u64 pa, at;
	struct rmi_result r;

	world_make(&w);
	at = RAM + level_bytes(2) - 4 * GRANULE_SIZE;
	pa = host_delegated(8, GRANULE_SIZE);
	realm_table(&w.r, RAM + level_bytes(2), 3);
	r = map(&w, at, 8, RMI_OADDR_SINGLE, desc(pa, 8, 0, 0));
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], RAM + level_bytes(2));
	check(inside_is(pa + 4 * GRANULE_SIZE, "DELEGATED"));
	r = map(&w, r.x[1], 4, RMI_OADDR_SINGLE, desc(pa + 4 * GRANULE_SIZE, 4, 0, 0));
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], at + 8 * GRANULE_SIZE);
}

TEST(same_page_twice)
{
	struct world w;
	struct rmi_result r;

	world_make(&w);
	r = map(&w, RAM_VOID, 1, RMI_OADDR_SINGLE, desc(w.data_page, 1, 0, 0));
	check_status(r, RMI_ERROR_INPUT);
	const u64 others[] = { w.r.rd, w.rtt, w.r.rec[0], w.monitor, w.o.root };
	for (unsigned int i = 0; i < ARRAY_SIZE(others); i++)
		check_status(map(&w, RAM_VOID, 1, RMI_OADDR_SINGLE, desc(others[i], 1, 0, 0)),
			     RMI_ERROR_INPUT);
	check(!inside_invariants());
}

/* Of another size than the entries of the call's table: stops there (rmi-commands.md 9.2). */
TEST(sizes_mixed)
{
	struct world w;
	u64 *list;
	struct rmi_result r;

	world_make(&w);
	list = sim_ram(w.ns2);
	list[0] = desc(host_delegated(1, GRANULE_SIZE), 1, 0, 0);
	list[1] = desc(BLOCK_PA, 1, RMI_BLOCK_L2, 0);
	r = map(&w, RAM_VOID, 2, RMI_OADDR_LIST | 2 << 2, w.ns2);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], RAM_VOID + GRANULE_SIZE);
}

/* The list leaves the host's world between our look and our touch. */
/* What is wrong with a descriptor is seen where it stands, not in the first place only. */
TEST(stops_at_a_bad_descriptor)
{
	u64 state;

	for (state = 0; state < 4; state++) {
		struct rmi_result r;
		struct world w;
		u64 p, *list;

		world_make(&w);
		test_note("state %u", (unsigned int)state);
		p = host_delegated(2, GRANULE_SIZE);
		list = sim_ram(w.ns2);
		list[0] = desc(p, 1, RMI_BLOCK_L3, RMI_MEMSTATE_DELEGATED);
		list[1] = desc(p + GRANULE_SIZE, 1, RMI_BLOCK_L3, state);
		r = rmi(FID_RTT_DATA_MAP, w.r.rd, RAM_VOID, RAM_VOID + 2 * GRANULE_SIZE,
			RMI_OADDR_LIST | 2 << 2, w.ns2);
		check_status(r, RMI_SUCCESS);
		check_eq(r.x[1], RAM_VOID + (state == RMI_MEMSTATE_DELEGATED ? 2 : 1) * GRANULE_SIZE);
		check(inside_is(p, "DATA"));
		check(inside_is(p + GRANULE_SIZE, state == RMI_MEMSTATE_DELEGATED ? "DATA" : "DELEGATED"));
	}
}

TEST(map_list_lost)
{
	struct world w;

	world_make(&w);
	sim_ns_refuse(w.ns2, true);
	check_status(map(&w, RAM_VOID, 1, RMI_OADDR_LIST | 1 << 2, w.ns2), RMI_ERROR_INPUT);
}

/* An interrupt ends a long list early, with progress. */
TEST(map_interrupted)
{
	struct world w;
	struct rmi_result r;
	u64 pa;

	world_make(&w);
	pa = host_delegated(64, GRANULE_SIZE);
	sim_interrupt_after(2);
	r = map(&w, RAM_VOID, 64, RMI_OADDR_SINGLE, desc(pa, 64, 0, 0));
	sim_interrupt_after(0);
	check_status(r, RMI_SUCCESS);
	check(r.x[1] > RAM_VOID && r.x[1] < RAM_VOID + 64 * GRANULE_SIZE);
	u64 done = (r.x[1] - RAM_VOID) >> GRANULE_SHIFT;
	check(inside_is(pa + (done - 1) * GRANULE_SIZE, "DATA"));
	check(inside_is(pa + done * GRANULE_SIZE, "DELEGATED"));
	check_eq(rmi(FID_RTT_READ_ENTRY, w.r.rd, r.x[1], 3).x[2], RMI_ENTRY_VOID);
}

/* No output address reaches beyond the width that feature register 0 gives. */
TEST(addresses_beyond)
{
	struct sim_machine m = sim_machine_default;
	struct realm r = realm_default;

	m.lpa2 = false;
	sim_power_on(&m);
	host_power_on();
	host_activate();
	realm_create(&r);
	realm_table(&r, RAM, 3);
	check_status(rmi(FID_RTT_DATA_MAP, r.rd, RAM, RAM + GRANULE_SIZE, RMI_OADDR_SINGLE,
			 desc(BIT(48), 1, 0, 0)), RMI_ERROR_INPUT);
	check_status(rmi(FID_RTT_CREATE, r.rd, BIT(48), RAM + level_bytes(2), 3), RMI_ERROR_INPUT);
	check(!strcmp(inside_refusal(), "rtt_bound"));
	realm_table(&r, realm_shared(&r) + RAM, 3);
	check_status(rmi(FID_RTT_UNPROT_MAP, r.rd, realm_shared(&r) + RAM,
			 realm_shared(&r) + RAM + GRANULE_SIZE, RMI_OADDR_SINGLE | 6 << 16 | 3 << 19,
			 desc(BIT(48), 1, 0, 0)),
		     RMI_ERROR_INPUT);
	check_status(rmi(FID_RTT_UNPROT_MAP, r.rd, realm_shared(&r) + RAM,
			 realm_shared(&r) + RAM + GRANULE_SIZE, RMI_OADDR_SINGLE | 6 << 16 | 3 << 19,
			 desc(BIT(48) - GRANULE_SIZE, 1, 0, 0)),
		     RMI_SUCCESS);
	check_eq(sim_realm_access(realm_vttbr(&r), realm_vtcr(&r), realm_shared(&r) + RAM, SIM_READ)
			 .pa,
		 BIT(48) - GRANULE_SIZE);
}

/* Each granule that the operation has claimed: BLOCKED; the others are as they were. */
static void check_in_between(const struct world *w, u64 block, u64 bytes)
{
	bool claimed = true;

	check(inside_is(block, "DATA"));
	for (u64 p = block; p < block + bytes; p += GRANULE_SIZE) {
		claimed &= inside_is(p, "DATA");
		check(claimed || !inside_is(p, "DATA"));
		if (!claimed)
			break;
		check_status(rmi(FID_RTT_CREATE, w->r.rd, p, NO_TABLE, 2), RMI_BLOCKED);
		check_status(rmi(FID_GRANULE_RANGE_UNDELEGATE, p, p + GRANULE_SIZE), RMI_BLOCKED);
		check_status(rmi(FID_GRANULE_RANGE_DELEGATE, p, p + GRANULE_SIZE), RMI_BLOCKED);
		check_status(map(w, RAM_VOID, 1, RMI_OADDR_SINGLE, desc(p, 1, 0, 0)), RMI_BLOCKED);
	}
}

/* While the block is wiped its realm goes; by the end its RD is none, or that of a realm without the place. */
TEST(realm_is_another_by_then)
{
	NEEDS_4K;
	static const struct { unsigned int s2sz; u64 status; int level; } c[] = {
		{ 0, RMI_ERROR_INPUT, 0 }, { 32, RMI_ERROR_INPUT, 0 }, { 33, RMI_ERROR_RTT, 1 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(c); i++) {
		struct realm q = realm_default;
		struct rmi_result r;
		struct world w;
		struct sro s;
		u64 block;

		test_note("then with %u bits", c[i].s2sz);
		world_make(&w);
		realm_create(&q);
		realm_table(&q, RAM, 2);
		block = host_alloc(table_entries(), level_bytes(2));
		need_eq(host_delegate(block, table_entries()), 0);
		sim_interrupt_after(1);
		need(sro_begin(&s, rmi(FID_RTT_DATA_MAP, q.rd, RAM, RAM + level_bytes(2), RMI_OADDR_SINGLE,
				       desc(block, 1, RMI_BLOCK_L2, 0))));
		sim_interrupt_after(0);
		need_eq(rmi(FID_RTT_DESTROY, q.rd, ALIGN_DOWN(RAM, level_bytes(1)), 2).x[0], 0);
		need_eq(status_of(rmi(FID_REALM_TERMINATE, q.rd)), 0);
		need_eq(sro_finish(rmi(FID_REALM_DESTROY, q.rd)).x[0], 0);
		realm_gone(&q);
		q.s2sz = c[i].s2sz;
		host_fill_params(&q, q.params);
		if (q.s2sz)
			need_eq(rmi(FID_REALM_CREATE, q.rd, q.params).x[0], 0);
		do
			r = sro_continue(&s, 0);
		while (status_of(r) == RMI_INCOMPLETE);
		check_status(r, c[i].status);
		check_eq(level_of(r), c[i].level);
		check_eq(r.x[1], RAM);
		check(!inside_invariants());
	}
}

/* An interrupt cuts the wipe of a block: an operation, whose end asks again (rmi-sro.md 3.1). */
TEST(block_in_slices)
{
	NEEDS_4K;
	for (unsigned int spoilt = 0; spoilt < 5; spoilt++) {
		struct world w;
		struct sro s;
		struct rmi_result r;
		unsigned int calls = 1;
		u64 block, one, table;

		test_note("spoilt %u", spoilt);
		world_make(&w);
		block = host_alloc(table_entries(), level_bytes(2));
		need(block);
		need_eq(host_delegate(block, table_entries()), 0);
		memset(sim_ram(block), 0x55, level_bytes(2));
		if (spoilt == 1)
			need_eq(host_undelegate(block + 0x150 * GRANULE_SIZE, 1), 0);
		sim_interrupt_after(1);
		one = desc(block, 1, RMI_BLOCK_L2, 0);
		need(sro_begin(&s, map(&w, FLAT, table_entries(), RMI_OADDR_SINGLE, one)));
		check_eq(sro_wants(&s), RMI_MEM_NONE);
		check(!(s.last.x[0] & RMI_CAN_CANCEL));
		check_in_between(&w, block, level_bytes(2));
		check_status(map(&w, FLAT, table_entries(), RMI_OADDR_SINGLE, one), RMI_BLOCKED);
		check_eq(rmi(FID_RTT_READ_ENTRY, w.r.rd, FLAT, 2).x[2], RMI_ENTRY_VOID);
		if (spoilt == 2)
			need_eq(rmi(FID_REALM_TERMINATE, w.r.rd).x[0], 0);
		if (spoilt >= 3) {
			table = host_delegated(1, GRANULE_SIZE);
			need_eq(rmi(FID_RTT_CREATE, w.r.rd, table, FLAT, 3).x[0], 0);
		}
		if (spoilt == 4) {
			one = desc(host_delegated(1, GRANULE_SIZE), 1, RMI_BLOCK_L3, 0);
			need_eq(map(&w, FLAT, 1, RMI_OADDR_SINGLE, one).x[0], 0);
		}
		do {
			sim_interrupt_after(1);
			r = sro_continue(&s, 0);
			calls++;
		} while (status_of(r) == RMI_INCOMPLETE && calls < 40);
		sim_interrupt_after(0);
		check_status(r, spoilt == 0 ? RMI_SUCCESS : spoilt == 1 ? RMI_ERROR_INPUT :
				spoilt == 2 ? RMI_ERROR_REALM : RMI_ERROR_RTT);
		check_eq(r.x[1], FLAT + (spoilt ? 0 : level_bytes(2)));
		check(calls >= 8);
		for (u64 i = 0; i < table_entries(); i++)
			check(inside_is(block + i * GRANULE_SIZE, spoilt == 0 ? "DATA" :
				spoilt == 1 && i == 0x150 ? "UNDELEGATED" : "DELEGATED"));
		if (!spoilt)
			for (u64 i = 0; i < table_entries(); i++)
				check(is_wiped(block + i * GRANULE_SIZE));
		if (spoilt >= 3)
			check_eq(level_of(r), 2);
		check(!inside_invariants());
	}
}

/* BLOCKED says that nothing happened: it is no last word of an operation that was told of. */
TEST(block_meets_another_operation)
{
	NEEDS_4K;
	struct world w;
	struct sro s;
	u64 block, params;

	world_make(&w);
	block = host_alloc(table_entries(), level_bytes(2));
	params = host_page();
	need(block);
	need_eq(host_delegate(block, table_entries()), 0);
	((struct rmi_rec_params *)sim_ram(params))->mpidr = inside_next_index(w.r.rd);
	check_status(rmi(FID_REC_CREATE, w.r.rd, block + 0x150 * GRANULE_SIZE, params),
		     RMI_INCOMPLETE);
	sim_interrupt_after(1);
	need(sro_begin(&s, map(&w, FLAT, table_entries(), RMI_OADDR_SINGLE,
			       desc(block, 1, RMI_BLOCK_L2, 0))));
	sim_interrupt_after(0);
	check_status(sro_continue(&s, 0), RMI_ERROR_INPUT);
	check_status(sro_continue(&s, 0), RMI_ERROR_INPUT);
	check_status(map(&w, FLAT, table_entries(), RMI_OADDR_SINGLE,
			 desc(block, 1, RMI_BLOCK_L2, 0)), RMI_BLOCKED);
	check(!inside_invariants());
}

/* Four blocks of one descriptor: the host says whether to go on after an interrupt. */
static u64 four_blocks(struct world *w)
{
	u64 block;

	world_make(w);
	block = host_alloc(4 * table_entries(), level_bytes(2));
	need(block);
	need_eq(host_delegate(block, 4 * table_entries()), 0);
	return block;
}

static void check_blocks(const struct world *w, u64 block, u64 mapped)
{
	for (u64 i = 0; i < 4 * table_entries(); i++)
		check(inside_is(block + i * GRANULE_SIZE,
				i / table_entries() < mapped ? "DATA" : "DELEGATED"));
	for (u64 i = 0; i < 4; i++)
		check_eq(rmi(FID_RTT_READ_ENTRY, w->r.rd, FLAT + i * level_bytes(2), 2).x[2],
			 i < mapped ? RMI_ENTRY_DATA : RMI_ENTRY_VOID);
	check(!inside_invariants());
}

TEST(keep_going_or_stop)
{
	NEEDS_4K;
	struct rmi_result r;
	struct world w;
	struct sro s;
	u64 block;

	for (unsigned int how = 0; how < 4; how++) {
		test_note("how %u", how);
		block = four_blocks(&w);
		sim_interrupt_after(how ? 1 : 0);
		r = map(&w, FLAT, 4 * table_entries(), RMI_OADDR_SINGLE, desc(block, 4, RMI_BLOCK_L2, 0));
		sim_interrupt_after(0);
		if (how) {
			need(sro_begin(&s, r));
			check_eq(r.x[2] | r.x[3], 0);
		}
		if (how == 1)
			r = sro_continue(&s, 0);
		if (how == 2)
			r = sro_continue(&s, RMI_CONTINUE_STOP);
		if (how == 3)	/* (flags, handle): decisions 51 */
			r = rmi(FID_OP_CONTINUE, RMI_CONTINUE_STOP, s.handle);
		check_status(r, RMI_SUCCESS);
		check_eq(r.x[1], FLAT + (how < 2 ? 4 : 1) * level_bytes(2));
		check_blocks(&w, block, how < 2 ? 4 : 1);
	}
	/* an interrupt after a block: as far as there, nothing of the next one */
	block = four_blocks(&w);
	sim_interrupt_after(17);
	r = map(&w, FLAT, 4 * table_entries(), RMI_OADDR_SINGLE, desc(block, 4, RMI_BLOCK_L2, 0));
	sim_interrupt_after(0);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], FLAT + level_bytes(2));
	check_blocks(&w, block, 1);
}

/* What a later block meets ends it, with the progress before it. */
TEST(later_block_refused)
{
	NEEDS_4K;
	for (unsigned int cut = 0; cut < 2; cut++) {
		struct rmi_result r;
		struct world w;
		struct sro s;
		u64 block = four_blocks(&w);

		need_eq(host_undelegate(block + (2 * table_entries() + 0x1F0) * GRANULE_SIZE, 1), 0);
		sim_interrupt_after(cut);
		r = map(&w, FLAT, 4 * table_entries(), RMI_OADDR_SINGLE, desc(block, 4, RMI_BLOCK_L2, 0));
		for (unsigned int calls = 0; cut && calls < 80; calls++) {
			if (!calls)
				need(sro_begin(&s, r));
			sim_interrupt_after(calls == 15 ? 2 : 1);
			r = sro_continue(&s, 0);
			if (status_of(r) != RMI_INCOMPLETE)
				break;
		}
		sim_interrupt_after(0);
		check_status(r, RMI_SUCCESS);
		check_eq(r.x[1], FLAT + (cut ? 1 : 2) * level_bytes(2));
		need_eq(host_delegate(block + (2 * table_entries() + 0x1F0) * GRANULE_SIZE, 1), 0);
		check_blocks(&w, block, cut ? 1 : 2);
	}
}

/*
 * The list's blocks after the first are for the next call; what follows the first in
 * memory is not meant, DELEGATED or not.
 */
TEST(blocks_of_a_list)
{
	static const u64 order[] = { 0, 2, 3, 1 };

	NEEDS_BLOCKS;
	struct rmi_result r;
	struct world w;
	u64 block = four_blocks(&w), *list = sim_ram(w.ns2);

	for (u64 i = 0; i < 4; i++)
		list[i] = desc(block + order[i] * level_bytes(2), 1, RMI_BLOCK_L2, 0);
	for (u64 i = 0; i < 4; i++) {
		r = map(&w, FLAT + i * level_bytes(2), table_entries() * (4 - i),
			RMI_OADDR_LIST | (4 - i) << 2, w.ns2 + 8 * i);
		check_status(r, RMI_SUCCESS);
		check_eq(r.x[1], FLAT + (i + 1) * level_bytes(2));
		check_eq(rmi(FID_RTT_READ_ENTRY, w.r.rd, FLAT + i * level_bytes(2), 2).x[3],
			 block + order[i] * level_bytes(2));
	}
	check_blocks(&w, block, 4);
	/* mapped already, to the same place: progress (decisions 60) */
	r = map(&w, FLAT, table_entries(), RMI_OADDR_SINGLE,
		desc(block, 1, RMI_BLOCK_L2, 0));
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], FLAT + level_bytes(2));
}

TEST(fewer_blocks_than_the_range)
{
	NEEDS_4K;
	struct rmi_result r;
	struct world w;
	u64 block = four_blocks(&w);

	r = map(&w, FLAT, 4 * table_entries(), RMI_OADDR_SINGLE, desc(block, 2, RMI_BLOCK_L2, 0));
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], FLAT + 2 * level_bytes(2));
	check_blocks(&w, block, 2);
}

/* ---- regions of 2 MiB that are COARSE: a block is as large ---------------------------- */

#define REGION		0x200000ULL
static u64 region(unsigned int n) { return sim_machine()->bank[1].base + n * REGION; }

static struct rmi_result tracking_set(u64 state)
{
	return rmi(FID_GRANULE_TRACKING_SET, region(0), RMI_CATEGORY_CONVENTIONAL, state);
}

static struct rmi_result move_region(u64 fid)
{
	return rmi(fid, region(0), region(1));
}

static u64 entry_state(const struct world *w, int level)
{
	return rmi(FID_RTT_READ_ENTRY, w->r.rd, FLAT, level).x[2];
}

static void make_regions(struct world *w)
{
	host_choose_tracking(1);
	world_make(w);
	host_choose_tracking(0);
	need_eq(tracking_set(RMI_TRACKING_COARSE).x[0], 0);
}

static struct rmi_result map_region(const struct world *w)
{
	return map(w, FLAT, table_entries(), RMI_OADDR_SINGLE, desc(region(0), 1, RMI_BLOCK_L2, 0));
}

static struct rmi_result unmap_some(const struct world *w, u64 base, u64 bytes)
{
	return rmi(FID_RTT_DATA_UNMAP, w->r.rd, base, base + bytes, RMI_OADDR_NONE, 0);
}

/* In use as a whole: nothing else can be made of it. */
static void is_mapped(const struct world *w)
{
	check(inside_belongs(region(0), "DATA") && inside_belongs(region(1) - GRANULE_SIZE, "DATA"));
	check_status(move_region(FID_GRANULE_RANGE_UNDELEGATE), RMI_ERROR_INPUT);
	check_status(move_region(FID_GRANULE_RANGE_DELEGATE), RMI_ERROR_INPUT);
	check_status(tracking_set(RMI_TRACKING_NONE), RMI_ERROR_INPUT);
	check_status(map(w, FLAT + level_bytes(2), table_entries(), RMI_OADDR_SINGLE,
			 desc(region(0), 1, RMI_BLOCK_L2, 0)), RMI_ERROR_INPUT);
	check(!inside_invariants());
}

TEST(a_coarse_region_is_mapped)
{
	NEEDS_4K;
	struct world w;
	struct rmi_result r;
	u64 table, word = 1, at = FLAT + 7 * GRANULE_SIZE;

	make_regions(&w);
	check_status(map_region(&w), RMI_ERROR_INPUT);		/* UNDELEGATED */
	need_eq(move_region(FID_GRANULE_RANGE_DELEGATE).x[0], 0);
	/* a page of it is no object, and no DATA */
	r = map(&w, RAM_VOID, 1, RMI_OADDR_SINGLE, desc(region(0) + GRANULE_SIZE, 1, 0, 0));
	check_eq(r.x[0], RMI_ERROR_TRACKING | (region(0) + GRANULE_SIZE) >> 12 << 16);
	check_status(rmi(FID_RTT_DATA_MAP_INIT, w.r.rd, region(0), RAM_VOID, w.ns, 0),
		     RMI_ERROR_TRACKING);
	check_status(rmi(FID_RTT_CREATE, w.r.rd, region(0), NO_TABLE, 2), RMI_ERROR_INPUT);
	check_status(rmi(FID_REALM_CREATE, region(0), w.r.params), RMI_ERROR_INPUT);

	realm_init_ripas(&w.r, FLAT, FLAT + REGION);
	r = map_region(&w);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], FLAT + REGION);
	check_status(map_region(&w), RMI_SUCCESS);		/* the same again */
	check_eq(entry_state(&w, 2), RMI_ENTRY_DATA);
	check(sim_realm_read(realm_vttbr(&w.r), realm_vtcr(&w.r), FLAT + REGION - 8, &word, 8));
	check_eq(word, 0);
	is_mapped(&w);
	check_status(rmi(FID_RMM_DEACTIVATE), RMI_ERROR_GLOBAL);

	/* its pages can be shown one by one, but not given up */
	table = host_delegated(1, GRANULE_SIZE);
	need_eq(rmi(FID_RTT_CREATE, w.r.rd, table, FLAT, 3).x[0], 0);
	is_mapped(&w);
	r = unmap_some(&w, at, GRANULE_SIZE);
	check_eq(r.x[0], RMI_ERROR_TRACKING | (region(0) + 7 * GRANULE_SIZE) >> 12 << 16);
	check_eq(r.x[1], at);
	check_eq(entry_state(&w, 3), RMI_ENTRY_DATA);
	need_eq(rmi(FID_RTT_FOLD, w.r.rd, FLAT, 3).x[0], 0);
	r = unmap_some(&w, FLAT, REGION);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], FLAT + REGION);
	check(inside_belongs(region(0), "DELEGATED"));
	check(!inside_invariants());
	check_status(map_region(&w), RMI_SUCCESS);
	check_status(unmap_some(&w, FLAT, REGION), RMI_SUCCESS);
	check_status(move_region(FID_GRANULE_RANGE_UNDELEGATE), RMI_SUCCESS);
	check(sim_pas(region(0)) == SIM_NS && is_wiped(region(0)));
	check_status(tracking_set(RMI_TRACKING_FINE), RMI_SUCCESS);
	check(!inside_invariants());
}

/* While it is mapped it becomes FINE, and then its pages can be unmapped. */
TEST(a_mapped_region_becomes_fine)
{
	NEEDS_4K;
	/* 0: nothing happens meanwhile; 1: it is unmapped; 2: and mapped again */
	for (unsigned int meanwhile = 0; meanwhile < 3; meanwhile++) {
		struct world w;
		struct rmi_result r;
		struct sro s;

		test_note("meanwhile %u", meanwhile);
		make_regions(&w);
		need_eq(move_region(FID_GRANULE_RANGE_DELEGATE).x[0], 0);
		need_eq(map_region(&w).x[0], 0);
		sim_interrupt_after(1);
		need(sro_begin(&s, tracking_set(RMI_TRACKING_FINE)));
		sim_interrupt_after(0);
		if (meanwhile) {
			check_status(unmap_some(&w, FLAT, REGION), RMI_SUCCESS);
			check_status(move_region(FID_GRANULE_RANGE_UNDELEGATE), RMI_BLOCKED);
		}
		if (meanwhile == 2)
			check_status(map_region(&w), RMI_SUCCESS);
		r = sro_continue(&s, 0);
		check_status(r, RMI_SUCCESS);
		check(inside_belongs(region(0) + GRANULE_SIZE, meanwhile == 1 ? "DELEGATED" : "DATA"));
		check(!inside_invariants());
		if (meanwhile == 1) {
			check_eq(host_undelegate(region(0), table_entries()), 0);
			continue;
		}
		check_status(tracking_set(RMI_TRACKING_COARSE), RMI_ERROR_INPUT);
		need_eq(rmi(FID_RTT_CREATE, w.r.rd, host_delegated(1, GRANULE_SIZE), FLAT, 3).x[0], 0);
		check_status(unmap_some(&w, FLAT + GRANULE_SIZE, GRANULE_SIZE), RMI_SUCCESS);
		check(inside_belongs(region(0) + GRANULE_SIZE, "DELEGATED"));
		check(inside_belongs(region(0), "DATA"));
		check(!inside_invariants());
	}
}

/* Cut by interrupts: in between for everybody else; given back when it fails at the end. */
TEST(a_coarse_region_in_slices)
{
	NEEDS_4K;
	for (unsigned int spoilt = 0; spoilt < 2; spoilt++) {
		unsigned int calls = 0;
		struct world w;
		struct rmi_result r;
		struct sro s;

		test_note("spoilt %u", spoilt);
		make_regions(&w);
		need_eq(move_region(FID_GRANULE_RANGE_DELEGATE).x[0], 0);
		sim_interrupt_after(1);
		need(sro_begin(&s, map_region(&w)));
		sim_interrupt_after(0);
		check(inside_belongs(region(0), "BETWEEN"));
		check_status(move_region(FID_GRANULE_RANGE_UNDELEGATE), RMI_BLOCKED);
		check_status(tracking_set(RMI_TRACKING_FINE), RMI_BLOCKED);
		check_status(tracking_set(RMI_TRACKING_NONE), RMI_BLOCKED);
		check_status(map_region(&w), RMI_BLOCKED);
		check_eq(entry_state(&w, 2), RMI_ENTRY_VOID);
		check(!inside_invariants());
		if (spoilt)
			need_eq(rmi(FID_REALM_TERMINATE, w.r.rd).x[0], 0);
		do {
			sim_interrupt_after(1);
			r = sro_continue(&s, 0);
		} while (status_of(r) == RMI_INCOMPLETE && calls++ < 40);
		sim_interrupt_after(0);
		check(calls >= 8);
		check_status(r, spoilt ? RMI_ERROR_REALM : RMI_SUCCESS);
		check(inside_belongs(region(0), spoilt ? "DELEGATED" : "DATA"));
		check(!inside_invariants());
	}
}

#include "harness/command_end.h"
