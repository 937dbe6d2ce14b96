/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD OP_MEM_RECLAIM
#define CMD_LOWER op_mem_reclaim
#include <string.h>

#include "harness/command.h"

#define GOOD_STATUS RMI_INCOMPLETE

static struct sro s;
static u64 held;

/* REC_DESTROY gives back. */
GOOD
{
	for (u64 p = sim_machine()->bank[0].base; sim_is_dram(p); p += GRANULE_SIZE)
		if (host_page_state(p) == PAGE_DONATED_DELEGATED)
			memset(sim_ram(p), 0x66, GRANULE_SIZE);	/* FP state of the realm */
	need(sro_begin(&s, rmi(FID_REC_DESTROY, w->r.rec[1])));
	held = host_count(PAGE_DONATED_DELEGATED) / 3;	/* three RECs, each the same */
	a->handle = s.handle;
	a->list = ns(s.list);
	a->count = 512;
}

CHANGED
{
	const u64 *list = sim_ram(s.list);
	u64 n = 0;

	check(res.x[1] >= 1);
	for (u64 i = 0; i < res.x[1]; i++) {
		u64 p = list[i] & MASK(51, GRANULE_SHIFT);

		check_eq(FIELD(list[i], 1, 0), RMI_BLOCK_L3);
		check_eq(FIELD(list[i], 63, 62), RMI_MEMSTATE_DELEGATED);
		for (u64 k = 0; k < desc_count(list[i]); k++, n++) {
			check(inside_is(p + k * GRANULE_SIZE, "DELEGATED"));
			check(is_wiped(p + k * GRANULE_SIZE));
			check_eq(host_page_state(p + k * GRANULE_SIZE), PAGE_DONATED_DELEGATED);
		}
	}
	check_eq(n, held);
	check_eq(RMI_MEM(res.x[0]), RMI_MEM_NONE);
	check_status(rmi(FID_OP_MEM_RECLAIM, s.handle, s.list, 512), RMI_ERROR_INPUT);
	check_status(rmi(FID_OP_CONTINUE, s.handle, 0), RMI_SUCCESS);
	check(inside_is(w->r.rec[1], "DELEGATED"));
}

static struct sro other;

SPOIL(handle)		{ a->handle = 7; }
SPOIL(phase)
{
	u64 *params = sim_ram(w->ns2);

	params[0x100 / 8] = 1;
	need(sro_begin(&other, rmi(FID_REC_CREATE, w->o.rd, w->delegated, w->ns2)));
	a->handle = other.handle;
}
SPOIL(list_align)	{ a->list = ns_add(a->list, 4); }
SPOIL(list_ns)		{ a->list = ns(w->delegated2); }

/* A refused RECLAIM loses nothing; capacity 0 and 1 work. */
TEST(in_small_lists)
{
	struct world w;
	struct args a;
	u64 n = 0, rounds = 0;
	struct rmi_result r;

	world_make(&w);
	good(&w, &a);
	check_status(rmi(FID_OP_MEM_RECLAIM, s.handle, w.hole, 1), RMI_ERROR_INPUT);
	sim_ns_refuse(s.list, true);
	check_status(rmi(FID_OP_MEM_RECLAIM, s.handle, s.list, 1), RMI_ERROR_INPUT);
	sim_ns_refuse(s.list, false);
	r = rmi(FID_OP_MEM_RECLAIM, s.handle, s.list, 0);
	check_status(r, RMI_INCOMPLETE);
	check_eq(RMI_MEM(r.x[0]), RMI_MEM_RECLAIM);
	check_eq(r.x[1], 0);
	while (RMI_MEM(r.x[0]) == RMI_MEM_RECLAIM && rounds++ < 100) {
		r = rmi(FID_OP_MEM_RECLAIM, s.handle, s.list + (table_entries() - 1) * 8, 100);
		need_eq(status_of(r), RMI_INCOMPLETE);
		check(r.x[1] <= 1);		/* one fits before the end of the granule */
		if (r.x[1])
			n += desc_count(((u64 *)sim_ram(s.list))[table_entries() - 1]);
	}
	check_eq(n, held);
	check_status(rmi(FID_OP_CONTINUE, s.handle, 0), RMI_SUCCESS);
}

TEST(destroy_is_not_cancelled)
{
	struct world w;
	struct args a;

	world_make(&w);
	good(&w, &a);
	check_status(rmi(FID_OP_CANCEL, s.handle), RMI_ERROR_INPUT);
	check_status(rmi(FID_REC_ENTER, w.r.rec[1], w.r.run[1]), RMI_BLOCKED);
	check_status(rmi(FID_REC_DESTROY, w.r.rec[1]), RMI_BLOCKED);
	check_status(sro_finish(s.last), RMI_SUCCESS);
}

#include "harness/command_end.h"
