/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "harness/test.h"
#include "mem/vmid.h"
#include "sim/sim.h"

static void all_of_them(unsigned int count)
{
	u8 *seen = calloc(count, 1);

	for (unsigned int i = 1; i < count; i++) {
		unsigned int v = vmid_take();

		if (!check(v > 0 && v < count && !seen[v]))
			break;
		seen[v] = 1;
	}
	check_eq(vmid_take(), 0);
	vmid_give(77);
	check_eq(vmid_take(), 77);
	check_eq(vmid_take(), 0);
	free(seen);
}

TEST(sixteen_bits)
{
	all_of_them(65536);
}

TEST(eight_bits)
{
	arch_features.vmid16 = false;
	all_of_them(256);
}

static void give_back(void *arg)
{
	(void)arg;
	vmid_give(5);
}

TEST(giving_back_what_was_not_taken)
{
	check(!sim_try(give_back, NULL, true));
}
