/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every kind of operation, stopped wherever it can be (rmi-sro.md 3 to 5): it goes on
 * on another PE each time; the follow-ups that are not asked for change nothing; two
 * PEs do not work on one at once; where it may be cancelled, all is as before.
 */
#include <pthread.h>
#include <string.h>

#include "arch/arch.h"
#include "harness/inside.h"
#include "harness/world.h"
#include "mem/region.h"
#include "mem/sro.h"

#define FLAT2	(FLAT + 0x200000)

static struct world w;
static u64 block;

/* ---- what is begun ----------------------------------------------------------------- */

static void make_world(void) { world_make(&w); }

static void make_block(void)
{
	world_make(&w);
	block = host_delegated(512, 0x200000);
}

static void make_mapped(void)
{
	world_make(&w);
	realm_init_ripas(&w.r, FLAT, FLAT + level_bytes(2));
	block = realm_data_block(&w.r, FLAT);
}

static void make_metadata(void)
{
	struct sim_machine m = sim_machine_default;

	m.bank[0].bytes = 96 << 20;
	m.monitor.base = 0x45E00000;
	m.pool = 0;
	sim_power_on(&m);
	host_power_on();
}

static void make_active(void)
{
	make_metadata();
	host_activate();
}

static struct rmi_result rec_create(void)
{
	struct rmi_rec_params *p = sim_ram(w.ns2);

	memset(p, 0, GRANULE_SIZE);
	p->mpidr = 2;
	p->flags = RMI_REC_RUNNABLE;
	return rmi(FID_REC_CREATE, w.r.rd, w.delegated, w.ns2);
}

static struct rmi_result rec_destroy(void)
{
	return rmi(FID_REC_DESTROY, w.r.rec[1]);
}

static struct rmi_result data_map(void)
{
	return rmi(FID_RTT_DATA_MAP, w.r.rd, FLAT, FLAT2, RMI_OADDR_SINGLE,
		   desc(block, 1, RMI_BLOCK_L2, 0));
}

static struct rmi_result data_unmap(void)
{
	return rmi(FID_RTT_DATA_UNMAP, w.r.rd, FLAT, FLAT2, RMI_OADDR_SINGLE, 0);
}

static struct rmi_result data_map_init(void)
{
	return rmi(FID_RTT_DATA_MAP_INIT, w.r.rd, w.delegated, RAM_VOID, w.ns2, 1);
}

static struct rmi_result activate(void) { return rmi(FID_RMM_ACTIVATE); }
static struct rmi_result deactivate(void) { return rmi(FID_RMM_DEACTIVATE); }

static void check_made(bool made)
{
	check(inside_is(w.delegated, made ? "REC" : "DELEGATED"));
	check_eq(inside_refs(w.r.rd), made ? 3 : 2);
}

static void check_destroyed(bool destroyed)
{
	check(inside_is(w.r.rec[1], destroyed ? "DELEGATED" : "REC"));
	check_eq(inside_refs(w.r.rd), 1);
}

static void check_mapped(bool mapped)
{
	for (u64 i = 0; i < 512; i++)
		check(inside_is(block + i * GRANULE_SIZE, mapped ? "DATA" : "DELEGATED"));
}

static void check_unmapped(bool unmapped) { check_mapped(!unmapped); }
static void check_page(bool mapped) { check(inside_is(w.delegated, mapped ? "DATA" : "DELEGATED")); }

static void check_active(bool active)
{
	check_eq(rmi(FID_RMM_STATE_GET).x[1], active ? RMI_STATE_ACTIVE : RMI_STATE_INIT);
	if (!active)
		check_eq(host_count(PAGE_DONATED), 0);
}

static void check_inactive(bool inactive) { check_active(!inactive); }

static const struct scene {
	const char *name;
	void (*make)(void);
	struct rmi_result (*begin)(void);
	void (*after)(bool done);
	unsigned int stops;		/* at least so many, when each look finds an interrupt */
} scenes[] = {
	{ "REC_CREATE", make_world, rec_create, check_made, 30 },
	{ "REC_DESTROY", make_world, rec_destroy, check_destroyed, 1 },
	{ "DATA_MAP", make_block, data_map, check_mapped, 15 },
	{ "DATA_UNMAP", make_mapped, data_unmap, check_unmapped, 15 },
	{ "DATA_MAP_INIT", make_world, data_map_init, check_page, 30 },
	{ "RMM_ACTIVATE", make_metadata, activate, check_active, 2 },
	{ "RMM_DEACTIVATE", make_active, deactivate, check_inactive, 3 },
};

/* ---- at each stop --------------------------------------------------------------------- */

static void must_change_nothing(u64 fid, u64 handle, u64 x2, u64 x3)
{
	struct sim_snapshot *before = sim_snapshot();
	const char *diff;

	check_status(rmi(fid, handle, x2, x3), RMI_ERROR_INPUT);
	diff = sim_snapshot_differs(before);
	test_check(!diff, __FILE__, __LINE__, "the refused follow-up changed %s", diff ?: "");
	sim_snapshot_free(before);
}

/* Follow-ups that are not asked for, and handles that are none. */
static void wrong_follow_ups(const struct sro *s)
{
	static const u64 wrong[] = { 1ULL << 16, 1, 3ULL << 32, 1ULL << 63, 0x10001 };
	u64 wants = sro_wants(s);

	if (wants != RMI_MEM_NONE)
		must_change_nothing(FID_OP_CONTINUE, s->handle, 0, 0);
	if (wants != RMI_MEM_DONATE)
		must_change_nothing(FID_OP_MEM_DONATE, s->handle, s->list, 1);
	if (wants != RMI_MEM_RECLAIM)
		must_change_nothing(FID_OP_MEM_RECLAIM, s->handle, s->list, 8);
	if (!(s->last.x[0] & RMI_CAN_CANCEL))
		must_change_nothing(FID_OP_CANCEL, s->handle, 0, 0);
	if (wants == RMI_MEM_RECLAIM) {
		must_change_nothing(FID_OP_MEM_RECLAIM, s->handle, s->list + 4, 8);
		must_change_nothing(FID_OP_MEM_RECLAIM, s->handle, sim_machine()->monitor.base, 8);
		check_status(rmi(FID_OP_MEM_RECLAIM, s->handle, s->list, 0), RMI_INCOMPLETE);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(wrong); i++)
		must_change_nothing(FID_OP_CONTINUE, s->handle ^ wrong[i], 0, 0);
}

/* ---- while it works, other PEs --------------------------------------------------------- */

static u64 at_work;			/* the handle, once it is known */
static unsigned int looks;

static u64 raw(u64 fid, u64 x1, u64 x2, u64 x3)
{
	u64 regs[8] = { fid, x1, x2, x3 };

	rmi_dispatch(regs);
	return regs[0];
}

static void another_pe(void)
{
	looks++;
	sim_be_cpu(arch_cpu() == 3 ? 2 : 3);
	check_eq(raw(FID_OP_CONTINUE, at_work, 0, 0), RMI_BUSY);
	check_eq(raw(FID_OP_CANCEL, at_work, 0, 0), RMI_BUSY);
	check_eq(raw(FID_OP_MEM_DONATE, at_work, w.ns, 1), RMI_BUSY);
	check_eq(raw(FID_OP_MEM_RECLAIM, at_work, w.ns, 1), RMI_BUSY);
	check_eq(raw(FID_RMM_DEACTIVATE, 0, 0, 0), 
		 rmm_state() == RMI_STATE_ACTIVE ? RMI_BUSY : RMI_ERROR_GLOBAL);
}

/* ---- the play ---------------------------------------------------------------------------- */

static struct rmi_result one_step(struct sro *s, unsigned int n, u64 blocks)
{
	struct rmi_result r;

	sim_be_cpu(n % 4);
	sim_interrupt_after(1);
	at_work = s->handle;
	sim_at_look(another_pe);
	if (sro_wants(s) == RMI_MEM_DONATE)
		r = sro_give(s, blocks);
	else if (sro_wants(s) == RMI_MEM_RECLAIM)
		r = sro_reclaim(s, n & 1 ? 1 : 512);
	else
		r = sro_continue(s, n & 1);
	sim_at_look(NULL);
	sim_interrupt_after(0);
	return r;
}

/* Cancelled at stop `cancel_at` if that is possible there; true: there was such a stop. */
static bool play(const struct scene *sc, unsigned int cancel_at)
{
	bool cancelled = false;
	unsigned int n = 0;
	struct rmi_result r;
	struct sro s;

	test_note("%s cancelled at %u", sc->name, cancel_at);
	sc->make();
	looks = 0;
	sim_interrupt_after(1);
	r = sc->begin();
	sim_interrupt_after(0);
	if (!sro_begin(&s, r))
		sim_fault("%s ends at once", sc->name);
	for (; status_of(r) == RMI_INCOMPLETE && n < 1000; n++) {
		if (!cancel_at)
			wrong_follow_ups(&s);
		if (n + 1 == cancel_at && r.x[0] & RMI_CAN_CANCEL) {
			sim_be_cpu(n % 4);
			r = sro_cancel(&s);
			check_status(r, RMI_INCOMPLETE);
			check(!(r.x[0] & RMI_CAN_CANCEL));
			check(sro_wants(&s) != RMI_MEM_DONATE);
			cancelled = true;
		} else {
			r = one_step(&s, n, 1 + n % 3);
		}
	}
	sim_be_cpu(0);
	check_status(r, cancelled ? RMI_ERROR_GLOBAL : RMI_SUCCESS);
	check_status(rmi(FID_OP_CONTINUE, s.handle, 0), RMI_ERROR_INPUT);
	sc->after(!cancelled);
	test_check(!inside_invariants(), __FILE__, __LINE__, "%s", inside_invariants() ?: "");
	if (cancel_at)
		return n >= cancel_at;
	test_check(n >= sc->stops, __FILE__, __LINE__, "only %u stops", n);
	check(looks || sc->stops < 2);
	return true;
}

TEST(stopped_everywhere)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(scenes); i++)
		play(&scenes[i], 0);
}

TEST(cancelled_everywhere)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(scenes); i++)
		for (unsigned int at = 1; play(&scenes[i], at); at += at < 6 ? 1 : 5)
			;
}

/* ---- any number of rounds ---------------------------------------------------------------- */

#define WANTED	1500

static struct { pa_t page[WANTED]; u64 nr; } taken;

static bool test_take(struct call *c, struct op *op, pa_t base, u64 granules)
{
	(void)c;
	(void)op;
	if (granules != 1 || !granule_move(base, DELEGATED, INTERNAL))
		return false;
	taken.page[taken.nr++] = base;
	return true;
}

static bool test_peek(const struct op *op, unsigned int n, pa_t *base, u64 *granules)
{
	(void)op;
	*granules = 1;
	*base = n < taken.nr ? taken.page[taken.nr - 1 - n] : pa(0);
	return n < taken.nr;
}

static void test_gone(struct call *c, struct op *op, unsigned int nr)
{
	(void)c;
	(void)op;
	while (nr--)
		granule_move_sure(taken.page[--taken.nr], INTERNAL, DELEGATED);
}

static status_t test_step(struct call *c, struct op *op)
{
	u64 granules;
	pa_t base;

	if (op_peek(op, 0, &base, &granules))
		return op_return(c, op);
	return op_end(c, op, RMI_SUCCESS);
}

static void test_undo(struct call *c, struct op *op) { (void)c; (void)op; }

static const struct op_kind test_kind = {
	.name = "test", .step = test_step, .undo = test_undo,
	.take = test_take, .peek = test_peek, .gone = test_gone,
};

/* As a command would begin it. */
static void begin_wanting(struct sro *s, u64 granules)
{
	struct rmi_result r = { { 0 } };
	struct call c;
	status_t status;
	struct op *op;

	taken.nr = 0;
	call_begin(&c, CMD_REC_CREATE);
	op = op_begin(&c, &test_kind, &status);
	need(op);
	r.x[0] = op_ask(&c, op, granules, false, RMI_MEMSTATE_DELEGATED);
	r.x[1] = c.out[1];
	r.x[2] = c.out[2];
	call_end(&c);
	need(sro_begin(s, r));
}

/* In rounds of any size, of descriptors of any shape, on any PE; then all comes back. */
TEST(many_rounds)
{
	struct rng rng = { test_seed() | 1 };
	struct rmi_result r;
	u64 pages, given = 0, *list, rounds = 0, back = 0;
	struct sro s;

	world_make_bare(&w);
	pages = host_delegated(WANTED, GRANULE_SIZE);
	begin_wanting(&s, WANTED);
	r = s.last;
	while (RMI_MEM(r.x[0]) == RMI_MEM_DONATE && status_of(r) == RMI_INCOMPLETE) {
		u64 n = 0, offered = 0, at = rng_below(&rng, 4) ? rng_below(&rng, 500) : 511;

		check_eq(FIELD(r.x[2], 15, 2), WANTED - given);
		check(r.x[0] & RMI_CAN_CANCEL);
		list = sim_ram(s.list) + at * 8;
		for (; at + n < 512 && n < 12; n++) {
			u64 many = rng_below(&rng, 3) ? rng_below(&rng, 9) : 0;

			if (many > WANTED - given - offered)
				many = 0;
			list[n] = desc(many ? pages + (given + offered) * GRANULE_SIZE : 0x1000,
				       many, RMI_BLOCK_L3, 0);
			offered += many;
		}
		sim_be_cpu(rounds++ % 4);
		r = rmi(FID_OP_MEM_DONATE, s.handle, s.list + at * 8, n, 0);
		need_eq(status_of(r), RMI_INCOMPLETE);
		check_eq(r.x[1], offered);
		given += r.x[1];
	}
	check_eq(given, WANTED);
	check_eq(RMI_MEM(r.x[0]), RMI_MEM_NONE);
	check(rounds > 20);
	for (u64 i = 0; i < WANTED; i++)
		check(inside_is(pages + i * GRANULE_SIZE, "INTERNAL"));
	r = rmi(FID_OP_CONTINUE, s.handle, 0);
	while (RMI_MEM(r.x[0]) == RMI_MEM_RECLAIM && status_of(r) == RMI_INCOMPLETE) {
		sim_be_cpu(rounds++ % 4);
		r = rmi(FID_OP_MEM_RECLAIM, s.handle, s.list, rng_below(&rng, 40));
		back += r.x[1];
	}
	check_eq(back, WANTED);
	check_status(rmi(FID_OP_CONTINUE, s.handle, 0), RMI_SUCCESS);
	sim_be_cpu(0);
	check_eq(host_undelegate(pages, WANTED), 0);
	check(!inside_invariants());
}

static u64 list_page;
static void scribble(u64 p, size_t bytes)
{
	(void)bytes;
	if (ALIGN_DOWN(p, GRANULE_SIZE) == list_page)
		memset(sim_ram(list_page), 0xA5, GRANULE_SIZE);
}

/* The host changes its list as soon as it was read: what was read counts. */
TEST(list_changes)
{
	struct rmi_result r;
	struct sro s;
	u64 pages;

	world_make_bare(&w);
	pages = host_delegated(100, GRANULE_SIZE);
	begin_wanting(&s, 100);
	list_page = s.list;
	*(u64 *)sim_ram(s.list) = desc(pages, 60, RMI_BLOCK_L3, 0);
	((u64 *)sim_ram(s.list))[1] = desc(pages + 60 * GRANULE_SIZE, 40, RMI_BLOCK_L3, 0);
	sim_ns_after_read(scribble);
	r = rmi(FID_OP_MEM_DONATE, s.handle, s.list, 2, 0);
	sim_ns_after_read(NULL);
	check_status(r, RMI_INCOMPLETE);
	check_eq(r.x[1], 100);
	check_eq(RMI_MEM(r.x[0]), RMI_MEM_NONE);
	for (u64 i = 0; i < 100; i++)
		check_eq(taken.page[i].raw, pages + i * GRANULE_SIZE);
}

/* A block of 2 MiB with a bad granule inside is taken in part; what follows is for the next. */
TEST(block_taken_in_part)
{
	struct rmi_result r;
	struct sro s;
	u64 big;

	world_make_bare(&w);
	big = host_delegated(512, 0x200000);
	need_eq(host_undelegate(big + 300 * GRANULE_SIZE, 1), 0);
	begin_wanting(&s, 600);
	*(u64 *)sim_ram(s.list) = desc(big, 1, RMI_BLOCK_L2, 0);
	r = rmi(FID_OP_MEM_DONATE, s.handle, s.list, 1, 0);
	check_status(r, RMI_INCOMPLETE);
	check_eq(r.x[1], 300);
	check_eq(FIELD(r.x[2], 15, 2), 300);
	check(inside_is(big + 299 * GRANULE_SIZE, "INTERNAL"));
	check(inside_is(big + 301 * GRANULE_SIZE, "DELEGATED"));
	check_status(rmi(FID_OP_CANCEL, s.handle), RMI_INCOMPLETE);
}

/* ---- lifetimes of handles --------------------------------------------------------------------- */

extern struct op ops[];			/* made visible by tests/Makefile */

static u64 begin_and_cancel(void)
{
	struct rmi_result r = rec_create();

	need_eq(status_of(r), RMI_INCOMPLETE);
	need_eq(status_of(rmi(FID_OP_CANCEL, r.x[1])), RMI_INCOMPLETE);
	need_eq(status_of(rmi(FID_OP_CONTINUE, r.x[1], 0)), RMI_ERROR_GLOBAL);
	return r.x[1];
}

static void must_be_unknown(u64 handle)
{
	must_change_nothing(FID_OP_CONTINUE, handle, 0, 0);
	must_change_nothing(FID_OP_CANCEL, handle, 0, 0);
	must_change_nothing(FID_OP_MEM_DONATE, handle, w.ns, 1);
	must_change_nothing(FID_OP_MEM_RECLAIM, handle, w.ns, 1);
}

/* A context is used again and again: no handle that was is ever another one's. */
TEST(stale_handles)
{
	u64 old[40];
	struct rmi_result r;

	world_make(&w);
	for (unsigned int i = 0; i < ARRAY_SIZE(old); i++) {
		old[i] = begin_and_cancel();
		check(old[i] > 1);
		for (unsigned int k = 0; k < i; k++)
			check(old[k] != old[i]);
	}
	r = rec_create();
	for (unsigned int i = 0; i < ARRAY_SIZE(old); i++)
		must_be_unknown(old[i]);
	check_status(sro_finish(r), RMI_SUCCESS);
}

/* Guesses near a live handle: other generations, other contexts, bits that are none. */
TEST(guessed_handles)
{
	struct rmi_result r;

	world_make(&w);
	r = rec_create();
	for (unsigned int bit = 0; bit < 64; bit++)
		must_be_unknown(r.x[1] ^ BIT(bit));
	for (u64 i = 0; i < 300; i++)
		if ((r.x[1] & ~0xFFFFULL) + i != r.x[1])
			must_be_unknown((r.x[1] & ~0xFFFFULL) + i);
	check_status(sro_finish(r), RMI_SUCCESS);
}

/* The generation comes round after 2^48 operations: the context stays usable. */
TEST(generations_come_round)
{
	u64 last, first;

	world_make(&w);
	for (unsigned int i = 0; i < 2 * MAX_CPUS; i++)
		ops[i].word = (BIT(48) - 1) << 8;
	last = begin_and_cancel();
	check_eq(last >> 16, BIT(48) - 1);
	must_be_unknown(last);
	first = begin_and_cancel();
	check_eq(first >> 16, 0);
	check(first > 1);
	must_be_unknown(last);
	must_be_unknown(first);
	check_status(sro_finish(rec_create()), RMI_SUCCESS);
	check(!inside_invariants());
}

/* ---- two PEs and one table ---------------------------------------------------------------------- */

static struct rmi_result first_call;
static u64 waited_reads;

static void *changes_much(void *arg)
{
	u64 regs[8] = { FID_RTT_INIT_RIPAS, w.r.rd, RAM_TOP, RAM + 0x200000 };

	(void)arg;
	sim_be_cpu(0);
	sim_schedule_enter();
	rmi_dispatch(regs);
	memcpy(first_call.x, regs, sizeof(regs));
	sim_schedule_leave();
	return NULL;
}

static void *wants_the_table(void *arg)
{
	(void)arg;
	sim_be_cpu(1);
	sim_schedule_enter();
	for (unsigned int i = 0; i < 3; i++)
		waited_reads += raw(FID_RTT_READ_ENTRY, w.r.rd, RAM, 3) == RMI_SUCCESS;
	sim_schedule_leave();
	return NULL;
}

/* Who holds a table for long ends its call when another PE waits: exact out_top. */
TEST(another_pe_waits)
{
	unsigned int early = 0;

	for (u64 seed = 1; seed < 40; seed++) {
		pthread_t t[2];

		test_note("seed %u", (unsigned int)seed);
		world_make(&w);
		waited_reads = 0;
		sim_schedule(2, seed);
		need(!pthread_create(&t[0], NULL, changes_much, NULL));
		need(!pthread_create(&t[1], NULL, wants_the_table, NULL));
		for (unsigned int i = 0; i < 2; i++)
			pthread_join(t[i], NULL);
		sim_schedule(0, 0);
		check_eq(waited_reads, 3);
		check_status(first_call, RMI_SUCCESS);
		if (first_call.x[1] == RAM + 0x200000)
			continue;
		early++;
		check_eq((first_call.x[1] - RAM_TOP) % (SLICE_ENTRIES * GRANULE_SIZE), 0);
		check_eq(rmi(FID_RTT_READ_ENTRY, w.r.rd, first_call.x[1] - GRANULE_SIZE, 3).x[4],
			 RMI_RIPAS_RAM);
		check_eq(rmi(FID_RTT_READ_ENTRY, w.r.rd, first_call.x[1], 3).x[4], RMI_RIPAS_EMPTY);
	}
	check(early > 5);
}
