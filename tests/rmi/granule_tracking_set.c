/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD GRANULE_TRACKING_SET
#define CMD_LOWER granule_tracking_set
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "harness/command.h"
#include "harness/inside.h"

#define REGION		world_region_bytes()
#define PAGES		4096		/* of DRAM in the region of the second bank */
#define METADATA	2		/* pages for them */

static u64 bank1(void) { return sim_machine()->bank[1].base; }
static u64 region(void) { return ALIGN_DOWN(bank1(), REGION); }

static struct rmi_result set(u64 state)
{
	return rmi(FID_GRANULE_TRACKING_SET, region(), RMI_CATEGORY_CONVENTIONAL, state);
}

static u64 tracking(void)
{
	return rmi(FID_GRANULE_TRACKING_GET, region(), region() + REGION).x[2];
}

static void is_untracked(u64 p)
{
	struct rmi_result r = rmi(FID_GRANULE_RANGE_DELEGATE, p, p + GRANULE_SIZE);

	check_eq(r.x[0], RMI_ERROR_TRACKING | p >> 12 << 16);
	check_eq(r.x[1], p);
}

static void is_fine(u64 p)
{
	check_eq(tracking(), RMI_TRACKING_FINE);
	check_eq(host_delegate(p, 1), 0);
	check_eq(host_undelegate(p, 1), 0);
	check(!inside_invariants());
}

/* The region's metadata is EL3's: nothing changes hands. */
GOOD
{
	a->base = pa(region());
	a->category = RMI_CATEGORY_CONVENTIONAL;
	a->state = RMI_TRACKING_NONE;
}

CHANGED
{
	check_eq(tracking(), RMI_TRACKING_NONE);
	is_untracked(bank1());
	check_status(set(RMI_TRACKING_NONE), RMI_SUCCESS);
	check_status(set(RMI_TRACKING_FINE), RMI_SUCCESS);
	check_status(set(RMI_TRACKING_FINE), RMI_SUCCESS);
	is_fine(bank1() + 5 * GRANULE_SIZE);
}

SPOIL(state)		{ a->state = RMI_TRACKING_INTERMEDIATE; }
SPOIL(align)		{ a->base = pa_add(a->base, GRANULE_SIZE); }
SPOIL(bound)		{ a->base = pa(w->beyond); }
SPOIL(reserved)		{ a->base = pa(ALIGN_DOWN(w->hole, REGION) + REGION); }
SPOIL(category)		{ a->category = RMI_CATEGORY_NONE; }
SPOIL(granule_state)	{ need_eq(host_delegate(bank1() + GRANULE_SIZE, 1), 0); }

static void make_without_pool(void)
{
	struct sim_machine m = sim_machine_default;

	m.pool = 0;
	sim_power_on(&m);
	host_power_on();
	host_activate();
}

/* Every change there is, by reserved metadata. */
TEST(tracking_of_every_kind)
{
	NEEDS_4K;
	static const u64 order[] = {
		RMI_TRACKING_NONE, RMI_TRACKING_COARSE, RMI_TRACKING_NONE, RMI_TRACKING_FINE,
		RMI_TRACKING_COARSE, RMI_TRACKING_FINE, RMI_TRACKING_NONE, RMI_TRACKING_COARSE,
		RMI_TRACKING_FINE,
	};
	struct world w;

	world_make(&w);
	for (unsigned int i = 0; i < ARRAY_SIZE(order); i++) {
		check_status(set(order[i]), RMI_SUCCESS);
		check_eq(tracking(), order[i]);
		if (order[i] == RMI_TRACKING_FINE)
			is_fine(bank1());
		else
			is_untracked(bank1());
	}
	/* the region with the monitor in it is never all one thing */
	check_status(rmi(FID_GRANULE_TRACKING_SET, 0x40000000, RMI_CATEGORY_CONVENTIONAL,
			 RMI_TRACKING_NONE), RMI_ERROR_INPUT);
	check_status(set(RMI_TRACKING_RESERVED), RMI_ERROR_INPUT);
}

static void asks(const struct sro *s)
{
	check(s->last.x[0] & RMI_CAN_CANCEL);
	check_eq(FIELD(s->last.x[2], 1, 0), RMI_BLOCK_L3);
	check_eq(FIELD(s->last.x[2], 15, 2), METADATA);
	check_eq(FIELD(s->last.x[2], 16, 16), 1);
	check_eq(FIELD(s->last.x[2], 18, 17), RMI_MEMSTATE_CONDITIONAL);
	check_eq(tracking(), RMI_TRACKING_INTERMEDIATE);
	check_status(set(RMI_TRACKING_FINE), RMI_BLOCKED);
}

static struct rmi_result offer(struct sro *s, u64 p, u64 state)
{
	((u64 *)sim_ram(s->list))[0] = desc(p, METADATA, RMI_BLOCK_L3, state);
	return sro_donate(s, 1);
}

/* As activation got it: UNDELEGATED. Then DELEGATED, which comes back so. */
TEST(metadata_of_the_host)
{
	NEEDS_4K;
	struct sro s;
	u64 p;

	make_without_pool();
	need(sro_begin(&s, set(RMI_TRACKING_NONE)));
	check_eq(sro_wants(&s), RMI_MEM_RECLAIM);
	check_eq(tracking(), RMI_TRACKING_INTERMEDIATE);
	check_status(sro_reclaim(&s, 512), RMI_INCOMPLETE);
	check_status(sro_continue(&s, 0), RMI_SUCCESS);
	check_eq(tracking(), RMI_TRACKING_NONE);
	check_eq(host_count(PAGE_DONATED), 4);		/* the other region's */
	for (unsigned int i = 0; i < 2; i++) {
		need(sro_begin(&s, set(RMI_TRACKING_FINE)));
		asks(&s);
		p = host_delegated(METADATA, METADATA * GRANULE_SIZE);
		check_status(offer(&s, p, RMI_MEMSTATE_CONDITIONAL), RMI_INCOMPLETE);
		check_status(sro_cancel(&s), RMI_ERROR_INPUT);
		check_status(sro_continue(&s, 0), RMI_SUCCESS);
		check(inside_is(p, "INTERNAL") && inside_is(p + GRANULE_SIZE, "INTERNAL"));
		is_fine(bank1());
		need(sro_begin(&s, set(i ? RMI_TRACKING_NONE : RMI_TRACKING_COARSE)));
		check_status(sro_reclaim(&s, 512), RMI_INCOMPLETE);	/* and undelegates */
		check_eq(host_page_state(p), PAGE_FREE);
		check_status(sro_continue(&s, 0), RMI_SUCCESS);
		check(!inside_invariants());
	}
}

/* In the region that it describes. */
TEST(metadata_describes_itself)
{
	NEEDS_4K;
	struct sro s;
	u64 p;

	make_without_pool();
	p = bank1() + 8 * GRANULE_SIZE;
	for (unsigned int first = 0; first < 2; first++, p = bank1()) {
		check_status(sro_finish(set(RMI_TRACKING_NONE)), RMI_SUCCESS);
		need(sro_begin(&s, set(RMI_TRACKING_FINE)));
		check_status(offer(&s, p, RMI_MEMSTATE_CONDITIONAL), RMI_INCOMPLETE);
		check_status(sro_continue(&s, 0), RMI_SUCCESS);
		check(inside_is(p, "INTERNAL") && sim_pas(p) == SIM_REALM);
		check(inside_is(p + METADATA * GRANULE_SIZE, "UNDELEGATED"));
		check_status(rmi(FID_GRANULE_RANGE_DELEGATE, p, p + GRANULE_SIZE), RMI_ERROR_INPUT);
		is_fine(bank1() + 100 * GRANULE_SIZE);
		/* to one state for all: UNDELEGATED, and so is what comes back */
		need(sro_begin(&s, set(RMI_TRACKING_COARSE)));
		check_status(sro_reclaim(&s, 512), RMI_INCOMPLETE);
		check_status(sro_continue(&s, 0), RMI_SUCCESS);
		check_eq(sim_pas(p), SIM_NS);
		/* DELEGATED as a whole, and its metadata of it */
		check_eq(rmi(FID_GRANULE_RANGE_DELEGATE, bank1(), bank1() + 16 * 1024 * 1024).x[0], 0);
		need(sro_begin(&s, set(RMI_TRACKING_FINE)));
		check_status(offer(&s, p, RMI_MEMSTATE_CONDITIONAL), RMI_INCOMPLETE);
		check_status(sro_continue(&s, 0), RMI_SUCCESS);
		check_eq(tracking(), RMI_TRACKING_FINE);
		check(inside_is(p, "INTERNAL"));
		check(inside_is(bank1() + 20 * GRANULE_SIZE, "DELEGATED"));
		check_status(set(RMI_TRACKING_NONE), RMI_ERROR_INPUT);
		check(!inside_invariants());
		need(sro_begin(&s, set(RMI_TRACKING_COARSE)));
		check_eq(rmi(FID_OP_MEM_RECLAIM, s.handle, s.list, 1).x[1], 1);
		check_eq(((u64 *)sim_ram(s.list))[0],
			 desc(p, METADATA, RMI_BLOCK_L3, RMI_MEMSTATE_DELEGATED));
		check_status(sro_continue(&s, 0), RMI_SUCCESS);
		check_eq(tracking(), RMI_TRACKING_COARSE);
		check_eq(rmi(FID_GRANULE_RANGE_UNDELEGATE, bank1(), region() + REGION).x[0], 0);
		check(is_wiped(p) && sim_pas(p) == SIM_NS);
		host_free(p, METADATA);
	}
}

static void refused(u64 p, u64 state)
{
	enum sim_pas before[METADATA] = { sim_pas(p), sim_pas(p + GRANULE_SIZE) };
	struct sro s;

	need(sro_begin(&s, set(RMI_TRACKING_FINE)));
	check_status(offer(&s, p, state), RMI_ERROR_INPUT);
	check_status(sro_continue(&s, 0), RMI_ERROR_INPUT);
	check_eq(tracking(), RMI_TRACKING_NONE);
	check_eq(sim_pas(p), before[0]);
	check_eq(sim_pas(p + GRANULE_SIZE), before[1]);
	check(!inside_invariants());
}

TEST(metadata_refused)
{
	NEEDS_4K;
	struct sro s;
	u64 p;

	make_without_pool();
	check_status(sro_finish(set(RMI_TRACKING_NONE)), RMI_SUCCESS);
	p = host_alloc(METADATA, METADATA * GRANULE_SIZE);
	refused(p, RMI_MEMSTATE_CONDITIONAL);		/* not DELEGATED */
	need_eq(host_delegate(p, 1), 0);
	refused(p, RMI_MEMSTATE_CONDITIONAL);		/* not all of it */
	check(inside_is(p, "DELEGATED"));
	need_eq(host_delegate(p + GRANULE_SIZE, 1), 0);
	refused(p, RMI_MEMSTATE_DELEGATED);		/* says something else */
	sim_gpt_refuse(bank1(), true);			/* EL3 says no */
	refused(bank1(), RMI_MEMSTATE_CONDITIONAL);
	sim_gpt_refuse(bank1(), false);
	/* ... to a later granule: all that was taken comes back first (decisions 29) */
	sim_gpt_refuse(bank1() + GRANULE_SIZE, true);
	need(sro_begin(&s, set(RMI_TRACKING_FINE)));
	check_status(offer(&s, bank1(), RMI_MEMSTATE_CONDITIONAL), RMI_INCOMPLETE);
	sro_continue(&s, 0);
	check_eq(sro_wants(&s), RMI_MEM_RECLAIM);
	check_eq(rmi(FID_OP_MEM_RECLAIM, s.handle, s.list, 8).x[1], 1);
	check_eq(((u64 *)sim_ram(s.list))[0],
		 desc(bank1(), METADATA, RMI_BLOCK_L3, RMI_MEMSTATE_UNDELEGATED));
	check_status(sro_continue(&s, 0), RMI_ERROR_INPUT);
	check_eq(tracking(), RMI_TRACKING_NONE);
	check(sim_pas(bank1()) == SIM_NS && sim_pas(bank1() + GRANULE_SIZE) == SIM_NS);
	sim_gpt_refuse(bank1() + GRANULE_SIZE, false);
	/* cancelled */
	need(sro_begin(&s, set(RMI_TRACKING_FINE)));
	check_status(sro_cancel(&s), RMI_INCOMPLETE);
	check_eq(sro_wants(&s), RMI_MEM_NONE);
	check_status(sro_continue(&s, 0), RMI_ERROR_GLOBAL);
	check_eq(tracking(), RMI_TRACKING_NONE);
	/* and still it can be had */
	check_status(sro_finish(set(RMI_TRACKING_FINE)), RMI_SUCCESS);
	is_fine(bank1());
}

/* Cut by interrupts; others meet it in between; it ends well, or as if it had not been. */
TEST(tracking_in_slices)
{
	NEEDS_4K;
	for (unsigned int bad = 0; bad < 2; bad++) {
		struct world w;
		struct rmi_result r;
		struct sro s;
		u64 rounds = 0, far;

		world_make(&w);
		far = bank1() + 3000 * GRANULE_SIZE;
		if (bad)
			need_eq(host_delegate(far, 1), 0);
		sim_interrupt_after(1);
		need(sro_begin(&s, set(RMI_TRACKING_NONE)));
		check_eq(tracking(), RMI_TRACKING_INTERMEDIATE);
		check(!(s.last.x[0] & RMI_CAN_CANCEL));
		check_status(rmi(FID_GRANULE_RANGE_DELEGATE, bank1(), bank1() + GRANULE_SIZE),
			     RMI_BLOCKED);
		/* not there yet: free until then */
		check_eq(host_delegate(far - GRANULE_SIZE, 1), 0);
		check_eq(host_undelegate(far - GRANULE_SIZE, 1), 0);
		/* its pages can still be parameters */
		check_status(rmi(FID_RMM_CONFIG_GET, bank1() + 2 * GRANULE_SIZE), RMI_SUCCESS);
		check_status(rmi(FID_RMM_DEACTIVATE), RMI_BLOCKED);
		do {
			sim_interrupt_after(1);
			r = sro_continue(&s, 0);
		} while (status_of(r) == RMI_INCOMPLETE && rounds++ < 100000);
		sim_interrupt_after(0);
		check(rounds > 10);
		check_status(r, bad ? RMI_ERROR_INPUT : RMI_SUCCESS);
		check_eq(tracking(), bad ? RMI_TRACKING_FINE : RMI_TRACKING_NONE);
		if (bad) {
			check(inside_is(far, "DELEGATED"));
			for (u64 i = 0; i < 2999; i++)
				check(inside_is(bank1() + i * GRANULE_SIZE, "UNDELEGATED"));
			check(!inside_invariants());
			continue;
		}
		sim_interrupt_after(1);
		need(sro_begin(&s, set(RMI_TRACKING_FINE)));
		while (status_of(r = sro_continue(&s, 0)) == RMI_INCOMPLETE)
			sim_interrupt_after(1);
		sim_interrupt_after(0);
		check_status(r, RMI_SUCCESS);
		is_fine(far);
	}
}

/* A region that is COARSE is delegated whole, or not at all. */
TEST(coarse_is_delegated_whole)
{
	NEEDS_4K;
	struct world w;
	struct rmi_result r;
	struct sro s;
	u64 end, rounds = 0;

	world_make(&w);
	end = bank1() + PAGES * GRANULE_SIZE;
	check_status(set(RMI_TRACKING_COARSE), RMI_SUCCESS);
	is_untracked(bank1());
	is_untracked(bank1() + GRANULE_SIZE);
	r = rmi(FID_GRANULE_RANGE_DELEGATE, bank1() + GRANULE_SIZE, end);
	check_status(r, RMI_ERROR_TRACKING);
	check_status(rmi(FID_GRANULE_RANGE_DELEGATE, bank1(), end - GRANULE_SIZE),
		     RMI_ERROR_TRACKING);
	check_status(rmi(FID_GRANULE_RANGE_UNDELEGATE, bank1(), end), RMI_ERROR_INPUT);
	/* EL3 refuses the first, or one far on: all is the host's again */
	sim_gpt_refuse(bank1(), true);
	check_status(rmi(FID_GRANULE_RANGE_DELEGATE, bank1(), end), RMI_ERROR_INPUT);
	sim_gpt_refuse(bank1(), false);
	sim_gpt_refuse(end - GRANULE_SIZE, true);
	r = rmi(FID_GRANULE_RANGE_DELEGATE, bank1(), end);
	check_status(r, RMI_ERROR_INPUT);
	check_eq(r.x[1], bank1());
	for (u64 p = bank1(); p < end; p += GRANULE_SIZE)
		check_eq(sim_pas(p), SIM_NS);
	check_eq(tracking(), RMI_TRACKING_COARSE);
	sim_gpt_refuse(end - GRANULE_SIZE, false);

	r = rmi(FID_GRANULE_RANGE_DELEGATE, bank1(), end + REGION);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], end);
	for (u64 p = bank1(); p < end; p += GRANULE_SIZE)
		check_eq(sim_pas(p), SIM_REALM);
	check_status(rmi(FID_GRANULE_RANGE_DELEGATE, bank1(), end), RMI_ERROR_INPUT);
	check_status(set(RMI_TRACKING_NONE), RMI_ERROR_INPUT);
	check_eq(tracking(), RMI_TRACKING_COARSE);
	/* all DELEGATED, granule by granule, and back */
	check_status(set(RMI_TRACKING_FINE), RMI_SUCCESS);
	check(inside_is(bank1(), "DELEGATED") && inside_is(end - GRANULE_SIZE, "DELEGATED"));
	check_status(set(RMI_TRACKING_COARSE), RMI_SUCCESS);

	/* cut by interrupts and by EL3: in between for others, wiped at the end */
	sim_gpt_slice(7);
	sim_interrupt_after(1);
	need(sro_begin(&s, rmi(FID_GRANULE_RANGE_UNDELEGATE, bank1(), end)));
	check_eq(tracking(), RMI_TRACKING_INTERMEDIATE);
	check_status(set(RMI_TRACKING_FINE), RMI_BLOCKED);
	check_status(rmi(FID_GRANULE_RANGE_DELEGATE, bank1(), end), RMI_BLOCKED);
	while (status_of(r = sro_continue(&s, 0)) == RMI_INCOMPLETE && rounds++ < 10000)
		sim_interrupt_after(1);
	sim_interrupt_after(0);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], end);
	check(rounds > 10);
	for (u64 p = bank1(); p < end; p += GRANULE_SIZE)
		check(sim_pas(p) == SIM_NS && is_wiped(p));
	check_status(set(RMI_TRACKING_FINE), RMI_SUCCESS);
	is_fine(bank1());
}

/*
 * EL3 does not give metadata back: the host is told of what it did give, the monitor keeps
 * the rest, and the operation ends all the same.
 */
TEST(metadata_that_el3_keeps)
{
	NEEDS_4K;
	u64 p = 0;		/* the same each time: found when nothing is kept */

	for (u64 kept = 0; kept < 1 << METADATA; kept++) {
		u64 granules = 0;
		struct sro s;

		test_note("kept: 0x%llx", (unsigned long long)kept);
		make_without_pool();
		need(sro_begin(&s, set(RMI_TRACKING_NONE)));
		for (u64 i = 0; i < METADATA && kept; i++)
			sim_gpt_refuse(p + i * GRANULE_SIZE, kept >> i & 1);
		while (sro_wants(&s) == RMI_MEM_RECLAIM) {
			struct rmi_result r = rmi(FID_OP_MEM_RECLAIM, s.handle, s.list, 8);

			check_status(r, RMI_INCOMPLETE);
			s.last = r;
			for (u64 i = 0; i < r.x[1]; i++)
				granules += desc_granules(((u64 *)sim_ram(s.list))[i]);
			if (!kept)
				p = desc_pa(((u64 *)sim_ram(s.list))[0]);
		}
		check_status(sro_continue(&s, 0), RMI_SUCCESS);
		check_eq(granules, METADATA - (kept & 1) - (kept >> 1 & 1));
		check_eq(tracking(), RMI_TRACKING_NONE);
		for (u64 i = 0; i < METADATA; i++) {
			bool lost = kept >> i & 1;
			u64 at = p + i * GRANULE_SIZE;

			check(inside_is(at, lost ? "INTERNAL" : "UNDELEGATED"));
			check_eq(sim_pas(at), lost ? SIM_REALM : SIM_NS);
			check_status(rmi(FID_GRANULE_RANGE_DELEGATE, at, at + GRANULE_SIZE),
				     lost ? RMI_ERROR_INPUT : RMI_SUCCESS);
		}
		check(!inside_invariants());
		check_status(sro_finish(set(RMI_TRACKING_FINE)), RMI_SUCCESS);
		is_fine(bank1());
	}
}

/* A region of which EL3 gives back a part only: DELEGATED as before, or lost as a whole. */
TEST(coarse_that_el3_keeps)
{
	NEEDS_4K;
	for (unsigned int lost = 0; lost < 3; lost++) {
		struct world w;
		struct rmi_result r;
		u64 end, bad, first;

		test_note("lost %u", lost);
		world_make(&w);
		end = bank1() + PAGES * GRANULE_SIZE;
		bad = bank1() + 100 * GRANULE_SIZE;
		check_status(set(RMI_TRACKING_COARSE), RMI_SUCCESS);
		if (lost < 2)
			need_eq(rmi(FID_GRANULE_RANGE_DELEGATE, bank1(), end).x[0], 0);
		/* 0: one stays, the others are Realm again; 1: they are not; 2: on the way in */
		sim_gpt_refuse_to(bad, lost < 2 ? SIM_NS : SIM_REALM);
		first = bad - GRANULE_SIZE;
		if (lost)
			sim_gpt_refuse_to(first, lost < 2 ? SIM_REALM : SIM_NS);
		r = sro_finish(rmi(lost < 2 ? FID_GRANULE_RANGE_UNDELEGATE : FID_GRANULE_RANGE_DELEGATE,
				   bank1(), end));
		check_status(r, RMI_ERROR_INPUT);
		check_eq(r.x[1], bank1());
		check_eq(tracking(), RMI_TRACKING_COARSE);
		check(inside_belongs(bank1(), lost ? "INTERNAL" : "DELEGATED"));
		check_eq(sim_pas(first), lost == 1 ? SIM_NS : SIM_REALM);
		check_eq(sim_pas(bank1()), lost < 2 ? SIM_REALM : SIM_NS);
		check(!inside_invariants());
		sim_gpt_refuse(bad, false);
		sim_gpt_refuse(first, false);
		r = sro_finish(rmi(FID_GRANULE_RANGE_UNDELEGATE, bank1(), end));
		check_status(r, lost ? RMI_ERROR_INPUT : RMI_SUCCESS);
		check_status(rmi(FID_GRANULE_RANGE_DELEGATE, bank1(), end),
			     lost ? RMI_ERROR_INPUT : RMI_SUCCESS);
		check_status(set(RMI_TRACKING_NONE), RMI_ERROR_INPUT);
		check_status(set(RMI_TRACKING_FINE), lost ? RMI_ERROR_INPUT : RMI_SUCCESS);
	}
}

/* Whatever was made of it, an activation makes all FINE again. */
TEST(activation_after_any_tracking)
{
	NEEDS_4K;
	for (u64 state = RMI_TRACKING_NONE; state <= RMI_TRACKING_COARSE; state++)
		for (unsigned int pool = 0; pool < 2; pool++) {
			struct world w;
			if (pool)
				world_make_bare(&w);
			else
				make_without_pool();
			if (pool) {
				host_return(w.delegated, 1);
				host_return(w.delegated2, 1);
			}
			check_status(sro_finish(set(RMI_TRACKING_NONE)), RMI_SUCCESS);
			check_status(sro_finish(set(state)), RMI_SUCCESS);
			if (state == RMI_TRACKING_COARSE) {
				check_eq(rmi(FID_GRANULE_RANGE_DELEGATE, bank1(),
					     region() + REGION).x[0], 0);
				check_status(rmi(FID_RMM_DEACTIVATE), RMI_ERROR_GLOBAL);
				check_eq(rmi(FID_GRANULE_RANGE_UNDELEGATE, bank1(),
					     region() + REGION).x[0], 0);
			}
			check_status(sro_finish(rmi(FID_RMM_DEACTIVATE)), RMI_SUCCESS);
			check_eq(host_count(PAGE_DONATED) + host_count(PAGE_DONATED_DELEGATED), 0);
			check_eq(tracking(), RMI_TRACKING_NONE);
			host_activate();
			is_fine(bank1());
		}
}

/* ---- two PEs: one converts the region, one delegates it ------------------------- */

static u64 ask(u64 fid, u64 x1, u64 x2, u64 x3, u64 *out)
{
	u64 regs[8] = { fid, x1, x2, x3 };

	sim_thread_call_begin();
	rmi_dispatch(regs);
	sim_thread_call_end();
	*out = regs[1];
	return regs[0];
}

static void convert(void *arg)
{
	static const u64 to[] = { RMI_TRACKING_NONE, RMI_TRACKING_COARSE };

	(void)arg;
	for (u64 i = 0, out; i < 20; i++)
		(void)ask(FID_GRANULE_TRACKING_SET, region(), RMI_CATEGORY_CONVENTIONAL,
			  to[i & 1], &out);
}

static void delegate(void *arg)
{
	const u64 top = bank1() + sim_machine()->bank[1].bytes;

	(void)arg;
	for (u64 i = 0, out; i < 20; i++) {
		u64 status = ask(i & 1 ? FID_GRANULE_RANGE_UNDELEGATE : FID_GRANULE_RANGE_DELEGATE,
				 bank1(), top, 0, &out);

		if (status == RMI_SUCCESS ? out != top : out != bank1() ||
		    (status != RMI_BLOCKED && status != RMI_BUSY && status != RMI_ERROR_INPUT &&
		     RMI_STATUS(status) != RMI_ERROR_TRACKING))
			sim_fault("status 0x%llx, as far as 0x%llx", (unsigned long long)status,
				  (unsigned long long)out);
	}
}

static void *on_pe(void *arg)
{
	sim_be_cpu(arg ? 1 : 0);
	sim_schedule_enter();
	if (!sim_try(arg ? delegate : convert, NULL, false))
		_Exit(3);
	sim_schedule_leave();
	return NULL;
}

/* A region that stops being COARSE between the look and the claim: try again. */
TEST(coarse_while_it_is_converted)
{
	NEEDS_4K;
	struct sim_machine m = sim_machine_default;

	m.bank[1].bytes = 8 * GRANULE_SIZE;
	sim_power_on(&m);
	host_power_on();
	host_activate();
	check_status(set(RMI_TRACKING_NONE), RMI_SUCCESS);
	for (u64 seed = 1; seed <= 30; seed++) {
		pthread_t t[2];

		sim_schedule(2, seed);
		for (u64 i = 0; i < 2; i++)
			need(!pthread_create(&t[i], NULL, on_pe, (void *)i));
		for (unsigned int i = 0; i < 2; i++)
			pthread_join(t[i], NULL);
		sim_schedule(0, 0);
		sim_be_cpu(0);
		(void)rmi(FID_GRANULE_RANGE_UNDELEGATE, bank1(), region() + REGION);
		check(!inside_invariants());
	}
}

#include "harness/command_end.h"
