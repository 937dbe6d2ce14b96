/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two calls on two PEs that want the same thing, from the same state again and again
 * with other turns (sim/schedule.c): what one looked at before it took its locks
 * changes under it. Whatever wins, objects agree with each other, and both answers are
 * such that one call after the other could have given them.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "harness/inside.h"
#include "harness/play.h"
#include "harness/world.h"
#include "rmi/rmi.h"

#define MEETINGS	40
#define OR(status)	BIT(status)

static struct world w;

/* How many get what they want. */
enum wins { ONE, NOT_BOTH, ANY };

struct side {
	u64 regs[8];
	u64 may;		/* statuses, besides SUCCESS and INCOMPLETE */
	unsigned int cpu;
};
static struct side side[2];

static void will(unsigned int n, u64 may, u64 fid, u64 a, u64 b, u64 c, u64 d)
{
	side[n] = (struct side){ .regs = { fid, a, b, c, d }, .may = may, .cpu = n };
}

static void once(void *arg)
{
	struct side *s = arg;

	sim_thread_call_begin();
	rmi_dispatch(s->regs);
	sim_thread_call_end();
}

static void *one_pe(void *arg)
{
	const struct side *s = arg;

	sim_be_cpu(s->cpu);
	sim_schedule_enter();
	if (!sim_try(once, arg, false))
		_Exit(3);
	sim_schedule_leave();
	return NULL;
}

static u64 status(unsigned int n)
{
	return side[n].regs[0] & 0xFF;
}

static bool won(unsigned int n)
{
	return status(n) == RMI_SUCCESS || status(n) == RMI_INCOMPLETE;
}

static void meet_once(void (*make)(void), u64 seed)
{
	pthread_t t[2];

	make();
	sim_faults_end_process(true);
	sim_schedule(2, seed);
	for (unsigned int i = 0; i < 2; i++)
		if (pthread_create(&t[i], NULL, one_pe, &side[i]))
			abort();
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	sim_schedule(0, 0);
	sim_faults_end_process(false);
	sim_be_cpu(0);
	for (unsigned int i = 0; i < 2; i++)
		test_check(won(i) || side[i].may & BIT(status(i)), __FILE__, __LINE__,
			   "PE %u answers %u", i, (unsigned int)status(i));
	test_check(!inside_invariants(), __FILE__, __LINE__, "%s", inside_invariants() ?: "");
}

/* Each of the two is the first at times. */
static void meet(void (*make)(void), enum wins want)
{
	unsigned int wins[2] = { 0, 0 };

	for (u64 i = 0; i < MEETINGS; i++) {
		test_note("turns %u", (unsigned int)i);
		meet_once(make, test_seed() * MEETINGS + i);
		for (unsigned int n = 0; n < 2; n++)
			wins[n] += won(n);
		check(want == ANY || !(won(0) && won(1)));
		check(want != ONE || won(0) || won(1));
	}
	test_note("%u and %u wins", wins[0], wins[1]);
	check(wins[0] && wins[1]);
}

/* ---- realms --------------------------------------------------------------------------- */

static struct realm new_realm(u64 rd, u64 root)
{
	struct realm r = realm_default;

	r.root = root;
	r.rd = rd;
	r.params = host_page();
	host_fill_params(&r, r.params);
	return r;
}

static void two_create_with_one_root(void)
{
	u64 rd, root;

	world_make_bare(&w);
	rd = host_delegated(2, GRANULE_SIZE);
	root = host_delegated(1, GRANULE_SIZE);
	for (unsigned int i = 0; i < 2; i++)
		will(i, OR(RMI_ERROR_INPUT), FID_REALM_CREATE, rd + i * GRANULE_SIZE,
		     new_realm(rd, root).params, 0, 0);
}

static void each_is_the_others_root(void)
{
	u64 p;

	world_make_bare(&w);
	p = host_delegated(2, GRANULE_SIZE);
	for (unsigned int i = 0; i < 2; i++)
		will(i, OR(RMI_ERROR_INPUT), FID_REALM_CREATE, p + i * GRANULE_SIZE,
		     new_realm(p, p + (1 - i) * GRANULE_SIZE).params, 0, 0);
}

static void created_and_taken_back(void)
{
	u64 p;

	world_make_bare(&w);
	p = host_delegated(2, GRANULE_SIZE);
	will(0, OR(RMI_ERROR_INPUT), FID_REALM_CREATE, p + GRANULE_SIZE, new_realm(p, p).params, 0, 0);
	will(1, OR(RMI_ERROR_INPUT), FID_GRANULE_RANGE_UNDELEGATE, p, p + GRANULE_SIZE, 0, 0);
}

static void created_and_rd_taken_back(void)
{
	u64 p;

	world_make_bare(&w);
	p = host_delegated(2, GRANULE_SIZE);
	will(0, OR(RMI_ERROR_INPUT), FID_REALM_CREATE, p, new_realm(p, p + GRANULE_SIZE).params, 0, 0);
	will(1, OR(RMI_ERROR_INPUT), FID_GRANULE_RANGE_UNDELEGATE, p, p + GRANULE_SIZE, 0, 0);
}

TEST(realms_meet)
{
	meet(two_create_with_one_root, ONE);
	meet(each_is_the_others_root, ONE);
	meet(created_and_taken_back, ONE);
	meet(created_and_rd_taken_back, ONE);
}

/* ---- RECs ----------------------------------------------------------------------------- */

static u64 nr_inside;

/* The realm: a while, in which others have their turns. One REC is on one PE. */
static void interrupted(void *arg, struct rec *rec, struct trap *trap)
{
	(void)arg;
	(void)rec;
	if (arch_fetch_add64(&nr_inside, 1))
		sim_fault("two PEs are in one REC");
	for (unsigned int i = 0; i < 10; i++)
		arch_fetch_add64(&nr_inside, 0);
	arch_fetch_add64(&nr_inside, ~0ULL);
	trap->kind = TRAP_IRQ;
}

static void entered_twice(void)
{
	world_make_active(&w);
	for (unsigned int i = 0; i < 2; i++) {
		u64 run = i ? host_page() : w.r.run[0];

		sim_be_cpu(i);
		sim_realm_is(interrupted, NULL);
		will(i, OR(RMI_ERROR_REC), FID_REC_ENTER, w.r.rec[0], run, 0, 0);
	}
}

static void entered_and_terminated(void)
{
	entered_twice();
	side[0].may |= OR(RMI_ERROR_REALM);
	will(1, OR(RMI_ERROR_REALM), FID_REALM_TERMINATE, w.r.rd, 0, 0, 0);
}

static void entered_and_destroyed(void)
{
	entered_twice();
	side[0].may |= OR(RMI_ERROR_INPUT) | OR(RMI_BLOCKED);
	will(1, OR(RMI_ERROR_REC), FID_REC_DESTROY, w.r.rec[0], 0, 0, 0);
}

static void destroyed_twice(void)
{
	world_make(&w);
	for (unsigned int i = 0; i < 2; i++)
		will(i, OR(RMI_ERROR_INPUT) | OR(RMI_BLOCKED), FID_REC_DESTROY, w.r.rec[0], 0, 0, 0);
}

static void asks_for_the_other(void)
{
	static struct play p;

	world_make_active(&w);
	play_exit(&w.r, &p, 0xC4000003, 1, RAM, 0);
	need_eq(realm_run(&w.r, 0)->exit.exit_reason, RMI_EXIT_PSCI);
}

static void completed_twice(void)
{
	asks_for_the_other();
	for (unsigned int i = 0; i < 2; i++)
		will(i, OR(RMI_ERROR_REC) | OR(RMI_ERROR_INPUT), FID_PSCI_COMPLETE, w.r.rec[0], 0, 0, 0);
}

static void completed_and_destroyed(void)
{
	asks_for_the_other();
	will(0, OR(RMI_ERROR_INPUT) | OR(RMI_BLOCKED) | OR(RMI_ERROR_REC), FID_PSCI_COMPLETE,
	     w.r.rec[0], 0, 0, 0);
	will(1, 0, FID_REC_DESTROY, w.r.rec[0], 0, 0, 0);
}

static void completed_and_target_destroyed(void)
{
	completed_and_destroyed();
	will(1, 0, FID_REC_DESTROY, w.r.rec[1], 0, 0, 0);
}

TEST(recs_meet)
{
	meet(entered_twice, ANY);
	meet(entered_and_terminated, ANY);
	meet(entered_and_destroyed, ANY);
	meet(destroyed_twice, ONE);
	meet(completed_twice, ONE);
	meet(completed_and_destroyed, ANY);
	meet(completed_and_target_destroyed, ANY);
}

/* ---- the monitor's own state ------------------------------------------------------------ */

static void config(unsigned int n, u64 granule)
{
	u64 page = host_alloc(1, 65536);
	struct rmi_rmm_config *p = sim_ram(page);

	p->rmi_granule_size = granule;
	p->tracking_region_size = 0;
	will(n, OR(RMI_ERROR_GLOBAL) | OR(RMI_BUSY), FID_RMM_CONFIG_SET, page, 0, 0, 0);
}

static void configured_twice(void)
{
	world_make_init(&w);
	config(0, 1);
	config(1, 2);
}

static void configured_and_activated(void)
{
	world_make_init(&w);
	config(0, 1);
	will(1, OR(RMI_ERROR_GLOBAL), FID_RMM_ACTIVATE, 0, 0, 0, 0);
}

static void activated_twice(void)
{
	world_make_init(&w);
	for (unsigned int i = 0; i < 2; i++)
		will(i, OR(RMI_ERROR_GLOBAL), FID_RMM_ACTIVATE, 0, 0, 0, 0);
}

static void deactivated_twice(void)
{
	world_make_bare(&w);
	host_return(w.delegated, 1);
	host_return(w.delegated2, 1);
	for (unsigned int i = 0; i < 2; i++)
		will(i, OR(RMI_ERROR_GLOBAL) | OR(RMI_BUSY) | OR(RMI_BLOCKED), FID_RMM_DEACTIVATE, 0, 0, 0, 0);
}

static void deactivated_and_delegated(void)
{
	deactivated_twice();
	will(1, OR(RMI_ERROR_GLOBAL), FID_GRANULE_RANGE_DELEGATE, w.ns, w.ns + GRANULE_SIZE, 0, 0);
}

TEST(states_meet)
{
	meet(configured_twice, ANY);
	meet(configured_and_activated, ANY);
	meet(activated_twice, ONE);
	meet(deactivated_twice, NOT_BOTH);
	meet(deactivated_and_delegated, NOT_BOTH);
}
