/* SPDX-License-Identifier: BSD-2-Clause */
/* Which memory there is, and whose (rmm/mem/region.h), at every edge. */
#include "arch/arch.h"
#include "harness/host.h"
#include "harness/inside.h"
#include "mem/region.h"
#include "rmi/rmi.h"
#include "sim/sim.h"

#define MIB	(1ULL << 20)
#define LIMIT	(1ULL << 40)		/* of physical addresses */

/* Two banks in one region, with a hole between; one that reaches beyond the limit. */
static const struct sim_machine machine = {
	.nr_cpus = 4, .lpa2 = true,
	.bank = { { 0x40000000, 16 * MIB }, { 0x44000000, 16 * MIB }, { LIMIT - 8 * MIB, 16 * MIB } },
	.monitor = { 0x40E00000, 2 * MIB }, .pool = 256 << 10,
};

static void begin(void)
{
	sim_power_on(&machine);
	host_power_on();
	host_activate();
}

static u64 try_to_delegate(u64 p)
{
	u64 status = status_of(rmi(FID_GRANULE_RANGE_DELEGATE, p, p + GRANULE_SIZE));

	if (status == RMI_SUCCESS)
		need_eq(status_of(rmi(FID_GRANULE_RANGE_UNDELEGATE, p, p + GRANULE_SIZE)), 0);
	return status;
}

TEST(dram_at_its_edges)
{
	begin();
	for (unsigned int i = 0; i < 3; i++) {
		u64 base = machine.bank[i].base, bytes = i < 2 ? 16 * MIB : 8 * MIB, top = base + bytes;

		test_note("bank %u", i);
		check_eq(memory_dram_left(base - 1), 0);
		check_eq(memory_dram_left(base), bytes >> GRANULE_SHIFT);
		check_eq(memory_dram_left(base + GRANULE_SIZE), (bytes >> GRANULE_SHIFT) - 1);
		check_eq(memory_dram_left(top - 1), 1);
		check_eq(memory_dram_left(top), 0);
		check_eq(try_to_delegate(base - GRANULE_SIZE), RMI_ERROR_INPUT);
		check_eq(try_to_delegate(base), RMI_SUCCESS);
		check_eq(try_to_delegate(top), RMI_ERROR_INPUT);
		if (i)
			check_eq(try_to_delegate(top - GRANULE_SIZE), RMI_SUCCESS);
	}
	check_eq(memory_dram_left(~0ULL), 0);
	check(!inside_invariants());
}

TEST(regions_of_banks)
{
	begin();
	check_eq(region_count(), test_granule() == 14 ? 3 : 2);
	if (test_granule() != 12)
		return;
	check_eq(region_at(0)->base, 0x40000000);
	check_eq(region_at(0)->top, 0x45000000);
	check_eq(region_at(1)->base, LIMIT - 8 * MIB);
	check_eq(region_at(1)->top, LIMIT);
	for (u64 at = 0x3FFFF000; at <= 0x45000000; at += GRANULE_SIZE)
		check(region_find(at) == (at >= 0x40000000 && at < 0x45000000 ? region_at(0) : NULL));
	check_eq(region_from(0), 0);
	check_eq(region_from(0x44FFFFFF), 0);
	check_eq(region_from(0x45000000), 1);
	check_eq(region_from(LIMIT - 1), 1);
	check_eq(region_from(LIMIT), 2);
	check(region_in_block(0x7FFFFFFF) == region_at(0));
	check(!region_in_block(0x3FFFFFFF));
	check(!region_in_block(0x80000000));
	check(region_in_block(LIMIT - 1) == region_at(1));
}

TEST(own_memory_at_its_edges)
{
	const struct arch_range *last;

	begin();
	last = &arch_own[arch_nr_own - 1];
	check(!memory_is_own(machine.monitor.base - 1));
	check(memory_is_own(machine.monitor.base));
	check(memory_is_own(last->base.raw + last->bytes - 1));
	check(!memory_is_own(last->base.raw + last->bytes));
}
