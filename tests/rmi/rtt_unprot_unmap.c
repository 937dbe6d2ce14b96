/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD RTT_UNPROT_UNMAP
#define CMD_LOWER rtt_unprot_unmap
#include "harness/command.h"

GOOD
{
	a->rd = pa(w->r.rd);
	a->base = ipa(w->shared);
	a->top = ipa_add(a->base, 4 * GRANULE_SIZE);
	a->flags = RMI_OADDR_LIST | 512 << 2;
	a->oaddr = w->ns2;
}

CHANGED
{
	const u64 *list = sim_ram(w->ns2);
	struct rmi_result e = rmi(FID_RTT_READ_ENTRY, w->r.rd, w->shared, 3);

	check_eq(res.x[1], a->top.raw);		/* unmapped entries are skipped (decisions 60) */
	check_eq(res.x[3], 1);
	check_eq(list[0], desc(w->ns, 1, RMI_BLOCK_L3, RMI_MEMSTATE_UNDELEGATED));
	check_eq(e.x[2], RMI_ENTRY_VOID);
	check_eq(e.x[3], 0);
}

SPOIL(rd_align)		{ a->rd = pa_add(a->rd, 1); }
SPOIL(rd_state)		{ a->rd = pa(w->r.rec[0]); }
SPOIL(base_align)	{ a->base = ipa_add(a->base, 0x800); }
SPOIL(top_align)	{ a->top = ipa_add(a->top, 0x800); }
SPOIL(top_order)	{ a->top = a->base; }
SPOIL(range_bound)	{ a->base = ipa(RAM); a->top = ipa_add(a->base, GRANULE_SIZE); }
SPOIL(oaddr_type)	{ a->flags = 3; }
SPOIL(list_align)	{ a->oaddr = w->ns2 + 12; }
SPOIL(list_ns)		{ a->oaddr = w->delegated2; }
SPOIL(list_count)	{ a->flags = RMI_OADDR_LIST; }
SPOIL(entry_align)
{
	u64 at = realm_shared(&w->r) + FLAT;

	realm_table(&w->r, at, 2);
	need_eq(rmi(FID_RTT_UNPROT_MAP, w->r.rd, at, at + level_bytes(2),
		    RMI_OADDR_SINGLE | 6 << 16 | 3 << 19, desc(BLOCK_PA, 1, RMI_BLOCK_L2, 0))
			.x[0],
		0);
	a->base = ipa(at + GRANULE_SIZE);
	a->top = ipa(at + level_bytes(2));
	w->level = 2;
}

TEST(unprot_unmap_single)
{
	struct world w;
	struct rmi_result r;

	world_make(&w);
	r = rmi(FID_RTT_UNPROT_UNMAP, w.r.rd, w.shared, w.shared + 4 * GRANULE_SIZE, RMI_OADDR_SINGLE, 0);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[2], desc(w.ns, 1, RMI_BLOCK_L3, RMI_MEMSTATE_UNDELEGATED)); /* decisions 42 */
	check_eq(sim_realm_access(realm_vttbr(&w.r), realm_vtcr(&w.r), w.shared, SIM_READ).fault,
		 SIM_S2_TRANSLATION);
}

TEST(unprot_list_lost)
{
	struct world w;

	world_make(&w);
	sim_ns_refuse(w.ns2, true);
	check_status(rmi(FID_RTT_UNPROT_UNMAP, w.r.rd, w.shared, w.shared + 4 * GRANULE_SIZE,
			 RMI_OADDR_LIST | 8 << 2, w.ns2), RMI_ERROR_INPUT);
	check_eq(rmi(FID_RTT_READ_ENTRY, w.r.rd, w.shared, 3).x[2], RMI_ENTRY_DATA);
}

TEST(unprot_unmap_a_block)
{
	struct world w;
	struct rmi_result r;
	u64 at;

	world_make(&w);
	at = realm_shared(&w.r) + FLAT;
	realm_table(&w.r, at, 2);
	need_eq(rmi(FID_RTT_UNPROT_MAP, w.r.rd, at, at + level_bytes(2),
		    RMI_OADDR_SINGLE | 6 << 16 | 3 << 19, desc(BLOCK_PA, 1, RMI_BLOCK_L2, 0))
			.x[0],
		0);
	r = rmi(FID_RTT_UNPROT_UNMAP, w.r.rd, at, at + level_bytes(2), RMI_OADDR_SINGLE, 0);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[2], desc(BLOCK_PA, 1, RMI_BLOCK_L2, RMI_MEMSTATE_UNDELEGATED));
	check_eq(r.x[1], at + level_bytes(2));
}

#include "harness/command_end.h"
