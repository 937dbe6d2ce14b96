/* SPDX-License-Identifier: BSD-2-Clause */
/* The verbs of a call (rmm/mem/call.h): what they must refuse to their own caller. */
#include <string.h>

#include "harness/inside.h"
#include "harness/world.h"
#include "mem/call.h"

static struct world w;
static struct call c;

static void begin(void)
{
	world_make(&w);
	call_begin(&c, CMD_RTT_CREATE);
}

static bool panics(void (*fn)(void *))
{
	begin();
	return !sim_try(fn, NULL, true) && strstr(sim_what_went_wrong(), "panic:");
}

static void refuse_after_commit(void *arg)
{
	(void)arg;
	commit(&c);
	refuse(&c, RTT_CREATE_rd_align);
}

static void refuse_at_after_commit(void *arg)
{
	(void)arg;
	commit(&c);
	refuse_at(&c, RTT_CREATE_rtt_walk, 2);
}

static void busy_after_commit(void *arg)
{
	(void)arg;
	commit(&c);
	busy(&c);
}

static void blocked_after_commit(void *arg)
{
	(void)arg;
	commit(&c);
	blocked(&c);
}

static void commit_twice(void *arg)
{
	(void)arg;
	commit(&c);
	commit(&c);
}

static void view_not_held(void *arg)
{
	(void)arg;
	view(&c, granule_find(pa(w.r.rd)));
}

static void let_go_not_held(void *arg)
{
	(void)arg;
	let_go(&c, granule_find(pa(w.r.rd)));
}

static void become_not_held(void *arg)
{
	(void)arg;
	become(&c, granule_find(pa(w.delegated)), RTT);
}

static void become_what_it_may_not(void *arg)
{
	(void)arg;
	become(&c, hold(&c, pa(w.delegated), DELEGATED), UNDELEGATED);
	become(&c, granule_find(pa(w.delegated)), RD);
}

static void against_the_rank(void *arg)
{
	(void)arg;
	need(hold(&c, pa(w.r.rec[0]), REC));
	hold(&c, pa(w.r.rd), RD);
}

static void against_the_address(void *arg)
{
	u64 low = w.r.rec[0] < w.r.rec[1] ? w.r.rec[0] : w.r.rec[1];

	(void)arg;
	need(hold(&c, pa(w.r.rec[0] ^ w.r.rec[1] ^ low), REC));
	hold(&c, pa(low), REC);
}

static void hold_sure_of_another(void *arg)
{
	(void)arg;
	hold_sure(&c, pa(w.r.rd), REC);
}

static void give_register_0(void *arg)
{
	(void)arg;
	give(&c, 0, 1);
}

static void give_register_5(void *arg)
{
	(void)arg;
	give(&c, 5, 1);
}

TEST(misuse_stops_the_machine)
{
	check(panics(refuse_after_commit));
	check(panics(refuse_at_after_commit));
	check(panics(busy_after_commit));
	check(panics(blocked_after_commit));
	check(panics(commit_twice));
	check(panics(view_not_held));
	check(panics(let_go_not_held));
	check(panics(become_not_held));
	check(panics(become_what_it_may_not));
	check(panics(against_the_rank));
	check(panics(against_the_address));
	check(panics(hold_sure_of_another));
	check(panics(give_register_0));
	check(panics(give_register_5));
}

TEST(hold_and_let_go)
{
	struct granule *rd, *rec;

	begin();
	check(!hold(&c, pa(w.r.rd), REC));
	check(!hold(&c, pa(w.hole), RD));
	check(!hold(&c, pa(w.ns), DELEGATED));
	check_eq(sim_locks_held(), 0);
	rd = hold(&c, pa(w.r.rd), RD);
	rec = hold(&c, pa(w.r.rec[0]), REC);
	check(rd && rec);
	check_eq(pa_of(&c, rec).raw, w.r.rec[0]);
	check(view(&c, rd) == view(&c, rd));
	check_eq(sim_locks_held(), 2);
	let_go(&c, rd);
	check_eq(sim_locks_held(), 1);
	check_eq(pa_of(&c, rec).raw, w.r.rec[0]);
	call_end(&c);
	check_eq(sim_locks_held(), 0);
}

TEST(words_of_a_refusal)
{
	begin();
	check_eq(refuse(&c, RTT_CREATE_rd_align), RMI_ERROR_INPUT);
	check_eq(refuse_at(&c, RTT_CREATE_rtt_walk, 2), 0x204);
	check_eq(refuse_at(&c, RTT_CREATE_rtt_walk, -1), 0xFF04);
	check_eq(refuse_for(&c, GRANULE_RANGE_DELEGATE_tracking, 0, pa(0x123456789000)),
		 0x123456789ULL << 16 | RMI_ERROR_TRACKING);
	check(!strcmp(refusal_name(RTT_CREATE_rd_align), "RTT_CREATE_rd_align"));
	check(!strcmp(refusal_name(REFUSED_NOT), ""));
}
