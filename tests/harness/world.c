/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "arch/arch.h"
#include "inside.h"
#include "world.h"

static void pages(struct world *w)
{
	w->ns = host_page();
	w->ns2 = host_page();
	w->monitor = sim_machine()->monitor.base;
	w->root = sim_machine()->root.base;
	w->hole = 0x60000000;
	w->beyond = 1ULL << 40;
	w->level = NO_LEVEL;
}

void world_make_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	sim_power_on(&sim_machine_default);
	host_power_on();
	pages(w);
}

void world_make_bare(struct world *w)
{
	world_make_init(w);
	host_activate();
	w->delegated = host_delegated(1, GRANULE_SIZE);
	w->delegated2 = host_delegated(1, GRANULE_SIZE);
}

static void first_realm(struct world *w, const struct realm *chosen)
{
	struct realm *r = &w->r;
	u64 src = host_page();

	*r = *chosen;
	realm_create(r);
	realm_table(r, RAM, 3);
	w->rtt = r->table[r->nr_tables - 1].pa;
	realm_init_ripas(r, RAM, RAM_TOP);
	memset(sim_ram(src), 0x77, GRANULE_SIZE);
	w->data = realm_data_init(r, RAM, src, true);
	w->data_page = realm_data(r, RAM + GRANULE_SIZE, 2);
	w->shared = realm_shared(r) + RAM;
	realm_table(r, w->shared, 3);
	w->rtt_shared = r->table[r->nr_tables - 1].pa;
	realm_unprot(r, w->shared, w->ns, 1);
	realm_rec(r, true, RAM);
	realm_rec(r, false, RAM);
	host_free(src, 1);
}

static void other_realm(struct world *w)
{
	struct realm *o = &w->o;

	*o = realm_of_four();
	realm_create(o);
	realm_rec(o, true, RAM);
}

void world_make(struct world *w)
{
	world_make_bare(w);
	first_realm(w, &realm_default);
	other_realm(w);
}

void world_make_active(struct world *w)
{
	world_make_active_of(w, &realm_default);
}

void world_make_active_of(struct world *w, const struct realm *chosen)
{
	world_make_bare(w);
	first_realm(w, chosen);
	other_realm(w);
	realm_activate(&w->r);
}

u64 world_region_bytes(void)
{
	return 1ULL << (test_granule() == 12 ? 30 : test_granule() == 14 ? 25 : 29);
}

u64 world_untracked(void)
{
	u64 p = sim_machine()->bank[1].base;

	need_eq(rmi(FID_GRANULE_TRACKING_SET, ALIGN_DOWN(p, world_region_bytes()),
		    RMI_CATEGORY_CONVENTIONAL, RMI_TRACKING_NONE).x[0], 0);
	return p;
}
