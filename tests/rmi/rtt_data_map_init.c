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
NOT_SPOILED(tracking, "every region with DRAM is tracked FINE after activation")

/* data and rd the same granule */
TEST(data_is_rd)
{
	struct world w;

	world_make(&w);
	check_status(rmi(FID_RTT_DATA_MAP_INIT, w.r.rd, w.r.rd, RAM_TOP, w.ns2, 0),
		     RMI_ERROR_INPUT);
}

#include "harness/command_end.h"
