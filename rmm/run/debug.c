/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Self-hosted debug (realm-exec.md 9, decisions 86). Each access of the realm is served
 * here; breakpoints and watchpoints are in the hardware while MDSCR_EL1.MDE lets them
 * do something, and their exceptions go to the realm's EL1 without the monitor.
 */
#include "run/sysreg.h"

#define MDSCR_SS	BIT(0)
#define MDSCR_TDCC	BIT(12)
#define MDSCR_KDE	BIT(13)
#define MDSCR_MDE	BIT(15)
#define MDSCR_WRITABLE	(MDSCR_SS | MDSCR_TDCC | MDSCR_KDE | MDSCR_MDE)

#define OSLSR_OSLM	BIT(3)		/* there is an OS lock */
#define OSLSR_OSLK	BIT(1)

/* E, PMC, BAS, HMC, SSC, LBN, BT, SSCE */
#define BCR_WRITABLE	(MASK(2, 0) | MASK(8, 5) | MASK(23, 13) | BIT(29))
/* E, PAC, LSC, BAS, HMC, SSC, LBN, WT, MASK, SSCE */
#define WCR_WRITABLE	(MASK(20, 0) | MASK(29, 24))
#define BVR_WRITABLE	(~0ULL)		/* an address or a context */
#define WVR_WRITABLE	(~MASK(1, 0))

bool debug_is(const struct encoding *e)
{
	return e->op0 == 2 && (e->op1 == 0 || e->op1 == 3 || e->op1 == 4);
}

/* The hardware agrees with rec->debug again. The OS lock holds back all but BRK. */
static void apply(struct rec *rec)
{
	struct rec_debug *d = &rec->debug;
	u64 mdscr = d->os_lock ? d->mdscr & MDSCR_TDCC : d->mdscr;

	arch_el1_write(EL1_MDSCR, mdscr);
	rec->parts_wanted &= (u8)~PART_DEBUG;
	if (mdscr & MDSCR_MDE)
		rec->parts_wanted |= PART_DEBUG;
	if ((rec->parts_wanted | rec->parts_loaded) & PART_DEBUG)
		arch_rec_debug(rec);
}

/* DBGBVR<n>, DBGBCR<n>, DBGWVR<n> or DBGWCR<n>; NULL: this realm has none there. */
static u64 *point(struct rec *rec, const struct encoding *e, u64 *writable)
{
	struct rec_debug *d = &rec->debug;
	bool is_watchpoint = e->op2 >= 6, is_control = e->op2 & 1;

	if (e->crm >= (is_watchpoint ? rec->nr_watchpoints : rec->nr_breakpoints))
		return NULL;
	if (is_watchpoint) {
		*writable = is_control ? WCR_WRITABLE : WVR_WRITABLE;
		return is_control ? &d->wcr[e->crm] : &d->wvr[e->crm];
	}
	*writable = is_control ? BCR_WRITABLE : BVR_WRITABLE;
	return is_control ? &d->bcr[e->crm] : &d->bvr[e->crm];
}

static bool is(const struct encoding *e, unsigned int crn, unsigned int crm, unsigned int op2)
{
	return e->op1 == 0 && e->crn == crn && e->crm == crm && e->op2 == op2;
}

/* The register's value; of a write, after it. */
static u64 access(struct rec_debug *d, const struct encoding *e, bool write, u64 value)
{
	if (is(e, 0, 2, 2)) {			/* MDSCR_EL1 */
		if (write)
			d->mdscr = value & MDSCR_WRITABLE;
		return d->mdscr;
	}
	if (is(e, 1, 0, 4)) {			/* OSLAR_EL1: write only */
		if (write)
			d->os_lock = value & 1;
		return 0;
	}
	if (is(e, 1, 1, 4))			/* OSLSR_EL1 */
		return OSLSR_OSLM | (d->os_lock ? OSLSR_OSLK : 0);
	return 0;	/* channel to a debugger, claim tags, power control: none */
}

enum outcome debug_trap(struct stay *s, const struct encoding *e, u64 esr)
{
	bool write = !(esr & ISS_READ), is_point = e->op1 == 0 && e->crn == 0 && e->op2 >= 4;
	u64 value = trap_reg(s, ISS_RT(esr)), writable, *reg = NULL;

	if (is_point)
		reg = point(s->rec, e, &writable);
	if (is_point && !reg) {
		inject_undefined(s);
		return RESUME;
	}
	if (!reg)
		value = access(&s->rec->debug, e, write, value);
	else if (write)
		*reg = value & writable;
	else
		value = *reg;
	if (write)
		apply(s->rec);
	else
		trap_set_reg(s, ISS_RT(esr), value);
	trap_skip(s);
	return RESUME;
}
