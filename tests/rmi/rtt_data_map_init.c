/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD RTT_DATA_MAP_INIT
#define CMD_LOWER rtt_data_map_init
#include <string.h>

#include "harness/command.h"

GOOD
{
	memset(sim_ram(w->ns2), 0x3C, GRANULE_SIZE);
	a->rd = pa(w->r.rd);
	a->data = pa(w->delegated);
	a->ipa = ipa(RAM_TOP);		/* EMPTY before */
	a->src = ns(w->ns2);
	a->flags = 1;
}

CHANGED
{
	struct rmi_result e = rmi(FID_RTT_READ_ENTRY, a->rd.raw, RAM_TOP, 3);
	u8 got[GRANULE_SIZE];

	check_eq(e.x[2], RMI_ENTRY_DATA);
	check_eq(e.x[3], a->data.raw);
	check_eq(e.x[4], RMI_RIPAS_RAM);
	check(inside_is(a->data.raw, "DATA"));
	check(sim_realm_read(realm_vttbr(&w->r), realm_vtcr(&w->r), RAM_TOP, got, sizeof(got)));
	check(!memcmp(got, sim_ram(w->ns2), sizeof(got)));
	check_eq(sim_realm_access(realm_vttbr(&w->r), realm_vtcr(&w->r), RAM_TOP, SIM_READ).allowed,
		 SIM_READ | SIM_WRITE | SIM_FETCH);
}

SPOIL(flags)		{ a->flags = 2; }
SPOIL(src_align)	{ a->src = ns_add(a->src, 8); }
SPOIL(src_ns)		{ a->src = ns(w->delegated2); }
SPOIL(data_align)	{ a->data = pa_add(a->data, 8); }
SPOIL(rd_align)		{ a->rd = pa_add(a->rd, 1); }
SPOIL(rd_state)		{ a->rd = pa(w->r.rec[0]); }
SPOIL(ipa_align)	{ a->ipa = ipa_add(a->ipa, 0x800); }
SPOIL(ipa_bound)	{ a->ipa = ipa(w->shared + GRANULE_SIZE); }
SPOIL(data_bound)	{ a->data = pa(BIT(52)); }
SPOIL(realm_state)	{ realm_activate(&w->r); }
SPOIL(rtt_walk)		{ a->ipa = ipa(FLAT); w->level = 2; }
SPOIL(entry)		{ a->ipa = ipa(RAM); w->level = 3; }
SPOIL(data_state)	{ a->data = pa(w->data_page); }
SPOIL(src_read)		{ sim_ns_refuse(w->ns2, true); w->scribbled = w->delegated; }
SPOIL(tracking)		{ a->data = pa(world_untracked()); }

/* data and rd the same granule */
TEST(data_is_rd)
{
	struct world w;

	world_make(&w);
	check_status(rmi(FID_RTT_DATA_MAP_INIT, w.r.rd, w.r.rd, RAM_TOP, w.ns2, 0),
		     RMI_ERROR_INPUT);
}

/* ---- measuring in slices ---------------------------------------------------------- */

static struct rmi_result init(const struct world *w, u64 data, u64 at)
{
	return rmi(FID_RTT_DATA_MAP_INIT, w->r.rd, data, at, w->ns2, 1);
}

static void world_with(struct world *w, u8 hash)
{
	world_make_bare(w);
	w->r = realm_default;
	w->r.hash = hash;
	realm_create(&w->r);
	realm_table(&w->r, RAM, 3);
	for (u64 i = 0; i < 512; i++)
		((u64 *)sim_ram(w->ns2))[i] = i * 0x0123456789ABCDEFULL;
}

/* Cut at each look, at some, at none: the same RIM; the page is the host's no more. */
TEST(measured_in_slices)
{
	for (u8 hash = 0; hash < 3; hash++) {
		u8 rim[3][64];

		for (unsigned int how = 0; how < 3; how++) {
			struct rmi_result r;
			unsigned int calls = 0;
			struct world w;
			struct sro s;

			test_note("hash %u, how %u", hash, how);
			world_with(&w, hash);
			sim_interrupt_after(how == 1 ? 1 : how == 2 ? 5 : 0);
			r = init(&w, w.delegated, RAM);
			memset(sim_ram(w.ns2), 0xFF, GRANULE_SIZE);
			if (how)
				need(sro_begin(&s, r));
			while (how && status_of(r) == RMI_INCOMPLETE && ++calls < 1000) {
				check(!(r.x[0] & RMI_CAN_CANCEL));
				check_eq(r.x[2] | r.x[3], 0);
				sim_be_cpu(calls % 4);
				sim_interrupt_after(how == 1 ? 1 : 1 + calls % 7);
				r = sro_continue(&s, calls & 1);
			}
			sim_be_cpu(0);
			sim_interrupt_after(0);
			check_status(r, RMI_SUCCESS);
			check(calls >= (how == 1 ? 30 : how ? 4 : 0));
			check(inside_is(w.delegated, "DATA"));
			inside_rim(w.r.rd, rim[how]);
			check(!inside_invariants());
		}
		check(!memcmp(rim[0], rim[1], 64) && !memcmp(rim[0], rim[2], 64));
		check(memcmp(rim[0], (u8[64]){ 0 }, 64));
	}
}

/* Meanwhile the realm stays NEW and the page in between; the place is looked at again. */
TEST(measured_in_between)
{
	for (unsigned int spoilt = 0; spoilt < 4; spoilt++) {
		u8 before[64], after[64];
		struct rmi_result r;
		struct world w;
		struct sro s;

		test_note("spoilt %u", spoilt);
		world_with(&w, RMI_HASH_SHA256);
		inside_rim(w.r.rd, before);
		sim_interrupt_after(1);
		need(sro_begin(&s, init(&w, w.delegated, RAM)));
		sim_interrupt_after(0);
		check_eq(sro_wants(&s), RMI_MEM_NONE);
		check_status(rmi(FID_OP_CANCEL, s.handle), RMI_ERROR_INPUT);
		check_status(rmi(FID_OP_MEM_DONATE, s.handle, s.list, 0), RMI_ERROR_INPUT);
		check_status(rmi(FID_REALM_ACTIVATE, w.r.rd), RMI_BLOCKED);
		check_status(rmi(FID_REALM_TERMINATE, w.r.rd), RMI_BLOCKED);
		check_status(rmi(FID_REALM_DESTROY, w.r.rd), RMI_BLOCKED);
		check_status(init(&w, w.delegated, RAM + GRANULE_SIZE), RMI_BLOCKED);
		check_status(rmi(FID_GRANULE_RANGE_UNDELEGATE, w.delegated, w.delegated + GRANULE_SIZE),
			     RMI_BLOCKED);
		check_eq(rmi(FID_RTT_READ_ENTRY, w.r.rd, RAM, 3).x[2], RMI_ENTRY_VOID);
		inside_rim(w.r.rd, after);
		check(!memcmp(before, after, 64));
		if (spoilt == 1)
			need_eq(init(&w, w.delegated2, RAM).x[0], 0);
		if (spoilt == 2)
			need_eq(rmi(FID_RTT_DESTROY, w.r.rd, RAM, 3).x[0], 0);
		if (spoilt == 3)
			realm_data(&w.r, RAM, 1);
		inside_rim(w.r.rd, before);
		r = sro_continue(&s, 0);
		check_status(r, spoilt ? RMI_ERROR_RTT : RMI_SUCCESS);
		if (spoilt)
			check_eq(level_of(r), spoilt == 2 ? 2 : 3);
		check(inside_is(w.delegated, spoilt ? "DELEGATED" : "DATA"));
		inside_rim(w.r.rd, after);
		check(!memcmp(before, after, 64) == !!spoilt);
		check(!inside_invariants());
		check_status(rmi(FID_REALM_ACTIVATE, w.r.rd), RMI_SUCCESS);
	}
}

#include "harness/command_end.h"
