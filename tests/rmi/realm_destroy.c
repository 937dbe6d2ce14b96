/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD REALM_DESTROY
#define CMD_LOWER realm_destroy
#include "harness/command.h"

static u64 root;

GOOD
{
	struct realm *o = &w->o;

	root = o->root;
	need_eq(rmi(FID_REALM_TERMINATE, o->rd).x[0], 0);
	need_eq(sro_finish(rmi(FID_REC_DESTROY, o->rec[0])).x[0], 0);
	a->rd = pa(o->rd);
}

CHANGED
{
	realm_gone(&w->o);
	check(inside_is(a->rd.raw, "DELEGATED"));
	for (u64 i = 0; i < 4; i++)
		check(inside_is(root + i * GRANULE_SIZE, "DELEGATED") &&
		      is_wiped(root + i * GRANULE_SIZE));
	check(is_wiped(a->rd.raw));
	check_eq(host_undelegate(root, 4), 0);
	check_eq(host_undelegate(a->rd.raw, 1), 0);
	check_status(rmi(FID_REALM_DESTROY, a->rd.raw), RMI_ERROR_INPUT);
}

static struct realm third;

SPOIL(rd_align)		{ a->rd = pa_add(a->rd, 8); }
SPOIL(rd_state)		{ a->rd = pa(w->data); }
SPOIL(realm_state)	{ third = realm_default; realm_create(&third); a->rd = pa(third.rd); }
SPOIL(live)		{ need_eq(rmi(FID_REALM_TERMINATE, w->r.rd).x[0], 0); a->rd = pa(w->r.rd); }

/* A live table alone, and a REC alone, keep a realm. */
TEST(what_keeps_a_realm)
{
	struct world w;
	struct realm t = realm_default;

	world_make(&w);
	realm_create(&t);
	realm_table(&t, FLAT, 2);
	need_eq(rmi(FID_REALM_TERMINATE, t.rd).x[0], 0);
	check_status(rmi(FID_REALM_DESTROY, t.rd), RMI_ERROR_REALM);
	need_eq(rmi(FID_REALM_TERMINATE, w.o.rd).x[0], 0);
	check_status(rmi(FID_REALM_DESTROY, w.o.rd), RMI_ERROR_REALM);
}

#include "harness/command_end.h"
