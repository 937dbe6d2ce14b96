/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "base/string.h"
#include "realm/rd.h"

_Static_assert(sizeof(struct rd) <= PAGE_SIZE, "RD fits its granule");

#define LIFE(state, running)	((u64)(state) << 32 | (running))
#define LIFE_STATE(life)	((enum realm_state)((life) >> 32))
#define LIFE_RUNNING(life)	((unsigned int)(life))

#define TO(state)	(1U << (state))

const struct realm_facts realm_facts[NR_REALM_STATES] = {
	[REALM_NEW]		= { "NEW",	  TO(REALM_ACTIVE) | TO(REALM_ZOMBIE) },
	[REALM_ACTIVE]		= { "ACTIVE",	  TO(REALM_SYSTEM_OFF) | TO(REALM_ZOMBIE) },
	[REALM_SYSTEM_OFF]	= { "SYSTEM_OFF", TO(REALM_ZOMBIE) },
	[REALM_ZOMBIE]		= { "ZOMBIE",	  0 },
};

enum realm_state realm_state(const struct rd *rd)
{
	return LIFE_STATE(arch_load_acquire64(&rd->life));
}

unsigned int realm_nr_running(const struct rd *rd)
{
	return LIFE_RUNNING(arch_load_acquire64(&rd->life));
}

bool realm_change_idle(struct rd *rd, enum realm_state from, enum realm_state to)
{
	return (from == to || realm_facts[from].may_become & TO(to)) &&
	       arch_cas64(&rd->life, LIFE(from, 0), LIFE(to, 0));
}

void realm_system_off(struct rd *rd)
{
	u64 life;

	do {
		life = arch_load_acquire64(&rd->life);
		if (LIFE_STATE(life) != REALM_ACTIVE)
			return;
	} while (!arch_cas64(&rd->life, life, LIFE(REALM_SYSTEM_OFF, LIFE_RUNNING(life))));
}

bool realm_count_in(struct rd *rd)
{
	u64 life;

	do {
		life = arch_load_acquire64(&rd->life);
		if (LIFE_STATE(life) != REALM_ACTIVE)
			return false;
	} while (!arch_cas64(&rd->life, life, life + 1));
	return true;
}

void realm_count_out(struct rd *rd)
{
	require(LIFE_RUNNING(arch_fetch_add64(&rd->life, ~0ULL)) > 0);
}

pa_t rd_rec(const struct rd *rd, u64 index)
{
	u64 page = 0;

	if (index >= MAX_RECS)
		return pa(0);
	memcpy(&page, rd->recs[index], sizeof(rd->recs[index]));
	return pa(page << 12);
}

void rd_set_rec(struct rd *rd, u64 index, pa_t rec)
{
	u64 page = rec.raw >> 12;

	require(index < MAX_RECS);
	memcpy(rd->recs[index], &page, sizeof(rd->recs[index]));
}

u64 rec_index(u64 mpidr)
{
	if (mpidr & ~RMI_MPIDR_MASK)
		return ~0ULL;
	return FIELD(mpidr, 3, 0) + (FIELD(mpidr, 15, 8) << 4) + (FIELD(mpidr, 23, 16) << 12) +
	       (FIELD(mpidr, 31, 24) << 20);
}
