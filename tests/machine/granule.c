/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The three RMI granules on the machine, one after the other in one boot: a realm of
 * a few instructions reads, writes and runs where it is told; pages, blocks, tables
 * folded and unfolded; then everything back, and the next granule. Wants 4 GiB.
 */
static unsigned long granule = 4096;
#define PAGE	granule
#include "bare.h"
#include "abi/rsi.h"

u64 probe_read(const volatile void *p);
extern u64 probe_esr;
void secondary_main(void);
void secondary_main(void) {}

#define RAM		0x80000000UL
#define FROM_ZERO	RMI_OADDR_SINGLE
#define SHARED		(RMI_OADDR_SINGLE | 6 << 16)
#define READ		(1UL << 20)
#define WRITE		(1UL << 19)

/* ---- the realm: what to do comes with the answer to its host call ----------- */

enum { DO_READ, DO_WRITE, DO_RUN, DO_EMPTY };

extern const u8 realm_code[];
__asm__(".pushsection .rodata\n"
	".balign 4096\n"
	".global realm_code\n"
	"realm_code:\n"
	"1:	adr	x1, 9f\n"
	"	mov	x0, #0x0199\n"
	"	movk	x0, #0xc400, lsl #16\n"		/* RSI_HOST_CALL */
	"	smc	#0\n"
	"	adr	x1, 9f\n"
	"	ldp	x2, x3, [x1, #8]\n"		/* what, where */
	"	ldr	x4, [x1, #24]\n"
	"	cbz	x2, 2f\n"
	"	cmp	x2, #2\n"
	"	b.lo	3f\n"
	"	b.eq	4f\n"
	"	mov	x0, #0x0197\n"
	"	movk	x0, #0xc400, lsl #16\n"		/* RSI_IPA_STATE_SET: EMPTY */
	"	mov	x1, x3\n"
	"	mov	x2, x4\n"
	"	mov	x3, #0\n"
	"	mov	x4, #0\n"
	"	smc	#0\n"
	"	adr	x5, 9f\n"
	"	stp	x0, x1, [x5, #8]\n"
	"	b	1b\n"
	"2:	ldr	x0, [x3]\n"
	"	str	x0, [x1, #8]\n"
	"	b	1b\n"
	"3:	str	x4, [x3]\n"
	"	dsb	sy\n"
	"	b	1b\n"
	"4:	blr	x3\n"
	"	adr	x1, 9f\n"
	"	str	x0, [x1, #8]\n"
	"	b	1b\n"
	"	.balign 256\n"
	"9:	.zero	256\n"
	"	.balign 4096\n"
	".popsection\n");

/* mov x0, #77; ret */
static const u32 seventy_seven[] = { 0xd28009a0, 0xd65f03c0 };

/* ---- sizes ---------------------------------------------------------------------- */

static unsigned int shift(void)
{
	return granule == 4096 ? 12 : granule == 16384 ? 14 : 16;
}

static u64 size_of(s64 level)
{
	return 1UL << (shift() + (shift() - 3) * (unsigned int)(3 - level));
}

static u64 entries(void)
{
	return granule / 8;
}

/* ---- a realm ---------------------------------------------------------------------- */

static u64 rd, root, rec, half, tables[16][3], nr_tables;
static struct rmi_rec_run *run;

static void give_back(u64 nr)
{
	u64 i;

	for (i = 0; i < nr; i++)
		if (!(list[i] >> 63))
			undelegate(list[i] & ~(granule - 1) & ((1UL << 52) - 1),
				   list[i] >> 2 & ((granule >> 2) - 1));
}

static void table(u64 ipa, s64 level)
{
	u64 at = ipa & ~(size_of(level - 1) - 1), pa = delegated(1);

	if (rmi(FID(0x15D), rd, pa, at, (u64)level, 0))
		die("RTT_CREATE", out[0], at);
	tables[nr_tables][0] = at;
	tables[nr_tables][1] = (u64)level;
	tables[nr_tables++][2] = pa;
}

static void create(void)
{
	struct rmi_realm_params *p = (struct rmi_realm_params *)take(1, granule);
	struct rmi_rec_params *q;
	u64 code = delegated(1), at;

	root = delegated(1);
	realm_params(p, granule == 4096 ? 33 : granule == 16384 ? 38 : 44, 1, root, 1);
	half = 1UL << (p->s2sz - 1);
	rd = delegated(1);
	check("REALM_CREATE", drive(rmi(FID(0x158), rd, (u64)p, 0, 0, 0)) == 0);
	nr_tables = 0;
	table(RAM, 2);
	table(RAM, 3);
	memset(p, 0, granule);
	memcpy(p, realm_code, 4096);
	check("DATA_MAP_INIT of a granule", rmi(FID(0x153), rd, code, RAM, (u64)p, 1) == 0);
	for (at = RAM; at < RAM + 4 * size_of(2); at = out[1])
		if (rmi(FID(0x168), rd, at, RAM + 4 * size_of(2), 0, 0))
			die("INIT_RIPAS", out[0], at);
	q = (struct rmi_rec_params *)take(1, granule);
	memset(q, 0, sizeof(*q));
	q->flags = 1;
	q->pc = RAM;
	rec = delegated(1);
	check("REC_CREATE", drive(rmi(FID(0x15A), rd, rec, (u64)q, 0, 0)) == 0);
	check("REALM_ACTIVATE", rmi(FID(0x157), rd, 0, 0, 0, 0) == 0);
	run = (struct rmi_rec_run *)take(1, granule);
	memset(run, 0, sizeof(*run));
}

/* Until the next exit that is no interrupt. */
static u64 enter(void)
{
	do {
		if (rmi(FID(0x15C), rec, (u64)run, 0, 0, 0))
			die("REC_ENTER", out[0], 0);
	} while (run->exit.exit_reason == RMI_EXIT_IRQ || run->exit.exit_reason == RMI_EXIT_FIQ);
	return run->exit.exit_reason;
}

/* Tells it; true: it did, and `said` is what it says. False: it left on the way. */
static u64 said;
static int order(u64 what, u64 where, u64 value)
{
	run->enter.gprs[0] = what;
	run->enter.gprs[1] = where;
	run->enter.gprs[2] = value;
	run->enter.flags = 0;
	if (enter() != RMI_EXIT_HOST_CALL)
		return 0;
	said = run->exit.gprs[0];
	return 1;
}

static int reads(u64 where, u64 value)
{
	return order(DO_READ, where, 0) && said == value;
}

static int aborted(u64 ec, u64 fsc, u64 ipa)
{
	return run->exit.exit_reason == RMI_EXIT_SYNC && run->exit.esr >> 26 == ec &&
	       (run->exit.esr & 0x3f) == fsc && run->exit.hpfar == (ipa & ~(granule - 1)) >> 8;
}

/* Goes on after what stopped it was cured. */
static int goes_on(u64 value)
{
	run->enter.flags = 0;
	return enter() == RMI_EXIT_HOST_CALL && run->exit.gprs[0] == value;
}

static u64 entry(u64 ipa, s64 level, u64 *state)
{
	rmi(FID(0x161), rd, ipa, (u64)level, 0, 0);
	*state = out[2];
	return out[0] ? ~0UL : out[1];
}

/* ---- what is tried ---------------------------------------------------------------- */

static void worlds(void)
{
	u64 p = take(2, granule), at, ok = 1;

	for (at = p; at < p + 2 * granule; at += 8)
		*(volatile u64 *)at = at;
	check("delegate", rmi(FID(0x1F1), p, p + 2 * granule, 0, 0, 0) == 0 && out[1] == p + 2 * granule);
	for (at = p; at < p + 2 * granule; at += 4096) {
		probe_esr = 0;
		probe_read((void *)at);
		ok &= (probe_esr & 0x3f) == 0x28;
	}
	check("all its pages are out of the host's reach", ok);
	check("undelegate one of two", rmi(FID(0x1F2), p, p + granule, 0, 0, 0) == 0);
	for (at = p; at < p + granule; at += 8)
		ok &= *(volatile u64 *)at == 0;
	check("which is wiped", ok);
	check("part of a granule", RMI_STATUS(rmi(FID(0x1F2), p + granule, p + granule + 2048, 0, 0, 0)) ==
	      RMI_ERROR_INPUT);
	undelegate(p + granule, 1);
}

static void private_pages(void)
{
	u64 at = RAM + 3 * granule, pa = delegated(1);

	enter();			/* to its first host call */
	check("a page that is not there", !order(DO_READ, at + 8, 0) && aborted(0x24, 7, at));
	check("DATA_MAP", rmi(FID(0x1F5), rd, at, at + granule, FROM_ZERO, pa | 1 << 2) == 0);
	check("reads as zero", goes_on(0));
	check("its last word", order(DO_WRITE, at + granule - 8, 0x1234567890) &&
	      reads(at + granule - 8, 0x1234567890));
	check("the next page", !order(DO_READ, at + granule, 0) && aborted(0x24, 7, at + granule));
	pa = delegated(1);
	check("DATA_MAP again", rmi(FID(0x1F5), rd, at + granule, at + 2 * granule, FROM_ZERO,
				   pa | 1 << 2) == 0 && goes_on(0));
	check("written code runs", order(DO_WRITE, at, (u64)seventy_seven[1] << 32 | seventy_seven[0]) &&
	      order(DO_RUN, at, 0) && said == 77);
	check("a realm gives a granule up", !order(DO_EMPTY, at + granule, at + 2 * granule) &&
	      run->exit.exit_reason == RMI_EXIT_RIPAS_CHANGE && run->exit.ripas_base == at + granule);
	check("SET_RIPAS", rmi(FID(0x169), rd, rec, at + granule, at + 2 * granule, 0) == 0);
	check("goes on", enter() == RMI_EXIT_HOST_CALL && run->exit.gprs[0] == 0 &&
	      run->exit.gprs[1] == at + 2 * granule);
}

/* The realm's last word: what the host took is gone for good. */
static void taken_away(void)
{
	u64 at = RAM + 3 * granule;

	check("DATA_UNMAP of both", rmi(FID(0x1F6), rd, at, at + 2 * granule, RMI_OADDR_LIST | 8 << 2,
					(u64)list) == 0 && out[1] == at + 2 * granule);
	give_back(out[3]);
	check("is an abort", !order(DO_READ, at, 0) && aborted(0x24, 7, at));
}

/* A block of level 2 becomes a table and a block again; the realm keeps its words. */
static void private_blocks(void)
{
	u64 at = RAM + 2 * size_of(2), pa, state, i, ok = 1;

	pa = delegated(entries());
	check("DATA_MAP of a block", drive(rmi(FID(0x1F5), rd, at, at + size_of(2), FROM_ZERO,
					       pa | 1 << 2 | 1)) == 0);
	check("a level 2 entry", entry(at, 3, &state) == 2 && state == 1);
	for (i = 0; i < 8; i++)
		ok &= order(DO_WRITE, at + i * (size_of(2) / 8) + 8, 0x1000 + i);
	check("written all over", ok);
	table(at, 3);
	check("unfolded", entry(at + 5 * granule, 3, &state) == 3 && state == 1 &&
	      out[3] == pa + 5 * granule);
	for (i = 0; i < 8; i++)
		ok &= reads(at + i * (size_of(2) / 8) + 8, 0x1000 + i);
	check("and reads the same", ok);
	check("folded", rmi(FID(0x166), rd, at, 3, 0, 0) == 0 && out[1] == tables[--nr_tables][2]);
	undelegate(out[1], 1);
	check("a level 2 entry again", entry(at, 3, &state) == 2 && state == 1 && out[3] == pa);
	for (i = 0; i < 8; i++)
		ok &= reads(at + i * (size_of(2) / 8) + 8, 0x1000 + i);
	check("that reads the same", ok);
	check("DATA_UNMAP of a block", drive(rmi(FID(0x1F6), rd, at, at + size_of(2), 0, 0)) == 0);
	undelegate(pa, entries());
	for (i = 0; i < 8; i++)
		ok &= *(volatile u64 *)(pa + i * (size_of(2) / 8) + 8) == 0;
	check("wiped", ok);
}

/* A block of level 1 of the realm's own memory: 1 GiB, of 4 KiB granules only. */
static void gigabyte(void)
{
	u64 at = RAM + size_of(1), pa = 0x80000000UL, state, kept = pool;

	pool = pa;
	if (delegated(size_of(1) / granule) != pa)
		die("1 GiB", pool, 0);
	pool = kept;
	for (u64 r = at; r < at + size_of(1); r = out[1])
		if (rmi(FID(0x1F5), rd, r, at + size_of(1), FROM_ZERO, pa | 1 << 2 | 2) &&
		    drive(out[0]))
			die("DATA_MAP of 1 GiB", out[0], r);
	check("DATA_MAP of 1 GiB", entry(at, 3, &state) == 1 && state == 1 && out[3] == pa);
	table(at, 2);
	check("unfolded", entry(at + 3 * size_of(2), 3, &state) == 2 && state == 1 &&
	      out[3] == pa + 3 * size_of(2));
	check("folded", rmi(FID(0x166), rd, at, 2, 0, 0) == 0 && out[1] == tables[--nr_tables][2]);
	undelegate(out[1], 1);
	check("as before", entry(at, 3, &state) == 1 && state == 1 && out[3] == pa);
	check("DATA_UNMAP of 1 GiB", drive(rmi(FID(0x1F6), rd, at, at + size_of(1), 0, 0)) == 0);
	undelegate(pa, size_of(1) / granule);
}

static u64 tracking_set(u64 region, u64 state)
{
	return drive(rmi(FID(0x1E3), region, RMI_CATEGORY_CONVENTIONAL, state, 0, 0));
}

/* A block of level 2 that is a tracking region with one state for all of it: 16 KiB granules. */
static void coarse_region(void)
{
	u64 at = RAM + 3 * size_of(2), top = at + size_of(2), pa = take(entries(), size_of(2)), state;
	u64 last = pa + size_of(2) - 8, map = pa | 1 << 2 | 1;

	check("to COARSE", tracking_set(pa, RMI_TRACKING_COARSE) == 0);
	check("not mapped while it is the host's", drive(rmi(FID(0x1F5), rd, at, top, FROM_ZERO, map)) ==
	      RMI_ERROR_INPUT);
	check("delegated as a whole", drive(rmi(FID(0x1F1), pa, pa + size_of(2), 0, 0, 0)) == 0 &&
	      out[1] == pa + size_of(2));
	check("DATA_MAP of all of it", drive(rmi(FID(0x1F5), rd, at, top, FROM_ZERO, map)) == 0);
	check("the realm reads zero, and writes", order(DO_READ, top - 8, 0) && said == 0 &&
	      order(DO_WRITE, top - 8, 0x6666) && reads(top - 8, 0x6666));
	check("it is in use", drive(rmi(FID(0x1F2), pa, pa + size_of(2), 0, 0, 0)) == RMI_ERROR_INPUT);
	table(at, 3);
	check("unfolded, it still reads so", reads(top - 8, 0x6666));
	check("a part of it is not unmapped", RMI_STATUS(rmi(FID(0x1F6), rd, at, at + granule, 0, 0)) ==
	      RMI_ERROR_TRACKING);
	check("folded", rmi(FID(0x166), rd, at, 3, 0, 0) == 0 && out[1] == tables[--nr_tables][2]);
	undelegate(out[1], 1);
	check("DATA_UNMAP of all of it", drive(rmi(FID(0x1F6), rd, at, top, 0, 0)) == 0);
	check("mapped again", drive(rmi(FID(0x1F5), rd, at, top, FROM_ZERO, map)) == 0);
	check("FINE while it is mapped", tracking_set(pa, RMI_TRACKING_FINE) == 0);
	table(at, 3);
	check("then a part of it is unmapped", rmi(FID(0x1F6), rd, at, at + granule, 0, 0) == 0 &&
	      entry(at, 3, &state) == 3 && state == 0);
	undelegate(pa, 1);
	check("and the rest", rmi(FID(0x1F6), rd, at, top, 0, 0) == 0 && (out[1] == top ||
	      rmi(FID(0x1F6), rd, out[1], top, 0, 0) == 0));
	undelegate(pa + granule, entries() - 1);
	check("wiped", *(volatile u64 *)last == 0);
}

static void shared(void)
{
	u64 pa = take(1, granule), at = half + RAM, state;
	volatile u64 *word = (u64 *)(pa + granule - 8);

	*word = 0x5348;
	table(at, 2);
	table(at, 3);
	check("UNPROT_MAP", rmi(FID(0x1FB), rd, at, at + granule, SHARED | READ, pa | 1 << 2) == 0);
	check("the host's word", reads(at + granule - 8, 0x5348));
	check("read only", !order(DO_WRITE, at + 0x10, 1) && aborted(0x24, 0xf, at) &&
	      run->exit.far == 0x10);
	rmi(FID(0x1FC), rd, at, at + granule, 0, 0);
	rmi(FID(0x1FB), rd, at, at + granule, SHARED | READ | WRITE, pa | 1 << 2);
	check("and writable", enter() == RMI_EXIT_HOST_CALL && *(volatile u64 *)(pa + 0x10) == 1);

	/* one entry of level 1: all of the host's memory */
	at = half + size_of(1);
	check("a block of level 1", rmi(FID(0x1FB), rd, at, at + size_of(1), SHARED | READ,
					(granule == 4096 ? 0x40000000UL : 0) | 1 << 2 | 2) == 0);
	check("leads to the same word", reads(at + (pa & (size_of(1) - 1)) + granule - 8, 0x5348));
	table(at, 2);
	check("unfolded", entry(at + size_of(2), 2, &state) == 2 && state == 1);
	check("it still does", reads(at + (pa & (size_of(1) - 1)) + granule - 8, 0x5348));
	check("folded", rmi(FID(0x166), rd, at, 2, 0, 0) == 0 && out[1] == tables[--nr_tables][2]);
	undelegate(out[1], 1);
	check("and still", reads(at + (pa & (size_of(1) - 1)) + granule - 8, 0x5348));
	check("UNPROT_UNMAP", rmi(FID(0x1FC), rd, at, at + size_of(1), 0, 0) == 0);
	check("is an abort", !order(DO_READ, at + (pa & (size_of(1) - 1)), 0) &&
	      run->exit.esr >> 26 == 0x24 && (run->exit.esr & 0x3f) == 5);
	rmi(FID(0x1FB), rd, at, at + size_of(1), SHARED | READ,
	    (granule == 4096 ? 0x40000000UL : 0) | 1 << 2 | 2);
	check("until it is back", goes_on(*(volatile u64 *)pa));
	rmi(FID(0x1FC), rd, at, at + size_of(1), 0, 0);
}

static void destroy(void)
{
	u64 code;

	rmi(FID(0x1F6), rd, RAM, RAM + granule, 1, 0);
	code = out[2] & ~(granule - 1) & ((1UL << 52) - 1);
	check("REALM_TERMINATE", drive(rmi(FID(0x201), rd, 0, 0, 0, 0)) == 0);
	check("REC_DESTROY", drive(rmi(FID(0x15B), rec, 0, 0, 0, 0)) == 0);
	while (nr_tables--)
		if (rmi(FID(0x15E), rd, tables[nr_tables][0], tables[nr_tables][1], 0, 0) ||
		    out[1] != tables[nr_tables][2])
			die("RTT_DESTROY", out[0], tables[nr_tables][0]);
		else
			undelegate(out[1], 1);
	check("REALM_DESTROY", drive(rmi(FID(0x159), rd, 0, 0, 0, 0)) == 0);
	undelegate(code, 1);
	undelegate(rec, 1);
	undelegate(rd, 1);
	undelegate(root, 1);
}

static void with(unsigned int code, int big)
{
	struct rmi_rmm_config *config;

	pool = POOL;
	config = (struct rmi_rmm_config *)take(1, 65536);
	memset(config, 0, sizeof(*config));
	config->rmi_granule_size = (u8)code;
	puts("granule: ");
	number(4UL << (2 * code), 10);
	puts(" KiB\n");
	check("offered", rmi(FID(0x165), 1, 0, 0, 0, 0) == 0 && out[1] >> code & 1);
	check("RMM_CONFIG_SET", rmi(FID(0x16E), (u64)config, 0, 0, 0, 0) == 0);
	granule = 4096UL << (2 * code);
	memset(config, 0xee, sizeof(*config));
	check("RMM_CONFIG_GET", rmi(FID(0x1EC), (u64)config, 0, 0, 0, 0) == 0 &&
	      config->rmi_granule_size == code && config->tracking_region_size == 0);
	pool += 65536;
	check("RMM_ACTIVATE", drive(rmi(FID(0x202), 0, 0, 0, 0, 0)) == 0);
	worlds();
	create();
	private_pages();
	private_blocks();
	if (granule == 16384)
		coarse_region();
	shared();
	if (big)
		gigabyte();
	taken_away();
	destroy();
	check("RMM_DEACTIVATE", drive(rmi(FID(0x20F), 0, 0, 0, 0, 0)) == 0);
}

void main(void)
{
	unsigned int code;

	came_back = give_back;
	for (code = 0; code < 3; code++)
		with(code, code == 0);
	with(0, 0);			/* and back */
	check("all registers came back", lost == 0);
	end();
}
