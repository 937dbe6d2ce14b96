/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host that measures. Each figure is one call, or one row of calls, that
 * was made before: tables, pages and TLB are as a host in the middle of its
 * work has them. Prints "bench: NAME TICKS": under icount (docs/spec/qemu.md 3)
 * the counter counts instructions of all worlds. Which world they belong to is
 * counted by count.c between the same marks, in the same order.
 */
#include "machine/bare.h"
#include "plan.h"

extern const u8 realm_image[], realm_image_end[];
void secondary_entry(void);
void secondary_main(void);
void bench_begin(void);
void bench_end(void);

__asm__(".pushsection .text\n"
	".global bench_begin, bench_end\n"
	"bench_begin: ret\n"
	"bench_end: ret\n"
	".popsection");

static u8 page[4096] __attribute__((aligned(4096)));
static struct rmi_rec_run run __attribute__((aligned(4096)));
static u64 rd, rec;
static u64 ticks;

#define HALF	(1UL << 35)		/* of a realm of 36 bits */
#define MIB2	0x200000UL

void secondary_main(void)
{
}

/* ---- measuring ------------------------------------------------------------- */

/* Called "first" it is no figure: a call made so that the next one finds all things warm. */

static void tell(const char *name, u64 count)
{
	puts("bench: ");
	puts(name);
	puts(" ");
	number(count, 10);
	puts("\n");
}

static void begin(void)
{
	ticks = read_sysreg(cntpct_el0);
	bench_begin();
}

static void end_of(const char *name)
{
	bench_end();
	tell(name, read_sysreg(cntpct_el0) - ticks);
}

/* A call whose answer must be `want`. */
static void measure(const char *name, u64 fid, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
	u64 r[8] = { fid, a1, a2, a3, a4, a5 };

	begin();
	smc_quick(r);
	end_of(name);
	if (RMI_STATUS(r[0]) && fid >> 24 == 0xC4)
		die(name, r[0], r[1]);
	out[1] = r[1];
}

/* A range command until it is through; smc_quick gives x0 and x1. */
static u64 range(u64 fid, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, unsigned int base)
{
	u64 top = base ? a3 : a2, r[8];

	for (;;) {
		r[0] = fid;
		r[1] = a1;
		r[2] = a2;
		r[3] = a3;
		r[4] = a4;
		r[5] = a5;
		smc_quick(r);
		if (r[0])
			return r[0];
		if (r[1] >= top)
			return 0;
		if (base)
			a2 = r[1];
		else
			a1 = r[1];
	}
}

#define DELEGATE	FID(0x1F1)
#define UNDELEGATE	FID(0x1F2)

static void must(const char *name, u64 status)
{
	if (status)
		die(name, status, out[1]);
}

static void delegation(const char *give, const char *back, u64 pages)
{
	u64 base = take(pages, pages * PAGE);
	u64 top = base + pages * PAGE;
	u64 s;

	begin();
	s = range(DELEGATE, base, top, 0, 0, 0, 0);
	end_of(give);
	must(give, s);
	begin();
	s = range(UNDELEGATE, base, top, 0, 0, 0, 0);
	end_of(back);
	must(back, s);
}

static void pair(void)
{
	u64 at = take(1, PAGE), r[8];
	int i;

	for (i = 0; i < 2; i++) {		/* the second time counts */
		if (i)
			begin();
		r[0] = DELEGATE;
		r[1] = at;
		r[2] = at + PAGE;
		smc_quick(r);
		r[0] = UNDELEGATE;
		r[1] = at;
		r[2] = at + PAGE;
		smc_quick(r);
	}
	end_of("delegate_undelegate");
}

static void plain(void)
{
	begin();
	end_of("nothing");
	measure("psci_version", 0x84000000, 0, 0, 0, 0, 0);
	must("RMI_VERSION", rmi(FID(0x150), 0x20000, 0, 0, 0, 0));
	measure("rmi_version", FID(0x150), 0x20000, 0, 0, 0, 0);
	measure("rmi_features", FID(0x165), 0, 0, 0, 0, 0);
	pair();
	delegation("delegate_1", "undelegate_1", 1);
	delegation("delegate_16", "undelegate_16", 16);
	delegation("delegate_512", "undelegate_512", 512);
	delegation("delegate_8192", "undelegate_8192", 8192);
}

/* ---- realms -------------------------------------------------------------------- */

static void create(void)
{
	struct rmi_realm_params *p = (struct rmi_realm_params *)page;

	realm_params(p, 36, 1, delegated(1), 1);
	rd = delegated(1);
}

static u64 realm_create(void)
{
	return drive(rmi(FID(0x158), rd, (u64)page, 0, 0, 0));
}

static u64 realm_destroy(void)
{
	return drive(rmi(FID(0x159), rd, 0, 0, 0, 0));
}

static void rec_params(void)
{
	struct rmi_rec_params *p = (struct rmi_rec_params *)page;

	memset(page, 0, sizeof(page));
	p->flags = RMI_REC_RUNNABLE;
	p->pc = REALM_IPA;
	rec = delegated(1);
}

static u64 rec_create(void)
{
	return drive(rmi(FID(0x15A), rd, rec, (u64)page, 0, 0));
}

static u64 rec_destroy(void)
{
	return drive(rmi(FID(0x15B), rec, 0, 0, 0, 0));
}

/* Whole lives, with the pages that are donated on the way and come back. */
static void lives(void)
{
	u64 s;

	create();
	begin();
	s = realm_create();
	end_of("realm_create");
	must("REALM_CREATE", s);

	rec_params();
	begin();
	s = rec_create();
	end_of("rec_create");
	must("REC_CREATE", s);
	must("REALM_ACTIVATE", rmi(FID(0x157), rd, 0, 0, 0, 0));
	must("REALM_TERMINATE", rmi(FID(0x201), rd, 0, 0, 0, 0));
	begin();
	s = rec_destroy();
	end_of("rec_destroy");
	must("REC_DESTROY", s);
	begin();
	s = realm_destroy();
	end_of("realm_destroy");
	must("REALM_DESTROY", s);

	create();
	must("REALM_CREATE", realm_create());
}

static void table(u64 ipa, u64 level)
{
	must("RTT_CREATE", rmi(FID(0x15D), rd, delegated(1), ipa, level, 0));
}

#define DATA_MAP	FID(0x1F5)
#define DATA_UNMAP	FID(0x1F6)
#define UNPROT_MAP	FID(0x1FB)
#define UNPROT_UNMAP	FID(0x1FC)
#define MAP_NS		(1UL | 6UL << 16 | 3UL << 19)	/* one descriptor; write-back, read and write */

/* Map [ipa, ipa + pages) by a single descriptor, unmap it again. */
static void mapping(const char *map, const char *unmap, u64 ipa, u64 pages, u64 size, u64 memory)
{
	u64 top = ipa + (pages * PAGE << (9 * size)), s;
	u64 shared = ipa >= HALF;
	u64 desc = memory | pages << 2 | size;

	begin();
	s = range(shared ? UNPROT_MAP : DATA_MAP, rd, ipa, top, shared ? MAP_NS : 1, desc, 1);
	end_of(map);
	must(map, s);
	if (!unmap)
		return;
	begin();
	s = range(shared ? UNPROT_UNMAP : DATA_UNMAP, rd, ipa, top, 0, 0, 1);
	end_of(unmap);
	must(unmap, s);
}

static void trees(void)
{
	u64 block = delegated(512), ns = take(512, MIB2), at, i, s;

	table(0, 2);
	table(HALF, 2);

	/* ipa 2 MiB: a table made and destroyed, made and folded */
	at = delegated(1);
	measure("rtt_create", FID(0x15D), rd, at, MIB2, 3, 0);
	measure("rtt_destroy", FID(0x15E), rd, MIB2, 3, 0, 0);
	table(MIB2, 3);
	measure("rtt_fold_empty", FID(0x166), rd, MIB2, 3, 0, 0);
	table(MIB2, 3);

	/* one page twice: the first time its table line is fresh */
	mapping("first", "first", MIB2, 1, 0, block);
	mapping("data_map_page", "data_unmap_page", MIB2, 1, 0, block);
	mapping("data_map_512", 0, MIB2, 512, 0, block);
	measure("rtt_fold_pages", FID(0x166), rd, MIB2, 3, 0, 0);
	measure("rtt_unfold_block", FID(0x15D), rd, delegated(1), MIB2, 3, 0);
	begin();
	s = range(DATA_UNMAP, rd, MIB2, 2 * MIB2, 0, 0, 1);
	end_of("data_unmap_512");
	must("DATA_UNMAP", s);
	mapping("data_map_2m", "data_unmap_2m", 2 * MIB2, 1, 1, block);

	table(HALF, 3);
	mapping("unprot_map_page", "unprot_unmap_page", HALF, 1, 0, ns);
	mapping("unprot_map_512", "unprot_unmap_512", HALF, 512, 0, ns);
	mapping("unprot_map_2m", "unprot_unmap_2m", HALF + MIB2, 1, 1, ns);

	/* 1 GiB by its 512 entries of level 2, and by its 262144 of level 3 */
	table(3 * GIB, 2);
	begin();
	s = range(FID(0x168), rd, 3 * GIB, 4 * GIB, 0, 0, 1);
	end_of("init_ripas_1g");
	must("INIT_RIPAS", s);
	for (i = 0; i < 512; i++)
		table(3 * GIB + i * MIB2, 3);
	begin();
	s = range(FID(0x168), rd, 3 * GIB, 4 * GIB, 0, 0, 1);
	end_of("init_ripas_1g_pages");
	must("INIT_RIPAS", s);
}

static void image(void)
{
	u64 i, data, src;

	table(REALM_IPA, 2);
	table(REALM_IPA, 3);
	for (i = 0; i < REALM_PAGES; i++) {
		src = (u64)realm_image + i * PAGE;
		if (src >= (u64)realm_image_end)
			src = (u64)page;
		data = delegated(1);
		measure(i == 1 ? "data_map_init" : i == 2 ? "data_map_init_measured" : "first",
			FID(0x153), rd, data, REALM_IPA + i * PAGE, src, i == 2);
	}
	table(RIPAS_IPA, 2);
}

/* ---- a running realm ------------------------------------------------------------- */

static u64 enter(void)
{
	u64 s;

	write_sysreg(s3_4_c12_c11_0, 1);	/* ICH_HCR_EL2.En */
	isb();
	s = rmi(FID(0x15C), rec, (u64)&run, 0, 0, 0);
	memset(&run.enter, 0, sizeof(run.enter));
	return s;
}

static void enter_measured(const char *name)
{
	write_sysreg(s3_4_c12_c11_0, 1);
	isb();
	measure(name, FID(0x15C), rec, (u64)&run, 0, 0, 0);
	memset(&run.enter, 0, sizeof(run.enter));
}

/* The realm stands at its host call; gives what it brings. */
static u64 stands(void)
{
	if (run.exit.exit_reason != RMI_EXIT_HOST_CALL)
		die("exit instead of a host call", run.exit.exit_reason, run.exit.esr);
	return run.exit.gprs[0];
}

static void ask(u64 what, u64 arg)
{
	stands();
	run.enter.gprs[0] = what;
	run.enter.gprs[1] = arg;
}

static void must_exit(const char *name, u64 reason, u64 class)
{
	if (run.exit.exit_reason != reason || (class && run.exit.esr >> 26 != class))
		die(name, run.exit.exit_reason, run.exit.esr);
}

/* The second of three exits of one kind is measured. */
static void three(const char *name, u64 what, u64 arg, u64 flags, u64 class)
{
	ask(what, arg);
	run.enter.flags = flags & ~RMI_ENTER_EMUL_MMIO;
	must("REC_ENTER", enter());
	must_exit(name, RMI_EXIT_SYNC, class);
	run.enter.flags = flags;
	enter_measured(name);
	must_exit(name, RMI_EXIT_SYNC, class);
	run.enter.flags = flags;
	must("REC_ENTER", enter());
	must_exit(name, RMI_EXIT_SYNC, class);
	run.enter.flags = flags & RMI_ENTER_EMUL_MMIO;
	must("REC_ENTER", enter());
	stands();
}

static void physical_interrupt(void)
{
	u64 id;

	ask(DO_SPIN, 1000);
	write_sysreg(s3_0_c12_c11_5, 8UL << 24 | 1);	/* SGI 8 to this CPU */
	isb();
	must("REC_ENTER", enter());
	must_exit("an interrupt", RMI_EXIT_IRQ, 0);
	enter_measured("enter_irq");
	must_exit("an interrupt", RMI_EXIT_IRQ, 0);
	id = read_sysreg(s3_0_c12_c12_0);		/* ICC_IAR1_EL1 */
	write_sysreg(s3_0_c12_c12_1, id);		/* ICC_EOIR1_EL1 */
	isb();
	must("REC_ENTER", enter());
	stands();
}

static void virtual_interrupt(void)
{
	u64 r[8] = { FID(0x15C), rec, (u64)&run };

	ask(DO_IRQ, 0);
	must("REC_ENTER", enter());
	stands();
	write_sysreg(s3_4_c12_c12_0, 1UL << 62 | 1UL << 60 | 42);	/* ICH_LR0_EL2 */
	write_sysreg(s3_4_c12_c11_7, 0xffUL << 24 | 2);		/* ICH_VMCR_EL2 */
	write_sysreg(s3_4_c12_c11_0, 1);
	isb();
	begin();
	smc_quick(r);				/* measured until the realm's handler */
	must("REC_ENTER", r[0]);
	tell("inject_irq", stands() - ticks);
}

static void in_realm(const char *name, u64 what)
{
	u64 count;

	ask(what, 0);
	must("REC_ENTER", enter());
	while (run.exit.exit_reason == RMI_EXIT_IRQ)
		must("REC_ENTER", enter());
	count = stands();
	if (count)
		tell(count == TOKEN_FAILED ? "first" : name, count);
}

static void running(void)
{
	u64 at, s;

	memset(&run, 0, sizeof(run));
	must("REC_ENTER", enter());
	stands();
	enter_measured("first");
	enter_measured("enter_host_call");
	stands();
	three("enter_mmio_read", DO_MMIO_READ, HALF + 0x9000000, RMI_ENTER_EMUL_MMIO, 0x24);
	three("enter_mmio_write", DO_MMIO_WRITE, HALF + 0x9000000, RMI_ENTER_EMUL_MMIO, 0x24);
	three("enter_wfi", DO_WFI, 0, RMI_ENTER_TRAP_WFI, 0x01);
	three("enter_sysreg", DO_SYSREG, 0, 0, 0x18);
	physical_interrupt();
	virtual_interrupt();
	in_realm("rsi_version", DO_RSI_VERSION);
	in_realm("rsi_realm_config", DO_REALM_CONFIG);
	in_realm("rsi_measurement_extend", DO_MEASURE_EXTEND);
	in_realm("token_first", DO_TOKEN);	/* with key and platform token, EL3's work */
	in_realm("token", DO_TOKEN);

	ask(DO_RIPAS, 0);
	enter_measured("enter_ripas");
	must_exit("a RIPAS change", RMI_EXIT_RIPAS_CHANGE, 0);
	begin();
	for (at = run.exit.ripas_base, s = 0; !s && at < run.exit.ripas_top; at = out[1])
		s = rmi(FID(0x169), rd, rec, at, run.exit.ripas_top, 0);
	end_of("set_ripas_1g");
	must("SET_RIPAS", s);
	must("REC_ENTER", enter());
	stands();
}

void main(void)
{
	tell("reset_to_host", read_sysreg(cntpct_el0));
	must("RMI_VERSION", rmi(FID(0x150), 0x20000, 0, 0, 0, 0));
	memset(page, 0, sizeof(page));
	must("RMM_CONFIG_SET", rmi(FID(0x16E), (u64)page, 0, 0, 0, 0));
	must("RMM_ACTIVATE", drive(rmi(FID(0x202), 0, 0, 0, 0, 0)));
	gic_on();
	gic_on_cpu(0, 1 << 8);				/* an SGI */
	plain();
	lives();
	trees();
	image();
	rec_params();
	must("REC_CREATE", rec_create());
	must("REALM_ACTIVATE", rmi(FID(0x157), rd, 0, 0, 0, 0));
	running();
	passed++;
	end();
}
