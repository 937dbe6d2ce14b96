/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD RTT_INIT_RIPAS
#define CMD_LOWER rtt_init_ripas
#include "harness/command.h"

GOOD
{
	a->rd = pa(w->r.rd);
	a->base = ipa(RAM_TOP);
	a->top = ipa(RAM_TOP + 2 * GRANULE_SIZE);
}

CHANGED
{
	check_eq(res.x[1], a->top.raw);
	check_eq(rmi(FID_RTT_READ_ENTRY, w->r.rd, RAM_TOP + GRANULE_SIZE, 3).x[4], RMI_RIPAS_RAM);
	check_eq(rmi(FID_RTT_READ_ENTRY, w->r.rd, RAM_TOP + 2 * GRANULE_SIZE, 3).x[4], RMI_RIPAS_EMPTY);
	/* RAM stays RAM, mapped or not */
	res = rmi(FID_RTT_INIT_RIPAS, w->r.rd, RAM, RAM_TOP);
	check_status(res, RMI_SUCCESS);
	check_eq(res.x[1], RAM_TOP);
}

SPOIL(rd_align)		{ a->rd = pa_add(a->rd, 1); }
SPOIL(rd_state)		{ a->rd = pa(w->r.rec[0]); }
SPOIL(base_align)	{ a->base = ipa_add(a->base, 0x800); }
SPOIL(top_align)	{ a->top = ipa_add(a->top, 0x800); }
SPOIL(top_order)	{ a->top = a->base; }
SPOIL(range_bound)	{ a->top = ipa(w->shared); }
SPOIL(realm_state)	{ realm_activate(&w->r); }
SPOIL(entry_align)
{
	a->base = ipa(FLAT + GRANULE_SIZE);
	a->top = ipa(FLAT + 2 * level_bytes(2));
	w->level = 2;
}
SPOIL(progress)		{ a->base = ipa(FLAT); a->top = ipa(FLAT + GRANULE_SIZE); w->level = 2; }

/* Whole entries of every level, as far as one table goes; destroyed ones stop it. */
TEST(ripas_ranges)
{
	struct world w;
	struct rmi_result r;

	world_make(&w);
	r = rmi(FID_RTT_INIT_RIPAS, w.r.rd, FLAT, RAM + 128 * level_bytes(2));
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], RAM + 128 * level_bytes(2));
	check_eq(rmi(FID_RTT_READ_ENTRY, w.r.rd, RAM + 127 * level_bytes(2), 2).x[4], RMI_RIPAS_RAM);
	r = rmi(FID_RTT_INIT_RIPAS, w.r.rd, 0, RAM);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], RAM);
	if (RAM >= 2 * level_bytes(1))
		check_eq(rmi(FID_RTT_READ_ENTRY, w.r.rd, level_bytes(1), 1).x[4], RMI_RIPAS_RAM);
	need_eq(rmi(FID_RTT_DATA_UNMAP, w.r.rd, RAM, RAM + GRANULE_SIZE, RMI_OADDR_NONE, 0).x[0], 0);
	r = rmi(FID_RTT_INIT_RIPAS, w.r.rd, RAM, RAM + 2 * GRANULE_SIZE);
	check_status(r, RMI_ERROR_RTT);
	check_eq(level_of(r), 3);
	check(!inside_invariants());
}

TEST(init_stops_at_a_table)
{
	struct world w;
	struct rmi_result r;

	world_make(&w);
	realm_table(&w.r, FLAT, 3);
	r = rmi(FID_RTT_INIT_RIPAS, w.r.rd, RAM + level_bytes(2), FLAT + level_bytes(2));
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], FLAT);
}

/* The protected half ends where the unprotected one begins: its last page belongs to it. */
TEST(up_to_the_half)
{
	struct world w;
	struct rmi_result r;
	u64 half, last;

	world_make(&w);
	half = realm_shared(&w.r);
	last = half - GRANULE_SIZE;
	r = rmi(FID_RTT_INIT_RIPAS, w.r.rd, half - level_bytes(1), half);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], half);
	check_status(rmi(FID_RTT_INIT_RIPAS, w.r.rd, half - level_bytes(1), half + GRANULE_SIZE),
		     RMI_ERROR_INPUT);
	realm_table(&w.r, last, 3);
	realm_data(&w.r, last, 1);
	check_eq(sim_realm_access(realm_vttbr(&w.r), realm_vtcr(&w.r), last + 0xFF8, SIM_WRITE)
			 .fault,
		 SIM_S2_OK);
	realm_unprot(&w.r, half, w.ns2, 1);
	realm_activate(&w.r);
	r = rmi(FID_RTT_DATA_UNMAP, w.r.rd, last, half, RMI_OADDR_SINGLE, 0);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], half);
	check_status(rmi(FID_RTT_DATA_UNMAP, w.r.rd, last, half + GRANULE_SIZE, RMI_OADDR_SINGLE,
			 0),
		     RMI_ERROR_INPUT);
	check_status(rmi(FID_RTT_UNPROT_UNMAP, w.r.rd, last, half + GRANULE_SIZE, RMI_OADDR_SINGLE,
			 0),
		     RMI_ERROR_INPUT);
	r = rmi(FID_RTT_UNPROT_UNMAP, w.r.rd, half, half + GRANULE_SIZE, RMI_OADDR_SINGLE, 0);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[2] & MASK(51, GRANULE_SHIFT), w.ns2);
	/* and the end of the whole space */
	r = rmi(FID_RTT_UNPROT_UNMAP, w.r.rd, 2 * half - level_bytes(1), 2 * half, RMI_OADDR_SINGLE,
		0);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], 2 * half);
	check(!inside_invariants());
}

#include "harness/command_end.h"
