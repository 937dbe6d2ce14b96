/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every bare-metal host needs: a console that counts, RMI calls, pages to
 * give away, an operation's requests served. Included once, by its one C file.
 */
#ifndef BARE_H
#define BARE_H

#include "protocol.h"
#include "abi/rmi.h"

u64 smc_regs(u64 regs[8]);
u64 smc_quick(u64 regs[8]);
_Noreturn void host_exception(u64 esr, u64 elr, u64 far);
void main(void);

#define read_sysreg(r) ({ u64 v_; __asm__ volatile("mrs %0, " #r : "=r"(v_)); v_; })
#define write_sysreg(r, v) __asm__ volatile("msr " #r ", %0" :: "r"((u64)(v)))
#define isb() __asm__ volatile("isb" ::: "memory")

/* The distributor, once; then each CPU its own interrupts, SGIs and PPIs by bit. */
static inline void gic_on(void)
{
	*(volatile u32 *)0x08000000 = 0x12;		/* GICD_CTLR: ARE_NS, group 1 */
}

static inline void gic_on_cpu(u64 cpu, u32 interrupts)
{
	*(volatile u32 *)(0x080b0100 + cpu * 0x20000) = interrupts;	/* GICR_ISENABLER0 */
	write_sysreg(s3_4_c12_c9_5, 0xf);		/* ICC_SRE_EL2 */
	isb();
	write_sysreg(s3_0_c4_c6_0, 0xff);		/* ICC_PMR_EL1 */
	write_sysreg(s3_0_c12_c12_7, 1);		/* ICC_IGRPEN1_EL1 */
	isb();
}

#ifndef PAGE
#define PAGE	4096UL		/* the RMI granule */
#endif
#define POOL	0x50000000UL

/* ---- console -------------------------------------------------------------- */

static unsigned int passed, failed;

static inline void put(char c)
{
	if (c == '\n')
		put('\r');
	while (*(volatile u32 *)0x09000018 & 0x20)
		;
	*(volatile u32 *)0x09000000 = (u8)c;
}

static inline void puts(const char *s)
{
	while (*s)
		put(*s++);
}

static inline void number(u64 v, unsigned int base)
{
	char d[24];
	int n = 0;

	do
		d[n++] = "0123456789abcdef"[v % base];
	while (v /= base);
	while (n)
		put(d[--n]);
}

static inline void check(const char *name, int ok)
{
	puts(ok ? "ok " : "not ok ");
	puts(name);
	puts("\n");
	if (ok)
		passed++;
	else
		failed++;
}

static inline _Noreturn void end(void)
{
	u64 r[8] = { 0x84000008 };

	number(passed, 10);
	puts(" passed, ");
	number(failed, 10);
	puts(" failed\n");
	smc_regs(r);
	for (;;)
		;
}

static inline _Noreturn void die(const char *what, u64 a, u64 b)
{
	puts("not ok ");
	puts(what);
	puts(" ");
	number(a, 16);
	puts(" ");
	number(b, 16);
	puts("\n");
	failed++;
	end();
}

_Noreturn void host_exception(u64 esr, u64 elr, u64 far)
{
	puts("exception of the host, far ");
	number(far, 16);
	puts("\n");
	die("host exception", esr, elr);
}

void *memset(void *d, int c, unsigned long n)
{
	u8 *p = d;

	while (n--)
		*p++ = (u8)c;
	return d;
}

void *memcpy(void *d, const void *s, unsigned long n)
{
	u8 *p = d;
	const u8 *q = s;

	while (n--)
		*p++ = *q++;
	return d;
}

/* ---- RMI --------------------------------------------------------------------- */

#define FID(n)	(0xC4000000UL | (n))

static u64 out[8];
static unsigned int lost;	/* registers x8-x30 that did not come back */

static inline u64 rmi(u64 fid, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
	u64 r[8] = { fid, a1, a2, a3, a4, a5, 0x6666, 0x7777 };
	int i;

	lost += (unsigned int)smc_regs(r);
	for (i = 0; i < 8; i++)
		out[i] = r[i];
	if (r[6] != 0x6666 || r[7] != 0x7777)
		lost++;
	return r[0];
}

static u64 list[512] __attribute__((aligned(4096)));

static u64 pool = POOL;

static inline u64 take(u64 pages, u64 align)
{
	u64 p;

	pool = (pool + align - 1) & ~(align - 1);
	p = pool;
	pool += pages * PAGE;
	return p;
}

static inline u64 delegated(u64 pages)
{
	u64 base = take(pages, pages * PAGE), at = base;

	while (at < base + pages * PAGE) {
		if (rmi(FID(0x1F1), at, base + pages * PAGE, 0, 0, 0))
			die("RANGE_DELEGATE", out[0], at);
		at = out[1];
	}
	return base;
}

static inline void undelegate(u64 base, u64 pages)
{
	u64 at = base;

	while (at < base + pages * PAGE) {
		if (rmi(FID(0x1F2), at, base + pages * PAGE, 0, 0, 0))
			die("RANGE_UNDELEGATE", out[0], at);
		at = out[1];
	}
}

/* REALM_CREATE: what each realm here asks for, SHA-256 and no features; 36 bits start at level 1. */
static inline void realm_params(struct rmi_realm_params *p, u8 s2sz, s64 level, u64 roots, u32 nr_roots)
{
	memset(p, 0, sizeof(*p));
	p->s2sz = s2sz;
	p->num_bps = 1;
	p->num_wps = 1;
	p->rtt_base = roots;
	p->rtt_level_start = level;
	p->rtt_num_start = nr_roots;
}

/* Told of each RECLAIM: so many descriptors in list. */
static void (*came_back)(u64 nr);

/* Drives an operation to its end; what it returns stays delegated, unless came_back sees to it. */
static inline u64 drive(u64 status)
{
	u64 handle = out[1], request = out[2];

	while (RMI_STATUS(status) == RMI_INCOMPLETE) {
		switch (RMI_MEM(status)) {
		case RMI_MEM_DONATE: {
			u64 count = request >> 2 & 0x3fff, state = request >> 17 & 3;
			u64 pages = count << (9 * (request & 3)), base;

			/* CONDITIONAL: DELEGATED, as it is not of the region in question */
			base = state == RMI_MEMSTATE_UNDELEGATED ? take(pages, pages * PAGE) : 0;
			if (state != RMI_MEMSTATE_UNDELEGATED) {
				u64 i;

				base = take(pages, request & RMI_DONATE_CONTIG ? pages * PAGE : PAGE);
				for (i = 0; i < pages; ) {
					if (rmi(FID(0x1F1), base + i * PAGE, base + pages * PAGE, 0, 0, 0))
						die("RANGE_DELEGATE", out[0], base);
					i = (out[1] - base) / PAGE;
				}
			}
			list[0] = base | pages << 2 | state << RMI_DESC_STATE_SHIFT;
			status = rmi(FID(0x208), handle, (u64)list, 1, 0, 0);
			request = out[2];
			break;
		}
		case RMI_MEM_RECLAIM:
			status = rmi(FID(0x209), handle, (u64)list, 512, 0, 0);
			if (came_back)
				came_back(out[1]);
			break;
		default:
			status = rmi(FID(0x203), handle, 0, 0, 0, 0);
			request = out[2];
		}
	}
	return status;
}

#endif
