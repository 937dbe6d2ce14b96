/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A host that attacks, on every CPU at once: commands in any order on realms that
 * others are at work on, pages that change while the monitor reads them, RECs
 * entered twice, interrupts in the middle, arguments that make no sense. Nothing
 * may hang, stop or leak: at the end the ordinary way down must still lead to
 * nothing. The realms attack too (storm_realm.c).
 *
 * Then, on each CPU at the same time, a whole life by every command.
 */
#include "bare.h"

#include "abi/rmi/commands.h"

#define MAX_CPUS	4
#define NR_REALMS	4
#define NR_HANDLES	8
#define SLOT		128			/* granules that belong to one realm's slot */
#ifndef SECONDS
#define SECONDS		1
#endif
#ifndef SEED
#define SEED		1
#endif

#define HALF		(1UL << 35)		/* of a realm of 36 bits, one root at level 1 */

/* Places in a slot */
enum { RD = 0, ROOT = 1, TABLES = 2, RECS = 10, AUX = 12, DATA = 44, NR_DATA = 64 };

u64 probe_read(const volatile void *p);
extern volatile u64 probe_esr;
extern const u8 realm_image[], realm_image_end[];
void secondary_entry(void);
void secondary_main(u64 context);

struct cpu {
	u64 list[512] __attribute__((aligned(4096)));
	u8 page[4096] __attribute__((aligned(4096)));
	struct rmi_rec_run run __attribute__((aligned(4096)));
	u64 out[8];
	u64 random;
	u64 handles[NR_HANDLES];
	u64 doubtful[512];		/* refused for three reasons, but another CPU may have meddled */
	unsigned int nr_doubtful;
	u64 calls, refused, entered, exits[8], kept_out[RMI_ERROR_GRANULE + 1];
	unsigned int lost;
	u64 twice;			/* stays in a REC that another CPU was in */
	volatile u64 in;			/* the REC that was entered last */
	int calm;			/* gives what is asked for, and waits for the end */
	volatile u64 done;
	u8 succeeded[NR_COMMANDS], called[NR_COMMANDS];
} __attribute__((aligned(4096)));

static struct cpu cpus[MAX_CPUS];
static unsigned int nr_cpus = 1;
static u64 slots;				/* POOL, SLOT granules for each realm */
static volatile u64 phase, stop_at;
static u8 host_page[4][4096] __attribute__((aligned(4096)));	/* what realms get to share */

/* ---- chance ------------------------------------------------------------------ */

static u64 any(struct cpu *c)
{
	u64 x = c->random;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return c->random = x;
}

static u64 below(struct cpu *c, u64 n)
{
	return (any(c) >> 11) % n;
}

static int one_in(struct cpu *c, u64 n)
{
	return below(c, n) == 0;
}

/* ---- calls -------------------------------------------------------------------- */

static const u64 fids[NR_COMMANDS] = {
#define BEGIN		[DEF_CAT(CMD_, CMD)] =
#define COMMAND(fid, gate)	fid,
#include "abi/rmi/every.def"
};

static const char *const names[NR_COMMANDS] = {
#define BEGIN		[DEF_CAT(CMD_, CMD)] = DEF_STR(CMD),
#include "abi/rmi/every.def"
};

enum arg { ARG_NONE, ARG_pa, ARG_ipa, ARG_ns, ARG_level, ARG_u64 };

static const u8 args[NR_COMMANDS][8] = {
#define BEGIN		[DEF_CAT(CMD_, CMD)] = {
#define ARG(name, type)	ARG_##type,
#define END		},
#include "abi/rmi/every.def"
};

static void remember_handle(struct cpu *c, u64 handle)
{
	for (unsigned int i = 0; i < NR_HANDLES; i++) {
		if (!c->handles[i]) {
			c->handles[i] = handle;
			return;
		}
	}
	die("more operations than the monitor should have begun", handle, 0);
}

static u64 go(struct cpu *c, unsigned int command, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
	u64 r[8] = { fids[command], a1, a2, a3, a4, a5, 0x6666, 0x7777 }, s;

	c->lost += (unsigned int)smc_regs(r);
	for (unsigned int i = 0; i < 8; i++)
		c->out[i] = r[i];
	s = r[0];
	c->calls++;
	c->called[command] = 1;
	c->refused += s != 0;
	if (s == 0)
		c->succeeded[command] = 1;
	if (s == ~0UL)
		die("the monitor is gone", command, a1);
	if (RMI_STATUS(s) > RMI_ERROR_GRANULE)
		die("no such status", s, command);
	return s;
}

/* The same for a command that begins something: its handle is kept until it is driven to the end. */
static u64 begin(struct cpu *c, unsigned int command, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
	u64 s = go(c, command, a1, a2, a3, a4, a5);

	if (RMI_STATUS(s) == RMI_INCOMPLETE)
		remember_handle(c, c->out[1]);
	return s;
}

static void lend(struct cpu *c, u64 base, u64 granules)
{
	u64 at = base, top = base + granules * PAGE;

	while (at < top)
		at = go(c, CMD_GRANULE_RANGE_DELEGATE, at, top, 0, 0, 0) ? at + PAGE : c->out[1];
}

static void take_back(struct cpu *c, u64 base, u64 granules)
{
	u64 at = base, top = base + granules * PAGE;

	while (at < top)
		at = go(c, CMD_GRANULE_RANGE_UNDELEGATE, at, top, 0, 0, 0) ? at + PAGE : c->out[1];
}

/*
 * One step of an operation, or all of it. donate: granules of this slot that may be
 * given. It ends at the latest when the host has nothing more to give.
 */
static u64 drive_on(struct cpu *c, unsigned int n, u64 s, u64 request, u64 donate, unsigned int steps)
{
	u64 handle = c->handles[n];

	while (steps-- && (RMI_STATUS(s) == RMI_INCOMPLETE || RMI_STATUS(s) == RMI_BUSY)) {
		u64 mem = RMI_STATUS(s) == RMI_BUSY ? RMI_MEM_NONE : RMI_MEM(s);
		u64 pages = request >> 2 & 0x3fff, i;

		if (mem == RMI_MEM_DONATE && !c->calm && one_in(c, 8)) {
			s = go(c, CMD_OP_CANCEL, handle, 0, 0, 0, 0);
		} else if (mem == RMI_MEM_DONATE) {
			pages = !c->calm && one_in(c, 4) ? 1 + below(c, pages) : pages;
			for (i = 0; i < pages && i < 32; i++)
				c->list[i] = (donate + i * PAGE) | 1 << 2 |
					     (request >> 17 & 3) << RMI_DESC_STATE_SHIFT;
			s = go(c, CMD_OP_MEM_DONATE, handle, (u64)c->list, i, 0, 0);
			donate += c->out[1] * PAGE;
			if (RMI_STATUS(s) == RMI_ERROR_INPUT)	/* another CPU has what we wanted to give */
				s = go(c, CMD_OP_CONTINUE, handle, 0, 0, 0, 0);
		} else if (mem == RMI_MEM_RECLAIM) {
			s = go(c, CMD_OP_MEM_RECLAIM, handle, (u64)c->list, 1 + below(c, 512), 0, 0);
		} else {
			s = go(c, CMD_OP_CONTINUE, handle, below(c, 2), 0, 0, 0);
		}
		request = c->out[2];
	}
	/* INPUT may be the end, or a wrong follow-up because another CPU moved it on */
	if (RMI_STATUS(s) == RMI_ERROR_INPUT && c->nr_doubtful < 512)
		c->doubtful[c->nr_doubtful++] = handle;
	if (RMI_STATUS(s) != RMI_INCOMPLETE && RMI_STATUS(s) != RMI_BUSY)
		c->handles[n] = 0;
	return s;
}

static unsigned int handle_slot(struct cpu *c, u64 handle)
{
	for (unsigned int i = 0; i < NR_HANDLES; i++)
		if (c->handles[i] == handle)
			return i;
	return 0;
}

/* An interrupt cuts what measures: goes on until it ends. */
static void begin_and_end(struct cpu *c, unsigned int command, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
	u64 s = begin(c, command, a1, a2, a3, a4, a5);

	if (RMI_STATUS(s) == RMI_INCOMPLETE)
		drive_on(c, handle_slot(c, c->out[1]), s, 0, 0, ~0U);
}

static u64 whole(struct cpu *c, unsigned int command, u64 a1, u64 a2, u64 a3, u64 donate)
{
	u64 s = begin(c, command, a1, a2, a3, 0, 0);

	if (RMI_STATUS(s) == RMI_INCOMPLETE)
		s = drive_on(c, handle_slot(c, c->out[1]), s, c->out[2], donate, ~0U);
	c->succeeded[command] |= s == 0;
	return s;
}

/* An operation that waits: what it wants is not known any more, OP_CONTINUE says it again. */
static void finish(struct cpu *c, unsigned int n, u64 donate)
{
	u64 s = go(c, CMD_OP_CONTINUE, c->handles[n], 0, 0, 0, 0);

	if (RMI_STATUS(s) == RMI_ERROR_INPUT) {
		/* it wants memory or gives some back: no more of this */
		s = go(c, CMD_OP_CANCEL, c->handles[n], 0, 0, 0, 0);
		if (RMI_STATUS(s) == RMI_ERROR_INPUT)
			s = go(c, CMD_OP_MEM_RECLAIM, c->handles[n], (u64)c->list, 512, 0, 0);
	}
	drive_on(c, n, s, c->out[2], donate, ~0U);
}

/* ---- a realm's slot ------------------------------------------------------------- */

static u64 granule(unsigned int slot, unsigned int n)
{
	return slots + (slot * SLOT + n) * PAGE;
}

/* The second REC: runnable from the start with this in x0, or (0) by the first one's CPU_ON. */
static void make(struct cpu *c, unsigned int slot, u64 second)
{
	struct rmi_realm_params *p = (struct rmi_realm_params *)c->page;
	struct rmi_rec_params *q = (struct rmi_rec_params *)c->page;
	u64 rd = granule(slot, RD), at, i;

	lend(c, rd, SLOT);
	realm_params(p, 36, 1, granule(slot, ROOT), 1);
	p->hash_algo = (u8)below(c, 3);
	whole(c, CMD_REALM_CREATE, rd, (u64)p, 0, granule(slot, AUX));
	for (i = 0; i < 4; i++)
		go(c, CMD_RTT_CREATE, rd, granule(slot, TABLES + i), i & 1 ? HALF : 0, 2 + (i >> 1), 0);
	for (i = 0; i < 24; i++) {
		u64 src = (u64)realm_image + i * PAGE;

		if (src >= (u64)realm_image_end)
			src = (u64)host_page[0];
		begin_and_end(c, CMD_RTT_DATA_MAP_INIT, rd, granule(slot, DATA + i), i * PAGE, src, i & 1);
	}
	for (i = 0; i < 2; i++) {
		memset(c->page, 0, sizeof(c->page));
		q->flags = !i || second;
		q->mpidr = i;
		q->gprs[0] = i ? second : 0;	/* realm_entry.S: who it is */
		whole(c, CMD_REC_CREATE, rd, granule(slot, RECS + i), (u64)q, granule(slot, AUX + 16 * i));
	}
	for (at = 0; at < 0x200000; at = c->out[1])
		if (go(c, CMD_RTT_INIT_RIPAS, rd, at, 0x200000, 0, 0))
			break;
	go(c, CMD_REALM_ACTIVATE, rd, 0, 0, 0, 0);
}

static void unmap_all(struct cpu *c, unsigned int command, u64 rd, u64 base, u64 top)
{
	while (base < top) {
		u64 s = go(c, command, rd, base, top, one_in(c, 2) ? 2 | 16 << 2 : 0, (u64)c->list);

		if (s && RMI_STATUS(s) != RMI_ERROR_RTT)
			return;
		if (s)
			base = (base | ((PAGE << (9 * (3 - (signed char)(s >> 8)))) - 1)) + 1;
		else
			base = c->out[1];
	}
}

static void unmake(struct cpu *c, unsigned int slot)
{
	u64 rd = granule(slot, RD), i;

	go(c, CMD_REALM_TERMINATE, rd, 0, 0, 0, 0);
	for (i = 0; i < 2; i++)
		whole(c, CMD_REC_DESTROY, granule(slot, RECS + i), 0, 0, 0);
	unmap_all(c, CMD_RTT_DATA_UNMAP, rd, 0, 0x800000);
	unmap_all(c, CMD_RTT_UNPROT_UNMAP, rd, HALF, HALF + 0x800000);
	for (i = 0; i < 0x800000; i += 0x200000) {
		go(c, CMD_RTT_DESTROY, rd, i, 3, 0, 0);
		go(c, CMD_RTT_DESTROY, rd, HALF + i, 3, 0, 0);
	}
	go(c, CMD_RTT_DESTROY, rd, 0, 2, 0, 0);
	go(c, CMD_RTT_DESTROY, rd, HALF, 2, 0, 0);
	whole(c, CMD_REALM_DESTROY, rd, 0, 0, 0);
	take_back(c, rd, SLOT);
}

/* Whatever calls of chance left in a realm's tree, wherever it is. */
static void raze(struct cpu *c, unsigned int slot)
{
	u64 rd = granule(slot, RD);

	for (u64 ipa = 0; ipa < 1UL << 36; ipa += 1UL << 30) {
		unsigned int unmap = ipa < HALF ? CMD_RTT_DATA_UNMAP : CMD_RTT_UNPROT_UNMAP;

		if (go(c, CMD_RTT_READ_ENTRY, rd, ipa, 1, 0, 0))
			return;
		if (c->out[2] != RMI_ENTRY_TABLE)
			continue;
		unmap_all(c, unmap, rd, ipa, ipa + (1UL << 30));
		for (u64 at = ipa; at < ipa + (1UL << 30); at += 0x200000)
			if (!go(c, CMD_RTT_READ_ENTRY, rd, at, 2, 0, 0) && c->out[2] == RMI_ENTRY_TABLE)
				go(c, CMD_RTT_DESTROY, rd, at, 3, 0, 0);
		go(c, CMD_RTT_DESTROY, rd, ipa, 2, 0, 0);
	}
}

/* ---- interrupts --------------------------------------------------------------------- */

#define SGI		8
#define CNTHP_PPI	26

#define INTERRUPTS	(1 << SGI | 1 << CNTHP_PPI | 1 << 27 | 1 << 30)

/* The host's own timer ends every stay in a realm. */
static void timer(u64 ticks)
{
	write_sysreg(cnthp_ctl_el2, 0);
	write_sysreg(cnthp_cval_el2, read_sysreg(cntpct_el0) + ticks);
	write_sysreg(cnthp_ctl_el2, 1);
	isb();
}

static void take_interrupts(void)
{
	u64 id;

	write_sysreg(cnthp_ctl_el2, 0);
	isb();
	while ((id = read_sysreg(s3_0_c12_c12_0)) < 1020)	/* ICC_IAR1_EL1 */
		write_sysreg(s3_0_c12_c12_1, id);		/* ICC_EOIR1_EL1 */
}

static void kick(u64 cpu)
{
	write_sysreg(s3_0_c12_c11_5, (u64)SGI << 24 | 1UL << cpu);
}

/* ---- entering realms ------------------------------------------------------------------ */

static u64 us(u64 n)
{
	return read_sysreg(cntfrq_el0) / 1000000 * n;
}

static void serve(struct cpu *c, unsigned int slot, struct rmi_rec_run *run, u64 rec)
{
	const struct rmi_rec_exit *e = &run->exit;
	struct rmi_rec_enter *next = &run->enter;
	u64 rd = granule(slot, RD), ipa = (e->hpfar & 0xffffffffff0UL) << 8, at;

	next->flags = 0;
	for (unsigned int i = 0; i < 31; i++)
		next->gprs[i] = any(c);
	c->exits[e->exit_reason & 7]++;
	switch (e->exit_reason) {
	case RMI_EXIT_SYNC:
		if (ipa < HALF) {
			u64 desc = granule(slot, DATA + 24 + below(c, NR_DATA - 24)) | 1 << 2;

			go(c, CMD_RTT_DATA_MAP, rd, ipa, ipa + PAGE, 1, desc);
		} else if (one_in(c, 2)) {
			go(c, CMD_RTT_UNPROT_MAP, rd, ipa, ipa + PAGE, 1 | 6 << 16 | below(c, 16) << 19,
			   (one_in(c, 2) ? (u64)host_page[below(c, 4)] : granule(slot, below(c, SLOT))) | 1 << 2);
		} else {
			next->flags = one_in(c, 2) ? RMI_ENTER_EMUL_MMIO : RMI_ENTER_INJECT_SEA;
		}
		break;
	case RMI_EXIT_RIPAS_CHANGE:
		for (at = e->ripas_base; at < e->ripas_top; at = c->out[1])
			if (go(c, CMD_RTT_SET_RIPAS, rd, rec, at, e->ripas_top, 0))
				break;
		next->flags = one_in(c, 4) ? RMI_ENTER_RIPAS_REJECT : 0;
		break;
	case RMI_EXIT_PSCI:
		go(c, CMD_PSCI_COMPLETE, rec, one_in(c, 4) ? (u64)-3 : 0, 0, 0, 0);
		break;
	}
}

static void enter(struct cpu *c, unsigned int slot)
{
	/* now and then the page that another CPU uses too */
	struct rmi_rec_run *run = !c->calm && one_in(c, 8) ? &cpus[below(c, nr_cpus)].run : &c->run;
	u64 rec = granule(slot, RECS + below(c, 2)), s;

	/* a REC that another CPU is in, or was last */
	c->in = one_in(c, 2) ? rec : cpus[below(c, nr_cpus)].in;
	if (!c->calm && c->in) {
		rec = c->in;
		slot = (unsigned int)((rec - slots) / PAGE / SLOT);
	}
	if (run == &c->run)
		run->enter.flags = 0;
	for (unsigned int rounds = 1 + (unsigned int)below(c, 12); rounds; rounds--) {
		write_sysreg(s3_4_c12_c11_0, 1);		/* ICH_HCR_EL2.En */
		if (one_in(c, 4))
			write_sysreg(s3_4_c12_c12_0, any(c) & ~(3UL << 61));	/* a list register, HW never set */
		timer(us(1 + below(c, 300)));
		s = go(c, CMD_REC_ENTER, rec, (u64)run, 0, 0, 0);
		if (s) {
			c->kept_out[RMI_STATUS(s)]++;
			take_interrupts();
			return;
		}
		c->entered++;
		write_sysreg(s3_4_c12_c12_0, 0);
		take_interrupts();
		serve(c, slot, run, rec);
		if (!c->calm && one_in(c, 16))
			run->enter.flags = any(c);
	}
}

/* ---- arguments ----------------------------------------------------------------------------- */

static u64 some_pa(struct cpu *c)
{
	switch (below(c, 8)) {
	case 0:
		return any(c);
	case 1:
		return (u64)host_page[below(c, 4)];
	case 2:
		return below(c, 0x40000) << 12;		/* flash, devices, secure RAM, DRAM */
	case 3:
		return 0x7fe00000 + (below(c, 512) << 12);	/* the monitor */
	default:
		return granule((unsigned int)below(c, NR_REALMS), (unsigned int)below(c, SLOT));
	}
}

static u64 some_ipa(struct cpu *c)
{
	u64 ipa = below(c, 0x800) << 12;

	switch (below(c, 8)) {
	case 0:
		return any(c);
	case 1:
		return 1UL << below(c, 64);
	case 2:
		return (1UL << 36) - ipa;
	case 3:
	case 4:
		return HALF + ipa;
	default:
		return one_in(c, 2) ? ipa & ~0x1fffffUL : ipa;
	}
}

static u64 some(struct cpu *c, enum arg type)
{
	struct cpu *other = &cpus[below(c, nr_cpus)];

	switch (type) {
	case ARG_pa:
		return some_pa(c);
	case ARG_ipa:
		return some_ipa(c);
	case ARG_ns:
		return one_in(c, 2) ? (u64)other->list + 8 * below(c, 512) * one_in(c, 2) :
		       one_in(c, 2) ? (u64)other->page : some_pa(c);
	case ARG_level:
		return one_in(c, 8) ? any(c) : below(c, 5) - 1;
	case ARG_u64:
		if (one_in(c, 3))
			return other->handles[below(c, NR_HANDLES)];
		return one_in(c, 2) ? below(c, 64) : some_pa(c) | below(c, 1024);
	default:
		return any(c);
	}
}

/* What changes the state of the whole monitor or of a gigabyte: tests/machine/host.c has it. */
static int is_of_the_whole(unsigned int command)
{
	switch (fids[command]) {
	case FID(0x202):	/* RMM_ACTIVATE */
	case FID(0x20F):	/* RMM_DEACTIVATE */
	case FID(0x16E):	/* RMM_CONFIG_SET */
	case FID(0x1E3):	/* GRANULE_TRACKING_SET */
	case FID(0x1F3):	/* GPT_L1_CREATE */
	case FID(0x1F4):	/* GPT_L1_DESTROY */
		return 1;
	}
	return 0;
}

/*
 * Arguments of chance must not take what this program itself lives in, nor end the
 * storm for all.
 */
static int may_be_thrown(unsigned int command, u64 a[6])
{
	if (is_of_the_whole(command))
		return 0;
	switch (command) {
	case CMD_GRANULE_RANGE_DELEGATE:
		a[1] = a[1] > slots + NR_REALMS * SLOT * PAGE ? a[0] + below(&cpus[0], 8) * PAGE : a[1];
		return a[0] >= slots && a[0] < slots + (NR_REALMS * SLOT - 8) * PAGE;
	case CMD_RTT_UNPROT_MAP:	/* a realm may write there */
		a[3] = (a[3] & ~3UL) | 1;
		a[4] = granule(0, (unsigned int)below(&cpus[0], SLOT)) | 1 << 2;
	}
	return 1;
}

static void anything(struct cpu *c)
{
	unsigned int command = (unsigned int)below(c, NR_COMMANDS);
	u64 a[6] = { 0 }, s;

	for (unsigned int i = 0; i < 5; i++)
		a[i] = args[command][i] || one_in(c, 16) ? some(c, args[command][i]) : 0;
	if (!may_be_thrown(command, a))
		return;
	timer(us(300));			/* it may be REC_ENTER */
	s = go(c, command, a[0], a[1], a[2], a[3], a[4]);
	if (RMI_STATUS(s) == RMI_INCOMPLETE && command != CMD_OP_CONTINUE && command != CMD_OP_MEM_DONATE &&
	    command != CMD_OP_MEM_RECLAIM && command != CMD_OP_CANCEL)
		remember_handle(c, c->out[1]);
	take_interrupts();
}

/* A word of what another CPU is showing to the monitor at this moment. */
static void meddle(struct cpu *c)
{
	struct cpu *other = &cpus[below(c, nr_cpus)];

	switch (below(c, 3)) {
	case 0:
		*(volatile u64 *)&other->list[below(c, 512)] = one_in(c, 2) ? any(c) : some_pa(c) | 1 << 2;
		break;
	case 1:
		*(volatile u64 *)&other->page[8 * below(c, 512)] = any(c);
		break;
	default:
		*(volatile u64 *)((u8 *)&other->run + 8 * below(c, 512)) = any(c);
	}
}

static unsigned int open_handle(struct cpu *c)
{
	for (unsigned int i = 0; i < NR_HANDLES; i++)
		if (c->handles[i])
			return i;
	return NR_HANDLES;
}

static void storm(struct cpu *c)
{
	while (read_sysreg(cntpct_el0) < stop_at) {
		unsigned int slot = (unsigned int)below(c, NR_REALMS);
		u64 rd = granule(slot, RD), ipa = some_ipa(c);

		switch (below(c, 16)) {
		case 0:
			if (one_in(c, 4))
				unmake(c, slot);
			if (one_in(c, 2))
				make(c, slot, any(c) | 1);
			break;
		case 2:
			go(c, one_in(c, 2) ? CMD_RTT_CREATE : CMD_RTT_FOLD, rd, granule(slot, TABLES + below(c, 8)),
			   ipa, 2 + below(c, 2), 0);
			go(c, one_in(c, 2) ? CMD_RTT_DESTROY : CMD_RTT_FOLD, rd, ipa, 2 + below(c, 2), 0, 0);
			break;
		case 3:
			go(c, one_in(c, 2) ? CMD_RTT_DATA_UNMAP : CMD_RTT_UNPROT_UNMAP, rd, ipa,
			   ipa + (PAGE << below(c, 12)), 2 | below(c, 512) << 2, (u64)c->list);
			break;
		case 4:
			for (unsigned int i = 0; i < 8; i++)
				c->list[i] = granule(slot, DATA + below(c, NR_DATA)) | below(c, 4) << 2;
			go(c, CMD_RTT_DATA_MAP, rd, ipa, ipa + (PAGE << below(c, 6)), 2 | below(c, 16) << 2, (u64)c->list);
			break;
		case 5:
			lend(c, granule(slot, below(c, SLOT - 4)), 1 + below(c, 4));
			take_back(c, granule(slot, below(c, SLOT - 4)), 1 + below(c, 4));
			break;
		case 6:
			kick(below(c, nr_cpus));
			break;
		case 7:
		case 8:
			meddle(c);
			break;
		case 9: {
			unsigned int n = open_handle(c);

			if (n < NR_HANDLES)
				finish(c, n, granule(slot, AUX));
			break;
		}
		case 10:
			if (open_handle(c) == NR_HANDLES || one_in(c, 2))
				anything(c);
			break;
		default:
			enter(c, slot);
		}
		/* never more of them than there is room for */
		while (c->handles[NR_HANDLES / 2])
			finish(c, NR_HANDLES / 2, granule(slot, AUX));
	}
}

/* ---- one REC, wanted by all ---------------------------------------------------------------------- */

static void crowd(struct cpu *c)
{
	while (read_sysreg(cntpct_el0) < stop_at) {
		timer(us(1 + below(c, 200)));
		if (!go(c, CMD_REC_ENTER, granule(0, RECS + 1), (u64)&c->run, 0, 0, 0))
			c->twice += c->run.exit.exit_reason == RMI_EXIT_HOST_CALL &&
				    c->run.exit.imm == CALL_TWICE;
		take_interrupts();
	}
}

/* ---- a whole life by every command, on each CPU ------------------------------------------------- */

static void life(struct cpu *c, unsigned int slot)
{
	u64 rd = granule(slot, RD), i;

	c->calm = 1;
	go(c, CMD_VERSION, RMI_VERSION_2_0, 0, 0, 0, 0);
	go(c, CMD_FEATURES, 0, 0, 0, 0, 0);
	go(c, CMD_RMM_STATE_GET, 0, 0, 0, 0, 0);
	go(c, CMD_RMM_CONFIG_GET, (u64)c->page, 0, 0, 0, 0);
	go(c, CMD_GRANULE_TRACKING_GET, POOL & ~0x3fffffffUL, (POOL & ~0x3fffffffUL) + 0x40000000, 0, 0, 0);
	go(c, CMD_GPT_INFO, POOL & ~0x3fffffffUL, (POOL & ~0x3fffffffUL) + 0x40000000, 0, 0, 0);
	make(c, slot, 0);
	go(c, CMD_RTT_READ_ENTRY, rd, 0, 3, 0, 0);
	/* 2 MiB of nothing: unfolded and folded again */
	go(c, CMD_RTT_CREATE, rd, granule(slot, TABLES + 4), 0x200000, 3, 0);
	go(c, CMD_RTT_FOLD, rd, 0x200000, 3, 0, 0);
	/* until the realm has asked for all that it begins with */
	for (i = 0; i < 20 || (i < 1000 && !(c->succeeded[CMD_PSCI_COMPLETE] && c->succeeded[CMD_RTT_DATA_MAP] &&
					     c->succeeded[CMD_RTT_SET_RIPAS])); i++)
		enter(c, slot);
	go(c, CMD_RTT_UNPROT_MAP, rd, HALF + 0x1ff000, HALF + 0x200000, 1 | 6 << 16 | 3 << 19,
	   (u64)host_page[1] | 1 << 2);
	/* one that is given up */
	go(c, CMD_RTT_DATA_UNMAP, rd, 0, PAGE, 0, 0);
	unmake(c, slot);
	c->calm = 0;
}

/* REC_CREATE that is cancelled: OP_CANCEL and its end, with certainty. */
static void cancel(struct cpu *c, unsigned int slot)
{
	struct rmi_realm_params *p = (struct rmi_realm_params *)c->page;
	u64 rd = granule(slot, RD), s, handle;

	lend(c, rd, SLOT);
	realm_params(p, 36, 1, granule(slot, ROOT), 1);
	whole(c, CMD_REALM_CREATE, rd, (u64)p, 0, granule(slot, AUX));
	memset(c->page, 0, sizeof(c->page));
	s = go(c, CMD_REC_CREATE, rd, granule(slot, RECS), (u64)c->page, 0, 0);
	handle = c->out[1];
	check("REC_CREATE asks for memory", RMI_STATUS(s) == RMI_INCOMPLETE && RMI_MEM(s) == RMI_MEM_DONATE);
	check("a REC in between is BLOCKED", go(c, CMD_REC_ENTER, granule(slot, RECS), (u64)&c->run, 0, 0, 0) ==
	      RMI_BLOCKED);
	s = go(c, CMD_OP_CANCEL, handle, 0, 0, 0, 0);
	c->succeeded[CMD_OP_CANCEL] |= RMI_STATUS(s) == RMI_INCOMPLETE;
	remember_handle(c, handle);
	s = drive_on(c, handle_slot(c, handle), s, 0, 0, ~0U);
	check("a cancelled operation ends as one", RMI_STATUS(s) == RMI_ERROR_GLOBAL);
	unmake(c, slot);
}

/* ---- protection, from every world to every other ---------------------------------------------------- */

u64 try_fetch(u64 pa);

/* What of the host's own accesses: FSC 0x28, and in a walk 0x24 to 0x27. */
static void host_is_kept_out(const char *what, u64 pa)
{
	puts("  ");
	puts(what);
	puts("\n");
	probe_read((void *)pa);
	check("host reads it", (probe_esr & 0x3f) == 0x28 && probe_esr >> 26 == 0x25);
	check("host executes it", (try_fetch(pa) & 0x3f) == 0x28);
}

/* Each address where the monitor expects the host's memory. */
static void monitor_does_not_take(struct cpu *c, const char *what, u64 pa)
{
	u64 rd = granule(0, RD), rec = granule(0, RECS);

	puts("  ");
	puts(what);
	puts("\n");
	check("run page", go(c, CMD_REC_ENTER, rec, pa, 0, 0, 0) == RMI_ERROR_INPUT);
	check("REALM_CREATE parameters", go(c, CMD_REALM_CREATE, granule(1, RD), pa, 0, 0, 0) == RMI_ERROR_INPUT);
	check("REC_CREATE parameters", go(c, CMD_REC_CREATE, rd, granule(1, RECS), pa, 0, 0) != 0);
	check("source of DATA_MAP_INIT", go(c, CMD_RTT_DATA_MAP_INIT, rd, granule(1, DATA), 0x1f0000, pa, 0) != 0);
	check("output of RMM_CONFIG_GET", go(c, CMD_RMM_CONFIG_GET, pa, 0, 0, 0, 0) == RMI_ERROR_INPUT);
	check("list of DATA_MAP", go(c, CMD_RTT_DATA_MAP, rd, 0x1f0000, 0x1f1000, 2 | 1 << 2, pa) == RMI_ERROR_INPUT);
	check("list of DATA_UNMAP", go(c, CMD_RTT_DATA_UNMAP, rd, 0, PAGE, 2 | 1 << 2, pa) == RMI_ERROR_INPUT);
}

static void protection(struct cpu *c)
{
	const u64 realm = granule(0, RD), monitor = 0x7fe00000, flash = 0, secure_ram = 0x0e000000;

	make(c, 0, 0);
	lend(c, granule(1, 0), SLOT);
	host_is_kept_out("a realm's granule", realm);
	host_is_kept_out("the monitor", monitor);
	host_is_kept_out("EL3's flash", flash);
	host_is_kept_out("EL3's RAM", secure_ram);
	monitor_does_not_take(c, "Realm memory as the host's", granule(0, DATA));
	monitor_does_not_take(c, "the monitor's memory as the host's", monitor);
	monitor_does_not_take(c, "Root memory as the host's: flash", flash);
	monitor_does_not_take(c, "Root memory as the host's: RAM", secure_ram);
	monitor_does_not_take(c, "a device as the host's", 0x09000000);
	monitor_does_not_take(c, "nothing as the host's", 0x30000000);
	take_back(c, granule(1, 0), SLOT);
	unmake(c, 0);
}

/* ---- CPUs --------------------------------------------------------------------------------------------- */

static void wait_for_all(u64 what)
{
	for (unsigned int i = 1; i < nr_cpus; i++)
		while (cpus[i].done != what)
			;
}

enum { LIFE = 1, STORM, LIFE_AGAIN, CROWD, END };

static void job(unsigned int n, u64 what)
{
	if (what == STORM)
		storm(&cpus[n]);
	else if (what == CROWD)
		crowd(&cpus[n]);
	else
		life(&cpus[n], n);
}

static void work(unsigned int n)
{
	struct cpu *c = &cpus[n];

	for (u64 seen = 0;; ) {
		while (phase == seen)
			;
		seen = phase;
		if (seen == END)
			return;
		job(n, seen);
		c->done = seen;
	}
}

static void all(u64 what)
{
	stop_at = read_sysreg(cntpct_el0) + SECONDS * read_sysreg(cntfrq_el0) / (what == CROWD ? 4 : 1);
	__asm__ volatile("dsb sy" ::: "memory");
	phase = what;
	job(0, what);
	wait_for_all(what);
}

void secondary_main(u64 context)
{
	u64 r[8] = { 0x84000002 };
	unsigned int n = (unsigned int)context + 1;

	gic_on_cpu(n, INTERRUPTS);
	cpus[n].done = ~0UL;
	work(n);
	cpus[n].done = ~1UL;
	smc_regs(r);
}

static void start_cpus(void)
{
	for (unsigned int i = 0; i < MAX_CPUS; i++)
		cpus[i].random = 0x9E3779B97F4A7C15UL * (SEED + i);
	for (unsigned int i = 1; i < MAX_CPUS; i++) {
		u64 r[8] = { 0xC4000003, i, (u64)secondary_entry, i - 1 };

		smc_regs(r);
		if (r[0])
			break;
		nr_cpus++;
		while (cpus[i].done != ~0UL)
			;
	}
}

/* ---- the end ------------------------------------------------------------------------------------------ */

/* What the monitor says of a granule that does not come back. */
static void who_has(struct cpu *c, u64 at)
{
	puts("granule ");
	number((at - slots) / PAGE, 10);
	for (unsigned int n = 0; n < NR_COMMANDS; n++) {
		if (n != CMD_REALM_DESTROY && n != CMD_REC_DESTROY && n != CMD_GRANULE_RANGE_UNDELEGATE &&
		    n != CMD_REALM_TERMINATE && n != CMD_RTT_DESTROY)
			continue;
		puts(" ");
		puts(names[n]);
		puts(" ");
		number(go(c, n, at, at + PAGE, 3, 0, 0), 16);
	}
	puts("\n");
}

static void clear_up(struct cpu *c)
{
	u64 left = 0, dirty = 0;

	for (unsigned int i = 0; i < nr_cpus; i++)
		for (unsigned int n = 0; n < NR_HANDLES; n++)
			while (cpus[i].handles[n])
				finish(&cpus[i], n, 0);
	for (unsigned int i = 0; i < nr_cpus; i++) {
		struct cpu *d = &cpus[i];

		while (d->nr_doubtful) {
			unsigned int before = d->nr_doubtful;

			d->handles[0] = d->doubtful[--d->nr_doubtful];
			finish(d, 0, 0);
			if (d->nr_doubtful == before)
				d->nr_doubtful--;	/* it is gone */
		}
	}
	for (unsigned int round = 0; round < 4; round++) {
		for (unsigned int i = 0; i < NR_REALMS; i++) {
			unmake(c, i);
			raze(c, i);
		}
		/* objects where a call of chance put them */
		for (unsigned int i = 0; i < NR_REALMS * SLOT; i++) {
			u64 g = slots + i * PAGE;

			if (!go(c, CMD_GRANULE_RANGE_UNDELEGATE, g, g + PAGE, 0, 0, 0))
				continue;
			go(c, CMD_REALM_TERMINATE, g, 0, 0, 0, 0);
			whole(c, CMD_REC_DESTROY, g, 0, 0, 0);
			whole(c, CMD_REALM_DESTROY, g, 0, 0, 0);
		}
	}
	for (u64 at = slots; at < slots + NR_REALMS * SLOT * PAGE; at += PAGE) {
		u64 word = probe_read((void *)at);

		if (probe_esr && !left)
			who_has(c, at);
		left += probe_esr != 0;
		dirty += word != 0;
	}
	check("every granule came back", left == 0);
	check("and is wiped", dirty == 0);
	if (left)
		die("granules left", left, 0);
}

static void report(void)
{
	static const char *const reasons[] = { "sync", "IRQ", "FIQ", "PSCI", "RIPAS", "host call", "SError", "S2AP" };

	for (unsigned int i = 0; i < nr_cpus; i++) {
		const struct cpu *c = &cpus[i];

		puts("CPU ");
		number(i, 10);
		puts(": ");
		number(c->calls, 10);
		puts(" calls, ");
		number(c->refused, 10);
		puts(" refused, ");
		number(c->entered, 10);
		puts(" stays:");
		for (unsigned int n = 0; n < 8; n++) {
			puts(" ");
			puts(reasons[n]);
			puts(" ");
			number(c->exits[n], 10);
		}
		puts("; kept out:");
		for (unsigned int n = 0; n <= RMI_ERROR_GRANULE; n++) {
			puts(" ");
			number(c->kept_out[n], 10);
		}
		puts("\n");
	}
}

/* What has no status of success of its own, or stands in cancel(). */
static int is_follow_up(unsigned int command)
{
	switch (command) {
	case CMD_OP_CANCEL:
	case CMD_OP_CONTINUE:
	case CMD_OP_MEM_DONATE:
	case CMD_OP_MEM_RECLAIM:
		return 1;
	}
	return 0;
}

static void every_command(void)
{
	for (unsigned int n = 0; n < NR_COMMANDS; n++) {
		int called = 1, succeeded = 1;

		if (is_of_the_whole(n) || is_follow_up(n))
			continue;
		for (unsigned int i = 0; i < nr_cpus; i++) {
			called &= cpus[i].called[n];
			succeeded &= cpus[i].succeeded[n];
		}
		if (called && succeeded)
			continue;
		puts(names[n]);
		puts(called ? " never succeeded on some CPU\n" : " was never called on some CPU\n");
		check("every command on every CPU", 0);
	}
	check("every command on every CPU", 1);
}

void main(void)
{
	struct cpu *c = &cpus[0];
	unsigned int lost_registers = 0;
	u64 left, twice = 0;

	slots = take(NR_REALMS * SLOT, 0x200000);
	gic_on();
	gic_on_cpu(0, INTERRUPTS);
	start_cpus();
	number(nr_cpus, 10);
	puts(" CPUs\n");
	memset(c->page, 0, sizeof(c->page));
	check("RMM_CONFIG_SET", go(c, CMD_RMM_CONFIG_SET, (u64)c->page, 0, 0, 0, 0) == 0);
	check("RMM_ACTIVATE", drive(rmi(fids[CMD_RMM_ACTIVATE], 0, 0, 0, 0, 0)) == 0);
	protection(c);
	cancel(c, 0);
	all(LIFE);
	every_command();
	clear_up(c);
	all(STORM);
	report();
	clear_up(c);
	all(LIFE_AGAIN);	/* and nothing is broken */
	clear_up(c);
	make(c, 0, CONTEXT_ALONE);
	all(CROWD);
	clear_up(c);
	phase = END;
	wait_for_all(~1UL);
	for (unsigned int i = 0; i < nr_cpus; i++)
		lost_registers += cpus[i].lost, twice += cpus[i].twice;
	check("no REC was on two CPUs at once", twice == 0);
	check("x8-x30 come back from every call", lost_registers == 0);
	left = drive(rmi(fids[CMD_RMM_DEACTIVATE], 0, 0, 0, 0, 0));
	check("RMM_DEACTIVATE", left == 0);
	if (left)
		die("it answers", left, 0);
	end();
}
