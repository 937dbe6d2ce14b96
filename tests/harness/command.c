/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a command's table: the good call; each refusal alone; each pair of them in
 * both orders of spoiling. The answer must be the earlier one in the .def, and a
 * refusal must change nothing, write nothing to the host and hold nothing.
 */
#include <stdio.h>
#include <string.h>

#include "harness/inside.h"
#include "harness/table.h"

#define ARGS_MAX 8

const char *command_not_spoiled;

struct one {
	const struct command_table *t;
	int first, second;		/* order of spoiling; second -1: alone */
};

static struct rmi_result call(const struct command_table *t, const u64 *args)
{
	u64 regs[7] = { 0 };

	memcpy(regs, args, t->nr_args * 8);
	return rmi_call(t->fid, regs);
}

static void good_case(void *arg)
{
	const struct command_table *t = arg;
	u64 args[ARGS_MAX] = { 0 };
	struct world w;
	struct rmi_result res;

	t->make(&w);
	t->good(&w, args);
	res = call(t, args);
	if (!check_eq(status_of(res), t->good_status))
		test_check(false, __FILE__, __LINE__, "refused: %s", inside_refusal());
	else
		t->changed(&w, args, res);
	test_check(!inside_invariants(), __FILE__, __LINE__, "%s", inside_invariants() ?: "");
}

/* Was what the earlier spoil wrote overwritten by the later one? */
static bool lost(const u64 *good, const u64 *alone, const u64 *both, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (alone[i] != good[i] && both[i] != alone[i])
			return true;
	return false;
}

static bool spoil_both(const struct one *o, struct world *w, u64 *args)
{
	const struct command_spoil *s = o->t->spoil;
	u64 good[ARGS_MAX], alone[ARGS_MAX];

	o->t->good(w, args);
	memcpy(good, args, sizeof(good));
	command_not_spoiled = NULL;
	s[o->first].spoil(w, args);
	memcpy(alone, args, sizeof(alone));
	if (o->second >= 0) {
		int level = o->first < o->second ? w->level : NO_LEVEL;

		w->level = NO_LEVEL;
		s[o->second].spoil(w, args);
		if (o->first < o->second)
			w->level = level;
		if (lost(good, alone, args, o->t->nr_args))
			return false;
	}
	return !command_not_spoiled;
}

/* Range commands say how far they came: nowhere (decisions 37). */
static int base_argument(const struct command_table *t)
{
	if (strncmp(t->name, "RTT_", 4) && strncmp(t->name, "GRANULE_RANGE_", 14))
		return -1;
	for (unsigned int i = 0; i < t->nr_args; i++)
		if (!strcmp(t->arg[i].name, "base"))
			return (int)i;
	return -1;
}

static void check_outputs(const struct command_table *t, struct rmi_result res, const u64 *args)
{
	if (base_argument(t) >= 0) {
		check_eq(res.x[1], args[base_argument(t)]);
		res.x[1] = 0;
	}
	for (unsigned int i = 1; i <= 3; i++)
		if (!(t->refused_outs & BIT(i)))
			test_check(res.x[i] == 0, __FILE__, __LINE__, "x%u is 0x%llx on a refusal",
				   i, (unsigned long long)res.x[i]);
}

static void forget(struct sim_snapshot *before, u64 granule)
{
	for (u64 at = 0; granule && at < GRANULE_SIZE; at += PAGE_SIZE)
		sim_snapshot_forget(before, granule + at);
}

/* The call as it stands must be refused, change nothing and hold nothing. */
static struct rmi_result refused_call(const struct command_table *t, struct world *w,
				      const u64 *args)
{
	struct sim_snapshot *before = sim_snapshot();
	struct rmi_result res;
	const char *diff;

	forget(before, w->scribbled);
	res = call(t, args);
	check_outputs(t, res, args);
	diff = w->may_change ? NULL : sim_snapshot_differs(before);
	test_check(!diff, __FILE__, __LINE__, "the refused call changed %s", diff ?: "");
	check_eq(sim_ns_written(), 0);
	sim_snapshot_free(before);
	return res;
}

static void refused_case(void *arg)
{
	const struct one *o = arg;
	int i = o->second >= 0 && o->second < o->first ? o->second : o->first;
	const struct command_spoil *want = &o->t->spoil[i];
	u64 args[ARGS_MAX] = { 0 };
	struct rmi_result res;
	struct world w;

	o->t->make(&w);
	if (!spoil_both(o, &w, args)) {
		test_skip();
		return;
	}
	res = refused_call(o->t, &w, args);
	test_check(status_of(res) == want->status && !strcmp(inside_refusal(), want->label),
		   __FILE__, __LINE__, "status %u by %s, not %u by %s",
		   (unsigned int)status_of(res), inside_refusal(), (unsigned int)want->status,
		   want->label);
	if (w.level != NO_LEVEL && want->status == RMI_ERROR_RTT)
		check_eq(level_of(res), w.level);
}

/*
 * Commands that begin an operation find no context for it: as if they had not been, but
 * for what a DELEGATED granule holds. RMM_DEACTIVATE wants all contexts free.
 */
static void no_context_case(void *arg)
{
	const struct command_table *t = arg;

	for (unsigned int at_work = 0; at_work < 2; at_work++) {
		u64 args[ARGS_MAX] = { 0 };
		struct sim_snapshot *before;
		struct rmi_result res;
		struct world w;

		t->make(&w);
		t->good(&w, args);
		inside_use_all_operations(at_work);
		before = sim_snapshot();
		forget(before, w.delegated);
		res = call(t, args);
		if (status_of(res) == (at_work && t->fid != FID_RMM_DEACTIVATE ? RMI_BUSY : RMI_BLOCKED)) {
			const char *diff = sim_snapshot_differs(before);

			test_check(!diff, __FILE__, __LINE__, "without a context it changed %s", diff ?: "");
			check_outputs(t, res, args);
			check_eq(sim_ns_written(), 0);
		} else {
			check_eq(status_of(res), t->good_status);
			check(t->good_status != RMI_INCOMPLETE || !strncmp(t->name, "OP_", 3));
		}
		sim_snapshot_free(before);
	}
}

/* ---- the edges of every argument ------------------------------------------------------ */

#define MAX_EDGES 32

/* Addresses that are no host memory; aligned, and not. */
static unsigned int bad_host_memory(const struct world *w, u64 *v)
{
	const u64 list[] = {
		0, 0xFFFFFFFFFFFFF000, ~0ULL, BIT(52), BIT(52) - GRANULE_SIZE, BIT(63), w->hole,
		w->beyond, w->monitor, w->root, w->delegated, w->data, w->rtt, w->r.rd, w->r.rec[0],
		w->ns + 1, w->ns + 4, w->ns + 0xFFC, sim_machine()->bank[0].base - GRANULE_SIZE,
		sim_machine()->bank[0].base + sim_machine()->bank[0].bytes,
		sim_machine()->bank[1].base - GRANULE_SIZE,
		sim_machine()->bank[1].base + sim_machine()->bank[1].bytes, 0x09000000 /* UART */,
		0x0E000000 /* secure RAM */,
	};

	memcpy(v, list, sizeof(list));
	return ARRAY_SIZE(list);
}

/* Addresses of granules that are none of: RD, REC, DELEGATED. */
static unsigned int bad_granules(const struct world *w, u64 *v)
{
	const u64 list[] = {
		0, 0xFFFFFFFFFFFFF000, ~0ULL, BIT(52), BIT(52) - GRANULE_SIZE, BIT(63), w->hole,
		w->beyond, w->monitor, w->root, w->ns, w->data, w->rtt, w->delegated + 1, w->r.rd + 8,
		w->r.rec[0] + 0x800, sim_machine()->bank[0].base - GRANULE_SIZE,
		sim_machine()->bank[0].base + sim_machine()->bank[0].bytes,
		sim_machine()->bank[1].base - GRANULE_SIZE,
		sim_machine()->bank[1].base + sim_machine()->bank[1].bytes, 0x09000000, 0x0E000000,
	};

	memcpy(v, list, sizeof(list));
	return ARRAY_SIZE(list);
}

static unsigned int bad_ipas(const struct world *w, u64 *v)
{
	const u64 list[] = {
		~0ULL, 0xFFFFFFFFFFFFF000, BIT(63), BIT(52), BIT(48), 1ULL << w->r.s2sz,
		(1ULL << w->r.s2sz) + GRANULE_SIZE, 1, RAM + 1, RAM + 0x800, (1ULL << w->o.s2sz) + RAM,
	};

	memcpy(v, list, sizeof(list));
	return ARRAY_SIZE(list);
}

static unsigned int bad_levels(u64 *v)
{
	const u64 list[] = { 4, 5, 127, 128, 255, (u64)-2, (u64)-128, BIT(63), BIT(32), 0 };

	memcpy(v, list, sizeof(list));
	return ARRAY_SIZE(list);
}

static unsigned int edges(const struct command_arg *a, const struct world *w, u64 *v)
{
	if (!strcmp(a->kind, "ns"))
		return bad_host_memory(w, v);
	if (!strcmp(a->kind, "pa") && strcmp(a->name, "top") && strcmp(a->name, "base"))
		return bad_granules(w, v);
	if (!strcmp(a->kind, "ipa"))
		return bad_ipas(w, v);
	if (!strcmp(a->kind, "level"))
		return bad_levels(v);
	return 0;
}

struct edge { const struct command_table *t; unsigned int arg, n; };

static void edge_case(void *arg)
{
	const struct edge *e = arg;
	u64 args[ARGS_MAX] = { 0 }, v[MAX_EDGES];
	struct rmi_result res;
	struct world w;

	e->t->make(&w);
	e->t->good(&w, args);
	edges(&e->t->arg[e->arg], &w, v);
	args[e->arg] = v[e->n];
	if (!strcmp(e->t->arg[e->arg].name, "top") && v[e->n] == 1ULL << w.r.s2sz)
		return test_skip();	/* the end of the unprotected half is one */
	w.may_change = e->t->fid == FID_OP_MEM_DONATE;	/* decisions 48 */
	test_note("%s with %s = 0x%llx", e->t->name, e->t->arg[e->arg].name,
		  (unsigned long long)v[e->n]);
	res = refused_call(e->t, &w, args);
	test_check(status_of(res) == RMI_ERROR_INPUT, __FILE__, __LINE__, "status %u by %s",
		   (unsigned int)status_of(res), inside_refusal());
}

static void edge_cases(const struct command_table *t)
{
	u64 v[MAX_EDGES];
	struct world none = { 0 };

	for (unsigned int k = 0; k < t->nr_args; k++)
		for (unsigned int n = 0; n < edges(&t->arg[k], &none, v); n++)
			test_case(edge_case, &(struct edge){ t, k, n });
}

void command_test(const struct command_table *t)
{
	test_note("%s good", t->name);
	test_case(good_case, (void *)(uintptr_t)t);
	test_note("%s without a context", t->name);
	test_case(no_context_case, (void *)(uintptr_t)t);
	for (int i = 0; i < (int)t->nr_spoils; i++)
		for (int j = -1; j < (int)t->nr_spoils; j++) {
			struct one o = { t, i, j };

			/* pairs with one granule size: they are about order, not sizes */
			if (i == j || (j >= 0 && test_granule() != 12))
				continue;
			test_note("%s %s%s%s", t->name, t->spoil[i].label, j < 0 ? "" : " then ",
				  j < 0 ? "" : t->spoil[j].label);
			test_case(refused_case, &o);
		}
	edge_cases(t);
}
