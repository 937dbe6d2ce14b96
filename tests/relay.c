/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Operations that change hands: three PEs begin them, go on with those of others, try
 * one that another PE works on, and take apart what they are about, with interrupts
 * at random looks. Between rounds every object is checked; in the end everything is
 * finished, given back, and the monitor deactivated and activated again.
 * Replay: run --seed N relay
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "arch/arch.h"
#include "harness/inside.h"
#include "harness/world.h"

#define PES	3
#define CALLS	120
#define BLOCKS	3
#define PAGES	24
#define KNOWN	512
#define MIB	(1ULL << 20)

static const struct sim_machine machine = {
	.nr_cpus = 4, .lpa2 = true,
	.bank = { { 0x40000000, 24 * MIB } },
	.monitor = { 0x41600000, 256 << 10 },	/* no metadata from EL3: donated */
};

static struct realm realm;
static u64 blocks, pages, content;
static u64 known[KNOWN];		/* handles that answers told of; shared */

struct runner {
	struct rng rng;
	unsigned int cpu;
	u64 list, params;		/* host pages of its own */
	u64 begun, ended, busy, blocked;
};
static struct runner runner[PES];
static _Thread_local struct runner *me;

static u64 pick(u64 n) { return rng_below(&me->rng, n); }

static void tell(void)
{
	fprintf(stderr, "replay: --seed %llu relay\n", (unsigned long long)test_seed());
}

/* ---- calls ------------------------------------------------------------------------ */

static void note(u64 handle)
{
	for (unsigned int i = 0; i < KNOWN; i++) {
		u64 none = 0;

		if (__atomic_compare_exchange_n(&known[i], &none, handle, false,
						__ATOMIC_RELAXED, __ATOMIC_RELAXED))
			return;
	}
	sim_fault("more operations than the test keeps");
}

static void forget(u64 handle)
{
	for (unsigned int i = 0; i < KNOWN; i++)
		if (__atomic_load_n(&known[i], __ATOMIC_RELAXED) == handle)
			__atomic_store_n(&known[i], 0, __ATOMIC_RELAXED);
}

static u64 call(u64 regs[8])
{
	u64 fid = regs[0], handle = regs[1], status;
	bool follows = fid == FID_OP_CONTINUE || fid == FID_OP_CANCEL ||
		       fid == FID_OP_MEM_DONATE || fid == FID_OP_MEM_RECLAIM;

	sim_interrupt_after(pick(3) ? 0 : (unsigned int)(1 + pick(12)));
	sim_thread_call_begin();
	rmi_dispatch(regs);
	sim_thread_call_end();
	status = regs[0] & 0xFF;
	me->busy += status == RMI_BUSY;
	me->blocked += status == RMI_BLOCKED;
	if (!follows && status == RMI_INCOMPLETE) {
		me->begun++;
		note(regs[1]);
	}
	/* INPUT may be its last word, or a wrong follow-up's: see finish() */
	if (fid == FID_OP_CONTINUE && status != RMI_INCOMPLETE && status != RMI_BUSY &&
	    status != RMI_ERROR_INPUT) {
		me->ended++;
		forget(handle);
	}
	return status;
}

static u64 ask(u64 fid, u64 x1, u64 x2, u64 x3, u64 x4, u64 x5)
{
	u64 regs[8] = { fid, x1, x2, x3, x4, x5 };

	return call(regs);
}

static u64 some_block(void) { return blocks + pick(BLOCKS) * 2 * MIB; }
static u64 some_page(void) { return pages + pick(PAGES) * GRANULE_SIZE; }
static u64 some_ipa(void) { return FLAT + pick(BLOCKS) * 2 * MIB; }

static void whole_block(u64 fid)
{
	u64 at = some_block();

	ask(fid, at, at + 2 * MIB, 0, 0, 0);
}

static void map(void)
{
	u64 at = some_ipa();

	ask(FID_RTT_DATA_MAP, realm.rd, at, at + (1 + pick(BLOCKS)) * 2 * MIB, RMI_OADDR_SINGLE,
	    desc(some_block(), 1 + pick(2), RMI_BLOCK_L2, 0));
}

static void unmap(void)
{
	u64 at = some_ipa(), how = pick(3);

	ask(FID_RTT_DATA_UNMAP, realm.rd, at, at + 2 * MIB,
	    how == RMI_OADDR_LIST ? how | 8 << 2 : how, how == RMI_OADDR_LIST ? me->list : 0);
}

static void measure(void)
{
	u64 at = RAM + pick(PAGES) * GRANULE_SIZE;

	if (pick(2))
		ask(FID_RTT_DATA_MAP_INIT, realm.rd, some_page(), at, content, 1);
	else
		ask(FID_RTT_DATA_UNMAP, realm.rd, at, at + GRANULE_SIZE, 0, 0);
}

static void make_rec(void)
{
	struct rmi_rec_params *p = sim_ram(me->params);

	p->flags = RMI_REC_RUNNABLE;
	p->mpidr = inside_next_index(realm.rd);
	ask(FID_REC_CREATE, realm.rd, some_page(), me->params, 0, 0);
}

static void follow(void)
{
	u64 n = pick(KNOWN), handle = 0;

	for (unsigned int i = 0; i < KNOWN && !handle; i++, n = (n + 1) % KNOWN)
		handle = __atomic_load_n(&known[n], __ATOMIC_RELAXED);
	switch (pick(8)) {
	case 0:
		ask(FID_OP_CANCEL, handle, 0, 0, 0, 0);
		return;
	case 1:
		*(u64 *)sim_ram(me->list) = desc(some_page(), 1, 0, 0);
		ask(FID_OP_MEM_DONATE, handle, me->list, 1, 0, 0);
		return;
	case 2:
		ask(FID_OP_MEM_RECLAIM, handle, me->list, pick(8), 0, 0);
		return;
	default:
		ask(FID_OP_CONTINUE, handle, pick(2), 0, 0, 0);
	}
}

static void step(void)
{
	switch (pick(16)) {
	case 0:
		whole_block(FID_GRANULE_RANGE_DELEGATE);
		break;
	case 1:
		whole_block(FID_GRANULE_RANGE_UNDELEGATE);
		break;
	case 2: case 3: case 4:
		map();
		break;
	case 5: case 6: case 7:
		unmap();
		break;
	case 8:
		measure();
		break;
	case 9:
		make_rec();
		break;
	case 10:
		ask(FID_REC_DESTROY, some_page(), 0, 0, 0, 0);
		break;
	case 11:
		ask(FID_RMM_DEACTIVATE, 0, 0, 0, 0, 0);
		break;
	default:
		follow();
	}
}

/* ---- rounds ------------------------------------------------------------------------ */

static void steps(void *arg)
{
	(void)arg;
	for (unsigned int i = 0; i < CALLS; i++)
		step();
}

static void *run(void *arg)
{
	me = arg;
	sim_be_cpu(me->cpu);
	sim_schedule_enter();
	if (!sim_try(steps, NULL, false))
		_Exit(3);
	sim_schedule_leave();
	return NULL;
}

static bool may_be_viewed(u64 p) { return inside_is(p, "INTERNAL"); }

static void round_of_all(u64 seed)
{
	pthread_t t[PES];

	sim_schedule(PES, seed);
	for (unsigned int i = 0; i < PES; i++)
		need(!pthread_create(&t[i], NULL, run, &runner[i]));
	for (unsigned int i = 0; i < PES; i++)
		pthread_join(t[i], NULL);
	sim_schedule(0, 0);
	sim_be_cpu(0);
	sim_quiet_check(may_be_viewed);
	test_check(!inside_invariants(), __FILE__, __LINE__, "%s", inside_invariants() ?: "");
}

/* ---- the end of a world --------------------------------------------------------------- */

static void finish(u64 handle)
{
	for (unsigned int n = 0; n < 1000; n++) {
		u64 status;

		me = &runner[n % PES];
		sim_be_cpu(me->cpu);
		status = ask(FID_OP_CONTINUE, handle, n & 1, 0, 0, 0);
		if (status != RMI_INCOMPLETE && status != RMI_ERROR_INPUT)
			return;
		if (status == RMI_ERROR_INPUT &&
		    ask(FID_OP_MEM_RECLAIM, handle, me->list, 512, 0, 0) != RMI_INCOMPLETE &&
		    ask(FID_OP_CANCEL, handle, 0, 0, 0, 0) != RMI_INCOMPLETE)
			return;		/* INPUT was its last word */
	}
	sim_fault("an operation does not end");
}

static void destroy_recs(void)
{
	for (u64 p = pages; p < pages + PAGES * GRANULE_SIZE; p += GRANULE_SIZE) {
		u64 regs[8] = { FID_REC_DESTROY, p };

		if (!inside_is(p, "REC"))
			continue;
		need_eq(call(regs), RMI_INCOMPLETE);
		finish(regs[1]);
	}
}

static void unmap_all(u64 base, u64 top)
{
	while (base < top) {
		struct rmi_result r = sro_finish(rmi(FID_RTT_DATA_UNMAP, realm.rd, base, top, 0, 0));

		need_eq(r.x[0], RMI_SUCCESS);
		base = r.x[1];
	}
}

static void undelegate_all(u64 from, u64 granules)
{
	for (u64 i = 0; i < granules; i++)
		if (inside_is(from + i * GRANULE_SIZE, "DELEGATED"))
			need_eq(host_undelegate(from + i * GRANULE_SIZE, 1), 0);
	for (u64 i = 0; i < granules; i++)
		check(inside_is(from + i * GRANULE_SIZE, "UNDELEGATED"));
}

static void end_of_world(void)
{
	struct rmi_result r;
	struct sro s;

	for (unsigned int i = 0; i < KNOWN; i++)
		if (known[i])
			finish(known[i]);
	destroy_recs();
	sim_be_cpu(0);
	sim_interrupt_after(0);
	unmap_all(FLAT, FLAT + BLOCKS * 2 * MIB);
	unmap_all(RAM, RAM + PAGES * GRANULE_SIZE);
	realm_destroy(&realm);
	undelegate_all(pages, PAGES);
	undelegate_all(blocks, BLOCKS * 512);
	host_free(pages, PAGES);
	host_free(blocks, BLOCKS * 512);
	host_free(content, 1);
	for (unsigned int i = 0; i < PES; i++) {
		host_free(runner[i].list, 1);
		host_free(runner[i].params, 1);
	}

	sim_interrupt_after(1);
	r = rmi(FID_RMM_DEACTIVATE);
	need(sro_begin(&s, r));
	while (status_of(r) == RMI_INCOMPLETE) {
		sim_be_cpu((unsigned int)rng_below(&runner[0].rng, 4));
		sim_interrupt_after(1);
		r = sro_wants(&s) == RMI_MEM_RECLAIM ? sro_reclaim(&s, 4) : sro_continue(&s, 0);
	}
	sim_be_cpu(0);
	sim_interrupt_after(0);
	check_status(r, RMI_SUCCESS);
	check_eq(host_count(PAGE_DONATED), 0);
}

static void begin_world(void)
{
	host_activate();
	realm = realm_default;
	realm_create(&realm);
	realm_table(&realm, RAM, 3);
	blocks = host_alloc(BLOCKS * 512, 2 * MIB);
	pages = host_delegated(PAGES, GRANULE_SIZE);
	need(blocks);
	need_eq(host_delegate(blocks, BLOCKS * 512), 0);
	content = host_page();
	for (unsigned int i = 0; i < PES; i++) {
		runner[i].list = host_page();
		runner[i].params = host_page();
	}
	memset(known, 0, sizeof(known));
}

TEST(relay)
{
	time_t end = time(NULL) + test_seconds();
	u64 begun = 0, ended = 0, busy = 0, blocked = 0;

	sim_on_fault(tell);
	sim_power_on(&machine);
	host_power_on();
	for (unsigned int world = 0; world < 2 || time(NULL) < end; world++) {
		test_note("world %u", world);
		begin_world();
		for (unsigned int i = 0; i < PES; i++) {
			runner[i].rng.s = (test_seed() * 7 + world) * 0x9E3779B97F4A7C15ULL + i + 1;
			runner[i].cpu = i;
		}
		sim_faults_end_process(true);
		for (unsigned int i = 0; i < 4; i++)
			round_of_all(test_seed() + world * 4 + i);
		sim_faults_end_process(false);
		end_of_world();
		for (unsigned int i = 0; i < PES; i++) {
			begun += runner[i].begun;
			ended += runner[i].ended;
			busy += runner[i].busy;
			blocked += runner[i].blocked;
		}
	}
	test_note("%u begun, %u ended, %u busy, %u blocked", (unsigned int)begun,
		  (unsigned int)ended, (unsigned int)busy, (unsigned int)blocked);
	check(begun > 20 && ended > 10);
	check(busy > 0 && blocked > 5);
	sim_on_fault(NULL);
}
