/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD RTT_DESTROY
#define CMD_LOWER rtt_destroy
#include "harness/command.h"

#undef REFUSED_OUTS
#define REFUSED_OUTS BIT(2)

/* The shared table holds one MAPPED_NS entry: that is not live. */
GOOD
{
	a->rd = pa(w->r.rd);
	a->ipa = ipa(w->shared);
	a->level = 3;
}

CHANGED
{
	struct rmi_result e = rmi(FID_RTT_READ_ENTRY, a->rd.raw, w->shared, 2);

	check_eq(res.x[1], w->rtt_shared);
	check_eq(res.x[2], realm_shared(&w->r) + NO_TABLE);	/* end of its parent */
	check(inside_is(w->rtt_shared, "DELEGATED"));
	check(is_wiped(w->rtt_shared));
	check_eq(e.x[1], 2);
	check_eq(e.x[2], RMI_ENTRY_VOID);
	check_eq(host_undelegate(w->rtt_shared, 1), 0);
}

SPOIL(rd_align)		{ a->rd = pa_add(a->rd, 1); }
SPOIL(rd_state)		{ a->rd = pa(w->r.rec[0]); }
SPOIL(level_bound)	{ a->level = 1; }
SPOIL(ipa_align)	{ a->ipa = ipa_add(a->ipa, GRANULE_SIZE); }
SPOIL(ipa_bound)	{ a->ipa = ipa(1ULL << w->r.s2sz); }
SPOIL(rtt_walk)		{ a->ipa = ipa(NO_TABLE); w->level = 1; }
SPOIL(parent)		{ a->ipa = ipa(FLAT); w->level = 2; }
SPOIL(live)		{ a->ipa = ipa(RAM); w->level = 3; }

TEST(what_destroy_leaves)
{
	struct world w;
	struct rmi_result r;

	world_make(&w);
	realm_table(&w.r, FLAT, 3);
	r = rmi(FID_RTT_DESTROY, w.r.rd, NO_TABLE, 3);	/* nothing there: where to go on */
	check_eq(level_of(r), 1);
	check_eq(r.x[2], realm_shared(&w.r) + ALIGN_DOWN(RAM, level_bytes(1)));
	r = rmi(FID_RTT_DESTROY, w.r.rd, RAM + level_bytes(2), 3);
	check_eq(r.x[2], FLAT);
	r = rmi(FID_RTT_DESTROY, w.r.rd, RAM, 3);	/* live */
	check_eq(r.x[2], RAM);
	r = rmi(FID_RTT_DESTROY, w.r.rd, FLAT, 3);
	check_status(r, RMI_SUCCESS);
	r = rmi(FID_RTT_READ_ENTRY, w.r.rd, FLAT, 2);
	check_eq(r.x[2], RMI_ENTRY_VOID);
	check_eq(r.x[4], RMI_RIPAS_DESTROYED);
	check(!inside_invariants());
}

#include "harness/command_end.h"
