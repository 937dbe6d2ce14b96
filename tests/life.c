/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole lives: from nothing to nothing, every page the host's again. */
#include <string.h>

#include "arch/arch.h"
#include "abi/rsi.h"
#include "harness/inside.h"
#include "harness/play.h"
#include "harness/world.h"

/* One realm through all of decisions 9: created, populated, run, converted, torn down. */
static void live(unsigned int s2sz, int level, unsigned int roots, u8 hash)
{
	struct realm r = realm_default;
	struct play p = { 0 };
	struct rmi_rec_exit *e;
	u64 src = host_page(), shared_page = host_page(), list = host_page();

	r.s2sz = s2sz;
	r.start_level = level;
	r.nr_roots = roots;
	r.hash = hash;
	realm_create(&r);
	for (u64 i = 0; i < 16; i++)
		realm_data_init(&r, RAM + i * GRANULE_SIZE, src, i & 1);
	realm_rec(&r, true, RAM);
	realm_rec(&r, false, RAM);
	realm_init_ripas(&r, RAM, RAM + 4 * level_bytes(2));
	realm_activate(&r);
	e = &realm_run(&r, 0)->exit;

	/* the guest asks who it is */
	check_eq(play_call(&r, 0x84000000)->after[0], 0x10001);
	check_eq(play_call(&r, 0x80000000)->after[0], 0x10002);
	check_eq(play_call(&r, 0xC4000190, 0x10000)->after[0], 0);
	check_eq(play_call(&r, 0xC4000196, RAM)->after[0], 0);
	check_eq(*(u64 *)sim_ram(rmi(FID_RTT_READ_ENTRY, r.rd, RAM, 3).x[3]), s2sz);

	/* private faults: a page, then a run of them, then a block */
	play_trap(&p, TRAP_SYNC, esr_mmio(3, 1, true, false, true), 0, RAM + 16 * GRANULE_SIZE);
	play_start(&p);
	need_eq(play_enter(&r, 0).x[0], 0);
	need_eq(e->exit_reason, RMI_EXIT_SYNC);
	realm_data(&r, e->hpfar << 8, 64);
	if (test_granule() != 16)	/* 512 MiB */
		realm_data_block(&r, RAM + level_bytes(2));
	/* shared memory */
	realm_unprot(&r, realm_shared(&r) + RAM, shared_page, 1);

	/* the guest makes a page shared: EMPTY, the host takes it back */
	e = play_exit(&r, &p, 0xC4000197, RAM + 16 * GRANULE_SIZE, RAM + 20 * GRANULE_SIZE, 0, 1);
	need_eq(e->exit_reason, RMI_EXIT_RIPAS_CHANGE);
	need_eq(rmi(FID_RTT_SET_RIPAS, r.rd, r.rec[0], e->ripas_base, e->ripas_top).x[0], 0);
	struct rmi_result u = rmi(FID_RTT_DATA_UNMAP, r.rd, RAM + 16 * GRANULE_SIZE,
				  RAM + 20 * GRANULE_SIZE, RMI_OADDR_LIST | 16 << 2, list);
	need_eq(u.x[0], 0);
	for (u64 i = 0; i < u.x[3]; i++) {
		u64 d = ((u64 *)sim_ram(list))[i];

		host_return(desc_pa(d), desc_granules(d));
	}
	need_eq(play_enter(&r, 0).x[0], 0);
	check_eq(p.step[0].after[1], RAM + 20 * GRANULE_SIZE);

	/* a second CPU comes and goes */
	play_exit(&r, &p, 0xC4000003, 1, RAM + 0x40, 5);
	need_eq(rmi(FID_PSCI_COMPLETE, r.rec[0], 0).x[0], 0);
	need_eq(play_enter(&r, 0).x[0], 0);
	check_eq(p.step[0].after[0], 0);
	struct play q = { 0 };
	play_smc(&q, 0x84000002);
	play_start(&q);
	need_eq(play_enter(&r, 1).x[0], 0);

	/* it turns itself off */
	e = play_exit(&r, &p, 0x84000008);
	need_eq(e->exit_reason, RMI_EXIT_PSCI);
	test_check(!inside_invariants(), __FILE__, __LINE__, "%s", inside_invariants() ?: "");
	host_free(src, 1);
	host_free(list, 1);
	host_free(shared_page, 1);
	realm_destroy(&r);
}

static void check_all_is_back(u64 free_before)
{
	check_eq(host_count(PAGE_FREE), free_before);
	check_eq(host_count(PAGE_DELEGATED), 0);
	check_eq(host_count(PAGE_DONATED_DELEGATED), 0);
	for (unsigned int i = 0; i < 2; i++)
		for (u64 p = sim_machine()->bank[i].base; sim_is_dram(p); p += GRANULE_SIZE)
			if (!inside_is(p, "INTERNAL"))
				test_check(inside_is(p, "UNDELEGATED") && inside_refs(p) == 0 &&
					   (sim_pas(p) == SIM_NS || host_page_state(p) == 0xFF),
					   __FILE__, __LINE__, "0x%llx is %s",
					   (unsigned long long)p, inside_state(p));
	test_check(!inside_invariants(), __FILE__, __LINE__, "%s", inside_invariants() ?: "");
}

TEST(lives)
{
	struct world w;
	u64 before;

	world_make_init(&w);
	host_activate();
	before = host_count(PAGE_FREE);
	for (unsigned int i = 0; i < 10; i++) {
		test_note("life %u", i);
		live(realm_default.s2sz, 1, 1, (u8)(i % 3));
		check_all_is_back(before);
	}
	if (test_granule() == 12) {
		live(40, 1, 2, 0);
		live(48, 0, 1, 1);
		live(52, -1, 1, 2);
		live(34, 2, 16, 0);
	} else {
		live(realm_of_four().s2sz, realm_of_four().start_level, 4, 1);
		live(52, test_granule() == 14 ? 0 : 1, 1, 2);
	}
	check_all_is_back(before);
	check_eq(inside_take_all_vmids(), 65535);
}

/* On a machine without LPA2, with donated metadata and three banks. */
TEST(lives_on_other_machines)
{
	NEEDS_4K;
	struct sim_machine m = {
		.nr_cpus = 2,
		.lpa2 = false,
		.bank = {{0x80000000, 16 << 20}, {0xA0000000, 8 << 20}, {0x100000000, 8 << 20}},
		.monitor = {0x80000000, 1 << 20},
		.root = {0xA0000000, 1 << 20},
	};
	u64 before;

	sim_power_on(&m);
	host_power_on();
	host_activate();
	before = host_count(PAGE_FREE);
	live(33, 1, 1, 0);
	live(48, 0, 1, 1);
	check_eq(host_count(PAGE_FREE), before);
	check(!inside_invariants());
	struct realm r = realm_default;
	r.s2sz = 49;
	r.start_level = 0;
	r.nr_roots = 2;
	r.root = host_delegated(2, 2 * GRANULE_SIZE);
	u64 page = host_page();
	host_fill_params(&r, page);
	check_status(rmi(FID_REALM_CREATE, host_delegated(1, GRANULE_SIZE), page), RMI_ERROR_INPUT);
}

/*
 * The host changes every page the moment the monitor has read it: what a call
 * does may depend on the first look only. (That there is no second one the paper
 * machine checks in every call.)
 */
static void spoil(u64 pa, size_t bytes)
{
	memset(sim_ram(pa), 0xFF, bytes);
}

TEST(host_memory_changes_under_the_monitor)
{
	struct world w;
	struct realm r = realm_default;
	u64 page, src, rec;

	world_make_bare(&w);
	page = host_page();
	r.rd = host_delegated(1, GRANULE_SIZE);
	r.root = host_delegated(1, GRANULE_SIZE);
	host_fill_params(&r, page);
	sim_ns_after_read(spoil);
	check_status(rmi(FID_REALM_CREATE, r.rd, page), RMI_SUCCESS);
	sim_ns_after_read(NULL);
	realm_table(&r, RAM, 3);
	src = host_page();
	sim_ns_after_read(spoil);
	check_status(rmi(FID_RTT_DATA_MAP_INIT, r.rd, w.delegated, RAM, src, 1), RMI_SUCCESS);
	check_eq(*(u64 *)sim_ram(w.delegated), 0);
	rec = host_delegated(1, GRANULE_SIZE);
	memset(sim_ram(page), 0, GRANULE_SIZE);
	struct rmi_result made = rmi(FID_REC_CREATE, r.rd, rec, page);
	sim_ns_after_read(NULL);
	check_status(sro_finish(made), RMI_SUCCESS);
	sim_ns_after_read(spoil);
	((u64 *)sim_ram(page))[0] = desc(w.delegated2, 1, 0, 0);
	check_status(rmi(FID_RTT_DATA_MAP, r.rd, RAM + GRANULE_SIZE, RAM + 2 * GRANULE_SIZE,
			 RMI_OADDR_LIST | 1 << 2, page),
		     RMI_SUCCESS);
	sim_ns_after_read(NULL);
	check(!inside_invariants());
}

/* DRAM that reaches beyond the protected physical address space ends there for the monitor. */
TEST(memory_beyond_the_protected_space)
{
	NEEDS_4K;
	struct sim_machine m = {
		.nr_cpus = 1, .lpa2 = true,
		.bank = { { 0x40000000, 8 << 20 }, { BIT(40) - (1 << 20), 2 << 20 } },
		.monitor = { 0x40000000, 1 << 20 }, .pool = 256 << 10,
	};
	u64 last = BIT(40) - GRANULE_SIZE;
	struct rmi_result r;

	sim_power_on(&m);
	host_power_on();
	host_activate();
	r = rmi(FID_GRANULE_RANGE_DELEGATE, last, last + 4 * GRANULE_SIZE);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], BIT(40));
	r = rmi(FID_GRANULE_RANGE_DELEGATE, BIT(40), BIT(40) + GRANULE_SIZE);
	check(status_of(r) == RMI_ERROR_INPUT);
	check_status(rmi(FID_RMM_CONFIG_GET, BIT(40)), RMI_ERROR_INPUT);
	check_status(rmi(FID_GRANULE_RANGE_UNDELEGATE, last, BIT(40)), RMI_SUCCESS);
	check_status(rmi(FID_RMM_CONFIG_GET, last), RMI_SUCCESS);
}

/* Two banks in one tracking region, with a hole that is no memory. */
TEST(hole_in_a_region)
{
	NEEDS_4K;
	struct sim_machine m = {
		.nr_cpus = 1, .lpa2 = true,
		.bank = { { 0x40000000, 4 << 20 }, { 0x40800000, 4 << 20 } },
		.monitor = { 0x40000000, 1 << 20 }, .pool = 256 << 10,
	};
	struct rmi_result r;
	struct realm t = realm_default;

	sim_power_on(&m);
	host_power_on();
	host_activate();
	r = rmi(FID_GRANULE_RANGE_DELEGATE, 0x403FF000, 0x40802000);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], 0x40400000);
	check_status(rmi(FID_GRANULE_RANGE_DELEGATE, 0x40400000, 0x40401000), RMI_ERROR_INPUT);
	check_status(rmi(FID_GRANULE_RANGE_UNDELEGATE, 0x40400000, 0x40401000), RMI_ERROR_INPUT);
	check_status(rmi(FID_RMM_CONFIG_GET, 0x40400000), RMI_ERROR_INPUT);
	check_status(rmi(FID_RMM_CONFIG_GET, 0x40800000), RMI_SUCCESS);
	r = rmi(FID_GRANULE_TRACKING_GET, 0x40000000, 0x40800000);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[2], RMI_TRACKING_FINE);
	/* nor can it become part of a realm */
	realm_create(&t);
	realm_table(&t, RAM, 3);
	check_status(rmi(FID_RTT_DATA_MAP, t.rd, RAM, RAM + 0x1000, RMI_OADDR_SINGLE,
			 desc(0x40500000, 1, 0, 0)), RMI_ERROR_INPUT);
	check_status(rmi(FID_RTT_CREATE, t.rd, 0x40500000, 0x80200000, 3), RMI_ERROR_INPUT);
}

/* Code that was written as data is fetched only after the caches were told (decisions 64). */
static void fetches(void *arg, struct rec *rec, struct trap *trap)
{
	(void)arg;
	check_eq(sim_realm_access(rec->vttbr, rec->vtcr, RAM, SIM_FETCH).fault, SIM_S2_OK);
	trap->kind = TRAP_IRQ;
}

TEST(first_fetch)
{
	struct world w;

	world_make_active(&w);
	sim_realm_is(fetches, NULL);
	check_status(realm_enter(&w.r, 0), RMI_SUCCESS);
	check_status(realm_enter(&w.r, 0), RMI_SUCCESS);
}
