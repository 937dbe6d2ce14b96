/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD RTT_UNPROT_MAP
#define CMD_LOWER rtt_unprot_map
#include "harness/command.h"

#define RW_WB (6ULL << RMI_UNPROT_MEMATTR_SHIFT | 3ULL << RMI_UNPROT_S2AP_SHIFT)

GOOD
{
	a->rd = pa(w->r.rd);
	a->base = ipa(w->shared + GRANULE_SIZE);
	a->top = ipa_add(a->base, GRANULE_SIZE);
	a->flags = RMI_OADDR_SINGLE | RW_WB;
	a->oaddr = desc(w->ns2, 1, RMI_BLOCK_L3, 0);
}

CHANGED
{
	struct rmi_result e = rmi(FID_RTT_READ_ENTRY, a->rd.raw, a->base.raw, 3);
	struct sim_s2 s =
		sim_realm_access(realm_vttbr(&w->r), realm_vtcr(&w->r), a->base.raw, SIM_WRITE);

	check_eq(res.x[1], a->top.raw);
	check_eq(e.x[2], RMI_ENTRY_DATA);
	check_eq(e.x[3], w->ns2 | 6 << 2 | 3 << 6);
	check_eq(s.fault, SIM_S2_OK);
	check(s.ns);
	check_eq(s.pa, w->ns2);
	check_eq(s.memattr, 6);
	check_eq(sim_realm_access(realm_vttbr(&w->r), realm_vtcr(&w->r), a->base.raw, SIM_FETCH)
			 .fault,
		 SIM_S2_PERMISSION);
	check(inside_is(w->ns2, "UNDELEGATED"));
	/* the identical mapping again (decisions 60) */
	check_status(rmi(FID_RTT_UNPROT_MAP, a->rd.raw, a->base.raw, a->top.raw, a->flags,
			 a->oaddr),
		     RMI_SUCCESS);
}

SPOIL(rd_align)		{ a->rd = pa_add(a->rd, 1); }
SPOIL(rd_state)		{ a->rd = pa(w->r.rec[0]); }
SPOIL(base_align)	{ a->base = ipa_add(a->base, 0x800); }
SPOIL(top_align)	{ a->top = ipa_add(a->top, 0x800); }
SPOIL(top_order)	{ a->top = a->base; }
SPOIL(range_bound)	{ a->base = ipa(RAM_VOID); a->top = ipa_add(a->base, GRANULE_SIZE); }
SPOIL(oaddr_type)	{ a->flags = RW_WB | RMI_OADDR_NONE; }
SPOIL(memattr)		{ a->flags = (a->flags & ~(7ULL << 16)) | 4ULL << 16; }
SPOIL(s2ap)		{ a->flags |= 4ULL << RMI_UNPROT_S2AP_SHIFT; }
SPOIL(list_align)
{
	a->flags |= RMI_OADDR_LIST | 1 << 2;
	a->flags &= ~1ULL;
	a->oaddr = w->ns2 + 12;
}
SPOIL(list_ns)
{
	a->flags |= RMI_OADDR_LIST | 1 << 2;
	a->flags &= ~1ULL;
	a->oaddr = w->delegated2;
}
SPOIL(list_count)	{ a->flags |= RMI_OADDR_LIST; a->flags &= ~1ULL; a->oaddr = w->ns2; }
SPOIL(desc)		{ a->oaddr = desc(BLOCK_PA + GRANULE_SIZE, 1, RMI_BLOCK_L2, 0); }
SPOIL(realm_state)	{ need_eq(rmi(FID_REALM_TERMINATE, w->r.rd).x[0], 0); }
SPOIL(rtt_walk)
{
	a->base = ipa(realm_shared(&w->r) + FLAT);
	a->top = ipa_add(a->base, GRANULE_SIZE);
	w->level = 2;
}
SPOIL(entry_align)
{
	a->base = ipa(realm_shared(&w->r) + FLAT + GRANULE_SIZE);
	a->top = ipa_add(a->base, 2 * level_bytes(2));
	a->oaddr = desc(BLOCK_PA, 1, RMI_BLOCK_L2, 0);
	w->level = 2;
}
SPOIL(entry)
{
	a->base = ipa(w->shared);
	a->top = ipa_add(a->base, 3 * GRANULE_SIZE);
	w->level = 3;
}

/* Any address below the output width: granule protection decides what comes of it. */
TEST(any_address)
{
	struct world w;
	const u64 good[] = { 0, 0x09000000, BIT(52) - GRANULE_SIZE };
	u64 at;

	world_make(&w);
	at = w.shared + GRANULE_SIZE;
	for (unsigned int i = 0; i < ARRAY_SIZE(good); i++, at += GRANULE_SIZE)
		check_status(rmi(FID_RTT_UNPROT_MAP, w.r.rd, at, at + GRANULE_SIZE,
				 RMI_OADDR_SINGLE | RW_WB, desc(good[i], 1, 0, 0)), RMI_SUCCESS);
	/* a realm's own granule: mapped, and every touch is a granule protection fault */
	check_status(rmi(FID_RTT_UNPROT_MAP, w.r.rd, at, at + GRANULE_SIZE,
			 RMI_OADDR_SINGLE | RW_WB, desc(w.delegated, 1, 0, 0)), RMI_SUCCESS);
	check_eq(sim_realm_access(realm_vttbr(&w.r), realm_vtcr(&w.r), at, SIM_READ).fault,
		 SIM_S2_GPF);
}

/* Permissions and attributes as asked. */
TEST(attributes)
{
	struct world w;

	for (u64 attr = 0; attr < 8; attr++)
		for (u64 ap = 0; ap < 16; ap++) {
			u64 at;
			struct rmi_result r;
			struct sim_s2 s;

			world_make(&w);
			at = w.shared + GRANULE_SIZE;
			test_note("memattr %u s2ap %u", (unsigned int)attr, (unsigned int)ap);
			r = rmi(FID_RTT_UNPROT_MAP, w.r.rd, at, at + GRANULE_SIZE,
				RMI_OADDR_SINGLE | attr << 16 | ap << 19, desc(w.ns2, 1, 0, 0));
			check_status(r, attr == 4 || ap > 3 ? RMI_ERROR_INPUT : RMI_SUCCESS);
			if (status_of(r))
				continue;
			/* flags: bit 19 write, bit 20 read */
			s = sim_realm_access(realm_vttbr(&w.r), realm_vtcr(&w.r), at, SIM_READ);
			check_eq(s.fault, ap & 2 ? SIM_S2_OK : SIM_S2_PERMISSION);
			check_eq(s.memattr, attr);
			s = sim_realm_access(realm_vttbr(&w.r), realm_vtcr(&w.r), at, SIM_WRITE);
			check_eq(s.fault, ap & 1 ? SIM_S2_OK : SIM_S2_PERMISSION);
		}
}

TEST(shared_blocks)
{
	struct world w;
	u64 at;
	struct rmi_result r;

	world_make(&w);
	at = realm_shared(&w.r) + FLAT;
	r = rmi(FID_RTT_UNPROT_MAP, w.r.rd, at, at + 2 * level_bytes(2), RMI_OADDR_SINGLE | RW_WB,
		desc(BLOCK_PA, 2, RMI_BLOCK_L2, 0));
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], at + 2 * level_bytes(2));
	check_eq(sim_realm_access(realm_vttbr(&w.r), realm_vtcr(&w.r),
				  at + 2 * level_bytes(2) - GRANULE_SIZE, SIM_READ).pa,
		 BLOCK_PA + 2 * level_bytes(2) - GRANULE_SIZE);
	check(!inside_invariants());
}

TEST(unprot_lists)
{
	struct world w;
	struct rmi_result r;
	u64 *list, at;

	world_make(&w);
	at = w.shared + GRANULE_SIZE;
	list = sim_ram(w.ns2);
	list[0] = desc(w.ns, 1, 0, RMI_MEMSTATE_UNDELEGATED);	/* the state is ignored */
	list[1] = desc(w.ns, 1, 0, 3);
	list[2] = desc(BLOCK_PA, 1, RMI_BLOCK_L2, 0);
	r = rmi(FID_RTT_UNPROT_MAP, w.r.rd, at, at + 3 * GRANULE_SIZE,
		RW_WB | RMI_OADDR_LIST | 3 << 2, w.ns2);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], at + 2 * GRANULE_SIZE);
	sim_ns_refuse(w.ns2, true);
	check_status(rmi(FID_RTT_UNPROT_MAP, w.r.rd, r.x[1], r.x[1] + GRANULE_SIZE,
			 RW_WB | RMI_OADDR_LIST | 1 << 2, w.ns2), RMI_ERROR_INPUT);
}

/* What is wrong with a descriptor is seen where it stands, not in the first place only. */
TEST(unprot_stops_at_a_bad_block)
{
	for (unsigned int i = 0; i < 3; i++) {
		struct rmi_result r;
		struct world w;
		u64 at, *list;

		world_make(&w);
		test_note("second block %u", i);
		at = realm_shared(&w.r) + FLAT;
		list = sim_ram(w.ns2);
		list[0] = desc(BLOCK_PA, 1, RMI_BLOCK_L2, 0);
		list[1] = desc(i == 0 ? BLOCK_PA : i == 1 ? BLOCK_PA + GRANULE_SIZE : BIT(52) - level_bytes(2),
			       1, RMI_BLOCK_L2, 0);
		r = rmi(FID_RTT_UNPROT_MAP, w.r.rd, at, at + 2 * level_bytes(2),
			RW_WB | RMI_OADDR_LIST | 2 << 2, w.ns2);
		check_status(r, RMI_SUCCESS);
		check_eq(r.x[1], at + (i == 1 ? 1 : 2) * level_bytes(2));
	}
}

#include "harness/command_end.h"
