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

static void check_outputs(const struct command_table *t, struct rmi_result res)
{
	for (unsigned int i = 1; i <= 3; i++)
		if (!(t->refused_outs & BIT(i)))
			test_check(res.x[i] == 0, __FILE__, __LINE__, "x%u is 0x%llx on a refusal", i,
				   (unsigned long long)res.x[i]);
}

static void refused_case(void *arg)
{
	const struct one *o = arg;
	int i = o->second >= 0 && o->second < o->first ? o->second : o->first;
	const struct command_spoil *want = &o->t->spoil[i];
	u64 args[ARGS_MAX] = { 0 };
	struct sim_snapshot *before;
	struct rmi_result res;
	const char *diff;
	struct world w;

	o->t->make(&w);
	if (!spoil_both(o, &w, args))
		return;
	before = sim_snapshot();
	res = call(o->t, args);
	if (check_eq(status_of(res), want->status))
		test_check(!strcmp(inside_refusal(), want->label), __FILE__, __LINE__,
			   "refused with %s, not %s", inside_refusal(), want->label);
	else
		test_check(false, __FILE__, __LINE__, "refusal was %s", inside_refusal());
	if (w.level != NO_LEVEL && want->status == RMI_ERROR_RTT)
		check_eq(level_of(res), w.level);
	check_outputs(o->t, res);
	diff = sim_snapshot_differs(before);
	test_check(!diff, __FILE__, __LINE__, "the refused call changed %s", diff ?: "");
	check_eq(sim_ns_written(), 0);
	sim_snapshot_free(before);
}

void command_test(const struct command_table *t)
{
	test_note("%s good", t->name);
	test_case(good_case, (void *)(uintptr_t)t);
	for (int i = 0; i < (int)t->nr_spoils; i++)
		for (int j = -1; j < (int)t->nr_spoils; j++) {
			struct one o = { t, i, j };

			if (i == j)
				continue;
			test_note("%s %s%s%s", t->name, t->spoil[i].label, j < 0 ? "" : " then ",
				  j < 0 ? "" : t->spoil[j].label);
			test_case(refused_case, &o);
		}
}
