/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is inside a call (rmm/mem/calls.h): the others, not oneself; and with which registers. */
#include "arch/arch.h"
#include "harness/test.h"
#include "mem/calls.h"
#include "sim/sim.h"

TEST(who_is_inside)
{
	static const u64 regs[4][8];
	const u64 **inside[4];

	for (unsigned int cpu = 0; cpu < 4; cpu++) {
		sim_be_cpu(cpu);
		check(calls_others_idle() == !cpu);
		check(!calls_inside(cpu));
		inside[cpu] = calls_enter(regs[cpu]);
		check_eq(calls_others_inside(), BIT(cpu) - 1);
	}
	for (unsigned int cpu = 0; cpu < 4; cpu++) {
		check(calls_inside(cpu) == regs[cpu]);
		calls_leave(inside[cpu]);
		check(!calls_inside(cpu));
		check_eq(calls_others_inside(), 7 & ~(BIT(cpu + 1) - 1));	/* as the last CPU sees it */
	}
	sim_be_cpu(0);
}
