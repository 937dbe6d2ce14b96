/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A payload at NS-EL2 that asks EL3 everything it promises. MMU off. What to
 * run comes in bootargs: "main", "dead" (a monitor that refused to start, or
 * none), "reset" (boots twice), "count" (instructions, under icount), "traps" (on an
 * EL3 that keeps a register for itself).
 *
 * Last line on UART0: "N passed, N failed"; then off by PSCI.
 */
#include "machine.h"

#define UART0		0x09000000ULL
#define GICD		0x08000000ULL
#define GICR		0x080A0000ULL
#define DRAM		0x40000000ULL
#define PAGE		0x1000ULL
#define SCRATCH		0x41000000ULL	/* pages of ours, far from image and tree */
#define MARKER		0x40f00000ULL	/* survives a reset */
#define MAGIC		0x6d61726b6d61726bULL

#define PSCI(n)		(0x84000000U + (n))
#define PSCI64(n)	(0xC4000000U + (n))

u64 probe(u64 pa, u64 how);
u64 gprs_survive(u64 fid, u64 arg);
void below(u64 spsr, u64 saw[4]);
u64 count_calls(u64 fid, u64 n);
void host_main(u64 dt, u64 el, u64 daif, u64 sctlr);
void host_second(u64 context, u64 el);
void host_surprise(u64 esr, u64 elr, u64 far);
extern char second_start[];

static u32 passed, failed;

/* ---- output ---- */

static void put(char c)
{
	*(volatile u32 *)UART0 = c;
}

static void print(const char *s)
{
	while (*s)
		put(*s++);
}

static void print_number(u64 v, u32 base)
{
	char d[20];
	u32 n = 0;

	do {
		d[n++] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v);
	while (n)
		put(d[--n]);
}

static void check(const char *what, bool ok)
{
	passed += ok;
	failed += !ok;
	if (ok)
		return;
	print("FAIL: ");
	print(what);
	put('\n');
}

static void same(const char *what, u64 got, u64 want)
{
	check(what, got == want);
	if (got == want)
		return;
	print("      got 0x");
	print_number(got, 16);
	print(", want 0x");
	print_number(want, 16);
	put('\n');
}

/* ---- calls ---- */

static struct regs last;

static s64 call(u64 fid, u64 a, u64 b, u64 c)
{
	last = (struct regs){ { fid, a, b, c, 0x44, 0x55, 0x66, 0x77 } };
	smc(&last);
	return last.x[0];
}

/* An SMC of the realm world, made by the stub; its x1-x3 in last.x[1..3]. */
static s64 realm(u64 fid, u64 a, u64 b, u64 c)
{
	last = (struct regs){ { STUB_PROXY, fid, a, b, c } };
	smc(&last);
	return last.x[0];
}

static u64 peek(u64 pa)
{
	call(STUB_PEEK, pa, 0, 0);
	return last.x[1];
}

static void off(void)
{
	print_number(passed, 10);
	print(" passed, ");
	print_number(failed, 10);
	print(" failed\n");
	call(PSCI(8), 0, 0, 0);
	for (;;)
		;
}

void host_surprise(u64 esr, u64 elr, u64 far)
{
	print("SURPRISE: ESR 0x");
	print_number(esr, 16);
	print(" ELR 0x");
	print_number(elr, 16);
	print(" FAR 0x");
	print_number(far, 16);
	put('\n');
	failed++;
	off();
}

/* ---- a small reader of device trees: what() is called for each property ---- */

static u32 be32(const void *p)
{
	const u8 *b = p;

	return (u32)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
}

static u64 be64(const void *p)
{
	return (u64)be32(p) << 32 | be32((const u8 *)p + 4);
}

static bool equal(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		;
	return *a == *b;
}

static bool starts(const char *a, const char *b)
{
	for (; *b && *a == *b; a++, b++)
		;
	return !*b;
}

static struct {
	u32 cpus, psci_cpus, psci_ok, secure_nodes, reserved_ok, nomap;
	u64 monitor, monitor_bytes, dram_end, initrd, initrd_end;
	const char *args;
} seen;

static void see(const char *path, const char *name, const char *value, u32 bytes)
{
	if (starts(path, "/cpus/cpu@") && equal(name, "device_type"))
		seen.cpus++;
	if (starts(path, "/cpus/cpu@") && equal(name, "enable-method"))
		seen.psci_cpus += equal(value, "psci");
	if (equal(path, "/psci") && equal(name, "method"))
		seen.psci_ok += equal(value, "smc");
	if (equal(path, "/psci") && equal(name, "compatible"))
		seen.psci_ok += equal(value, "arm,psci-1.0") && bytes == 26 &&
				equal(value + 13, "arm,psci-0.2");
	if (equal(name, "secure-status") && equal(value, "okay"))
		seen.secure_nodes++;
	if (starts(path, "/secure-chosen"))
		seen.secure_nodes++;
	if (equal(path, "/reserved-memory"))
		seen.reserved_ok += equal(name, "ranges") || equal(name, "#size-cells") ||
				    equal(name, "#address-cells");
	if (starts(path, "/reserved-memory/") && equal(name, "reg")) {
		seen.monitor = be64(value);
		seen.monitor_bytes = be64(value + 8);
	}
	if (starts(path, "/reserved-memory/") && equal(name, "no-map"))
		seen.nomap++;
	if (starts(path, "/memory@") && equal(name, "reg"))
		seen.dram_end = be64(value) + be64(value + 8);
	if (equal(path, "/chosen") && equal(name, "bootargs"))
		seen.args = value;
	if (equal(path, "/chosen") && equal(name, "linux,initrd-start"))
		seen.initrd = be64(value);
	if (equal(path, "/chosen") && equal(name, "linux,initrd-end"))
		seen.initrd_end = be64(value);
}

static void walk_tree(const u8 *dt)
{
	static char path[256];
	const u8 *p = dt + be32(dt + 8);
	const char *strings = (const char *)dt + be32(dt + 12);
	u32 len = 0;

	for (;;) {
		u32 token = be32(p);

		p += 4;
		if (token == 1) {			/* begin node */
			if (len != 1)
				path[len++] = '/';
			while (*p)
				path[len++] = *p++;
			path[len] = 0;
			p = (const u8 *)(((u64)p + 4) & ~3ULL);
		} else if (token == 2) {		/* end node */
			while (len && path[len - 1] != '/')
				len--;
			if (len > 1)
				len--;
			path[len] = 0;
		} else if (token == 3) {		/* property */
			u32 bytes = be32(p);

			see(path, strings + be32(p + 4), (const char *)p + 8, bytes);
			p += 8 + ((bytes + 3) & ~3U);
		} else if (token == 9) {
			return;
		}
	}
}

static bool mode_is(const char *m)
{
	return seen.args && starts(seen.args, m);
}

static void test_tree(u64 dt, bool monitor)
{
	same("tree: CPUs with enable-method psci", seen.psci_cpus, seen.cpus);
	same("tree: /psci", seen.psci_ok, 2);
	same("tree: secure nodes", seen.secure_nodes, 0);
	same("tree: /reserved-memory cells", seen.reserved_ok, 3);
	same("tree: room kept", be32((void *)(dt + 4)), 0x100000);
	same("tree: initrd start", seen.initrd, 0x44000000);
	same("tree: initrd end", seen.initrd_end, 0x44001000);
	same("tree: monitor no-map", seen.nomap, monitor);
	if (!monitor)
		return;
	same("tree: monitor 64 KiB aligned", (seen.monitor | seen.monitor_bytes) & 0xffff, 0);
	same("tree: monitor at the top", seen.monitor + seen.monitor_bytes, seen.dram_end);
}

/* ---- PSCI and SMCCC ---- */

static void test_versions(void)
{
	same("PSCI_VERSION", call(PSCI(0), 0, 0, 0), 0x10001);
	same("PSCI_VERSION keeps x1", last.x[1], 0);
	same("SMCCC_VERSION", call(0x80000000, 0, 0, 0), 0x10003);
	same("SMCCC_VERSION with SVE hint", call(0x80010000, 0, 0, 0), 0x10003);
	same("ARCH_FEATURES(VERSION)", call(0x80000001, 0x80000000, 0, 0), 0);
	same("ARCH_FEATURES(itself)", call(0x80000001, 0x80000001, 0, 0), 0);
	same("ARCH_FEATURES(WORKAROUND_1)", call(0x80000001, 0x80008000, 0, 0), -1);
	same("MIGRATE_INFO_TYPE", call(PSCI(6), 0, 0, 0), 2);
	same("PSCI_FEATURES(SMCCC_VERSION)", call(PSCI(10), 0x80000000, 0, 0), 0);
	same("PSCI_FEATURES(CPU_ON)", call(PSCI(10), PSCI64(3), 0, 0), 0);
	same("PSCI_FEATURES(CPU_SUSPEND)", call(PSCI(10), PSCI64(1), 0, 0), 0);
	same("PSCI_FEATURES(SYSTEM_RESET2)", call(PSCI(10), PSCI(18), 0, 0), -1);
	same("unknown SMC", call(0x8400ffff, 1, 2, 3), -1);
	check("unknown SMC keeps x1-x7", last.x[1] == 1 && last.x[2] == 2 && last.x[3] == 3 &&
	      last.x[4] == 0x44 && last.x[7] == 0x77);
	same("RMM-EL3 range from the host", call(RMM_GTSI_DELEGATE, SCRATCH, 0, 0), -1);
	same("REQ_COMPLETE from the host", call(RMM_RMI_REQ_COMPLETE, 0, 0, 0), -1);
	same("RSI range from the host", call(0xC4000190, 0, 0, 0), -1);
	same("RMI identifier, 32-bit form", call(0x84000150, 0, 0, 0), -1);
	same("RMI identifier, reserved bit", call(0xC4020150, 0, 0, 0), -1);
}

static struct { volatile u64 context, el, rmi, sctlr, fault, token; } second[8];
static volatile u64 token_at;		/* where the second CPU has a platform token made */
static volatile u64 touch;		/* address that the other CPUs read, again and again */
static volatile bool leave[8];

/* For the challenge in the buffer at *at*: its length, or the answer that is none. With other CPUs. */
static u64 fetch_token(u64 at)
{
	struct regs r;

	do {
		r = (struct regs){ { STUB_PROXY, RMM_ATTEST_GET_PLAT_TOKEN, at, 0x800, 48 } };
		smc(&r);
	} while ((int32_t)r.x[0] == RMM_EL3_AGAIN && !leave[1]);
	return r.x[0] ? r.x[0] : r.x[1];
}

void host_second(u64 context, u64 el)
{
	u64 me = context & 7;
	struct regs r = { { STUB_VERSION } };

	smc(&r);
	second[me].el = el;
	second[me].rmi = r.x[0];
	second[me].sctlr = read_sysreg(sctlr_el2);
	dsb();
	second[me].context = context;
	dsb();
	while (!leave[me]) {
		if (token_at) {
			second[me].token = fetch_token(token_at);
			token_at = 0;
		}
		if (touch) {
			second[me].fault = probe(touch, 0) + 1;
			dsb();
		}
	}
	r = (struct regs){ { PSCI(2) } };
	smc(&r);
	print("CPU_OFF came back\n");
	for (;;)
		;
}

static bool wait_for(volatile u64 *p, u64 v)
{
	u64 until = read_sysreg(cntpct_el0) + 5 * read_sysreg(cntfrq_el0);

	while (*p != v)
		if (read_sysreg(cntpct_el0) > until)
			return false;
	return true;
}

static bool wait_affinity(u64 cpu, s64 state)
{
	u64 until = read_sysreg(cntpct_el0) + 5 * read_sysreg(cntfrq_el0);

	while (call(PSCI64(4), cpu, 0, 0) != state)
		if (read_sysreg(cntpct_el0) > until)
			return false;
	return true;
}

/* Other CPUs have the granule in their TLBs when it goes, and miss it when it is back. */
static void test_other_cpus(void)
{
	touch = SCRATCH;
	dsb();
	for (u64 cpu = 1; cpu < seen.cpus; cpu++)
		check("other CPU reads", wait_for(&second[cpu].fault, 1));
	for (u32 i = 0; i < 5; i++) {
		u64 gpf = 0x96000028 + 1, ok = 1;

		realm(FIRME_GM_GPI_SET, SCRATCH, 16, GPI_REALM);
		for (u64 cpu = 1; cpu < seen.cpus; cpu++)
			check("other CPU faults", wait_for(&second[cpu].fault, gpf));
		realm(FIRME_GM_GPI_SET, SCRATCH, 16, GPI_NS);
		for (u64 cpu = 1; cpu < seen.cpus; cpu++)
			check("other CPU reads again", wait_for(&second[cpu].fault, ok));
	}
	touch = 0;
	dsb();
}

#define GICR_OF(cpu, o)	(*(volatile u32 *)(GICR + (cpu) * 0x20000 + 0x10000 + (o)))
#define LEFT_SGI	3		/* before EL3's own: of equal priority this one would win */
#define EL3_SGI		15
#define LEFT_PPI	26

/* What a CPU's redistributor holds for the host stays over CPU_OFF, and a pending SGI wakes nobody. */
static void leave_interrupts(u64 cpu, u64 round)
{
	u32 mine = 1U << LEFT_SGI | 1U << EL3_SGI | 1U << LEFT_PPI;

	if (round == 1) {
		*(volatile u32 *)GICD = 0x12;			/* ARE_NS, EnableGrp1 */
		GICR_OF(cpu, 0x100) = mine;
		write_sysreg(S3_0_C12_C11_5, (u64)LEFT_SGI << 24 | 1ULL << cpu);
		isb();
	} else if (round == 2) {
		same("interrupts enabled before CPU_OFF", GICR_OF(cpu, 0x100) & mine, mine);
		same("the one that was pending, not EL3's", GICR_OF(cpu, 0x280) & mine, 1U << LEFT_SGI);
		GICR_OF(cpu, 0x180) = mine;
		GICR_OF(cpu, 0x280) = mine;
	}
}

static void test_cpus(s64 rmi, u64 rounds)
{
	u64 entry = (u64)second_start;

	same("CPU_ON of nobody", call(PSCI64(3), 0x300, entry, 0), -2);
	same("CPU_ON of the caller", call(PSCI64(3), 0, entry, 0), -4);
	same("AFFINITY_INFO of the caller", call(PSCI64(4), 0, 0, 0), 0);
	same("AFFINITY_INFO of nobody", call(PSCI64(4), 0x300, 0, 0), -2);
	same("AFFINITY_INFO, level 1", call(PSCI64(4), 0, 1, 0), -2);
	same("AFFINITY_INFO, 32 bits of each", call(PSCI(4), 0xbad00000000, 0xbad00000000, 0), 0);
	same("CPU_OFF of the last", call(PSCI(2), 0, 0, 0), -3);
	for (u64 round = 1; round <= rounds; round++) {
		for (u64 cpu = 1; cpu < seen.cpus; cpu++) {
			same("AFFINITY_INFO off", call(PSCI64(4), cpu, 0, 0), 1);
			same("CPU_ON at a device", call(PSCI64(3), cpu, UART0, 0), -9);
			same("CPU_ON between instructions", call(PSCI64(3), cpu, entry + 2, 0), -9);
			if (seen.monitor)
				same("CPU_ON in the monitor",
				     call(PSCI64(3), cpu, seen.monitor, 0), -9);
			second[cpu].context = 0;
			leave[cpu] = false;
			dsb();
			same("CPU_ON", call(PSCI64(3), cpu, entry, cpu | round << 16), 0);
			s64 again = call(PSCI64(3), cpu, entry, 0);
			check("CPU_ON again", again == -4 || again == -5);
		}
		for (u64 cpu = 1; cpu < seen.cpus; cpu++) {
			check("CPU came up", wait_for(&second[cpu].context, cpu | round << 16));
			same("its EL", second[cpu].el, 8);
			same("its MMU", second[cpu].sctlr & 1, 0);
			same("its RMI call", second[cpu].rmi, rmi);
			check("AFFINITY_INFO on", wait_affinity(cpu, 0));
			same("CPU_ON while on", call(PSCI64(3), cpu, entry, 0), -4);
			leave_interrupts(cpu, round);
		}
		if (!rmi && round == 1)
			test_other_cpus();
		for (u64 cpu = 1; cpu < seen.cpus; cpu++)
			leave[cpu] = true;
		dsb();
		for (u64 cpu = 1; cpu < seen.cpus; cpu++)
			check("AFFINITY_INFO after CPU_OFF", wait_affinity(cpu, 1));
	}
}

#define GICR_WORD(o)	(*(volatile u32 *)(GICR + 0x10000 + (o)))
#define CNTHP_PPI	26

u64 power_down(u64 power_state, u64 entry, u64 context);
void power_up(void);
u64 power_up_found[3];
static u64 record(u64 n);

static void wake_soon(void)
{
	*(volatile u32 *)GICD = 0x12;			/* ARE_NS, EnableGrp1 */
	GICR_WORD(0x100) = 1U << CNTHP_PPI;
	write_sysreg(S3_0_C4_C6_0, 0xf0);		/* ICC_PMR_EL1 */
	write_sysreg(S3_0_C12_C12_7, 1);		/* ICC_IGRPEN1_EL1 */
	write_sysreg(cnthp_tval_el2, read_sysreg(cntfrq_el0) / 100);
	write_sysreg(cnthp_ctl_el2, 1);
	isb();
}

/* It comes up as after CPU_ON, the monitor too; rmi: what it answers then. */
static void test_power_down(s64 rmi)
{
	u64 up = (u64)power_up, warm = rmi ? 0 : record(REC_WARM);

	same("power-down to a device", power_down(0x10000, UART0, 0), -9);
	if (seen.monitor)
		same("power-down to the monitor", power_down(0x10000, seen.monitor, 0), -9);
	same("power-down to an odd address", power_down(0x10000, up + 2, 0), -9);
	same("power-down of more than the CPU", power_down(0x1010000, up, 0), -2);
	for (u64 round = 1; round <= 3; round++) {
		wake_soon();
		write_sysreg(tpidr_el2, 0x7777);
		same("power-down", power_down(0x10000, up, 0x1234567800 + round), 0x1234567800 + round);
		same("the timer woke it", read_sysreg(cnthp_ctl_el2), 5);
		same("its MMU", power_up_found[0] & 1, 0);
		same("EL2 is not kept", power_up_found[1], 0);
		same("its priority mask", read_sysreg(S3_0_C4_C6_0), 0);
		same("its RMI call", call(STUB_VERSION, 0, 0, 0), rmi);
		same("AFFINITY_INFO", call(PSCI64(4), 0, 0, 0), 0);
		if (!rmi)
			same("warm boot of the monitor", record(REC_WARM), warm + round);
		write_sysreg(cnthp_ctl_el2, 0);
		isb();
	}
	GICR_WORD(0x180) = 1U << CNTHP_PPI;
}

/* Also shows that every interrupt of ours is Group 1 Non-secure. */
static void test_suspend(void)
{
	same("GICR_IGROUPR0 hidden from the host", GICR_WORD(0x80), 0);
	wake_soon();
	same("CPU_SUSPEND of more than a CPU", call(PSCI64(1), 1 << 24, 0, 0), -2);
	same("CPU_SUSPEND standby", call(PSCI64(1), 0, 0, 0), 0);
	same("the timer woke it", read_sysreg(cnthp_ctl_el2), 5);
	same("its interrupt is the host's", read_sysreg(S3_0_C12_C12_2), CNTHP_PPI);
	write_sysreg(cnthp_ctl_el2, 0);
	GICR_WORD(0x180) = 1U << CNTHP_PPI;
	write_sysreg(S3_0_C12_C12_7, 0);
	isb();
}

/* ---- registers across the worlds ---- */

static u64 before[NR_EL2_REGISTERS], holds[NR_EL2_REGISTERS], mine[NR_EL2_REGISTERS];

static void test_switch(void)
{
	u64 pmcr = read_sysreg(pmcr_el0) & ~0x26ULL, bad, gprs;	/* without P, C, DP */

	same("eight results", call(STUB_EIGHT, 1, 2, 3), 0xA0);
	check("x1-x7 of them", last.x[1] == 0xA1 && last.x[2] == 0xA2 && last.x[4] == 0xA4 &&
	      last.x[7] == 0xA7);
	same("RMI with SVE hint reaches the monitor", call(STUB_VERSION | SMC_SVE_HINT, 0, 0, 0),
	     -1);			/* the stub compares all of x0: it got the hint */
	same("RMI_VERSION", call(STUB_VERSION, 0, 0, 0), 0);
	same("its x2", last.x[2], 0x20000);
	same("its x4", last.x[4], 0x44);

	write_sysreg(pmcr_el0, pmcr | 1);
	el2_fill(7, before, holds);
	gprs = gprs_survive(STUB_SCRAMBLE, 1);	/* the monitor's now hold other patterns */
	bad = el2_compare(holds);
	el2_fill(9, mine, holds);
	gprs |= gprs_survive(STUB_EIGHT, 0);	/* comes back into the scramble */
	bad |= el2_compare(holds);
	el2_put_back(before);
	same("host x8-x30 across a call", gprs, 0);
	same("host EL2 registers across a call", bad, 0);
	same("PMCR_EL0 across a call", read_sysreg(pmcr_el0), pmcr | 1);
	write_sysreg(pmcr_el0, pmcr);

	el2_fill(3, before, holds);
	gprs = gprs_survive(PSCI(0), 0);
	bad = el2_compare(holds);
	el2_put_back(before);
	same("host x8-x30 across PSCI", gprs, 0);
	same("host EL2 registers across PSCI", bad, 0);

	/* The realm side of the same: what the stub found when it came back. */
	call(STUB_SCRAMBLE, 2, 0, 0);
	call(0xC4000155, 0, 0, 0);
	same("realm EL2 registers across a call", last.x[1], 0);
	same("realm x9-x30 across a call", last.x[2], 0);

	call(STUB_BELOW, RMM_RMI_REQ_COMPLETE, 0, 0);
	same("an answer to the host from Realm EL1", last.x[1], -1);
	call(STUB_BELOW, FIRME_SERVICE_VERSION, 0, 0);
	same("a call of the monitor from Realm EL1", last.x[1], -1);
}

/*
 * Cycles that the host's counter sees of long calls, against the time they
 * took: both count instructions under icount, so only in that mode.
 */
static void test_pmu(void)
{
	u64 c0, c1, t0, t1;

	write_sysreg(pmccfiltr_el0, 1ULL << 27);	/* count at EL2 */
	write_sysreg(pmcntenset_el0, 1ULL << 31);
	write_sysreg(pmcr_el0, 0x41);
	isb();
	t0 = read_sysreg(cntpct_el0);
	c0 = read_sysreg(pmccntr_el0);
	for (u32 i = 0; i < 8; i++) {
		realm(FIRME_GM_GPI_SET, SCRATCH, 512, GPI_REALM);
		realm(FIRME_GM_GPI_SET, SCRATCH, 512, GPI_NS);
	}
	c1 = read_sysreg(pmccntr_el0);
	t1 = read_sysreg(cntpct_el0);
	write_sysreg(pmcr_el0, 0x40);
	check("the host's cycle counter runs", c1 > c0);
	check("and stands still in EL3 and the realm world", c1 - c0 < (t1 - t0) / 100);
}

/* ---- granules ---- */

#define FSC(esr)	((esr) & 0x3f)
#define GPF		0x28

static void locked(const char *what, u64 pa)
{
	same(what, FSC(probe(pa, 0)), GPF);
	same(what, probe(pa, 1) & 0x7f, GPF | 0x40);
	same(what, FSC(probe(pa, 2)), GPF);
}

static void open(const char *what, u64 pa)
{
	same(what, probe(pa, 0), 0);
}

static void set(const char *what, u64 base, u64 count, u64 gpi, s64 want, u64 done)
{
	same(what, realm(FIRME_GM_GPI_SET, base, count, gpi), want);
	same(what, last.x[1], done);
}

static void test_protection(void)
{
	locked("the monitor's image", seen.monitor);
	locked("the monitor's last page", seen.monitor + seen.monitor_bytes - PAGE);
	open("below the monitor", seen.monitor - PAGE);
	check("flash is not the host's", FSC(probe(0, 0)) == GPF);
	check("secure RAM is not the host's", FSC(probe(0x0E000000, 0)) == GPF);
	check("its last page", FSC(probe(0x0EFFF000, 1)) == GPF);
	open("UART0", 0x09000000);
}

static void test_gtsi(void)
{
	same("GTSI_DELEGATE", realm(RMM_GTSI_DELEGATE, SCRATCH, 0, 0), 0);
	locked("a delegated granule", SCRATCH);
	open("its neighbour", SCRATCH + PAGE);
	same("GTSI_DELEGATE again", realm(RMM_GTSI_DELEGATE, SCRATCH, 0, 0), RMM_EL3_BAD_PAS);
	same("GTSI_DELEGATE unaligned", realm(RMM_GTSI_DELEGATE, SCRATCH + 8, 0, 0),
	     RMM_EL3_BAD_ADDR);
	same("GTSI_DELEGATE beyond", realm(RMM_GTSI_DELEGATE, 1ULL << 50, 0, 0), RMM_EL3_BAD_ADDR);
	same("GTSI_DELEGATE of flash", realm(RMM_GTSI_DELEGATE, 0, 0, 0), RMM_EL3_BAD_PAS);
	call(STUB_POKE, SCRATCH, MAGIC, 0);
	same("the realm world writes there", peek(SCRATCH), MAGIC);
	same("GTSI_UNDELEGATE", realm(RMM_GTSI_UNDELEGATE, SCRATCH, 0, 0), 0);
	same("EL3 does not wipe", *(volatile u64 *)SCRATCH, MAGIC);
	same("GTSI_UNDELEGATE again", realm(RMM_GTSI_UNDELEGATE, SCRATCH, 0, 0), RMM_EL3_BAD_PAS);
}

static void test_gpi_set(void)
{
	u64 end = SCRATCH + 1024 * PAGE, gib = 0x80000000;

	set("GPI_SET of one", SCRATCH, 1, GPI_REALM, 0, 1);
	locked("one", SCRATCH);
	set("GPI_SET back", SCRATCH, 1, GPI_NS, 0, 1);
	open("one, given back", SCRATCH);

	set("GPI_SET of 37, odd start", SCRATCH + 3 * PAGE, 37, GPI_REALM, 0, 37);
	open("before it", SCRATCH + 2 * PAGE);
	for (u64 i = 3; i < 40; i++)
		same("inside", FSC(probe(SCRATCH + i * PAGE, 0)), GPF);
	open("behind it", SCRATCH + 40 * PAGE);
	set("prefix only", SCRATCH, 100, GPI_REALM, 0, 3);
	set("first one is wrong", SCRATCH, 100, GPI_REALM, FIRME_DENIED, 0);
	set("back, longer than it is", SCRATCH, 512, GPI_NS, 0, 40);
	open("all back", SCRATCH + 39 * PAGE);

	set("GPI_SET of 512", SCRATCH + PAGE, 512, GPI_REALM, 0, 512);
	locked("first of 512", SCRATCH + PAGE);
	locked("last of 512", SCRATCH + 512 * PAGE);
	open("before 512", SCRATCH);
	open("behind 512", SCRATCH + 513 * PAGE);
	set("GPI_SET back of 1000", SCRATCH + PAGE, 1000, GPI_NS, 0, 512);
	set("GPI_SET of 1000", SCRATCH, 1000, GPI_REALM, 0, 512);
	set("the rest", SCRATCH + 512 * PAGE, 488, GPI_REALM, 0, 488);
	for (u64 pa = SCRATCH; pa < SCRATCH + 1000 * PAGE; pa += PAGE)
		if (FSC(probe(pa, 0)) != GPF)
			same("all of 1000", pa, 0);
	set("back", SCRATCH, 1000, GPI_NS, 0, 512);
	set("back, the rest", SCRATCH + 512 * PAGE, 1000, GPI_NS, 0, 488);
	for (u64 pa = SCRATCH; pa < end; pa += PAGE)
		if (probe(pa, 0))
			same("all back", pa, 0);

	set("unaligned", SCRATCH + 0x800, 1, GPI_REALM, FIRME_INVALID, 0);
	set("none", SCRATCH, 0, GPI_REALM, FIRME_INVALID, 0);
	set("beyond PPS", 1ULL << 45, 1, GPI_REALM, FIRME_INVALID, 0);
	set("at the end of all", ~0ULL << 12, 1, GPI_REALM, FIRME_INVALID, 0);
	set("count that wraps", SCRATCH, ~0ULL, GPI_REALM, 0, 512);
	set("count that wraps, back", SCRATCH, ~0ULL, GPI_NS, 0, 512);
	set("flash", 0, 1, GPI_REALM, FIRME_DENIED, 0);
	set("secure RAM", 0x0E000000, 1, GPI_REALM, FIRME_DENIED, 0);
	set("secure RAM to the host", 0x0E000000, 1, GPI_NS, FIRME_DENIED, 0);
	set("a device", UART0, 1, GPI_REALM, FIRME_DENIED, 0);
	set("to Root", SCRATCH, 1, GPI_ROOT, FIRME_DENIED, 0);
	set("to any", SCRATCH, 1, GPI_ANY, FIRME_DENIED, 0);
	set("a Realm granule", SCRATCH, 1, GPI_REALM, 0, 1);
	set("from Realm to Root", SCRATCH, 1, GPI_ROOT, FIRME_DENIED, 0);
	set("from Realm to any", SCRATCH, 1, GPI_ANY, FIRME_DENIED, 0);
	set("from Realm to nothing", SCRATCH, 1, 0, FIRME_DENIED, 0);
	set("back", SCRATCH, 1, GPI_NS, 0, 1);
	set("GPI with high bits", SCRATCH, 1, GPI_REALM | 0x100, FIRME_DENIED, 0);
	set("the monitor again", seen.monitor, 1, GPI_REALM, FIRME_DENIED, 0);
	if (seen.dram_end > gib + 4 * PAGE && seen.monitor >= gib + 4 * PAGE) {
		set("over an L0 border", gib - 2 * PAGE, 4, GPI_REALM, 0, 2);
		set("the second half", gib, 2, GPI_REALM, 0, 2);
		locked("left of the border", gib - PAGE);
		locked("right of the border", gib);
		set("back", gib - 2 * PAGE, 4, GPI_NS, 0, 2);
		set("back", gib, 2, GPI_NS, 0, 2);
	}
	if (seen.dram_end > 0x100000000ULL) {
		set("above 4 GiB", 0x100000000ULL, 8, GPI_REALM, 0, 8);
		locked("above 4 GiB", 0x100007000ULL);
		set("above 4 GiB, back", 0x100000000ULL, 8, GPI_NS, 0, 8);
	}
	same("GPI_SET from the host", call(FIRME_GM_GPI_SET, SCRATCH, 1, GPI_REALM), FIRME_DENIED);
	same("its count", last.x[1], 0);
	same("OP_CONTINUE", realm(FIRME_GM_GPI_OP_CONTINUE, 0, 0, 0), -1);
}

/* ---- granule tables ---- */

#define GIB		0x40000000ULL
#define L1_BYTES	0x20000ULL
#define BLOCK		(2 * GIB)		/* a block at boot, and the next too */
#define FAR		(3 * GIB)
#define TABLE_INSIDE	(BLOCK + 0x100000)

static void create(const char *what, u64 region, u64 memory, s64 want)
{
	same(what, realm(FIRME_L1_GPT_CREATE, region, memory, 0), want);
}

static void destroy(const char *what, u64 region, s64 want, u64 memory)
{
	same(what, realm(FIRME_L1_GPT_DESTROY, region, 0, 0), want);
	same(what, last.x[1], memory);
}

static void fill(u64 pa, u64 bytes)
{
	for (u64 i = 0; i < bytes; i += 8)
		*(volatile u64 *)(pa + i) = MAGIC;
}

static bool is_wiped(u64 pa, u64 bytes)
{
	for (u64 i = 0; i < bytes; i += 8)
		if (*(volatile u64 *)(pa + i))
			return false;
	return true;
}

/* The second CPU reads it over and over: what it finds in the end. */
static void other_cpu(const char *what, u64 pa, u64 fault)
{
	touch = pa;
	dsb();
	check(what, wait_for(&second[1].fault, fault + 1));
}

/* With a table in `memory` the region's granules move; without, none does. */
static void use_table(u64 region, u64 memory)
{
	u64 granule = region + 0x3000000;

	set("below a block", granule, 1, GPI_REALM, FIRME_INVALID, 0);
	fill(memory, L1_BYTES);
	other_cpu("other CPU reads", memory, 0);
	create("L1_CREATE", region, memory, FIRME_OK);
	other_cpu("the table is not another CPU's", memory, 0x96000028);
	locked("the table", memory);
	locked("the table's end", memory + L1_BYTES - PAGE);
	open("beside the table", memory - PAGE);
	open("behind the table", memory + L1_BYTES);
	set("the table is not the host's", memory, 1, GPI_REALM, FIRME_DENIED, 0);
	open("in the region", granule);
	create("L1_CREATE again", region, memory, FIRME_EXISTS);
	create("L1_CREATE, a probe", region, 0, FIRME_EXISTS);
	set("GPI_SET", granule, 3, GPI_REALM, 0, 3);
	locked("a granule of it", granule + PAGE);
	open("its neighbour", granule + 3 * PAGE);
	same("L1_DESTROY from the host", call(FIRME_L1_GPT_DESTROY, region, 0, 0), FIRME_DENIED);
	destroy("L1_DESTROY with a Realm granule", region, FIRME_CONFLICT, 0);
	locked("still", granule + PAGE);
	set("GPI_SET back", granule, 3, GPI_NS, 0, 3);
	destroy("L1_DESTROY", region, FIRME_OK, memory);
	other_cpu("other CPU reads again", memory, 0);
	check("is wiped", is_wiped(memory, L1_BYTES));
	fill(memory, L1_BYTES);
	destroy("L1_DESTROY again", region, FIRME_NO_ENTRY, 0);
	set("below a block again", granule, 1, GPI_REALM, FIRME_INVALID, 0);
}

static void mode_tables(void)
{
	u64 ours = ALIGN_UP(seen.monitor - 0x1000000, L1_BYTES);	/* made at boot */

	create("not a multiple", BLOCK + PAGE, TABLE_INSIDE, FIRME_INVALID);
	create("beyond PPS", 1ULL << 45, TABLE_INSIDE, FIRME_INVALID);
	create("at the end of all", ~0ULL << 30, TABLE_INSIDE, FIRME_INVALID);
	create("no DRAM", 64 * GIB, TABLE_INSIDE, FIRME_INVALID);
	create("made at boot", ALIGN_DOWN(ours, GIB), 0, FIRME_EXISTS);
	create("the devices'", 0, 0, FIRME_EXISTS);
	create("memory not a multiple", BLOCK, TABLE_INSIDE + PAGE, FIRME_INVALID);
	create("no memory", BLOCK, 0, FIRME_INVALID);
	create("memory in flash", BLOCK, L1_BYTES, FIRME_INVALID);
	create("memory beyond DRAM", BLOCK, seen.dram_end, FIRME_INVALID);
	create("memory below another block", BLOCK, FAR, FIRME_INVALID);
	create("memory of the monitor", BLOCK, ALIGN_UP(seen.monitor, L1_BYTES), FIRME_DENIED);
	set("delegate", ours + L1_BYTES - PAGE, 1, GPI_REALM, 0, 1);
	create("memory's last granule Realm", BLOCK, ours, FIRME_DENIED);
	open("untouched", ours);
	set("back", ours + L1_BYTES - PAGE, 1, GPI_NS, 0, 1);
	same("L1_CREATE from the host", call(FIRME_L1_GPT_CREATE, BLOCK, ours, 0), FIRME_DENIED);
	same("L1_DESTROY from the host", call(FIRME_L1_GPT_DESTROY, 0, 0, 0), FIRME_DENIED);
	same("its x1", last.x[1], 0);
	destroy("not a multiple", BLOCK + PAGE, FIRME_INVALID, 0);
	destroy("beyond PPS", 1ULL << 45, FIRME_INVALID, 0);
	destroy("a block", BLOCK, FIRME_NO_ENTRY, 0);
	destroy("made at boot", ALIGN_DOWN(ours, GIB), FIRME_DENIED, 0);
	destroy("the devices'", 0, FIRME_DENIED, 0);

	same("CPU_ON", call(PSCI64(3), 1, (u64)second_start, 1), 0);
	use_table(BLOCK, ours);
	use_table(BLOCK, TABLE_INSIDE);
	use_table(BLOCK, BLOCK);
	use_table(BLOCK, BLOCK + GIB - L1_BYTES);

	/* one table in memory below another one: in the right order only */
	create("L1_CREATE", BLOCK, TABLE_INSIDE, FIRME_OK);
	use_table(FAR, BLOCK + 0x200000);
	create("L1_CREATE in there", FAR, BLOCK + 0x200000, FIRME_OK);
	create("memory of a table", BLOCK, BLOCK + 0x200000, FIRME_EXISTS);
	destroy("with another's table", BLOCK, FIRME_CONFLICT, 0);
	destroy("the other's", FAR, FIRME_OK, BLOCK + 0x200000);
	destroy("then its own", BLOCK, FIRME_OK, TABLE_INSIDE);
}

/* As mode_reset(), with the secret below tables in DRAM, which the wipe must survive. */
static void mode_tables_reset(void)
{
	volatile u64 *marker = (void *)MARKER;
	u64 secret = BLOCK + 0x8000000;

	if (*marker != MAGIC) {
		*marker = MAGIC;
		create("L1_CREATE", BLOCK, TABLE_INSIDE, FIRME_OK);
		create("L1_CREATE", FAR, BLOCK + 0x200000, FIRME_OK);
		check("delegate", !realm(FIRME_GM_GPI_SET, secret, 2, GPI_REALM));
		check("delegate", !realm(FIRME_GM_GPI_SET, FAR + 0x8000000, 1, GPI_REALM));
		call(STUB_POKE, secret + 8, MAGIC, 0);
		call(STUB_POKE, FAR + 0x8000000, MAGIC, 0);
		dsb();
		call(PSCI(9), 0, 0, 0);
	}
	*marker = 0;
	same("the first secret", *(volatile u64 *)(secret + 8), 0);
	same("the second secret", *(volatile u64 *)(FAR + 0x8000000), 0);
	destroy("tables are gone", BLOCK, FIRME_NO_ENTRY, 0);
}

static void test_firme(void)
{
	same("base version", realm(FIRME_SERVICE_VERSION, 0, 0, 0), 0x10000);
	same("granule version", realm(FIRME_SERVICE_VERSION, 1, 0, 0), 0x10000);
	same("IDE version", realm(FIRME_SERVICE_VERSION, 2, 0, 0), -1);
	same("base version for the host", call(FIRME_SERVICE_VERSION, 0, 0, 0), 0x10000);
	same("base features 0", realm(FIRME_SERVICE_FEATURES, 0, 0, 0), 0);
	same("are", last.x[1], 3);
	same("base features 1", realm(FIRME_SERVICE_FEATURES, 0, 1, 0), 0);
	same("are", last.x[1] & 0x70000, FIRME_BASE1_GRANULE);
	check("and attestation", last.x[1] & FIRME_BASE1_ATTEST);
	same("granule features 0", realm(FIRME_SERVICE_FEATURES, 1, 0, 0), 0);
	same("have", last.x[1], FIRME_GM0_GPI_SET | FIRME_GM0_L1_CREATE | FIRME_GM0_L1_DESTROY);
	same("granule features 1", realm(FIRME_SERVICE_FEATURES, 1, 1, 0), 0);
	same("4 KiB", FIRME_GM1_PGS(last.x[1]), 0);
	same("1 GiB", FIRME_GM1_L0GPTSZ(last.x[1]), 0);
	same("1 TiB", FIRME_GM1_PPS(last.x[1]), 2);
	same("unknown register", realm(FIRME_SERVICE_FEATURES, 1, 2, 0), FIRME_INVALID);
}

/* ---- the monitor's boot and services ---- */

static u64 record(u64 n)
{
	call(STUB_RECORD, n, 0, 0);
	return last.x[1];
}

static u64 checksum(u64 list, u64 words)
{
	u64 sum = peek(list) + peek(list + 8) + peek(list + 16);

	for (u64 i = 0; i < words; i++)
		sum += peek(peek(list + 8) + 8 * i);
	return sum;
}

static void test_boot(void)
{
	u64 m = record(REC_X3), uart;

	same("cold x0", record(REC_X0), 0);
	same("cold x1", record(REC_X1), 0x20000);
	same("cold x2", record(REC_X2), seen.cpus);
	same("cold x4", record(REC_X4), 0);
	same("loaded at", record(REC_BASE), seen.monitor);
	same("shared buffer", m, seen.monitor + seen.monitor_bytes - PAGE);
	same("manifest version", peek(m), 5);
	same("plat_data", peek(m + 8), 0);
	same("banks", peek(m + 0x10), 1);
	same("banks' checksum", checksum(m + 0x10, 2), 0);
	same("bank base", peek(peek(m + 0x18)), DRAM);
	same("bank size", peek(peek(m + 0x18) + 8), seen.dram_end - DRAM);
	same("consoles", peek(m + 0x28), 1);
	same("consoles' checksum", checksum(m + 0x28, 6), 0);
	uart = peek(m + 0x30);
	same("console base", peek(uart), UART0);
	same("console pages", peek(uart + 8), 1);
	same("console name", peek(uart + 16), 0x3131306c70);
	for (u64 o = 0x40; o < 0xa8; o += 8)
		same("no other lists", peek(m + o), 0);
}

/* What is asked for until it is there; how often is in *slices. */
static s64 patient(u64 fid, u64 a, u64 b, u64 c, u64 *slices)
{
	s64 r;

	for (*slices = 0; (r = (int32_t)realm(fid, a, b, c)) == RMM_EL3_AGAIN && *slices < 1000;)
		++*slices;
	return r;
}

static void set_challenge(u64 at, u64 word)
{
	for (u64 i = 0; i < 8; i++)
		call(STUB_POKE, at + 8 * i, word + i, 0);
}

/* Its content is looked at on the machine with a monitor (tests/machine); here: the calls. */
static void test_platform_token(u64 m)
{
	u64 slices, first[2], got = 0, hunks = 0, bytes, left;

	same("no challenge, nothing begun", realm(RMM_ATTEST_GET_PLAT_TOKEN, m, PAGE, 0),
	     RMM_EL3_INVAL);
	for (u64 n = 1; n < 100; n++)
		if (n != 32 && n != 48 && n != 64)
			same("challenge of no digest", realm(RMM_ATTEST_GET_PLAT_TOKEN, m, PAGE, n),
			     RMM_EL3_INVAL);
	same("no room for it", realm(RMM_ATTEST_GET_PLAT_TOKEN, m, 31, 32), RMM_EL3_INVAL);
	same("no buffer", realm(RMM_ATTEST_GET_PLAT_TOKEN, m, 0, 32), RMM_EL3_INVAL);
	same("platform token, beyond", realm(RMM_ATTEST_GET_PLAT_TOKEN, m + 8, PAGE, 32),
	     RMM_EL3_BAD_ADDR);
	same("platform token, elsewhere", realm(RMM_ATTEST_GET_PLAT_TOKEN, SCRATCH, PAGE, 32),
	     RMM_EL3_BAD_ADDR);

	set_challenge(m, 0x1111);
	same("platform token", patient(RMM_ATTEST_GET_PLAT_TOKEN, m, PAGE, 48, &slices), 0);
	check("was made in slices", slices > 60);
	bytes = last.x[1];
	check("its length", bytes > 400 && bytes < 1000);
	same("nothing left", last.x[2], 0);
	same("COSE_Sign1, ES384", peek(m) & 0xffffffffffffff, 0xa0223801a14484d2 & 0xffffffffffffff);
	same("no more of it", realm(RMM_ATTEST_GET_PLAT_TOKEN, m, PAGE, 0), RMM_EL3_INVAL);
	first[0] = peek(m + 200);
	first[1] = peek(m + (bytes & ~7UL) - 8);

	set_challenge(m, 0x1111);
	same("the same again, in hunks", patient(RMM_ATTEST_GET_PLAT_TOKEN, m, 100, 48, &slices), 0);
	same("is there at once", slices, 0);
	do {
		got += last.x[1];
		left = last.x[2];
		hunks++;
		same("adds up", got + left, bytes);
	} while (left && !realm(RMM_ATTEST_GET_PLAT_TOKEN, m, 100, 0) && hunks < 100);
	same("the last one", left, 0);
	same("hunks", hunks, (bytes + 99) / 100);

	set_challenge(m, 0x2222);
	realm(RMM_ATTEST_GET_PLAT_TOKEN, m, PAGE, 64);
	same("another challenge", last.x[0], (u64)RMM_EL3_AGAIN);
	same("and nothing meanwhile", realm(RMM_ATTEST_GET_PLAT_TOKEN, m, PAGE, 0), RMM_EL3_INVAL);
	set_challenge(m, 0x1111);
	same("the first one after all", patient(RMM_ATTEST_GET_PLAT_TOKEN, m, PAGE, 48, &slices), 0);
	check("is made again", slices > 50);
	same("and is the same", peek(m + 200) == first[0] && peek(m + (bytes & ~7UL) - 8) == first[1], 1);

	same("FIRME attestation version", realm(FIRME_SERVICE_VERSION, 4, 0, 0), 0x10000);
	same("its features", realm(FIRME_SERVICE_FEATURES, 4, 0, 0), 0);
	same("are", last.x[1], mode_is("main signs") ? 5 : 3);
	set_challenge(m, 0x3333);
	realm(FIRME_PAT_GET, m, PAGE, 32);
	same("FIRME platform token", last.x[0], (u64)FIRME_INCOMPLETE);
	same("of the host", call(FIRME_PAT_GET, m, PAGE, 32), FIRME_DENIED);
	same("bad challenge", realm(FIRME_PAT_GET, m, PAGE, 33), FIRME_INVALID);
}

/* Two CPUs at once, each in a half of the buffer: one makes it, both get it. */
static void test_token_together(u64 m)
{
	u64 half = m + 0x800, slices, bytes, differ = 0;

	leave[1] = false;
	second[1].token = 0;
	same("CPU_ON", call(PSCI64(3), 1, (u64)second_start, 1), 0);
	set_challenge(m, 0x6666);
	set_challenge(half, 0x6666);
	token_at = half;
	dsb();
	same("a token that two want", patient(RMM_ATTEST_GET_PLAT_TOKEN, m, 0x800, 48, &slices), 0);
	bytes = last.x[1];
	check("the other one has it, too", wait_for(&second[1].token, bytes));
	for (u64 i = 0; i < bytes / 8; i++)
		differ += peek(m + 8 * i) != peek(half + 8 * i);
	same("it is the same", differ, 0);
	leave[1] = true;
	dsb();
	check("CPU_OFF", wait_affinity(1, 1));
}

static void test_realm_key(u64 m)
{
	same("realm key", realm(RMM_ATTEST_GET_REALM_KEY, m + 0x800, 0x800, 0), 0);
	same("its length", last.x[1], 48);
	check("its bytes", peek(m + 0x800) | peek(m + 0x828));
	same("realm key, no room", realm(RMM_ATTEST_GET_REALM_KEY, m + 0x800, 47, 0),
	     RMM_EL3_INVAL);
	same("realm key, other curve", realm(RMM_ATTEST_GET_REALM_KEY, m, PAGE, 1), RMM_EL3_INVAL);
	same("realm key, beyond", realm(RMM_ATTEST_GET_REALM_KEY, m + 8, PAGE, 0),
	     RMM_EL3_BAD_ADDR);
	same("realm key, elsewhere", realm(RMM_ATTEST_GET_REALM_KEY, SCRATCH, 48, 0),
	     RMM_EL3_BAD_ADDR);
	same("realm key, huge size", realm(RMM_ATTEST_GET_REALM_KEY, m, ~0ULL, 0),
	     RMM_EL3_BAD_ADDR);
	same("FIRME realm key", realm(FIRME_RAK_GET, m, PAGE, 0), 0);
	same("has", last.x[1], 48);
	same("FIRME signing", realm(FIRME_RAT_SIGN, RMM_SIGN_PUBLIC_KEY, m, PAGE), -1);
}

static void request(u64 m, u64 algorithm, u64 hash, u64 ticket)
{
	call(STUB_POKE, m, algorithm, 0);
	call(STUB_POKE, m + 8, 0xC00C1E, 0);
	call(STUB_POKE, m + 16, ticket, 0);
	call(STUB_POKE, m + 24, hash, 0);
	set_challenge(m + 32, 0x4444);
}

static void test_token_sign(u64 m)
{
	u64 slices, r;

	if (!mode_is("main signs")) {
		same("token signing", realm(RMM_EL3_TOKEN_SIGN, 3, m, PAGE), -1);
		return;
	}
	same("no key", realm(RMM_ATTEST_GET_REALM_KEY, m, PAGE, 0), -1);
	same("public key", realm(RMM_EL3_TOKEN_SIGN, 3, m, PAGE), 0);
	same("its length", last.x[1], 97);
	same("uncompressed", peek(m) & 0xff, 4);
	same("no room for it", realm(RMM_EL3_TOKEN_SIGN, 3, m, 96), RMM_EL3_INVAL);
	same("no such operation", realm(RMM_EL3_TOKEN_SIGN, 4, m, PAGE), RMM_EL3_INVAL);
	same("signing, elsewhere", realm(RMM_EL3_TOKEN_SIGN, 1, SCRATCH, PAGE), RMM_EL3_BAD_ADDR);
	same("nothing to pull", realm(RMM_EL3_TOKEN_SIGN, 2, m, PAGE), RMM_EL3_AGAIN);
	request(m, 1, 1, 7);
	same("unknown algorithm", realm(RMM_EL3_TOKEN_SIGN, 1, m, PAGE), RMM_EL3_INVAL);
	request(m, 0, 0, 7);
	same("unknown hash", realm(RMM_EL3_TOKEN_SIGN, 1, m, PAGE), RMM_EL3_INVAL);
	request(m, 0, 1, 7);
	same("cut request", realm(RMM_EL3_TOKEN_SIGN, 1, m, 0x5f), RMM_EL3_INVAL);
	same("request", realm(RMM_EL3_TOKEN_SIGN, 1, m, PAGE), 0);
	request(m, 0, 1, 8);
	same("a second one", realm(RMM_EL3_TOKEN_SIGN, 1, m, PAGE), RMM_EL3_AGAIN);
	same("no room for an answer", realm(RMM_EL3_TOKEN_SIGN, 2, m, 100), RMM_EL3_INVAL);
	same("answer", patient(RMM_EL3_TOKEN_SIGN, 2, m, PAGE, &slices), 0);
	check("in slices", slices > 50);
	same("cookie", peek(m), 0xC00C1E);
	same("ticket", peek(m + 8), 7);
	same("length", peek(m + 16) & 0xffff, 96);
	r = peek(m + 24);
	same("nothing more", realm(RMM_EL3_TOKEN_SIGN, 2, m, PAGE), RMM_EL3_AGAIN);
	request(m, 0, 1, 9);
	same("again", realm(RMM_EL3_TOKEN_SIGN, 1, m, PAGE), 0);
	same("answer", patient(RMM_EL3_TOKEN_SIGN, 2, m, PAGE, &slices), 0);
	same("ticket", peek(m + 8), 9);
	same("the same signature", peek(m + 24), r);
	same("FIRME signing", realm(FIRME_RAT_SIGN, RMM_SIGN_PUBLIC_KEY, m, PAGE), 0);
	same("FIRME realm key", realm(FIRME_RAK_GET, m, PAGE, 0), -1);
}

static void test_services(void)
{
	u64 m = record(REC_X3), a, b;

	same("EL3_FEATURES", realm(RMM_EL3_FEATURES, 0, 0, 0), 0);
	same("token signing", last.x[1], mode_is("main signs"));
	same("EL3_FEATURES(1)", realm(RMM_EL3_FEATURES, 1, 0, 0), RMM_EL3_INVAL);
	test_platform_token(m);
	test_token_sign(m);
	if (mode_is("main signs"))
		test_token_together(m);
	if (!mode_is("main signs"))
		test_realm_key(m);

	same("RESERVE of nothing", realm(RMM_RESERVE_MEMORY, 0, 0, 0), RMM_EL3_INVAL);
	same("RESERVE, unknown flag", realm(RMM_RESERVE_MEMORY, PAGE, 2, 0), RMM_EL3_INVAL);
	same("RESERVE", realm(RMM_RESERVE_MEMORY, 100, 1, 0), 0);
	a = last.x[1];
	check("inside the block", a >= seen.monitor && a < m && !(a & 0xfff));
	same("RESERVE aligned", realm(RMM_RESERVE_MEMORY, 0x5000, 16ULL << 56, 0), 0);
	b = last.x[1];
	check("behind the first, aligned", b > a && !(b & 0xffff));
	same("zeroed", peek(b) | peek(b + 0x4ff8), 0);
	locked("reserved memory", b);
	same("RESERVE again", realm(RMM_RESERVE_MEMORY, PAGE, 0, 0), 0);
	check("behind that", last.x[1] >= b + 0x5000);
	same("RESERVE too much", realm(RMM_RESERVE_MEMORY, seen.monitor_bytes, 0, 0),
	     RMM_EL3_NOMEM);
	same("RESERVE, wild size", realm(RMM_RESERVE_MEMORY, ~0ULL, 0, 0), RMM_EL3_NOMEM);
	same("RESERVE, wild alignment", realm(RMM_RESERVE_MEMORY, PAGE, 63ULL << 56, 0),
	     RMM_EL3_NOMEM);
	a = (seen.dram_end - DRAM) / 2048;
	same("RESERVE metadata", realm(RMM_RESERVE_MEMORY, a, 0, 0),
	     mode_is("main nometa") ? RMM_EL3_NOMEM : 0);
	if (!mode_is("main nometa"))	/* run.sh has written there before */
		same("zeroed all through", peek(last.x[1] + a / 2), 0);
	same("unknown service", realm(0xC40001C0, 0, 0, 0), -1);
	same("BOOT_COMPLETE later", realm(RMM_BOOT_COMPLETE, 0, 0, 0), -1);
	same("SMCCC_VERSION of the realm world", realm(0x80000000, 0, 0, 0), 0x10003);
	same("PSCI_VERSION of the realm world", realm(PSCI(0), 0, 0, 0), -1);
	same("CPU_OFF of the realm world", realm(PSCI(2), 0, 0, 0), -1);
}

/* ---- modes ---- */

/*
 * What EL3 keeps is Undefined where it was touched: at the vector, with the syndrome and
 * the return address that the hardware would have given.
 */
static void mode_traps(void)
{
	static const struct { u64 spsr, vector; } levels[] = {
		{ 0x3c5, 0x200 },		/* EL1h */
		{ 0x3c4, 0x000 },		/* EL1t */
		{ 0x3c0, 0x400 },		/* EL0t */
	};
	u64 saw[4];

	for (u32 i = 0; i < 2; i++)
		same("at EL2", probe(0, 3), 0x2000000);
	for (u32 i = 0; i < ARRAY_SIZE(levels); i++) {
		below(levels[i].spsr, saw);
		same("vector", saw[0], levels[i].vector);
		same("ESR_EL1", saw[1], 0x2000000);
		same("ELR_EL1", saw[2], 0);
		same("SPSR_EL1", saw[3], levels[i].spsr);
	}
}

static void count(const char *what, u64 fid)
{
	u64 n;

	count_calls(fid, 10);
	n = count_calls(fid, 1000);		/* with the loop around it: 4 a call */
	print("COUNT ");
	print(what);
	put(' ');
	print_number(n / 1000, 10);
	put('\n');
}

static void count_move(const char *what, u64 granules)
{
	u64 t0, t1;

	realm(FIRME_GM_GPI_SET, SCRATCH, granules, GPI_REALM);
	realm(FIRME_GM_GPI_SET, SCRATCH, granules, GPI_NS);
	for (int back = 0; back < 2; back++) {
		last = (struct regs){ { STUB_PROXY, FIRME_GM_GPI_SET, SCRATCH, granules,
					back ? GPI_NS : GPI_REALM } };
		t0 = read_sysreg(cntpct_el0);
		smc(&last);
		t1 = read_sysreg(cntpct_el0);
		print("COUNT ");
		print(back ? "undelegate " : "delegate ");
		print(what);
		put(' ');
		print_number(t1 - t0, 10);
		put('\n');
	}
}

static void mode_count(u64 booted)
{
	print("COUNT reset-to-host ");
	print_number(booted, 10);
	put('\n');
	count("PSCI_VERSION", PSCI(0));
	count("RMI_VERSION", STUB_VERSION);
	test_pmu();
	count_move("1", 1);
	count_move("16", 16);
	count_move("512", 512);
}

/* First boot: a secret in a realm granule, reset. Second: is it gone? */
static void mode_reset(void)
{
	volatile u64 *marker = (void *)MARKER;

	if (*marker != MAGIC) {
		*marker = MAGIC;
		check("delegate", !realm(FIRME_GM_GPI_SET, SCRATCH, 2, GPI_REALM));
		call(STUB_POKE, SCRATCH + 8, MAGIC, 0);
		call(STUB_POKE, SCRATCH + PAGE + 0xff8, MAGIC, 0);
		dsb();
		call(PSCI(9), 0, 0, 0);
	}
	*marker = 0;
	same("the first secret", *(volatile u64 *)(SCRATCH + 8), 0);
	same("the second secret", *(volatile u64 *)(SCRATCH + PAGE + 0xff8), 0);
	test_cpus(0, 1);
}

void host_main(u64 dt, u64 el, u64 daif, u64 sctlr)
{
	u64 booted = read_sysreg(cntpct_el0);

	walk_tree((const u8 *)dt);
	same("entered at EL2", el, 8);
	same("masked", daif, 0x3c0);
	same("MMU off", sctlr & 1, 0);
	same("tree at the start of DRAM", dt, DRAM);
	if (mode_is("count")) {
		mode_count(booted);
	} else if (mode_is("reset")) {
		mode_reset();
	} else if (mode_is("tables")) {
		mode_tables();
	} else if (mode_is("traps")) {
		mode_traps();
	} else if (mode_is("l1reset")) {
		mode_tables_reset();
	} else if (mode_is("dead")) {
		test_tree(dt, seen.monitor);
		test_versions();
		test_cpus(-1, 2);
		test_power_down(-1);
		same("RMI_VERSION", call(STUB_VERSION, 0, 0, 0), -1);
		same("last RMI", call(RMI_FID2_LAST, 0, 0, 0), -1);
		same("unknown SMC", call(0x8400ffff, 1, 2, 3), -1);
	} else {
		test_tree(dt, true);
		test_versions();
		test_boot();
		test_firme();
		test_switch();
		test_suspend();
		test_protection();
		test_gtsi();
		test_gpi_set();
		test_cpus(0, 3);
		same("warm boots", record(REC_WARM), 3 * (seen.cpus - 1));
		same("warm x1, x2", record(REC_WARM_X1), 0);
		same("warm x3", record(REC_WARM_X3), 0);
		test_power_down(call(STUB_VERSION, 0, 0, 0));
		test_services();
		test_switch();
	}
	off();
}
