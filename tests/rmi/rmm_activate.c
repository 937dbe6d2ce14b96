/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD RMM_ACTIVATE
#define CMD_LOWER rmm_activate
#include <string.h>

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
	check(strstr(sim_printed(), " 24 KiB "));
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

/*
 * EL3 refuses to make the donated memory Realm. The first granule: the donation fails.
 * A later one: the operation has failed, and gives back all that it took.
 */
TEST(el3_refuses_a_donation)
{
	for (u64 bad = 0; bad < 4; bad++) {
		struct rmi_result r;
		struct world w;
		struct sro s;
		u64 p, *list;

		test_note("granule %u", (unsigned int)bad);
		make_without_pool(&w, 0);
		need(sro_begin(&s, rmi(FID_RMM_ACTIVATE)));
		p = host_alloc(4, 4 * GRANULE_SIZE);
		sim_gpt_refuse(p + bad * GRANULE_SIZE, true);
		list = sim_ram(s.list);
		list[0] = desc(p, 4, 0, RMI_MEMSTATE_UNDELEGATED);
		r = sro_donate(&s, 1);
		check_status(r, bad ? RMI_INCOMPLETE : RMI_ERROR_INPUT);
		check_eq(r.x[1], bad ? 4 : 0);
		r = sro_continue(&s, 0);
		if (bad) {
			check_eq(RMI_MEM(r.x[0]), RMI_MEM_RECLAIM);
			check_status(sro_reclaim(&s, 8), RMI_INCOMPLETE);
			r = sro_continue(&s, 0);
		}
		check_status(r, RMI_ERROR_INPUT);
		for (u64 i = 0; i < 4; i++)
			check_eq(sim_pas(p + i * GRANULE_SIZE), SIM_NS);
		check_eq(rmi(FID_RMM_STATE_GET).x[1], 0);
		sim_gpt_refuse(p + bad * GRANULE_SIZE, false);
		host_activate();
	}
}

/* One region whose metadata is 20 granules, rounded up to 32; nothing from EL3. */
static const struct sim_machine wide = {
	.nr_cpus = 4, .lpa2 = true,
	.bank = { { 0x40000000, 160ULL << 20 } },
	.monitor = { 0x49E00000, 2ULL << 20 },
};

/* An interrupt at each look: taken, marked and given back in slices, on any PE; cancelled. */
TEST(activation_in_slices)
{
	for (unsigned int cancel_at = 0; cancel_at < 8; cancel_at++) {
		struct rmi_result r;
		unsigned int stops = 0;
		struct sro s;
		u64 free_before;

		test_note("cancelled at %u", cancel_at);
		sim_power_on(&wide);
		host_power_on();
		sim_gpt_slice(5);
		free_before = host_count(PAGE_FREE);
		sim_interrupt_after(1);
		r = rmi(FID_RMM_ACTIVATE);
		need(sro_begin(&s, r));
		for (; status_of(r) == RMI_INCOMPLETE && stops < 200; stops++) {
			sim_be_cpu(stops % 4);
			sim_interrupt_after(1);
			if (cancel_at && stops == cancel_at) {
				check(r.x[0] & RMI_CAN_CANCEL);
				r = sro_cancel(&s);
			} else if (sro_wants(&s) == RMI_MEM_DONATE) {
				r = sro_give(&s, 512);
			} else if (sro_wants(&s) == RMI_MEM_RECLAIM) {
				r = sro_reclaim(&s, 512);
			} else {
				r = sro_continue(&s, 0);
			}
		}
		sim_be_cpu(0);
		sim_interrupt_after(0);
		check(cancel_at || stops > 8);
		check_status(r, cancel_at ? RMI_ERROR_GLOBAL : RMI_SUCCESS);
		check_eq(rmi(FID_RMM_STATE_GET).x[1], cancel_at ? 0 : 2);
		if (cancel_at) {
			check_eq(host_count(PAGE_FREE), free_before);
			host_activate();
		}
		check(!inside_invariants());
	}
}

/* Memory of the monitor that ends beyond the DRAM: what is in a region is marked. */
TEST(own_memory_at_the_end_of_a_region)
{
	NEEDS_4K;
	const struct sim_bank *bank = sim_machine_default.bank;
	u64 top = bank[1].base + bank[1].bytes;

	sim_power_on(&sim_machine_default);
	arch_own[arch_nr_own++] = (struct arch_range){ pa(top - 2 * GRANULE_SIZE), 4 * GRANULE_SIZE };
	host_power_on();
	check(!strstr(sim_printed(), "KiB"));
	check_status(rmi(FID_RMM_ACTIVATE), RMI_SUCCESS);
	check_status(rmi(FID_GRANULE_RANGE_DELEGATE, top - 3 * GRANULE_SIZE, top - 2 * GRANULE_SIZE),
		     RMI_SUCCESS);
	for (u64 at = top - 2 * GRANULE_SIZE; at < top; at += GRANULE_SIZE)
		check_status(rmi(FID_GRANULE_RANGE_DELEGATE, at, at + GRANULE_SIZE), RMI_ERROR_INPUT);
}

/* Ours by the manifest, though EL3 still has it as the host's: never taken for metadata. */
TEST(own_memory_is_no_donation)
{
	struct world w;

	for (u64 own = 0; own < 4; own++) {
		struct sro s;
		u64 p, *list;

		test_note("granule %u", (unsigned int)own);
		make_without_pool(&w, 0);
		p = host_alloc(4, 4 * GRANULE_SIZE);
		arch_own[arch_nr_own++] = (struct arch_range){ pa(p + own * GRANULE_SIZE), GRANULE_SIZE };
		need(sro_begin(&s, rmi(FID_RMM_ACTIVATE)));
		list = sim_ram(s.list);
		list[0] = desc(p, 4, 0, RMI_MEMSTATE_UNDELEGATED);
		check_status(sro_donate(&s, 1), RMI_ERROR_INPUT);
		for (u64 i = 0; i < 4; i++)
			check_eq(sim_pas(p + i * GRANULE_SIZE), SIM_NS);
	}
}

#include "harness/command_end.h"
