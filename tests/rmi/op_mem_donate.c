/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD OP_MEM_DONATE
#define CMD_LOWER op_mem_donate
#include <string.h>

#include "arch/arch.h"
#include "harness/command.h"

#define GOOD_STATUS RMI_INCOMPLETE

static struct sro s;
static u64 *list;
static u64 wanted;

/* REC_CREATE asks; all it wants is in the list. */
GOOD
{
	u64 *params = sim_ram(w->ns2);

	params[0x100 / 8] = 2;
	need(sro_begin(&s, rmi(FID_REC_CREATE, w->r.rd, w->delegated, w->ns2)));
	wanted = FIELD(s.last.x[2], 15, 2);
	list = sim_ram(s.list);
	for (u64 i = 0; i < wanted; i++)
		list[i] = desc(host_delegated(1, GRANULE_SIZE), 1, RMI_BLOCK_L3, 0);
	a->handle = s.handle;
	a->list = ns(s.list);
	a->count = wanted;
	a->flags = 0;
}

CHANGED
{
	check_eq(res.x[1], wanted);
	check_eq(RMI_MEM(res.x[0]), RMI_MEM_NONE);
	check_eq(res.x[2], 0);
	for (u64 i = 0; i < wanted; i++)
		check(inside_is(list[i] & MASK(51, GRANULE_SHIFT), "INTERNAL"));
	check_status(rmi(FID_OP_CONTINUE, s.handle, 0), RMI_SUCCESS);
	check(inside_is(w->delegated, "REC"));
}

static struct sro other;

/* A refused donation is remembered (decisions 48). */
SPOIL(handle)		{ a->handle = 12345; }
SPOIL(phase)
{
	need(sro_begin(&other, rmi(FID_REC_DESTROY, w->r.rec[1])));
	a->handle = other.handle;
}
SPOIL(list_align)	{ a->list = ns_add(a->list, 4); w->may_change = true; }
SPOIL(list_ns)		{ a->list = ns(w->delegated2); w->may_change = true; }
SPOIL(too_much)
{
	list[wanted] = desc(w->delegated2, 1, RMI_BLOCK_L3, 0);
	a->count = wanted + 1;
	w->may_change = true;
}
SPOIL(granule)		{ list[0] = desc(w->data, 1, RMI_BLOCK_L3, 0); w->may_change = true; }
NOT_SPOILED(contig, "only RMM_ACTIVATE asks for a run: contiguous_donations below")

/* ---- donations that are not one clean list ------------------------------------------- */

static struct world w;
static struct args a;

static void begin(void)
{
	world_make(&w);
	good(&w, &a);
}

static struct rmi_result donate(u64 at, u64 count)
{
	return rmi(FID_OP_MEM_DONATE, s.handle, at, count, 0);
}

/* The initiating call is undone: all that was given comes back, the end is `status`. */
static void comes_back(u64 taken, u64 status)
{
	struct rmi_result r;
	u64 back = 0;

	r = rmi(FID_OP_CONTINUE, s.handle, 0);
	if (taken) {
		check_status(r, RMI_INCOMPLETE);
		check_eq(RMI_MEM(r.x[0]), RMI_MEM_RECLAIM);
		while (RMI_MEM(r.x[0]) == RMI_MEM_RECLAIM && status_of(r) == RMI_INCOMPLETE) {
			r = rmi(FID_OP_MEM_RECLAIM, s.handle, w.ns, 3);
			const u64 *d = sim_ram(w.ns);
			for (u64 i = 0; i < r.x[1]; i++) {
				back += desc_count(d[i]);
				check_eq(FIELD(d[i], 63, 62), RMI_MEMSTATE_DELEGATED);
				check(inside_is(d[i] & MASK(51, GRANULE_SHIFT), "DELEGATED"));
			}
		}
		check_eq(back, taken);
		check_status(r, RMI_INCOMPLETE);
		r = rmi(FID_OP_CONTINUE, s.handle, 0);
	}
	check_status(r, status);
	check(inside_is(w.delegated, "DELEGATED"));
	check_eq(inside_refs(w.r.rd), 2);
	check_status(rmi(FID_OP_CONTINUE, s.handle, 0), RMI_ERROR_INPUT);
	check(!inside_invariants());
}

TEST(one_by_one)
{
	struct rmi_result r = { { 0 } };

	begin();
	for (u64 i = 0; i < wanted; i++) {
		r = donate(s.list + i * 8, 1);
		check_status(r, RMI_INCOMPLETE);
		check_eq(r.x[1], 1);
		if (i + 1 < wanted) {
			check_eq(RMI_MEM(r.x[0]), RMI_MEM_DONATE);
			check_eq(FIELD(r.x[2], 15, 2), wanted - i - 1);
			check(r.x[0] & RMI_CAN_CANCEL);
		}
	}
	check_eq(RMI_MEM(r.x[0]), RMI_MEM_NONE);
	check_status(rmi(FID_OP_CONTINUE, s.handle, 0), RMI_SUCCESS);
	check(inside_is(w.delegated, "REC"));
}

TEST(nothing_is_legal)
{
	struct rmi_result r;

	begin();
	r = donate(s.list, 0);
	check_status(r, RMI_INCOMPLETE);
	check_eq(r.x[1], 0);
	check_eq(RMI_MEM(r.x[0]), RMI_MEM_DONATE);
	list[wanted] = list[0];
	list[0] = 0;				/* an empty descriptor first */
	r = donate(s.list, wanted + 1);
	check_status(r, RMI_INCOMPLETE);
	check_eq(r.x[1], wanted);
	check_eq(RMI_MEM(r.x[0]), RMI_MEM_NONE);
}

/* Granules before the bad one are taken (decisions 47). */
TEST(bad_in_the_middle)
{
	struct rmi_result r;

	begin();
	if (wanted < 2)
		return;
	list[1] = desc(w.ns, 1, 0, 0);
	r = donate(s.list, wanted);
	check_status(r, RMI_INCOMPLETE);
	check_eq(r.x[1], 1);
	check_eq(RMI_MEM(r.x[0]), RMI_MEM_DONATE);
	check_eq(FIELD(r.x[2], 15, 2), wanted - 1);
	/* and then it is the first of its call */
	r = donate(s.list + 8, wanted - 1);
	check_status(r, RMI_ERROR_INPUT);
	check_eq(r.x[1], 0);
	check_status(donate(s.list, 1), RMI_ERROR_INPUT);	/* it has failed */
	comes_back(1, RMI_ERROR_INPUT);
}

static void refused_with(u64 descriptor)
{
	begin();
	test_note("descriptor 0x%llx", (unsigned long long)descriptor);
	list[0] = descriptor;
	check_status(donate(s.list, 1), RMI_ERROR_INPUT);
	comes_back(0, RMI_ERROR_INPUT);
}

TEST(bad_descriptors)
{
	u64 page;

	begin();
	page = w.delegated2;
	refused_with(desc(page, 1, 0, RMI_MEMSTATE_UNDELEGATED));
	refused_with(desc(page, 1, 0, 2));
	refused_with(desc(page, 1, 0, 3));
	refused_with(desc(w.ns, 1, 0, 0));
	refused_with(desc(w.r.rd, 1, 0, 0));
	refused_with(desc(w.rtt, 1, 0, 0));
	refused_with(desc(w.delegated, 1, 0, 0));	/* the REC granule itself */
	refused_with(desc(w.monitor, 1, 0, 0));
	refused_with(desc(w.hole, 1, 0, 0));
	refused_with(desc(0, 1, 0, 0));
	refused_with(desc(BIT(51), 1, 0, 0));
	refused_with(desc(0x40800000, 1, RMI_BLOCK_L2, 0));	/* more than wanted */
	refused_with(desc(0x40000000, 1, RMI_BLOCK_L0, 0));
	refused_with(desc(0x40000000, 1023, RMI_BLOCK_L0, 0));
	refused_with(desc(page, 1023, 0, 0));
}

TEST(the_same_page_twice)
{
	struct rmi_result r;

	begin();
	if (wanted < 2)
		return;
	list[1] = list[0];
	r = donate(s.list, wanted);
	check_status(r, RMI_INCOMPLETE);
	check_eq(r.x[1], 1);
	check_status(rmi(FID_OP_CANCEL, s.handle), RMI_INCOMPLETE);
}

/* A list that ends with its granule is served in part (decisions 44). */
TEST(end_of_the_granule)
{
	struct rmi_result r;
	u64 *end;

	begin();
	end = sim_ram(s.list);
	end[table_entries() - 1] = list[0];
	r = donate(s.list + (table_entries() - 1) * 8, 0x3FFF);
	check_status(r, RMI_INCOMPLETE);
	check_eq(r.x[1], 1);
	begin();
	r = donate(s.list + 512 * 8 - 4, 1);		/* not 8-byte aligned */
	check_status(r, RMI_ERROR_INPUT);
	comes_back(0, RMI_ERROR_INPUT);
}

/* Nobody touches what is in between. */
TEST(objects_in_between)
{
	begin();
	check_status(rmi(FID_REC_DESTROY, w.delegated), RMI_BLOCKED);
	check_status(rmi(FID_REC_ENTER, w.delegated, w.ns), RMI_BLOCKED);
	check_status(rmi(FID_REALM_ACTIVATE, w.r.rd), RMI_BLOCKED);
	check_status(rmi(FID_REALM_TERMINATE, w.r.rd), RMI_BLOCKED);
	check_status(rmi(FID_REC_CREATE, w.r.rd, w.delegated2, w.ns2), RMI_BLOCKED);
	check_status(rmi(FID_GRANULE_RANGE_UNDELEGATE, w.delegated, w.delegated + GRANULE_SIZE),
		     RMI_BLOCKED);
	check_status(donate(s.list, wanted), RMI_INCOMPLETE);
	/* what was donated is the monitor's */
	check_status(rmi(FID_GRANULE_RANGE_UNDELEGATE, list[0] & MASK(51, GRANULE_SHIFT),
			 (list[0] & MASK(51, GRANULE_SHIFT)) + GRANULE_SIZE), RMI_ERROR_INPUT);
	check_status(rmi(FID_OP_CONTINUE, s.handle, 0), RMI_SUCCESS);
	check_status(rmi(FID_REALM_ACTIVATE, w.r.rd), RMI_SUCCESS);
}

/* Cancelled after any number of granules: all comes back, GLOBAL (decisions 46). */
TEST(cancelled_at_each_point)
{
	for (u64 n = 0; n <= 1 || n <= wanted; n++) {
		struct rmi_result r;

		begin();
		test_note("cancel after %u granules", (unsigned int)n);
		if (n)
			check_status(donate(s.list, n), RMI_INCOMPLETE);
		r = rmi(FID_OP_CANCEL, s.handle);
		check_status(r, RMI_INCOMPLETE);
		check_eq(RMI_MEM(r.x[0]), n ? RMI_MEM_RECLAIM : RMI_MEM_NONE);
		check_status(donate(s.list, 1), RMI_ERROR_INPUT);
		if (n) {
			u64 back = 0;

			check_status(rmi(FID_OP_CONTINUE, s.handle, 0), RMI_ERROR_INPUT);
			while (RMI_MEM(r.x[0]) == RMI_MEM_RECLAIM) {
				r = rmi(FID_OP_MEM_RECLAIM, s.handle, w.ns, 2);
				need_eq(status_of(r), RMI_INCOMPLETE);
				for (u64 i = 0; i < r.x[1]; i++)
					back += FIELD(((u64 *)sim_ram(w.ns))[i], 11, 2);
			}
			check_eq(back, n);
		}
		r = rmi(FID_OP_CONTINUE, s.handle, 0);
		check_status(r, RMI_ERROR_GLOBAL);
		check(inside_is(w.delegated, "DELEGATED"));
		for (u64 i = 0; i < wanted; i++)
			check(inside_is(list[i] & MASK(51, GRANULE_SHIFT), "DELEGATED"));
		check(!inside_invariants());
		/* and it can be done again */
		check_status(sro_finish(rmi(FID_REC_CREATE, w.r.rd, w.delegated, w.ns2)),
			     RMI_SUCCESS);
	}
}

/* The failed operation may also be cancelled; it leads the same way (decisions 48). */
TEST(cancelled_after_failure)
{
	struct rmi_result r;

	begin();
	check_status(donate(s.list + 4, 1), RMI_ERROR_INPUT);
	r = rmi(FID_OP_CANCEL, s.handle);
	check_status(r, RMI_INCOMPLETE);
	check_eq(RMI_MEM(r.x[0]), RMI_MEM_NONE);
	r = rmi(FID_OP_CONTINUE, s.handle, 0);
	check_status(r, RMI_ERROR_INPUT);
	check(inside_is(w.delegated, "DELEGATED"));
}

/* Parameters are read once, in the initiating call (decisions 54). */
TEST(params_change_afterwards)
{
	begin();
	memset(sim_ram(w.ns2), 0xFF, GRANULE_SIZE);
	sim_ns_refuse(w.ns2, true);
	check_status(donate(s.list, wanted), RMI_INCOMPLETE);
	check_status(rmi(FID_OP_CONTINUE, s.handle, 0), RMI_SUCCESS);
}

TEST(foreign_handles)
{
	static const u64 some[] = { 0, 1, 2, 3, 0xFFFF, 0x10000, 0x10002, ~0ULL, BIT(63), BIT(16) };

	begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(some); i++) {
		if (some[i] == s.handle)
			continue;
		test_note("handle 0x%llx", (unsigned long long)some[i]);
		check_status(rmi(FID_OP_CONTINUE, some[i], 0), RMI_ERROR_INPUT);
		check_status(rmi(FID_OP_CANCEL, some[i], 0), RMI_ERROR_INPUT);
		check_status(rmi(FID_OP_MEM_DONATE, some[i], s.list, 1, 0), RMI_ERROR_INPUT);
		check_status(rmi(FID_OP_MEM_RECLAIM, some[i], s.list, 1), RMI_ERROR_INPUT);
	}
	check_status(donate(s.list, wanted), RMI_INCOMPLETE);
	/* the wrong follow-up leaves it as it is (decisions 49) */
	check_status(rmi(FID_OP_MEM_RECLAIM, s.handle, s.list, 1), RMI_ERROR_INPUT);
	check_status(donate(s.list, 1), RMI_ERROR_INPUT);
	check_status(rmi(FID_OP_CONTINUE, s.handle, 0), RMI_SUCCESS);
}

/* All contexts wait for the host: BLOCKED, and a free one helps. */
TEST(no_context_left)
{
	u64 handle[200], n = 0, page;
	struct rmi_result r;

	world_make_bare(&w);
	for (;;) {
		struct realm o = realm_default;
		u64 rec = host_delegated(1, GRANULE_SIZE);

		o.rd = host_delegated(1, GRANULE_SIZE);
		o.root = host_delegated(1, GRANULE_SIZE);
		page = host_page();
		host_fill_params(&o, page);
		need_eq(rmi(FID_REALM_CREATE, o.rd, page).x[0], 0);
		memset(sim_ram(page), 0, GRANULE_SIZE);
		r = rmi(FID_REC_CREATE, o.rd, rec, page);
		if (status_of(r) != RMI_INCOMPLETE || n == 200)
			break;
		handle[n++] = r.x[1];
	}
	check_status(r, RMI_BLOCKED);
	check(n >= 2 * 4);			/* two per CPU at least (decisions 52) */
	for (u64 i = 0; i < n; i++)
		for (u64 k = 0; k < i; k++)
			check(handle[i] != handle[k]);
	check_status(rmi(FID_OP_CANCEL, handle[3]), RMI_INCOMPLETE);
	check_status(rmi(FID_OP_CONTINUE, handle[3], 0), RMI_ERROR_GLOBAL);
	check(!inside_invariants());
	/* one is free: a REC is made; then destroying it finds none */
	struct realm last = realm_default;
	realm_create(&last);
	realm_rec(&last, true, RAM);
	struct realm o = realm_default;
	realm_create(&o);
	memset(sim_ram(page), 0, GRANULE_SIZE);
	check_status(rmi(FID_REC_CREATE, o.rd, host_delegated(1, GRANULE_SIZE), page),
		     RMI_INCOMPLETE);
	check_status(rmi(FID_REC_DESTROY, last.rec[0]), RMI_BLOCKED);
	check(inside_is(last.rec[0], "REC"));
	realm_activate(&last);			/* and nothing else is hindered */
	check(!inside_invariants());
}

/* ---- RMM_ACTIVATE wants one run ------------------------------------------------------- */

static void begin_activation(void)
{
	struct sim_machine m = sim_machine_default;

	m.pool = 0;
	sim_power_on(&m);
	host_power_on();
	need(sro_begin(&s, rmi(FID_RMM_ACTIVATE)));
	list = sim_ram(s.list);
}

static void bad_run(const char *what, u64 d0, u64 d1)
{
	begin_activation();
	test_note("%s", what);
	list[0] = d0;
	list[1] = d1;
	check_status(donate(s.list, d1 ? 2 : 1), RMI_ERROR_INPUT);
	check_status(rmi(FID_OP_CONTINUE, s.handle, 0), RMI_ERROR_INPUT);
	check_eq(rmi(FID_RMM_STATE_GET).x[1], 0);
	check_eq(rmi(FID_OP_CONTINUE, s.handle, 0).x[0], RMI_ERROR_INPUT);
}

TEST(contiguous_donations)
{
	NEEDS_4K;
	const u64 U = RMI_MEMSTATE_UNDELEGATED, p = 0x40100000;

	bad_run("too short", desc(p, 2, 0, U), 0);
	bad_run("not aligned to its total", desc(p + 0x1000, 4, 0, U), 0);
	bad_run("in two pieces apart", desc(p, 2, 0, U), desc(p + 0x4000, 2, 0, U));
	bad_run("too long", desc(p, 8, 0, U), 0);
	bad_run("delegated", desc(p, 4, 0, 0), 0);
	bad_run("the monitor's", desc(0x41600000, 4, 0, U), 0);
	bad_run("no memory", desc(0x60000000, 4, 0, U), 0);
	bad_run("beyond everything", desc(BIT(51), 4, 0, U), 0);
	begin_activation();
	list[0] = 0;				/* empty ones around it do not count */
	list[1] = desc(p, 4, 0, U);
	list[2] = 0;
	check_status(donate(s.list, 3), RMI_INCOMPLETE);
	check(sim_pas(p) == SIM_REALM);
}

/* The two regions' metadata in the same place. */
TEST(metadata_twice)
{
	NEEDS_4K;
	struct rmi_result r;

	begin_activation();
	list[0] = desc(0x40100000, 4, 0, RMI_MEMSTATE_UNDELEGATED);
	r = donate(s.list, 1);
	check_status(r, RMI_INCOMPLETE);
	if (RMI_MEM(r.x[0]) == RMI_MEM_NONE)
		r = rmi(FID_OP_CONTINUE, s.handle, 0);
	check_eq(RMI_MEM(r.x[0]), RMI_MEM_DONATE);
	list[0] = desc(0x40100000, 2, 0, RMI_MEMSTATE_UNDELEGATED);
	check_status(donate(s.list, 1), RMI_ERROR_INPUT);
	r = rmi(FID_OP_CONTINUE, s.handle, 0);
	check_eq(RMI_MEM(r.x[0]), RMI_MEM_RECLAIM);
	r = rmi(FID_OP_MEM_RECLAIM, s.handle, s.list, 8);
	check_status(r, RMI_INCOMPLETE);
	check_status(rmi(FID_OP_CONTINUE, s.handle, 0), RMI_ERROR_INPUT);
	for (u64 i = 0; i < 4; i++)
		check_eq(sim_pas(0x40100000 + i * 0x1000), SIM_NS);
}

#include "harness/command_end.h"
