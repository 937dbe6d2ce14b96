/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program in the realm that is measured: asks the host what to do, does it
 * often enough that the host can measure one in the middle.
 */
#include "machine/protocol.h"
#include "plan.h"

struct host_call { u16 imm; u16 pad[3]; u64 gprs[31]; };

void smc_call(u64 regs[9]);
void bench_begin(void);
void bench_end(void);
void realm_main(void);
extern volatile u64 irq_seen;

static struct host_call host_call_page __attribute__((aligned(256)));
static u8 page[4096] __attribute__((aligned(4096)));

#define read_sysreg(r) ({ u64 v_; __asm__ volatile("mrs %0, " #r : "=r"(v_)); v_; })
#define write_sysreg(r, v) __asm__ volatile("msr " #r ", %0" :: "r"((u64)(v)))
#define isb() __asm__ volatile("isb" ::: "memory")

static u64 call(u64 fid, u64 a1, u64 a2, u64 a3, u64 a4)
{
	u64 r[9] = { fid, a1, a2, a3, a4 };

	smc_call(r);
	return r[0];
}

/* One call, measured: the first one of a kind may have something to set up. */
static u64 measured(u64 fid, u64 a1, u64 a2, u64 a3, u64 a4)
{
	u64 r[9] = { fid, a1, a2, a3, a4 }, t;

	t = read_sysreg(cntvct_el0);
	bench_begin();
	smc_call(r);
	bench_end();
	return read_sysreg(cntvct_el0) - t;
}

#define RSI_INCOMPLETE	3

static u64 token(void)
{
	u64 r[9], t;
	int i;

	r[0] = 0xC4000194;
	for (i = 1; i < 9; i++)
		r[i] = (u64)i;		/* the challenge */
	smc_call(r);
	if (r[0])
		return 0;
	r[0] = 0xC4000194;
	t = read_sysreg(cntvct_el0);
	bench_begin();
	smc_call(r);
	do {
		r[0] = 0xC4000195;
		r[1] = (u64)page;
		r[2] = 0;
		r[3] = 4096;
		smc_call(r);
	} while (r[0] == RSI_INCOMPLETE);
	bench_end();
	return r[0] ? TOKEN_FAILED : read_sysreg(cntvct_el0) - t;
}

static u64 irq(struct host_call *h)
{
	irq_seen = 0;
	write_sysreg(s3_0_c4_c6_0, 0xff);	/* ICC_PMR_EL1 */
	write_sysreg(s3_0_c12_c12_7, 1);	/* ICC_IGRPEN1_EL1 */
	isb();
	__asm__ volatile("msr daifclr, #2");
	h->gprs[0] = 0;
	call(0xC4000199, (u64)h, 0, 0, 0);	/* comes back with the interrupt */
	isb();
	__asm__ volatile("msr daifset, #2");
	return irq_seen;
}

static u64 work(struct host_call *h, u64 what, u64 arg)
{
	u64 i;

	switch (what) {
	case DO_SPIN:
		for (i = 0; i < arg; i++)
			__asm__ volatile("nop");
		return 0;
	case DO_MMIO_READ:
		for (i = 0; i < 3; i++)
			(void)*(volatile u64 *)arg;
		return 0;
	case DO_MMIO_WRITE:
		for (i = 0; i < 3; i++)
			*(volatile u64 *)arg = i;
		return 0;
	case DO_WFI:
		for (i = 0; i < 3; i++)
			__asm__ volatile("wfi");
		return 0;
	case DO_SYSREG:
		for (i = 0; i < 3; i++)
			__asm__ volatile("msr s3_0_c12_c11_5, %0" :: "r"(i));	/* ICC_SGI1R_EL1 */
		return 0;
	case DO_RIPAS:
		return call(0xC4000197, RIPAS_IPA, RIPAS_IPA + GIB, 1, 0);
	case DO_IRQ:
		return irq(h);
	case DO_RSI_VERSION:
		return measured(0xC4000190, 0x10000, 0, 0, 0);
	case DO_MEASURE_EXTEND:
		return measured(0xC4000193, 1, 64, 1, 2);
	case DO_REALM_CONFIG:
		return measured(0xC4000196, (u64)page, 0, 0, 0);
	case DO_TOKEN:
		return token();
	default:
		return 0;
	}
}

void realm_main(void)
{
	struct host_call *h = &host_call_page;
	u64 result = 0;

	for (;;) {
		h->gprs[0] = result;
		call(0xC4000199, (u64)h, 0, 0, 0);
		result = work(h, h->gprs[0], h->gprs[1]);
	}
}
