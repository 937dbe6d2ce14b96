/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program of a realm that attacks its monitor: calls that make no sense, every
 * system register that can be named, memory where there is none, all in any order
 * and for ever.
 */
#include "protocol.h"

void smc_call(u64 regs[12]);
void realm_main(u64 seed);
void realm_secondary(u64 seed);

struct taken { u64 nr, esr, far, elr, go_on, nr_irqs, intid; };
extern volatile struct taken taken;

static u64 state[2];

static u64 any(void)
{
	u64 x = state[0];

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return state[0] = x;
}

static u64 below(u64 n)
{
	return (any() >> 11) % n;
}

#define HALF	(1UL << 35)

static u64 address(void)
{
	switch (below(6)) {
	case 0:
		return any() & ((1UL << 37) - 1);
	case 1:
		return HALF + (below(0x800) << 12);
	default:
		return 0x18000 + below(0x1e8000);
	}
}

static void call(void)
{
	static u64 x[12] __attribute__((aligned(64)));
	static const u64 fids[] = { 0xC4000190, 0x84000000, 0x80000000, 0xC4000001 };
	unsigned int i;

	x[0] = below(4) ? 0xC4000190 + below(0x20) : fids[below(4)] + below(16);
	for (i = 1; i < 12; i++)
		x[i] = below(2) ? address() & ~0xfffUL : below(2) ? below(64) : any();
	if (x[0] == 0x84000008 || x[0] == 0x84000009 || x[0] == 0x84000002)
		x[0] = 0xC4000199;		/* it shall live */
	smc_call(x);
}

/* MRS or MSR of any register of op0 2 and 3, or an instruction of op0 1: made here, run there. */
static void sysreg(void)
{
	static u32 code[2] __attribute__((aligned(64)));
	u32 op1 = (u32)below(8), crn = (u32)below(16), crm = (u32)below(16), op2 = (u32)below(8);
	u32 op0 = 1 + (u32)below(3), read = (u32)below(2);

	/* what would end the program and shows nothing: its own translation and vectors */
	if (op0 == 3 && op1 == 0 && (crn <= 5 || (crn == 12 && crm == 0)) && !read)
		return;
	code[0] = 0xd5000000 | read << 21 | op0 << 19 | op1 << 16 | crn << 12 | crm << 8 | op2 << 5 | 9;
	code[1] = 0xd65f03c0;		/* ret */
	__asm__ volatile("dc cvau, %0\n dsb ish\n ic ivau, %0\n dsb ish\n isb" :: "r"(code) : "memory");
	__asm__ volatile("mov x9, %1\n blr %0" :: "r"(code), "r"(any()) : "x9", "x30", "memory");
}

static void touch(void)
{
	volatile u8 *p = (volatile u8 *)address();

	if (below(2))
		(void)*p;
	else
		*p = (u8)any();
}

/*
 * What only this REC writes, and slowly: another CPU that runs the same REC cannot help
 * writing it in between.
 */
static _Noreturn void alone(void)
{
	static struct { u16 imm; u16 pad[3]; u64 gprs[31]; } h __attribute__((aligned(256)));
	static volatile u64 turn;

	for (;;) {
		u64 x[12] = { 0xC4000199, (u64)&h }, now = turn;
		unsigned int i;

		for (i = 0; i < 2000 && turn == now; i++)
			;
		turn = now + 1;
		if (i == 2000)
			continue;
		h.imm = CALL_TWICE;
		smc_call(x);
	}
}

static _Noreturn void attack(u64 seed)
{
	state[0] = seed | 1;
	for (;;) {
		switch (below(4)) {
		case 0:
			sysreg();
			break;
		case 1:
			touch();
			break;
		default:
			call();
		}
	}
}

static u64 rsi(u64 fid, u64 a1, u64 a2, u64 a3, u64 a4)
{
	u64 x[12] = { fid, a1, a2, a3, a4 };

	smc_call(x);
	return x[0];
}

/* Each kind of exit once, so that the host has something to answer. */
void realm_main(u64 seed)
{
	rsi(0xC4000003, 1, 0, 77, 0);				/* CPU_ON */
	rsi(0xC4000197, 0x20000, 0x22000, 0, 1);		/* IPA_STATE_SET to EMPTY */
	rsi(0xC4000197, 0x20000, 0x22000, 1, 1);		/* and to RAM */
	(void)*(volatile u64 *)0x30000;
	(void)*(volatile u64 *)(HALF + 0x1000);
	attack(seed + 0x1357);
}

void realm_secondary(u64 seed)
{
	if (seed == CONTEXT_ALONE)
		alone();
	attack(seed);
}
