/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD RMM_DEACTIVATE
#define CMD_LOWER rmm_deactivate
#include <string.h>

#include "arch/arch.h"
#include "harness/command.h"

#define MAKE world_make_bare

/* What EL3 reserved stays: done at once (decisions 30). */
GOOD
{
	need_eq(host_undelegate(w->delegated, 1), 0);
	need_eq(host_undelegate(w->delegated2, 1), 0);
}

CHANGED
{
	struct rmi_result r;

	check_eq(rmi(FID_RMM_STATE_GET).x[1], 0);
	check_status(rmi(FID_GRANULE_RANGE_DELEGATE, w->ns, w->ns + GRANULE_SIZE),
		     RMI_ERROR_GLOBAL);
	check_status(rmi(FID_RMM_DEACTIVATE), RMI_ERROR_GLOBAL);
	r = rmi(FID_GRANULE_TRACKING_GET, w->ns, w->ns + GRANULE_SIZE);
	check_eq(r.x[2], RMI_TRACKING_NONE);
	memset(sim_ram(w->ns), 0, GRANULE_SIZE);
	check_status(rmi(FID_RMM_CONFIG_SET, w->ns), RMI_SUCCESS);
	/* and again, as if nothing had been */
	check_status(rmi(FID_RMM_ACTIVATE), RMI_SUCCESS);
	check_eq(host_delegate(w->ns, 1), 0);
	check_eq(host_undelegate(w->ns, 1), 0);
	check(!inside_invariants());
}

SPOIL(granule_state)	{ need_eq(host_delegate(w->ns2, 1), 0); }

static u64 make_without_pool(void)
{
	struct sim_machine m = sim_machine_default;
	u64 before;

	m.pool = 0;
	sim_power_on(&m);
	host_power_on();
	before = host_count(PAGE_FREE);
	host_activate();
	return before;
}

/* The host's metadata comes back UNDELEGATED, wiped (the paper machine looks), the host's again. */
TEST(donated_metadata_comes_back)
{
	u64 before = make_without_pool(), page = host_page();
	struct sro s;
	struct rmi_result r;

	r = rmi(FID_RMM_DEACTIVATE);
	check_status(r, RMI_INCOMPLETE);
	check(!(r.x[0] & RMI_CAN_CANCEL));
	check_eq(RMI_MEM(r.x[0]), RMI_MEM_RECLAIM);
	need(sro_begin(&s, r));
	check_eq(rmi(FID_RMM_STATE_GET).x[1], 1);
	check_status(rmi(FID_RMM_DEACTIVATE), RMI_ERROR_GLOBAL);
	check_status(rmi(FID_RMM_ACTIVATE), RMI_ERROR_GLOBAL);
	check_status(rmi(FID_GRANULE_RANGE_DELEGATE, page, page + GRANULE_SIZE), RMI_ERROR_GLOBAL);
	check_status(sro_cancel(&s), RMI_ERROR_INPUT);
	while (sro_wants(&s) == RMI_MEM_RECLAIM)
		check_status(sro_reclaim(&s, 1), RMI_INCOMPLETE);	/* one entry at a time */
	check_status(sro_continue(&s, 0), RMI_SUCCESS);
	check_eq(rmi(FID_RMM_STATE_GET).x[1], 0);
	check_eq(host_count(PAGE_DONATED), 0);
	host_free(page, 1);
	check_eq(host_count(PAGE_FREE), before);
	/* other memory may be given the next time */
	page = host_alloc(8, 8 * GRANULE_SIZE);
	host_activate();
	check_eq(host_delegate(page, 8), 0);
	check_eq(host_undelegate(page, 8), 0);
	check(!inside_invariants());
}

/* The list is not there: nothing is lost. */
TEST(deactivation_list_lost)
{
	struct sro s;

	make_without_pool();
	need(sro_begin(&s, rmi(FID_RMM_DEACTIVATE)));
	sim_ns_refuse(s.list, true);
	check_status(sro_reclaim(&s, 8), RMI_ERROR_INPUT);
	sim_ns_refuse(s.list, false);
	while (sro_wants(&s) == RMI_MEM_RECLAIM)
		check_status(sro_reclaim(&s, 8), RMI_INCOMPLETE);
	check_status(sro_continue(&s, 0), RMI_SUCCESS);
	check_eq(host_count(PAGE_DONATED), 0);
}

/* EL3 keeps some of it: it ends all the same, and an activation asks for other memory. */
TEST(deactivation_that_el3_refuses)
{
	u64 before = make_without_pool(), kept = 0;

	for (u64 p = sim_machine()->bank[0].base; !kept && sim_is_dram(p); p += GRANULE_SIZE)
		if (host_page_state(p) == PAGE_DONATED)
			kept = p;
	for (u64 at = kept; at < kept + GRANULE_SIZE; at += PAGE_SIZE)
		sim_gpt_refuse(at, true);
	check_status(sro_finish(rmi(FID_RMM_DEACTIVATE)), RMI_SUCCESS);
	check_eq(rmi(FID_RMM_STATE_GET).x[1], 0);
	check_eq(host_count(PAGE_DONATED), 1);
	check_eq(host_page_state(kept), PAGE_DONATED);
	check_eq(host_count(PAGE_FREE), before - 1);
	check_eq(sim_pas(kept), SIM_REALM);
	host_activate();
	check_status(rmi(FID_GRANULE_RANGE_DELEGATE, kept, kept + GRANULE_SIZE), RMI_ERROR_INPUT);
}

/* Whatever is not UNDELEGATED, and whatever is under way, keeps the monitor ACTIVE. */
TEST(what_keeps_it_active)
{
	struct world w;

	world_make(&w);
	check_status(rmi(FID_RMM_DEACTIVATE), RMI_ERROR_GLOBAL);
	check_eq(rmi(FID_RMM_STATE_GET).x[1], 2);
	need_eq(rmi(FID_REC_DESTROY, w.r.rec[1]).x[0] & 0xFF, RMI_INCOMPLETE);
	check_status(rmi(FID_RMM_DEACTIVATE), RMI_BLOCKED);
	check_eq(rmi(FID_RMM_STATE_GET).x[1], 2);
	check(!inside_invariants());
}

/* A scan that interrupts end early goes on where it was. */
TEST(deactivation_interrupted)
{
	struct world w;
	struct args a;
	struct rmi_result r;
	struct sro s;
	unsigned int rounds = 0;

	world_make_bare(&w);
	good(&w, &a);
	sim_interrupt_after(1);
	r = rmi(FID_RMM_DEACTIVATE);
	if (sro_begin(&s, r)) {
		check_eq(RMI_MEM(r.x[0]), RMI_MEM_NONE);
		do
			r = sro_continue(&s, 0);
		while (status_of(r) == RMI_INCOMPLETE && rounds++ < 1000);
	}
	check_status(r, RMI_SUCCESS);
	check_eq(rmi(FID_RMM_STATE_GET).x[1], 0);
}

/* ... and one delegated page at the end of the last region is found all the same. */
TEST(deactivation_interrupted_and_refused)
{
	struct world w;
	struct args a;
	struct rmi_result r;
	u64 last, handle;

	world_make_bare(&w);
	good(&w, &a);
	last = sim_machine()->bank[1].base + sim_machine()->bank[1].bytes - GRANULE_SIZE;
	need_eq(rmi(FID_GRANULE_RANGE_DELEGATE, last, last + GRANULE_SIZE).x[0], 0);
	sim_interrupt_after(1);
	r = rmi(FID_RMM_DEACTIVATE);
	handle = r.x[1];
	for (unsigned int i = 0; status_of(r) == RMI_INCOMPLETE && i < 1000; i++)
		r = rmi(FID_OP_CONTINUE, handle, 0);
	check_status(r, RMI_ERROR_GLOBAL);
	sim_interrupt_after(0);
	check_eq(rmi(FID_RMM_STATE_GET).x[1], 2);
	check_status(rmi(FID_GRANULE_RANGE_UNDELEGATE, last, last + GRANULE_SIZE), RMI_SUCCESS);
}

#include "harness/command_end.h"
