/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program in the realm. Every check goes to the host as one host call.
 */
#include "protocol.h"

struct host_call { u16 imm; u16 pad[3]; u64 gprs[31]; };
struct taken { u64 nr, esr, far, elr, go_on, nr_irqs, intid; };

void smc_call(u64 regs[12]);
void hvc_call(void);
void undefined_insn(void);
void stop_here(void);
void step_smc(void);
extern const u8 stepped_here[];
void try_fetch(u64 address);
#define FP_BYTES	512
void fp_put(const void *p);
void fp_get(void *p);
void sve_put(const void *p, u64 ffr);
void sve_get(void *p, u64 ffr);
u64 sve_bytes(void);
void realm_main(void);
void realm_secondary(u64 context);
extern volatile struct taken taken;

static struct host_call host_call_page __attribute__((aligned(256)));
static struct host_call host_call_page2 __attribute__((aligned(256)));
static u8 page[4096] __attribute__((aligned(4096)));
static u64 x[12];

#define read_sysreg(r) ({ u64 v_; __asm__ volatile("mrs %0, " #r : "=r"(v_)); v_; })
#define write_sysreg(r, v) __asm__ volatile("msr " #r ", %0" :: "r"((u64)(v)))
#define isb() __asm__ volatile("isb" ::: "memory")

static u64 call(u64 fid, u64 a1, u64 a2, u64 a3, u64 a4)
{
	for (int i = 5; i < 12; i++)
		x[i] = 0x9900 + (u64)i;
	x[0] = fid;
	x[1] = a1;
	x[2] = a2;
	x[3] = a3;
	x[4] = a4;
	smc_call(x);
	return x[0];
}

static u64 host(struct host_call *h, u16 imm)
{
	u64 r[12] = { 0xC4000199, (u64)h };

	h->imm = imm;
	smc_call(r);
	return r[0];
}

static void check(const char *name, int passed)
{
	struct host_call *h = &host_call_page;
	u8 *to = (u8 *)&h->gprs[1];
	int i;

	h->gprs[0] = !!passed;
	for (i = 0; i < 63 && name[i]; i++)
		to[i] = (u8)name[i];
	to[i] = 0;
	host(h, CALL_REPORT);
}

static void mode(u64 m)
{
	host_call_page.gprs[0] = m;
	host(&host_call_page, CALL_MODE);
}

static struct seen *seen(void)
{
	host(&host_call_page, CALL_SEEN);
	return (struct seen *)host_call_page.gprs;
}

static u64 vq;			/* vector length in 128 bits; 0: no SVE */
static u64 pmu;			/* event counters plus 1; 0: no PMU */
static u64 half;		/* first unprotected IPA */
static u64 width;

static void rsi(void)
{
	static const u8 words[3] = { 4, 8, 6 };		/* SHA-256, SHA-512, SHA-384 */
	u64 i, sum, beyond, hash;

	check("RSI_VERSION 1.0", call(0xC4000190, 0x10000, 0, 0, 0) == 0 && x[1] == 0x10000 &&
	      x[2] == 0x10001);
	check("RSI_VERSION 1.1", call(0xC4000190, 0x10001, 0, 0, 0) == 0 && x[1] == 0x10001);
	check("RSI_VERSION 2.0 refused", call(0xC4000190, 0x20000, 0, 0, 0) == 1 && x[1] == 0x10001 &&
	      x[2] == 0x10001);
	check("RSI_VERSION keeps other registers", x[5] == 0x9905 && x[11] == 0x990b);
	check("RSI_FEATURES", call(0xC4000191, 0, 7, 0, 0) == 0 && x[1] == 0 && x[2] == 7);
	check("RSI_REALM_CONFIG", call(0xC4000196, (u64)page, 0, 0, 0) == 0);
	width = ((u64 *)page)[0];
	hash = ((u64 *)page)[1];
	half = 1UL << (width - 1);
	check("hash_algo", hash == width % 3);
	check("ipa_width", width >= 32 && width <= 52);
	check("rpv", page[0x200] == 0xa5 && page[0x23f] == 0xa5 && page[0x240] == 0);
	check("REALM_CONFIG unaligned", call(0xC4000196, (u64)page + 8, 0, 0, 0) == 1);
	check("REALM_CONFIG unprotected", call(0xC4000196, half, 0, 0, 0) == 1);
	check("REALM_CONFIG of EMPTY", call(0xC4000196, 0x180000, 0, 0, 0) == 1);
	check("MEASUREMENT_READ RIM", call(0xC4000192, 0, 0, 0, 0) == 0);
	for (i = 1, sum = 0, beyond = 0; i <= 8; i++) {
		if (i <= words[hash % 3])
			sum |= x[i];
		else
			beyond |= x[i];
	}
	check("RIM is not zero", sum != 0 && beyond == 0);
	check("MEASUREMENT_READ 5", call(0xC4000192, 5, 0, 0, 0) == 1);
	check("REM starts at zero", call(0xC4000192, 1, 0, 0, 0) == 0 && (x[1] | x[2] | x[8]) == 0);
	check("MEASUREMENT_EXTEND", call(0xC4000193, 1, 64, 1, 2) == 0);
	check("REM is extended", call(0xC4000192, 1, 0, 0, 0) == 0 && x[1] != 0);
	check("MEASUREMENT_EXTEND of the RIM", call(0xC4000193, 0, 64, 1, 2) == 1);
	check("MEASUREMENT_EXTEND of 65 bytes", call(0xC4000193, 1, 65, 1, 2) == 1);
	check("TOKEN_CONTINUE without INIT", call(0xC4000195, (u64)page, 0, 4096, 0) == 2);
	check("PLANE_ENTER without planes", call(0xC40001A3, 1, (u64)page, 0, 0) == 1);
	check("VDEV_GET_INFO without devices", call(0xC400019D, 1, (u64)page, 0, 0) == 2);
	check("RSI FID that is none", call(0xC40001A8, 1, 0, 0, 0) == ~0UL);
	check("IPA_STATE_GET RAM", call(0xC4000198, 0, 0x10000, 0, 0) == 0 && x[2] == 1 &&
	      x[1] > 0 && x[1] <= 0x10000);
	check("IPA_STATE_GET EMPTY", call(0xC4000198, 0x180000, 0x1f0000, 0, 0) == 0 && x[2] == 0 &&
	      x[1] > 0x180000 && x[1] <= 0x1f0000);
	check("IPA_STATE_GET unprotected", call(0xC4000198, half, half + 4096, 0, 0) == 1);
	check("IPA_STATE_GET top <= base", call(0xC4000198, 0x2000, 0x2000, 0, 0) == 1);
	check("HOST_CALL unaligned", call(0xC4000199, (u64)page + 8, 0, 0, 0) == 1);
}

#define CHALLENGE	0x4645494643484131UL	/* eight times: run.sh looks for it */

static void show(const u8 *bytes, u64 nr)
{
	u64 i, n;

	do {			/* nothing ends it */
		n = nr < 240 ? nr : 240;
		for (i = 0; i < n; i++)
			((u8 *)&host_call_page.gprs[1])[i] = *bytes++;
		host_call_page.gprs[0] = n;
		host(&host_call_page, CALL_TOKEN);
		nr -= n;
	} while (n);
}

static u8 whole[1536];

/*
 * A timer interrupt so much later than each call. True: one came while it was made. *ok:
 * all answers were right.
 */
static int fetch(u64 delay, u64 *nr, int *ok)
{
	u64 status, i, calls_without = 0, r[12];

	r[0] = 0xC4000194;
	for (i = 1; i < 9; i++)
		r[i] = CHALLENGE;
	smc_call(r);
	*ok &= r[0] == 0 && r[1] > 1000 && r[1] <= 20480;
	*nr = 0;
	do {
		write_sysreg(cntv_cval_el0, read_sysreg(cntvct_el0) + delay);
		write_sysreg(cntv_ctl_el0, 1);
		isb();
		status = call(0xC4000195, (u64)page, 0, 1000, 0);
		write_sysreg(cntv_ctl_el0, 0);
		isb();
		for (i = 0; i < x[1] && *nr < sizeof(whole); i++)
			whole[(*nr)++] = page[i];
		calls_without += x[1] == 0;
	} while (status == 3);
	*ok &= status == 0;
	return calls_without > 1;
}

/* The emulator's timers come when they like: tried until one came in time. */
static void token(void)
{
	u64 nr, delay = 20000;
	int ok = 1;

	check("TOKEN_CONTINUE unaligned", call(0xC4000195, (u64)page + 8, 0, 8, 0) == 1);
	check("TOKEN_CONTINUE beyond the page", call(0xC4000195, (u64)page, 1, 4096, 0) == 1);
	while (!fetch(delay, &nr, &ok) && delay < 1000000)
		delay += 20000;
	check("TOKEN_INIT, TOKEN_CONTINUE", ok);
	check("a token across interrupts", delay < 1000000);
	check("TOKEN_CONTINUE when all is given", call(0xC4000195, (u64)page, 0, 4096, 0) == 2);
	show(whole, nr);
}

static void echo(void)
{
	struct host_call *h = &host_call_page;
	int i, ok = 1;

	for (i = 0; i < 31; i++)
		h->gprs[i] = 0x1000 + (u64)i;
	ok = host(h, CALL_ECHO) == 0;
	for (i = 0; i < 31; i++)
		ok &= h->gprs[i] == ~(0x1000 + (u64)i);
	check("HOST_CALL carries 31 registers", ok);
}

static void psci(void)
{
	check("PSCI_VERSION", call(0x84000000, 0, 0, 0, 0) == 0x10001);
	check("SMCCC_VERSION", call(0x80000000, 0, 0, 0, 0) == 0x10002);
	check("PSCI_FEATURES(SMCCC_VERSION)", call(0x8400000A, 0x80000000, 0, 0, 0) == 0);
	check("PSCI_FEATURES(CPU_ON)", call(0x8400000A, 0xC4000003, 0, 0, 0) == 0);
	check("PSCI_FEATURES of nothing", call(0x8400000A, 0xC4000012, 0, 0, 0) == ~0UL);
	check("SMC that is none", call(0x84000050, 0, 0, 0, 0) == ~0UL);
	check("ARCH_FEATURES", call(0x80000001, 0x80000002, 0, 0, 0) == ~0UL);
	check("AFFINITY_INFO self", call(0xC4000004, 0, 0, 0, 0) == 0);
	check("AFFINITY_INFO of one that is off", call(0xC4000004, 1, 0, 0, 0) == 1);
	check("AFFINITY_INFO of none", call(0xC4000004, 2, 0, 0, 0) == (u64)-2);
	check("CPU_ON self", call(0xC4000003, 0, 0, 0, 0) == (u64)-4);
	check("CPU_ON of none", call(0xC4000003, 7, 0, 0, 0) == (u64)-2);
	check("CPU_ON at an unprotected address", call(0xC4000003, 1, half, 0, 0) == (u64)-9);
	check("CPU_ON", call(0xC4000003, 1, 0, CONTEXT_ONCE, 0) == 0 && x[1] == 0 && x[3] == 0);
	check("AFFINITY_INFO of one that is on", call(0xC4000004, 1, 0, 0, 0) == 0);
	check("CPU_ON of one that is on", call(0xC4000003, 1, 0, 0x78, 0) == (u64)-4);
	check("CPU_SUSPEND", call(0xC4000001, 0, 0, 0, 0) == 0);
	check("host saw CPU_SUSPEND", seen()->reason == 3);
}

static void id_registers(void)
{
	u64 pfr0 = read_sysreg(id_aa64pfr0_el1), pfr1 = read_sysreg(id_aa64pfr1_el1);
	u64 dfr0 = read_sysreg(id_aa64dfr0_el1);

	check("SVE as created", (pfr0 >> 32 & 0xf) == !!vq && !read_sysreg(s3_0_c0_c4_4) == !vq);
	check("no AMU, MPAM", (pfr0 >> 44 & 0xf) == 0 &&
	      (pfr0 >> 40 & 0xf) == 0);
	check("FP and EL1 are there", (pfr0 >> 16 & 0xf) != 0xf && (pfr0 >> 4 & 0xf) >= 1);
	check("no SME, MTE", (pfr1 >> 24 & 0xf) == 0 && (pfr1 >> 8 & 0xf) == 0);
	check("PMU as created, no SPE", !(dfr0 >> 8 & 0xf) == !pmu && (dfr0 >> 32 & 0xf) == 0);
	check("breakpoints as created", (dfr0 >> 12 & 0xf) == 1 && (dfr0 >> 20 & 0xf) == 1);
	check("MPIDR", (read_sysreg(mpidr_el1) & 0xff41ffffffUL) == 0);
	check("unknown ID register", read_sysreg(s3_0_c0_c7_7) == 0);
	check("no SCTLR2, TCR2, PIE", (read_sysreg(s3_0_c0_c7_3) & 0xfffffff) == 0);
}

#define EC_BREAKPOINT	0x31
#define EC_STEP		0x33
#define EC_WATCHPOINT	0x35

static int stops_with(u64 ec, u64 n)
{
	return taken.nr == n && taken.esr >> 26 == ec;
}

/* Breakpoint 0 by address, linked to number 1 by context if asked. */
static void set_breakpoint(int linked)
{
	write_sysreg(dbgbvr0_el1, (u64)stop_here);
	write_sysreg(dbgbcr0_el1, 1 | 1 << 1 | 0xf << 5 | (linked ? 1 << 16 | 1 << 20 : 0));
	write_sysreg(dbgbvr1_el1, 77);
	write_sysreg(dbgbcr1_el1, linked ? 1 | 1 << 1 | 0xf << 5 | 3 << 20 : 0);
	isb();
}

static void debug(void)
{
	static volatile u64 watched[2] __attribute__((aligned(16)));
	u64 n = taken.nr;

	check("debug registers start at zero", read_sysreg(mdscr_el1) == 0x1000 &&
	      read_sysreg(dbgbvr0_el1) == 0 && read_sysreg(dbgbcr1_el1) == 0 &&
	      read_sysreg(dbgwcr0_el1) == 0 && read_sysreg(oslsr_el1) == 0xa);
	(void)read_sysreg(dbgbvr2_el1);
	check("a breakpoint it was not created with", stops_with(0, n + 1));
	write_sysreg(dbgwcr2_el1, 0);
	check("a watchpoint it was not created with", stops_with(0, n + 2));

	n = taken.nr;
	set_breakpoint(0);
	write_sysreg(mdscr_el1, 1 << 15 | 1 << 13);
	__asm__ volatile("msr daifclr, #8\n isb");
	stop_here();
	check("the OS lock holds a breakpoint back", taken.nr == n);
	write_sysreg(oslar_el1, 0);
	isb();
	stop_here();
	check("breakpoint", stops_with(EC_BREAKPOINT, n + 1) && taken.elr == (u64)stop_here);
	host(&host_call_page, CALL_ECHO);
	stop_here();
	check("and after an exit", stops_with(EC_BREAKPOINT, n + 2));

	set_breakpoint(1);
	write_sysreg(contextidr_el1, 76);
	isb();
	stop_here();
	check("linked to another context", taken.nr == n + 2);
	write_sysreg(contextidr_el1, 77);
	isb();
	stop_here();
	check("linked to this context", stops_with(EC_BREAKPOINT, n + 3));
	write_sysreg(dbgbcr0_el1, 0);
	isb();
	stop_here();
	check("breakpoint taken away", taken.nr == n + 3);

	write_sysreg(dbgwvr1_el1, (u64)&watched[1]);
	write_sysreg(dbgwcr1_el1, 1 | 1 << 1 | 2 << 3 | 0xff << 5);
	isb();
	(void)watched[1];
	watched[0] = 1;
	check("watchpoint lets others pass", taken.nr == n + 3);
	watched[1] = 1;
	check("watchpoint", stops_with(EC_WATCHPOINT, n + 4) && taken.far == (u64)&watched[1] &&
	      watched[1] == 0);
	set_breakpoint(1);
	write_sysreg(dbgbcr0_el1, 0);
	write_sysreg(contextidr_el1, 76);
	write_sysreg(dbgwcr1_el1, 1 | 1 << 1 | 2 << 3 | 0xff << 5 | 1 << 16 | 1 << 20);
	isb();
	watched[1] = 3;
	check("watchpoint linked to another context", taken.nr == n + 4 && watched[1] == 3);
	write_sysreg(contextidr_el1, 77);
	isb();
	watched[1] = 4;
	check("watchpoint linked to this context", stops_with(EC_WATCHPOINT, n + 5) && watched[1] == 3);
	write_sysreg(mdscr_el1, 0);
	isb();
	watched[1] = 2;
	check("all off", taken.nr == n + 5 && watched[1] == 2 && read_sysreg(mdscr_el1) == 0);
	step_smc();
	check("software step over a call", stops_with(EC_STEP, n + 6) &&
	      taken.elr == (u64)stepped_here);
	__asm__ volatile("msr daifset, #8");
}

#define PMCR_N		(read_sysreg(pmcr_el0) >> 11 & 0x1f)

static void counters(void)
{
	struct seen *s;
	u64 n, since;

	if (!pmu)
		return;
	check("event counters as created", PMCR_N == pmu - 1);
	check("PMU starts at zero", read_sysreg(pmccntr_el0) == 0 && read_sysreg(pmcntenset_el0) == 0 &&
	      read_sysreg(pmintenset_el1) == 0 && read_sysreg(pmovsset_el0) == 0 &&
	      read_sysreg(pmuserenr_el0) == 0 && !(read_sysreg(pmcr_el0) & 1));
	write_sysreg(pmccntr_el0, 0x123456789aUL);
	write_sysreg(pmccfiltr_el0, 1UL << 31);
	write_sysreg(pmselr_el0, 31);
	write_sysreg(pmuserenr_el0, 5);
	host(&host_call_page, CALL_ECHO);
	check("PMU survives an exit", read_sysreg(pmccntr_el0) == 0x123456789aUL &&
	      read_sysreg(pmuserenr_el0) == 5 &&
	      read_sysreg(pmccfiltr_el0) == 1UL << 31 && read_sysreg(pmselr_el0) == 31);
	write_sysreg(pmccfiltr_el0, 0);
	write_sysreg(pmcr_el0, 1 | 1 << 6 | 1 << 2);	/* E, LC, C */
	write_sysreg(pmcntenset_el0, 1UL << 31);
	isb();
	n = read_sysreg(pmccntr_el0);
	host(&host_call_page, CALL_ECHO);
	check("cycles are counted, also over an exit", read_sysreg(pmccntr_el0) > n && n < 1UL << 36);
	host(&host_call_page, CALL_ECHO);
	since = read_sysreg(cntvct_el0);
	while (read_sysreg(cntvct_el0) - since < 100000)
		;
	check("from the entry on, not from the first look", read_sysreg(pmccntr_el0) - n > 100000);
	write_sysreg(pmcntenclr_el0, 1UL << 31);
	if (pmu == 1)
		return;

	write_sysreg(pmevtyper0_el0, 0);		/* software increments */
	write_sysreg(pmevcntr0_el0, 0xfffffffe);
	write_sysreg(pmintenset_el1, 1);
	write_sysreg(pmcntenset_el0, 1);
	isb();
	seen();
	write_sysreg(pmswinc_el0, 1);
	host(&host_call_page, CALL_ECHO);
	check("event counter", read_sysreg(pmevcntr0_el0) == 0xffffffff && seen()->nr_exits == 0);
	write_sysreg(pmswinc_el0, 1);
	for (n = 0; n < 1000; n++)
		isb();
	s = seen();
	check("an overflow ends the stay", s->nr_exits == 1 && s->reason == 1 && s->overflow == 1);
	check("but once", (u32)read_sysreg(pmevcntr0_el0) == 0 && read_sysreg(pmovsset_el0) == 1 &&
	      read_sysreg(pmintenset_el1) == 1 && seen()->nr_exits == 0);
	write_sysreg(pmintenclr_el1, 1);
	s = seen();
	check("its end is told", s->nr_exits == 1 && s->reason == 1 && s->overflow == 0);
	check("PMINTENCLR", read_sysreg(pmintenset_el1) == 0 && read_sysreg(pmintenclr_el1) == 0);
	write_sysreg(pmintenset_el1, 1);
	check("and its coming back", seen()->overflow == 1);
	write_sysreg(pmovsclr_el0, 1);
	s = seen();
	check("the flag is cleared", s->nr_exits == 1 && s->overflow == 0 &&
	      read_sysreg(pmovsset_el0) == 0 && read_sysreg(pmintenset_el1) == 1);
	write_sysreg(pmcr_el0, 0);
	write_sysreg(pmcntenclr_el0, 1);
}

static void undefined(void)
{
	u64 n = taken.nr;

	write_sysreg(cpacr_el1, 3 << 20 | 3 << 16);	/* the realm itself traps nothing */
	isb();
	hvc_call();
	check("HVC is undefined", taken.nr == n + 1 && taken.esr >> 26 == 0 &&
	      taken.elr == (u64)hvc_call);
	if (!vq) {
		undefined_insn();
		check("SVE is undefined", taken.nr == n + 2 && taken.esr >> 26 == 0);
		(void)read_sysreg(s3_0_c1_c2_0);	/* ZCR_EL1 */
		check("and its length register", taken.nr == n + 3 && taken.esr >> 26 == 0);
	}
	if (!pmu) {
		n = taken.nr;
		(void)read_sysreg(pmcr_el0);
		check("PMU is undefined", taken.nr == n + 1 && taken.esr >> 26 == 0);
	}
	n = taken.nr;
	(void)read_sysreg(s3_3_c15_c0_0);
	check("IMPLEMENTATION DEFINED is undefined", taken.nr == n + 1 && taken.esr >> 26 == 0);
	check("exception keeps EL1h", (read_sysreg(CurrentEL) >> 2 & 3) == 1 &&
	      (read_sysreg(spsr_el1) & 0x3cf) == 0x3c5);
}

#define MMIO32 (*(volatile u32 *)(half + 0x9000))
#define MMIO64 (*(volatile u64 *)(half + 0x9000))

static void mmio(void)
{
	struct seen *s;
	u64 n;
	s64 sx;

	mode(MODE_EMULATE);
	seen();
	check("MMIO read of 64 bits", MMIO64 == EMULATED);
	s = seen();
	check("host saw an emulatable read", s->reason == 0 && s->esr >> 26 == 0x24 &&
	      (s->esr >> 24 & 1) && !(s->esr >> 6 & 1) && (s->esr >> 22 & 3) == 3 &&
	      (s->esr >> 16 & 0x1f) == 0 && s->hpfar << 8 == half + 0x9000 && s->far == 0 &&
	      s->gpr0 == 0);
	check("MMIO read of 32 bits", MMIO32 == (u32)EMULATED);
	check("MMIO read of 8 bits", *(volatile u8 *)(half + 0x9001) == (u8)EMULATED);
	check("far keeps the offset", seen()->far == 1);
	__asm__ volatile("ldrsb %0, [%1]" : "=r"(sx) : "r"(half + 0x9000));
	check("sign extension to 64 bits", sx == (signed char)(u8)EMULATED);
	__asm__ volatile("ldrsh %w0, [%1]" : "=r"(n) : "r"(half + 0x9000));
	check("sign extension to 32 bits", n == (u32)(short)(u16)EMULATED);
	MMIO32 = 0xcafe1234;
	s = seen();
	check("host saw a write", (s->esr >> 6 & 1) && (s->esr >> 22 & 3) == 2 &&
	      s->gpr0 == 0xcafe1234);
	__asm__ volatile("strb %w0, [%1]" :: "r"(0x12345678), "r"(half + 0x9000));
	check("write data are masked", seen()->gpr0 == 0x78);
	__asm__ volatile("str xzr, [%0]" :: "r"(half + 0x9000));
	s = seen();
	check("write of the zero register", s->gpr0 == 0 && s->nr_exits == 1);

	mode(MODE_SEA);
	n = taken.nr;
	(void)MMIO64;
	check("host injects an external abort", taken.nr == n + 1 && taken.esr >> 26 == 0x25 &&
	      (taken.esr & 0x3f) == 0x10 && (taken.esr >> 9 & 1) && taken.far == half + 0x9000);
	mode(MODE_NONE);
}

static void memory(void)
{
	volatile u64 *p = (volatile u64 *)0x100000;
	volatile u64 *shared = (volatile u64 *)(half + 0x20000);
	struct seen *s;
	u64 n = taken.nr;

	(void)*(volatile u64 *)0x180000;
	check("EMPTY gives an external abort", taken.nr == n + 1 && taken.esr >> 26 == 0x25 &&
	      (taken.esr & 0x3f) == 0x10 && taken.far == 0x180000);
	(void)*(volatile u64 *)(1UL << width);
	check("beyond the IPA space", taken.nr == n + 2 && taken.esr >> 26 == 0x25 &&
	      (taken.esr & 0x3f) == 0 && !(taken.esr >> 9 & 1) && taken.far == 1UL << width);
	try_fetch(1UL << width);
	check("fetch beyond the IPA space", taken.nr == n + 3 && taken.esr >> 26 == 0x21 &&
	      (taken.esr & 0x3f) == 0 && taken.far == 1UL << width);

	seen();
	check("RAM that is not mapped reads as wiped", *p == 0);
	s = seen();
	check("host saw the fault, sanitised", s->nr_faults == 1 && s->esr >> 26 == 0x24 &&
	      (s->esr & 0x01ff0000) == 0 && (s->esr >> 6 & 1) == 0 && s->far == 0 &&
	      s->hpfar << 8 == 0x100000 && s->gpr0 == 0);
	*p = 5;
	check("and keeps what is written", *p == 5 && seen()->nr_exits == 0);

	/* an RSI buffer that is not mapped: the call is replayed */
	check("RSI buffer is mapped on demand", call(0xC4000196, 0x101000, 0, 0, 0) == 0 &&
	      *(volatile u64 *)0x101000 == width);
	s = seen();
	check("by a synthetic abort", s->nr_faults == 1 && s->hpfar << 8 == 0x101000 &&
	      s->esr == (0x24UL << 26 | 7));

	mode(MODE_MAP);
	check("shared page", *shared == SHARED_WORD);
	*shared = 0x1234;
	check("shared page is written", *shared == 0x1234);
	mode(MODE_MAP_RO);
	shared = (volatile u64 *)(half + 0x21000);
	check("shared page, read only", *shared == SHARED_WORD);
	seen();
	*shared = 0x4321;
	s = seen();
	check("permission fault is emulatable", s->nr_exits >= 1 && (s->esr & 0x3c) == 0xc &&
	      (s->esr >> 24 & 1) && s->gpr0 == 0x4321 && s->hpfar << 8 == (u64)shared);
	n = taken.nr;
	try_fetch(half + 0x20000);
	check("no fetch from shared memory", taken.nr == n + 1 && taken.esr >> 26 == 0x21 &&
	      (taken.esr & 0x3f) == 0x10);
	mode(MODE_NONE);
}

static int faults_at(u64 va, u64 level)
{
	u64 n = taken.nr;

	(void)*(volatile u64 *)va;
	return taken.nr == n + 1 && taken.esr >> 26 == 0x25 && (taken.esr & 0xbf) == level &&
	       taken.far == va;
}

/* With a stage 1 of its own, 39 bits in 4 KiB granules, the fault has a level. */
static void address_size(void)
{
	volatile u64 *l1 = (volatile u64 *)0x102000, *l2 = (volatile u64 *)0x103000;
	u64 leaf = 0x701, end = 1UL << width, n;

	if (width >= 48)
		return;
	l1[0] = leaf;			/* where this runs */
	l1[1] = end | leaf;
	l1[2] = (u64)l2 | 3;
	l1[3] = end | 3;
	l2[0] = end | leaf;
	l2[1] = end | 3;
	l2[2] = leaf;
	write_sysreg(mair_el1, 0xff);
	write_sysreg(tcr_el1, 25 | 0x3500 | 1 << 23 | 5UL << 32);
	write_sysreg(ttbr0_el1, (u64)l1);
	__asm__ volatile("dsb ish\n isb\n tlbi vmalle1\n dsb nsh\n isb" ::: "memory");
	write_sysreg(sctlr_el1, read_sysreg(sctlr_el1) | 1);
	isb();
	check("address size fault of a 1 GiB block", faults_at(0x40000000, 1));
	check("address size fault of a 2 MiB block", faults_at(0x80000000, 2));
	check("address size fault of a level 2 table", faults_at(0x80200000, 2));
	check("address size fault of a level 1 table", faults_at(0xc0000000, 1));
	n = taken.nr;
	try_fetch(0x80000000);
	check("address size fault of a fetch", taken.nr == n + 1 && taken.esr >> 26 == 0x21 &&
	      (taken.esr & 0x3f) == 2);
	check("and what is inside is there", *(volatile u64 *)(0x80400000 + 0x102000) == leaf);
	write_sysreg(sctlr_el1, read_sysreg(sctlr_el1) & ~1UL);
	isb();
}

static void ripas(void)
{
	u64 n;

	*(volatile u64 *)0x110000 = 1;
	check("IPA_STATE_SET EMPTY", call(0xC4000197, 0x110000, 0x112000, 0, 1) == 0 &&
	      x[1] == 0x112000 && x[2] == 0);
	n = taken.nr;
	(void)*(volatile u64 *)0x110000;
	check("the page is gone", taken.nr == n + 1);
	check("IPA_STATE_SET RAM", call(0xC4000197, 0x110000, 0x112000, 1, 1) == 0 &&
	      x[1] == 0x112000 && x[2] == 0);
	n = taken.nr;
	(void)*(volatile u64 *)0x110000;
	check("and back", taken.nr == n);
	mode(MODE_HALF);
	check("IPA_STATE_SET in part", call(0xC4000197, 0x114000, 0x118000, 1, 1) == 0 &&
	      x[1] == 0x115000 && x[2] == 0);
	mode(MODE_REJECT);
	check("IPA_STATE_SET rejected", call(0xC4000197, 0x114000, 0x118000, 1, 1) == 0 &&
	      x[1] == 0x114000 && x[2] == 1);
	mode(MODE_NONE);
	check("IPA_STATE_SET to DEV", call(0xC4000197, 0x114000, 0x118000, 3, 0) == 1);
	check("IPA_STATE_SET unaligned", call(0xC4000197, 0x114001, 0x118000, 1, 0) == 1);
	check("IPA_STATE_SET unprotected", call(0xC4000197, half, half + 0x1000, 1, 0) == 1);
}

static void fp(void)
{
	static u8 a[FP_BYTES] __attribute__((aligned(16))), b[FP_BYTES] __attribute__((aligned(16)));
	int i, ok = 1;

	fp_get(b);
	for (i = 0; i < FP_BYTES; i++)
		ok &= b[i] == 0;
	check("FP registers start at zero", ok);
	for (i = 0; i < FP_BYTES; i++)
		a[i] = (u8)(i * 7 + 1);
	fp_put(a);
	host(&host_call_page, CALL_ECHO);
	fp_get(b);
	for (i = 0, ok = 1; i < FP_BYTES; i++)
		ok &= a[i] == b[i];
	check("FP registers survive an exit", ok);
	if (!vq) {
		u64 n = taken.nr;

		undefined_insn();
		check("SVE is undefined, also with FP on", taken.nr == n + 1 && taken.esr >> 26 == 0);
	}
}

#define SVE_BYTES (34 * 256 + 32)

static int sve_differs(const u8 *a, const u8 *b, u64 bytes)
{
	while (bytes--)
		if (a[bytes] != b[bytes])
			return 1;
	return 0;
}

/* Every bit of every register of this realm's length. */
static void sve(void)
{
	static u8 a[SVE_BYTES] __attribute__((aligned(16))), b[SVE_BYTES] __attribute__((aligned(16)));
	u64 bytes = vq * 16, all = 34 * bytes + bytes / 8, i;

	if (!vq)
		return;
	write_sysreg(s3_0_c1_c2_0, 15);		/* ZCR_EL1: as long as it goes */
	isb();
	check("vector length as created", sve_bytes() == bytes);
	sve_get(b, 1);
	check("SVE registers start at zero", !sve_differs(a, b, all));
	for (i = 0; i < all; i++)
		a[i] = (u8)(i * 11 + 3);
	for (i = 34 * bytes; i < all; i++)	/* FFR: some first lanes */
		a[i] = i == 34 * bytes ? 0x3 : 0;
	for (i = 0; i < 16; i++) {		/* the host's length changes meanwhile */
		sve_put(a, 1);
		host(&host_call_page, CALL_ECHO);
		sve_get(b, 1);
		if (sve_differs(a, b, all))
			break;
	}
	check("SVE registers survive exits", i == 16);
	check("and so does ZCR_EL1", read_sysreg(s3_0_c1_c2_0) == 15);
	write_sysreg(s3_0_c1_c2_0, 0);
	isb();
	host(&host_call_page, CALL_ECHO);
	check("a shorter length of the realm's own", read_sysreg(s3_0_c1_c2_0) == 0 &&
	      sve_bytes() == 16);
	write_sysreg(s3_0_c1_c2_0, 15);
	isb();
}

static void gic(void)
{
	struct seen *s;
	u64 n;

	seen();
	__asm__ volatile("msr s3_0_c12_c11_5, %0" :: "r"(0x1234UL));	/* ICC_SGI1R_EL1 */
	s = seen();
	check("SGI goes to the host", s->nr_exits == 1 && s->reason == 0 && s->esr >> 26 == 0x18 &&
	      (s->esr >> 5 & 0x1f) == 0 && s->gpr0 == 0x1234);

	write_sysreg(s3_0_c4_c6_0, 0xff);	/* ICC_PMR_EL1 */
	write_sysreg(s3_0_c12_c12_7, 1);	/* ICC_IGRPEN1_EL1 */
	isb();
	n = taken.nr_irqs;
	__asm__ volatile("msr daifclr, #2");
	host_call_page.gprs[0] = 42;
	host(&host_call_page, CALL_INJECT);
	isb();
	check("virtual interrupt", taken.nr_irqs == n + 1 && taken.intid == 42);
	__asm__ volatile("msr daifset, #2");
}

static void timers(void)
{
	struct seen *s;
	u64 n, now;

	check("counter offset is zero", read_sysreg(cntvct_el0) - read_sysreg(cntpct_el0) + 1000000 <
	      2000000);
	seen();
	now = read_sysreg(cntvct_el0);
	write_sysreg(cntv_cval_el0, now + 10000);
	write_sysreg(cntv_ctl_el0, 1);
	isb();
	for (n = 0; n < 1000000 && !(read_sysreg(cntv_ctl_el0) & 4); n++)
		;
	for (n = 0; n < 1000; n++)
		isb();
	s = seen();
	check("virtual timer ends the stay", s->nr_exits == 1 && s->reason == 1 &&
	      s->cntv_ctl == 5 && s->cntv_cval == now + 10000);
	/* still asserted: masked, the realm runs */
	check("an asserted timer is masked", (read_sysreg(cntv_ctl_el0) & 4) && seen()->nr_exits == 0);
	write_sysreg(cntv_ctl_el0, 0);
	isb();
	call(0xC4000190, 0x10000, 0, 0, 0);
	s = seen();
	check("its fall is told", s->nr_exits == 1 && s->reason == 1 && s->cntv_ctl == 0);

	now = read_sysreg(cntpct_el0);
	write_sysreg(cntp_cval_el0, now + 10000);
	write_sysreg(cntp_ctl_el0, 1);
	isb();
	for (n = 0; n < 1000000 && !(read_sysreg(cntp_ctl_el0) & 4); n++)
		;
	for (n = 0; n < 1000; n++)
		isb();
	s = seen();
	check("physical timer ends the stay", s->nr_exits == 1 && s->reason == 1);
	write_sysreg(cntp_ctl_el0, 0);
	isb();
	seen();
}

static void wfx(void)
{
	struct seen *s;

	mode(MODE_TRAP_WFX);
	seen();
	__asm__ volatile("wfi");
	s = seen();
	check("trapped WFI", s->nr_exits == 1 && s->reason == 0 && s->esr == (0x01UL << 26));
	__asm__ volatile("wfe");
	s = seen();
	/* an event may be pending, and not every emulator traps it */
	check("trapped WFE", !s->nr_exits || s->esr == (0x01UL << 26 | 1));
	{
		register u64 secret __asm__("x0") = 0x5ec4e7;
		register u64 until __asm__("x7") = read_sysreg(cntvct_el0) + 0x100000000UL;

		/* wfit x7; not every emulator reports the register, or TI */
		__asm__ volatile(".inst 0xd5031027" :: "r"(until), "r"(secret));
		s = seen();
		check("trapped WFIT", s->nr_exits == 1 && s->esr >> 26 == 0x01);
		check("its timeout or nothing", s->gpr0 == until || s->gpr0 == 0);
	}
	mode(MODE_NONE);
}

static void sysregs(void)
{
	u64 v = 0x5566778899UL;

	write_sysreg(tpidr_el1, v + 1);
	write_sysreg(tpidr_el0, v + 2);
	write_sysreg(tpidrro_el0, v + 3);
	write_sysreg(contextidr_el1, 4);
	write_sysreg(sp_el0, v + 5);
	write_sysreg(par_el1, 0);
	write_sysreg(s3_0_c2_c1_0, v + 6);	/* APIAKeyLo_EL1 */
	write_sysreg(mair_el1, v + 7);
	host(&host_call_page, CALL_ECHO);
	check("EL1 registers survive an exit", read_sysreg(tpidr_el1) == v + 1 &&
	      read_sysreg(tpidr_el0) == v + 2 && read_sysreg(tpidrro_el0) == v + 3 &&
	      read_sysreg(contextidr_el1) == 4 && read_sysreg(sp_el0) == v + 5 &&
	      read_sysreg(s3_0_c2_c1_0) == v + 6 && read_sysreg(mair_el1) == v + 7);
}

#define HALF_BIT	(1UL << 63)	/* in place of what is known only when it runs */
#include "crossing.h"

void realm_main(void)
{
	host(&host_call_page, CALL_SHAPE);
	vq = host_call_page.gprs[0];
	pmu = host_call_page.gprs[1];
	rsi();
	token();
	echo();
	id_registers();
	debug();
	counters();
	undefined();
	mmio();
	memory();
	address_size();
	ripas();
	if (vq) {
		write_sysreg(cpacr_el1, 3 << 20 | 3 << 16);
		isb();
		sve();
	} else {
		fp();
	}
	sysregs();
	registers();
	gic();
	timers();
	wfx();
	psci();
	mode(MODE_GPF);
	{
		u64 n = taken.nr;

		(void)*(volatile u64 *)(half + 0x30000);
		check("a shared page that was delegated", taken.nr == n + 1 &&
		      taken.esr >> 26 == 0x25 && (taken.esr & 0x3f) == 0x28);
	}
	mode(MODE_NONE);
	host(&host_call_page, CALL_DONE);
	while (host_call_page.gprs[0] == 1)
		host(&host_call_page, CALL_BENCH);
	/* the host turned the second REC off in between; now it works on another CPU */
	check("CPU_ON again", call(0xC4000003, 1, 0, CONTEXT_WORK, 0) == 0);
	host(&host_call_page, CALL_DONE);
	check("CPU_ON for the last time", call(0xC4000003, 1, 0, pmu ? CONTEXT_SPIN : CONTEXT_CALLS, 0) == 0);
	host(&host_call_page, CALL_DONE);
	for (;;)
		call(0x84000008, 0, 0, 0, 0);	/* SYSTEM_OFF */
}

static void cpu_off(void)
{
	u64 r[12] = { 0x84000002 };

	smc_call(r);
}

/*
 * On another CPU than the first REC, while the host moves the shared page:
 * everything that is this REC's stays what it is, and nothing is seen of a page
 * after the host took it away.
 */
static u64 work(void)
{
	static u8 a[FP_BYTES] __attribute__((aligned(16))), b[FP_BYTES] __attribute__((aligned(16)));
	volatile u64 *shared = (volatile u64 *)(half + 0x40000);
	u64 i, j, wrong = 0;

	write_sysreg(cpacr_el1, 3 << 20);
	isb();
	for (i = 0; i < WORK_ROUNDS; i++) {
		for (j = 0; j < FP_BYTES; j++)
			a[j] = (u8)(i + j * 3);
		fp_put(a);
		write_sysreg(tpidr_el1, i);
		if (i % 16 == 0)
			host(&host_call_page2, CALL_ECHO);
		for (j = 0; j < 20; j++)
			wrong += *shared == SHARED_DEAD;
		fp_get(b);
		for (j = 0; j < FP_BYTES; j++)
			wrong += (u64)(a[j] != b[j]) << 16;
		wrong += (u64)(read_sysreg(tpidr_el1) != i) << 32;
	}
	return wrong;
}

void realm_secondary(u64 context)
{
	struct host_call *h = &host_call_page2;

	while (context == CONTEXT_SPIN || context == CONTEXT_CALLS) {
		u64 r[12] = { 0xC4000190, 0x10000 };

		++*(volatile u64 *)(half + 0x40000);
		if (context == CONTEXT_CALLS)
			smc_call(r);
	}
	h->gprs[2] = context == CONTEXT_WORK ? work() : 0;
	h->gprs[0] = context;
	h->gprs[1] = read_sysreg(mpidr_el1);
	host(h, CALL_SECONDARY);
	cpu_off();
	host(h, CALL_SECONDARY);		/* never */
}
