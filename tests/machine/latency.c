/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long a host's interrupt waits while the monitor works: each long command runs with
 * the host's timer set to fire somewhere inside it, again and again, and what is counted is
 * the time from there until the host is back. Under -icount shift=0 the counter counts
 * instructions of all worlds. docs/latency.md says what the figures mean.
 */
#include "bare.h"

void secondary_main(void);

#define MIB	0x100000UL
#define GIB	0x40000000UL
#define BLOCK	0x80000000UL		/* 1 GiB that is used over and over */

void secondary_main(void)
{
}

/* ---- calls, with a timer set ---------------------------------------------------- */

static u64 latest, latest_fid, total, nr_calls;	/* of the scene */
static u64 span;			/* the timer fires within so many instructions; 0: never */
static u64 seed = 88172645463325252UL;

static u64 below(u64 n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % n;
}

static u64 smc(u64 fid, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
	register u64 x0 __asm__("x0") = fid;
	register u64 x1 __asm__("x1") = a1;
	register u64 x2 __asm__("x2") = a2;
	register u64 x3 __asm__("x3") = a3;
	register u64 x4 __asm__("x4") = a4;
	register u64 x5 __asm__("x5") = a5;
	u64 fires = ~0UL, begin, now;

	if (span) {
		fires = read_sysreg(cntpct_el0) + below(span);
		write_sysreg(cnthp_cval_el2, fires);
		write_sysreg(cnthp_ctl_el2, 1);
	}
	isb();
	begin = read_sysreg(cntpct_el0);
	__asm__ volatile("smc #0"
			 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5)
			 :: "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15",
			    "x16", "x17", "memory");
	now = read_sysreg(cntpct_el0);
	write_sysreg(cnthp_ctl_el2, 0);
	total += now - begin;
	nr_calls++;
	/* fired before the call: what is counted is the call */
	if (fires < begin)
		fires = begin;
	if (now > fires && now - fires > latest) {
		latest = now - fires;
		latest_fid = fid;
	}
	out[0] = x0;
	out[1] = x1;
	out[2] = x2;
	out[3] = x3;
	return x0;
}

static u64 page[512] __attribute__((aligned(4096)));

static void delegate_all(u64 base, u64 bytes)
{
	for (u64 at = base; at < base + bytes; at = out[1])
		if (smc(FID(0x1F1), at, base + bytes, 0, 0, 0))
			die("RANGE_DELEGATE", out[0], at);
}

static void undelegate_all(u64 base, u64 bytes)
{
	for (u64 at = base; at < base + bytes; at = out[1])
		if (smc(FID(0x1F2), at, base + bytes, 0, 0, 0))
			die("RANGE_UNDELEGATE", out[0], at);
}

/* As drive(), with the timer. */
static u64 finish(u64 status)
{
	u64 handle = out[1], request = out[2];

	while (RMI_STATUS(status) == RMI_INCOMPLETE) {
		switch (RMI_MEM(status)) {
		case RMI_MEM_DONATE: {
			u64 pages = request >> 2 & 0x3fff, state = request >> 17 & 3;
			u64 base = request & RMI_DONATE_CONTIG ? take(pages, pages * PAGE) :
								 delegated(pages);

			if (state == RMI_MEMSTATE_CONDITIONAL)
				delegate_all(base, pages * PAGE);
			list[0] = base | pages << 2 | state << RMI_DESC_STATE_SHIFT;
			status = smc(FID(0x208), handle, (u64)list, 1, 0, 0);
			request = out[2];
			break;
		}
		case RMI_MEM_RECLAIM:
			status = smc(FID(0x209), handle, (u64)list, 512, 0, 0);
			break;
		default:
			status = smc(FID(0x203), handle, 0, 0, 0, 0);
			request = out[2];
		}
	}
	return status;
}

static void must(const char *what, u64 status)
{
	if (status)
		die(what, status, out[1]);
}

/* A range command to its end: rd and range first; unmaps and INIT_RIPAS skip what has no table. */
static void range(const char *what, u64 fid, u64 rd, u64 base, u64 top, u64 flags, u64 oaddr)
{
	while (base < top) {
		must(what, finish(smc(fid, rd, base, top, flags, oaddr)));
		if (out[1] <= base || out[1] > top)
			die(what, base, out[1]);
		if ((flags & 3) == RMI_OADDR_SINGLE && oaddr)
			oaddr += out[1] - base;
		base = out[1];
	}
}

/* ---- scenes ----------------------------------------------------------------------- */

static u64 rd, rec;
static struct rmi_rec_run run __attribute__((aligned(4096)));

static void create_realm(u8 s2sz, s64 level, u32 nr_roots, u8 hash)
{
	struct rmi_realm_params *p = (struct rmi_realm_params *)page;
	u64 roots = delegated(nr_roots);

	realm_params(p, s2sz, level, roots, nr_roots);
	p->hash_algo = hash;
	rd = delegated(1);
	must("REALM_CREATE", finish(smc(FID(0x158), rd, (u64)p, 0, 0, 0)));
}

static void table(u64 ipa, u64 level)
{
	must("RTT_CREATE", finish(smc(FID(0x15D), rd, delegated(1), ipa, level, 0)));
}

#define HALF	(1UL << 39)		/* of the realm of 40 bits */
#define PAGES_AT	GIB		/* IPA of a level 3 table */
#define BLOCKS_AT	(2 * GIB)	/* IPA of a level 2 table */
#define BIG_AT		(4 * GIB)	/* IPA of entries of level 1 */
#define UNPROT		(1 | 6UL << 16 | 3UL << 19)

/* How far it goes alike, from one answer to the next. */
static void regions(void)
{
	u64 at, top = GIB + 3 * GIB;

	for (at = GIB; at < top; at = out[3])
		must("TRACKING_GET", smc(FID(0x1E1), at, top, 0, 0, 0));
}

static void configure(u8 tracking)
{
	struct rmi_rmm_config *config = (struct rmi_rmm_config *)page;

	memset(page, 0, sizeof(page));
	config->tracking_region_size = tracking;
	must("RMM_CONFIG_SET", smc(FID(0x16E), (u64)page, 0, 0, 0, 0));
}

static void realm_of_16_roots(void)
{
	create_realm(43, 1, 16, RMI_HASH_SHA256);
	must("REALM_TERMINATE", smc(FID(0x201), rd, 0, 0, 0, 0));
	must("REALM_DESTROY", finish(smc(FID(0x159), rd, 0, 0, 0, 0)));
}

static void rec_of_its_own(void)
{
	struct rmi_rec_params *p = (struct rmi_rec_params *)page;
	u64 was = span;

	span = 0;
	create_realm(40, 0, 1, RMI_HASH_SHA512);
	span = was;
	memset(page, 0, sizeof(page));
	p->flags = 1;
	rec = delegated(1);
	must("REC_CREATE", finish(smc(FID(0x15A), rd, rec, (u64)p, 0, 0)));
	must("REC_DESTROY", finish(smc(FID(0x15B), rec, 0, 0, 0, 0)));
}

static void empty_donation(void)
{
	struct rmi_rec_params *p = (struct rmi_rec_params *)page;
	u64 handle;

	memset(page, 0, sizeof(page));
	p->mpidr = 1;
	memset(list, 0, sizeof(list));
	smc(FID(0x15A), rd, delegated(1), (u64)p, 0, 0);
	if (RMI_STATUS(out[0]) != RMI_INCOMPLETE)
		die("REC_CREATE", out[0], 0);
	handle = out[1];
	smc(FID(0x208), handle, (u64)list, 512, 0, 0);
	smc(FID(0x20A), handle, 0, 0, 0, 0);
	smc(FID(0x203), handle, 0, 0, 0, 0);
	if (out[0] != RMI_ERROR_GLOBAL)
		die("OP_CANCEL", out[0], 0);
}

static void measured_page(void)
{
	u64 at = PAGE;

	must("DATA_MAP_INIT", finish(smc(FID(0x153), rd, delegated(1), at, (u64)list, 1)));
	must("DATA_UNMAP", finish(smc(FID(0x1F6), rd, at, at + PAGE, 0, 0)));
}

static void delegation(void)
{
	delegate_all(BLOCK, 32 * MIB);
	undelegate_all(BLOCK, 32 * MIB);
}

/* The DATA that was there is DELEGATED again. */
static void pages_mapped(u64 flags, u64 oaddr)
{
	range("DATA_MAP", FID(0x1F5), rd, PAGES_AT, PAGES_AT + 2 * MIB, 1, BLOCK | 512 << 2);
	range("DATA_UNMAP", FID(0x1F6), rd, PAGES_AT, PAGES_AT + 2 * MIB, flags, oaddr);
}

static void pages_single(void)
{
	pages_mapped(RMI_OADDR_SINGLE, 0);
	range("DATA_UNMAP", FID(0x1F6), rd, PAGES_AT, PAGES_AT + 2 * MIB, 0, 0);	/* holes */
}

/* Every other page, so that each descriptor is one page. */
static void pages_list(void)
{
	u64 at = PAGES_AT, i;

	while (at < PAGES_AT + 2 * MIB) {
		for (i = 0; i < (PAGES_AT + 2 * MIB - at) / PAGE; i++)
			list[i] = (BLOCK + (2 * i + 1) * PAGE + 2 * (at - PAGES_AT)) | 1 << 2;
		must("DATA_MAP list", finish(smc(FID(0x1F5), rd, at, PAGES_AT + 2 * MIB,
						RMI_OADDR_LIST | i << 2, (u64)list)));
		at = out[1];
	}
	range("DATA_UNMAP", FID(0x1F6), rd, PAGES_AT, at, RMI_OADDR_LIST | 512 << 2, (u64)list);
}

static void blocks(void)
{
	u64 top = BLOCKS_AT + 16 * MIB;

	range("DATA_MAP", FID(0x1F5), rd, BLOCKS_AT, top, 1, BLOCK | 8 << 2 | 1);
	range("DATA_UNMAP", FID(0x1F6), rd, BLOCKS_AT, top, RMI_OADDR_SINGLE, 0);
}

static void unfold(void)
{
	u64 at = BLOCKS_AT;

	range("DATA_MAP", FID(0x1F5), rd, at, at + 2 * MIB, 1, BLOCK | 1 << 2 | 1);
	table(at, 3);
	must("RTT_FOLD", finish(smc(FID(0x166), rd, at, 3, 0, 0)));
	range("DATA_UNMAP", FID(0x1F6), rd, at, at + 2 * MIB, 0, 0);
}

static void shared_pages(void)
{
	u64 at = HALF + PAGES_AT, top = at + 2 * MIB;

	range("UNPROT_MAP", FID(0x1FB), rd, at, top, UNPROT, BLOCK | 512 << 2);
	range("UNPROT_UNMAP", FID(0x1FC), rd, at, top, 0, 0);
	range("UNPROT_MAP", FID(0x1FB), rd, at, top, UNPROT, BLOCK | 512 << 2);
	must("RTT_DESTROY", finish(smc(FID(0x15E), rd, at, 3, 0, 0)));
	table(at, 3);
}

static void high_tables(void)
{
	u64 at = HALF + 64 * GIB;

	table(at, 2);
	must("RTT_DESTROY", finish(smc(FID(0x15E), rd, at, 2, 0, 0)));
	must("RTT_DESTROY", finish(smc(FID(0x15E), rd, HALF, 1, 0, 0)) == RMI_SUCCESS);
}

static void ripas_of(u64 at, u64 top)
{
	while (at < top) {
		u64 s = smc(FID(0x169), rd, rec, at, top, 0);

		if (s)
			die("SET_RIPAS", s, at);
		at = out[1];
	}
}

/* The realm asks for 512 pages, mapped and RAM, to be EMPTY, and back. */
static void ripas_changes(void)
{
	for (int n = 0; n < 2; n++) {
		u64 was = span;

		span = 0;
		do {
			smc(FID(0x15C), rec, (u64)&run, 0, 0, 0);
			if (out[0])
				die("REC_ENTER", out[0], 0);
		} while (run.exit.exit_reason == RMI_EXIT_IRQ);
		if (run.exit.exit_reason != RMI_EXIT_RIPAS_CHANGE)
			die("exit", run.exit.exit_reason, run.exit.esr);
		span = was;
		ripas_of(run.exit.ripas_base, run.exit.ripas_top);
	}
}

static void deactivation(void)
{
	must("RMM_DEACTIVATE", finish(smc(FID(0x20F), 0, 0, 0, 0, 0)));
	must("RMM_ACTIVATE", finish(smc(FID(0x202), 0, 0, 0, 0, 0)));
}

/* Where EL3 reserves nothing its metadata is ours: it comes back, and is given again. */
static void tracking(void)
{
	must("TRACKING_SET", finish(smc(FID(0x1E3), BLOCK, RMI_CATEGORY_CONVENTIONAL, RMI_TRACKING_NONE, 0, 0)));
	must("TRACKING_SET", finish(smc(FID(0x1E3), BLOCK, RMI_CATEGORY_CONVENTIONAL, RMI_TRACKING_FINE, 0, 0)));
}

static void big_block(void)
{
	range("DATA_MAP", FID(0x1F5), rd, BIG_AT, BIG_AT + GIB, 1, BLOCK | 1 << 2 | 2);
	range("DATA_UNMAP", FID(0x1F6), rd, BIG_AT, BIG_AT + GIB, 0, 0);
}

/* ---- the play ------------------------------------------------------------------------ */

/* Once without interrupts, for the table; then with them, all over the place. */
static void scene(const char *name, void (*play)(void), unsigned int rounds)
{
	u64 work, calls;

	span = 0;
	total = nr_calls = 0;
	play();
	work = total;
	calls = nr_calls;
	latest = 0;
	while (rounds--) {
		span = rounds & 1 ? 3 * LATENCY_BOUND : LATENCY_BOUND / 4;
		play();
	}
	span = 0;
	puts(latest <= LATENCY_BOUND ? "ok " : "not ok ");
	puts(name);
	puts(": latest ");
	number(latest, 10);
	puts(" (");
	number(latest_fid & 0xffff, 16);
	puts(") of ");
	number(work, 10);
	puts(" in ");
	number(calls, 10);
	puts(" calls\n");
	if (latest <= LATENCY_BOUND)
		passed++;
	else
		failed++;
}

/* A program that asks for [x6, x7) to be EMPTY, RAM, EMPTY ... for ever. */
static const u32 program[] = {
	0xaa0503e0,	/* 0: mov x0, x5 */
	0xaa0603e1,	/* mov x1, x6 */
	0xaa0703e2,	/* mov x2, x7 */
	0xaa0803e3,	/* mov x3, x8 */
	0xd2800024,	/* mov x4, #1 */
	0xd4000003,	/* smc #0 */
	0xd2400108,	/* eor x8, x8, #1 */
	0x17fffff9,	/* b 0b */
};

static void build(void)
{
	struct rmi_rec_params *p = (struct rmi_rec_params *)page;
	u64 code = delegated(1), i;

	create_realm(40, 0, 1, RMI_HASH_SHA512);
	table(0, 1);
	table(0, 2);
	table(0, 3);
	table(PAGES_AT, 2);
	table(PAGES_AT, 3);
	table(BLOCKS_AT, 2);
	table(HALF, 1);
	table(HALF + PAGES_AT, 2);
	table(HALF + PAGES_AT, 3);
	for (i = 0; i < sizeof(program) / 4; i++)
		((u32 *)list)[i] = program[i];
	must("DATA_MAP_INIT", finish(smc(FID(0x153), rd, code, 0, (u64)list, 1)));
	memset(page, 0, sizeof(page));
	p->flags = 1;
	p->gprs[5] = 0xC4000197;
	p->gprs[6] = PAGES_AT;
	p->gprs[7] = PAGES_AT + 2 * MIB;
	rec = delegated(1);
	must("REC_CREATE", finish(smc(FID(0x15A), rd, rec, (u64)p, 0, 0)));
}

static void init_ripas(void)
{
	range("INIT_RIPAS", FID(0x168), rd, PAGES_AT, PAGES_AT + 2 * MIB, 0, 0);
}

/* As init_ripas() cannot be repeated on one realm: one table after the other. */
static void init_ripas_again(void)
{
	static u64 at = 0x20000000;
	u64 was = span;

	span = 0;
	table(at, 3);
	span = was;
	range("INIT_RIPAS", FID(0x168), rd, at, at + 2 * MIB, 0, 0);
	at += 2 * MIB;
}

void main(void)
{
	gic_on();
	gic_on_cpu(0, 1 << 26);				/* CNTHP */
	configure(1);
	scene("TRACKING_GET of 1536 regions", regions, 40);
	configure(0);
	must("RMM_ACTIVATE", finish(smc(FID(0x202), 0, 0, 0, 0, 0)));
	scene("RMM_DEACTIVATE and _ACTIVATE", deactivation, 4);
	scene("delegate and undelegate 8192 granules", delegation, 6);
	scene("GRANULE_TRACKING_SET of 1 GiB", tracking, 1);
	scene("REALM_CREATE to _DESTROY, 16 roots", realm_of_16_roots, 60);
	scene("REC_CREATE, REC_DESTROY, SHA-512", rec_of_its_own, 40);
	scene("a donation of 512 empty descriptors", empty_donation, 40);

	build();
	scene("DATA_MAP_INIT, measured with SHA-512", measured_page, 40);
	scene("INIT_RIPAS of 512 pages", init_ripas_again, 20);
	init_ripas();
	delegate_all(BLOCK, 16 * MIB);
	scene("RTT_CREATE and _FOLD of a block", unfold, 40);
	scene("DATA_MAP and _UNMAP of 512 pages in a row", pages_single, 20);
	scene("DATA_MAP and _UNMAP of 512 scattered pages", pages_list, 20);
	scene("DATA_MAP and _UNMAP of 8 blocks of 2 MiB", blocks, 10);
	scene("UNPROT_MAP and _UNMAP of 512 pages, RTT_DESTROY", shared_pages, 40);
	range("DATA_MAP", FID(0x1F5), rd, PAGES_AT, PAGES_AT + 2 * MIB, 1, BLOCK | 512 << 2);
	must("REALM_ACTIVATE", smc(FID(0x157), rd, 0, 0, 0, 0));
	scene("SET_RIPAS of 512 pages of DATA", ripas_changes, 20);
	range("DATA_UNMAP", FID(0x1F6), rd, PAGES_AT, PAGES_AT + 2 * MIB, 0, 0);
	delegate_all(BLOCK + 16 * MIB, GIB - 16 * MIB);
	scene("DATA_MAP and _UNMAP of 1 GiB", big_block, 2);
	scene("RTT_DESTROY of high tables", high_tables, 1);
	end();
}
