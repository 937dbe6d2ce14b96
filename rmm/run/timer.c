/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL1 timers of a realm (realm-exec.md 7): the hardware is the realm's, their
 * interrupts come by the host's list registers. The host knows of a timer what
 * the last exit said.
 */
#include "run/run.h"

#define CTL_ENABLE	BIT(0)
#define CTL_IMASK	BIT(1)
#define CTL_ISTATUS	BIT(2)

static bool asserted(u64 ctl)
{
	return (ctl & (CTL_ENABLE | CTL_IMASK | CTL_ISTATUS)) == (CTL_ENABLE | CTL_ISTATUS);
}

/* rec->sys holds what was reported last: the registers as the last exit saved them. */
void timer_enter(struct stay *s)
{
	arch_timers_mask(asserted(s->rec->sys.cntp_ctl), asserted(s->rec->sys.cntv_ctl));
}

bool timer_changed(const struct stay *s)
{
	struct arch_timers t;

	arch_timers_read(&t);
	return asserted(t.cntp_ctl) != asserted(s->rec->sys.cntp_ctl) ||
	       asserted(t.cntv_ctl) != asserted(s->rec->sys.cntv_ctl);
}
