/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stay: complete, load, run until the host must hear of something, save.
 */
#include "base/trace.h"
#include "run/run.h"

static void export_timers(struct stay *s)
{
	s->exit->cntp_ctl = s->rec->sys.cntp_ctl;
	s->exit->cntp_cval = s->rec->sys.cntp_cval;
	s->exit->cntv_ctl = s->rec->sys.cntv_ctl;
	s->exit->cntv_cval = s->rec->sys.cntv_cval;
}

/* Nothing may run the realm any more, or the host must see its timers first. */
static bool must_leave(struct stay *s)
{
	if (realm_state(s->rd) == REALM_ACTIVE && !timer_changed(s))
		return false;
	s->exit->exit_reason = RMI_EXIT_IRQ;
	return true;
}

static void run(struct stay *s)
{
	struct rec *rec = s->rec;
	struct trap t;

	arch_rec_load(rec);
	timer_enter(s);
	if (s->inject_sea)
		inject_sea(s, s->sea_esr, s->sea_far);
	do {
		if (must_leave(s))
			break;
		arch_rec_run(rec, &t);
	} while (trap_handle(s, &t) == RESUME);
	arch_rec_save(rec);
}

void stay_run(struct stay *s)
{
	if (!s->rec->entered) {
		/* its memory was written as data (decisions 64) */
		arch_sync_icache();
		s->rec->entered = true;
	}
	if (complete_entry(s) == RESUME)
		run(s);
	arch_ich_disable();
	export_timers(s);
	if (s->rec->has_pmu)
		s->exit->pmu_ovf_status = pmu_report(s->rec);
	trace(TRACE_EXIT, s->exit->exit_reason, s->exit->esr, s->rec->self.raw, s->exit->hpfar);
}
