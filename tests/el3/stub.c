/* SPDX-License-Identifier: BSD-2-Clause */
/* The stub monitor's calls; see machine.h. MMU off: all its accesses are Realm. */
#include "machine.h"

#ifndef BOOT_ERROR
#define BOOT_ERROR 0
#endif
#ifndef ERROR_CPU
#define ERROR_CPU 0
#endif

u64 stub_gprs(void);
u64 stub_below(u64 fid);
s64 stub_boot(u64 x0, u64 x1, u64 x2, u64 x3, u64 x4, u64 base);
void stub_call(u64 *x);

static u64 record[16];
static u64 before[8][NR_EL2_REGISTERS], holds[8][NR_EL2_REGISTERS];
static u64 gprs_bad[8];
static u64 index_of_cpu(void) { return read_sysreg(mpidr_el1) & 7; }

s64 stub_boot(u64 x0, u64 x1, u64 x2, u64 x3, u64 x4, u64 base)
{
	if (x3) {
		record[REC_X0] = x0;
		record[REC_X1] = x1;
		record[REC_X2] = x2;
		record[REC_X3] = x3;
		record[REC_X4] = x4;
		record[REC_BASE] = base;
	} else {
		record[REC_WARM]++;
		record[REC_WARM_X1] |= x1 | x2;
		record[REC_WARM_X3] |= x3;
	}
	return x0 == ERROR_CPU ? BOOT_ERROR : 0;
}

void stub_call(u64 *x)
{
	struct regs r;
	u64 cpu = index_of_cpu(), bad;

	switch ((u32)x[0]) {
	case STUB_PROXY:
		for (int i = 0; i < 7; i++)
			r.x[i] = x[i + 1];
		smc(&r);
		for (int i = 0; i < 4; i++)
			x[i] = r.x[i];
		return;
	case STUB_PEEK:
		x[1] = *(volatile u64 *)x[1];
		x[0] = 0;
		return;
	case STUB_POKE:
		*(volatile u64 *)x[1] = x[2];
		x[0] = 0;
		return;
	case STUB_RECORD:
		x[1] = record[x[1] & 15];
		x[0] = 0;
		return;
	case STUB_SCRAMBLE:
		el2_fill(x[1], before[cpu], holds[cpu]);
		gprs_bad[cpu] = stub_gprs();	/* leaves and comes back with the next call */
		bad = el2_compare(holds[cpu]);
		el2_put_back(before[cpu]);
		x[0] = 0;
		x[1] = bad;
		x[2] = gprs_bad[cpu];
		return;
	case STUB_BELOW:
		x[1] = stub_below(x[1]);
		x[0] = 0;
		return;
	case STUB_EIGHT:
		for (int i = 0; i < 8; i++)
			x[i] = 0xA0 + i;
		return;
	}
	x[0] = (u64)-1;
}
