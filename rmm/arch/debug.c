/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Breakpoints and watchpoints. The realm's accesses are trapped, so the hardware holds
 * what rec->debug says and nothing has to be read back. A realm with fewer breakpoints
 * than the machine has the last ones: those are the ones that know contexts.
 */
#include "arch/cpu.h"
#include "arch/sysreg.h"

#define OSLSR_OSLK	BIT(1)
#define CR_LBN(cr)	((unsigned int)FIELD(cr, 19, 16))

#define EVERY_16(X) \
	X(15) X(14) X(13) X(12) X(11) X(10) X(9) X(8) X(7) X(6) X(5) X(4) X(3) X(2) X(1) X(0)

#define SAVE_B(n) case n: d->bvr[n] = read_sysreg(dbgbvr##n##_el1); \
			  d->bcr[n] = read_sysreg(dbgbcr##n##_el1); __attribute__((fallthrough));
#define SAVE_W(n) case n: d->wvr[n] = read_sysreg(dbgwvr##n##_el1); \
			  d->wcr[n] = read_sysreg(dbgwcr##n##_el1); __attribute__((fallthrough));
#define LOAD_B(n) case n: write_sysreg(dbgbvr##n##_el1, d->bvr[n]); \
			  write_sysreg(dbgbcr##n##_el1, d->bcr[n]); __attribute__((fallthrough));
#define LOAD_W(n) case n: write_sysreg(dbgwvr##n##_el1, d->wvr[n]); \
			  write_sysreg(dbgwcr##n##_el1, d->wcr[n]); __attribute__((fallthrough));

static void save(struct rec_debug *d)
{
	switch (arch_features.nr_breakpoints - 1) {
	EVERY_16(SAVE_B)
	default:
		break;
	}
	switch (arch_features.nr_watchpoints - 1) {
	EVERY_16(SAVE_W)
	default:
		break;
	}
}

static void load(const struct rec_debug *d)
{
	switch (arch_features.nr_breakpoints - 1) {
	EVERY_16(LOAD_B)
	default:
		break;
	}
	switch (arch_features.nr_watchpoints - 1) {
	EVERY_16(LOAD_W)
	default:
		break;
	}
}

/* The number of the breakpoint it is linked to, as the machine counts. */
static u64 relink(u64 cr, unsigned int first)
{
	u64 to = CR_LBN(cr) + first;

	return (cr & ~MASK(19, 16)) | (to & 0xf) << 16;
}

static void load_realm(const struct rec *rec)
{
	const struct rec_debug *r = &rec->debug;
	unsigned int first = arch_features.nr_breakpoints - rec->nr_breakpoints, i;
	struct rec_debug d = { 0 };

	for (i = 0; i < rec->nr_breakpoints; i++) {
		d.bvr[first + i] = r->bvr[i];
		d.bcr[first + i] = relink(r->bcr[i], first);
	}
	for (i = 0; i < rec->nr_watchpoints; i++) {
		d.wvr[i] = r->wvr[i];
		d.wcr[i] = relink(r->wcr[i], first);
	}
	load(&d);
}

void debug_load(struct cpu *c, struct rec *rec)
{
	save(&c->host_debug);
	c->host_oslsr = read_sysreg(oslsr_el1);
	if (c->host_oslsr & OSLSR_OSLK)
		write_sysreg(oslar_el1, 0);
	load_realm(rec);
	rec->parts_loaded |= PART_DEBUG;
}

void debug_put_back(struct cpu *c, struct rec *rec)
{
	load(&c->host_debug);
	if (c->host_oslsr & OSLSR_OSLK)
		write_sysreg(oslar_el1, 1);
	rec->parts_loaded &= (u8)~PART_DEBUG;
}

void arch_rec_debug(struct rec *rec)
{
	struct cpu *c = this_cpu();

	if (!(rec->parts_wanted & PART_DEBUG)) {
		if (rec->parts_loaded & PART_DEBUG)
			debug_put_back(c, rec);
	} else if (rec->parts_loaded & PART_DEBUG) {
		load_realm(rec);
	} else {
		debug_load(c, rec);
	}
	isb();
}
