/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A monitor that panics, on CPU 1: CPU 0 gets answers all the same, that there is
 * no such call, also if it was in a realm at that time. What was a realm's stays out of
 * reach.
 */
#include "bare.h"

void secondary_main(void);
extern u64 probe_esr;
u64 probe_read(const volatile void *p);

static volatile u64 up, inside;
static struct rmi_rec_run run __attribute__((aligned(4096)));

static void wait(u64 tenths)
{
	u64 since = read_sysreg(cntpct_el0);

	while (read_sysreg(cntpct_el0) - since < tenths * read_sysreg(cntfrq_el0) / 10)
		;
}

void secondary_main(void)
{
	u64 r[8] = { FID(0x150), 0x20000 };

	smc_regs(r);
	up = r[0] == 0 ? 1 : 2;
	while (!inside)
		;
	wait(2);
	r[0] = FID(0x165);		/* RMI_FEATURES: the one that was spoilt */
	smc_regs(r);
	up = 3;				/* never */
}

void secondary_entry(void);

/* RSI_VERSION, for ever: nothing but the panic ends the stay. */
static const u32 program[] = { 0xd2803200, 0xf2b88000, 0xd2a00021, 0xd4000003, 0x17fffffc };

static u64 rec_of_realm(void)
{
	static u8 page[4096] __attribute__((aligned(4096)));
	struct rmi_realm_params *p = (struct rmi_realm_params *)page;
	struct rmi_rec_params *q = (struct rmi_rec_params *)page;
	u64 rd = delegated(1), rec = delegated(1), bad;

	realm_params(p, 36, 1, delegated(1), 1);
	bad = drive(rmi(FID(0x158), rd, (u64)p, 0, 0, 0));
	bad |= rmi(FID(0x15D), rd, delegated(1), 0, 2, 0);
	bad |= rmi(FID(0x15D), rd, delegated(1), 0, 3, 0);
	memset(page, 0, sizeof(page));
	memcpy(page, program, sizeof(program));
	bad |= rmi(FID(0x153), rd, delegated(1), 0, (u64)page, 0);
	memset(page, 0, sizeof(page));
	q->flags = 1;
	bad |= drive(rmi(FID(0x15A), rd, rec, (u64)q, 0, 0));
	bad |= rmi(FID(0x157), rd, 0, 0, 0, 0);
	if (bad)
		die("the realm", bad, 0);
	return rec;
}

void main(void)
{
	struct rmi_rmm_config *config = (struct rmi_rmm_config *)list;
	u64 r[8] = { 0xC4000003, 1, (u64)secondary_entry, 0 };
	u64 granule, rec, ended;

	memset(list, 0, sizeof(list));
	check("RMM_CONFIG_SET", rmi(FID(0x16E), (u64)config, 0, 0, 0, 0) == 0);
	check("RMM_ACTIVATE", drive(rmi(FID(0x202), 0, 0, 0, 0, 0)) == 0);
	granule = delegated(1);
	rec = rec_of_realm();
	smc_regs(r);
	while (!up)
		;
	inside = 1;
	ended = rmi(FID(0x15C), rec, (u64)&run, 0, 0, 0);
	wait(30);		/* one console for both: for the last words of the other */
	check("a stay ends with the panic", ended == 0 && run.exit.exit_reason == RMI_EXIT_IRQ);
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
