/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD RMM_ACTIVATE
#define CMD_LOWER rmm_activate
#include "arch/arch.h"
#include "harness/command.h"

#define MAKE world_make_init

/* What EL3 reserved covers all: done at once (decisions 29). */
GOOD {}

CHANGED
{
	check_eq(rmi(FID_RMM_STATE_GET).x[1], 2);
	check_status(rmi(FID_RMM_ACTIVATE), RMI_ERROR_GLOBAL);
}

static void make_without_pool(struct world *w, u64 pool)
{
	struct sim_machine m = sim_machine_default;

	m.pool = pool;
	sim_power_on(&m);
	need_eq(rmm_init(), 0);
	inside_power_on();
	host_power_on();
	w->ns = host_page();
}

/* One request per region, lowest first (decisions 29): 24 MiB and 16 MiB of DRAM. */
TEST(metadata_is_donated)
{
	NEEDS_4K;
	struct world w;
	struct sro s;
	struct rmi_result r;
	unsigned int rounds = 0;

	make_without_pool(&w, 0);
	r = rmi(FID_RMM_ACTIVATE);
	check_status(r, RMI_INCOMPLETE);
	need(sro_begin(&s, r));
	check_eq(rmi(FID_RMM_STATE_GET).x[1], 1);
	check_status(rmi(FID_RMM_ACTIVATE), RMI_ERROR_GLOBAL);
	check_status(rmi(FID_RMM_CONFIG_SET, w.ns), RMI_ERROR_GLOBAL);
	check_status(rmi(FID_GRANULE_RANGE_DELEGATE, w.ns, w.ns + GRANULE_SIZE), RMI_ERROR_GLOBAL);
	while (status_of(r) == RMI_INCOMPLETE) {
		if (sro_wants(&s) == RMI_MEM_DONATE) {
			check(s.last.x[0] & RMI_CAN_CANCEL);
			check_eq(FIELD(s.last.x[2], 1, 0), RMI_BLOCK_L3);
			check_eq(FIELD(s.last.x[2], 16, 16), 1);
			check_eq(FIELD(s.last.x[2], 18, 17), RMI_MEMSTATE_UNDELEGATED);
			check_eq(FIELD(s.last.x[2], 15, 2), rounds == 0 ? 4 : 2);
			rounds++;
			r = sro_give(&s, 512);
		} else {
			r = sro_continue(&s, 0);
		}
	}
	check_status(r, RMI_SUCCESS);
	check_eq(rounds, 2);
	check_eq(rmi(FID_RMM_STATE_GET).x[1], 2);
	check_eq(host_count(PAGE_DONATED), 6);
	for (u64 p = sim_machine()->bank[0].base; sim_is_dram(p); p += GRANULE_SIZE)
		if (host_page_state(p) == PAGE_DONATED)
			check(inside_is(p, "INTERNAL") && sim_pas(p) == SIM_REALM);
	check(!inside_invariants());
	check_eq(host_delegate(w.ns, 1), 0);
	check_eq(host_undelegate(w.ns, 1), 0);
}

/* The pool serves the first region, the host the second. */
TEST(metadata_in_part_from_el3)
{
	NEEDS_4K;
	struct world w;
	struct sro s;

	make_without_pool(&w, 4 * GRANULE_SIZE);
	need(sro_begin(&s, rmi(FID_RMM_ACTIVATE)));
	check_eq(FIELD(s.last.x[2], 15, 2), 2);
	check_status(sro_give(&s, 2), RMI_INCOMPLETE);
	check_status(sro_continue(&s, 0), RMI_SUCCESS);
	check_eq(rmi(FID_RMM_STATE_GET).x[1], 2);
}

/* Cancelled at each of its stops; afterwards all is as before, and it can start again. */
TEST(activation_cancelled)
{
	for (unsigned int after = 0; after < 2; after++) {
		struct world w;
		struct sro s;
		struct rmi_result r;
		u64 free_before;

		test_note("cancel after %u donations", after);
		make_without_pool(&w, 0);
		free_before = host_count(PAGE_FREE);
		need(sro_begin(&s, rmi(FID_RMM_ACTIVATE)));
		for (unsigned int i = 0; i < after; i++)
			check_status(sro_give(&s, 512), RMI_INCOMPLETE);
		if (after && sro_wants(&s) == RMI_MEM_NONE)
			sro_continue(&s, 0);
		r = sro_cancel(&s);
		check_status(r, RMI_INCOMPLETE);
		check_eq(sro_wants(&s), after ? RMI_MEM_RECLAIM : RMI_MEM_NONE);
		while (sro_wants(&s) == RMI_MEM_RECLAIM)
			check_status(sro_reclaim(&s, 512), RMI_INCOMPLETE);
		r = sro_continue(&s, 0);
		check_status(r, RMI_ERROR_GLOBAL);
		check_eq(rmi(FID_RMM_STATE_GET).x[1], 0);
		check_eq(host_count(PAGE_FREE), free_before);
		host_activate();
		check(!inside_invariants());
	}
}

/* EL3 refuses to make the donated memory Realm: the donation fails with INPUT. */
TEST(el3_refuses_a_donation)
{
	struct world w;
	struct sro s;
	u64 p, *list;

	make_without_pool(&w, 0);
	need(sro_begin(&s, rmi(FID_RMM_ACTIVATE)));
	p = host_alloc(4, 4 * GRANULE_SIZE);
	sim_gpt_refuse(p + 2 * GRANULE_SIZE, true);
	list = sim_ram(s.list);
	list[0] = desc(p, 4, 0, RMI_MEMSTATE_UNDELEGATED);
	check_status(sro_donate(&s, 1), RMI_ERROR_INPUT);
	for (u64 i = 0; i < 4; i++)
		check_eq(sim_pas(p + i * GRANULE_SIZE), SIM_NS);
	check_status(sro_continue(&s, 0), RMI_ERROR_INPUT);
	check_eq(rmi(FID_RMM_STATE_GET).x[1], 0);
	host_activate();
}

#include "harness/command_end.h"
