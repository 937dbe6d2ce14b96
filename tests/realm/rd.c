/* SPDX-License-Identifier: BSD-2-Clause */
/* The realm's life as one word, its RECs by index (rmi-exec.md 1, rmi-structs.md 3.1). */
#include <string.h>

#include "harness/test.h"
#include "realm/rd.h"
#include "sim/sim.h"

TEST(index_of_an_mpidr)
{
	for (u64 i = 0; i < 0x300000; i += 977) {
		u64 mpidr = (i & 15) | (i >> 4 & 0xFF) << 8 | (i >> 12 & 0xFF) << 16 |
			    (i >> 20 & 0xFF) << 24;

		if (!check_eq(rec_index(mpidr), i))
			break;
	}
	check_eq(rec_index(0xFFFFFF0F), 0xFFFFFFF);
	for (unsigned int bit = 0; bit < 64; bit++) {
		u64 index = rec_index(BIT(bit));

		check_eq(index == ~0ULL, (bit >= 4 && bit < 8) || bit >= 32);
	}
}

TEST(recs_by_index)
{
	static struct rd rd;

	memset(&rd, 0, sizeof(rd));
	check_eq(rd_rec(&rd, 0).raw, 0);
	for (u64 i = 0; i < MAX_RECS; i++)
		rd_set_rec(&rd, i, pa(BIT(51) + (i + 1) * GRANULE_SIZE));
	for (u64 i = 0; i < MAX_RECS; i++)
		check_eq(rd_rec(&rd, i).raw, BIT(51) + (i + 1) * GRANULE_SIZE);
	check_eq(rd_rec(&rd, MAX_RECS).raw, 0);
	check_eq(rd_rec(&rd, ~0ULL).raw, 0);
}

static void out_without_in(void *arg)
{
	realm_count_out(arg);
}

/* The ways there are, written down a second time (rmi-exec.md 1). */
static bool is_way(enum realm_state from, enum realm_state to)
{
	if (from == to || to == REALM_ZOMBIE)
		return true;
	return (from == REALM_NEW && to == REALM_ACTIVE) ||
	       (from == REALM_ACTIVE && to == REALM_SYSTEM_OFF);
}

/* A realm in each state, with and without running RECs, against every change. */
TEST(changes_of_state)
{
	for (enum realm_state is = 0; is < NR_REALM_STATES; is++)
		for (unsigned int running = 0; running < 3; running++)
			for (enum realm_state from = 0; from < NR_REALM_STATES; from++)
				for (enum realm_state to = 0; to < NR_REALM_STATES; to++) {
					struct rd rd = { .life = (u64)is << 32 | running };
					bool may = is == from && !running && is_way(from, to);

					test_note("state %d, %u running, %d to %d", is, running,
						  from, to);
					check_eq(realm_change_idle(&rd, from, to), may);
					check_eq(realm_state(&rd), may ? to : is);
					check_eq(realm_nr_running(&rd), running);
				}
}

TEST(counting_in_and_out)
{
	for (enum realm_state is = 0; is < NR_REALM_STATES; is++) {
		struct rd rd = { .life = (u64)is << 32 };

		check_eq(realm_count_in(&rd), is == REALM_ACTIVE);
		if (is != REALM_ACTIVE) {
			check(!sim_try(out_without_in, &rd, true));
			continue;
		}
		check(realm_count_in(&rd));
		check_eq(realm_nr_running(&rd), 2);
		check(!realm_change_idle(&rd, REALM_ACTIVE, REALM_ZOMBIE));
		realm_system_off(&rd);
		check_eq(realm_state(&rd), REALM_SYSTEM_OFF);
		check(!realm_count_in(&rd));
		check_eq(realm_nr_running(&rd), 2);
		realm_system_off(&rd);
		realm_count_out(&rd);
		realm_count_out(&rd);
		check(realm_change_idle(&rd, REALM_SYSTEM_OFF, REALM_ZOMBIE));
		realm_system_off(&rd);
		check_eq(realm_state(&rd), REALM_ZOMBIE);
	}
}
