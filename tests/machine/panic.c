/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A monitor that panics, on CPU 1: CPU 0 gets answers all the same, that there is
 * no such call, and a CPU that comes up afterwards too. What was a realm's stays
 * out of reach.
 */
#include "bare.h"

void secondary_main(void);
extern u64 probe_esr;
u64 probe_read(const volatile void *p);

static volatile u64 up;

void secondary_main(void)
{
	u64 r[8] = { FID(0x150), 0x20000 };

	smc_regs(r);
	up = r[0] == 0 ? 1 : 2;
	r[0] = FID(0x165);		/* RMI_FEATURES: the one that was spoilt */
	smc_regs(r);
	up = 3;				/* never */
}

void secondary_entry(void);

void main(void)
{
	struct rmi_rmm_config *config = (struct rmi_rmm_config *)list;
	u64 r[8] = { 0xC4000003, 1, (u64)secondary_entry, 0 };
	u64 granule, i;

	memset(list, 0, sizeof(list));
	check("RMM_CONFIG_SET", rmi(FID(0x16E), (u64)config, 0, 0, 0, 0) == 0);
	check("RMM_ACTIVATE", drive(rmi(FID(0x202), 0, 0, 0, 0, 0)) == 0);
	granule = delegated(1);
	smc_regs(r);
	for (i = 0; i < 10000000 && rmi(FID(0x150), 0x20000, 0, 0, 0, 0) == 0; i++)
		;
	/* one console for both: three seconds for the last words of the other */
	for (i = read_sysreg(cntpct_el0); read_sysreg(cntpct_el0) - i < 3 * read_sysreg(cntfrq_el0); )
		;
	check("the other CPU called before", up == 1);
	check("a call into a dead monitor", rmi(FID(0x150), 0x1111, 0x2222, 0x3333, 0x4444, 0x5555) ==
	      ~0UL);
	check("leaves the other registers", out[1] == 0x1111 && out[2] == 0x2222 && out[3] == 0x3333 &&
	      out[4] == 0x4444 && out[5] == 0x5555 && !lost);
	check("also one that changes memory", rmi(FID(0x1F2), granule, granule + PAGE, 0, 0, 0) == ~0UL);
	probe_read((void *)granule);
	check("which stays where it is", (probe_esr & 0x3f) == 0x28);
	check("the CPU of the panic does not come back", up == 1);
	end();
}
