/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an entry finishes of the last exit (rmi-exec.md 3), before the realm
 * runs again.
 */
#include "rsi/rsi.h"
#include "run/run.h"

/* rsi.md 5, step 4. A request for EMPTY cannot be rejected. */
static void complete_ripas(struct stay *s)
{
	struct rec *rec = s->rec;
	struct rec_ripas_request *r = &rec->ripas;

	rec->gprs[0] = RSI_SUCCESS;
	rec->gprs[1] = r->addr;
	rec->gprs[2] = RSI_RESPONSE_ACCEPT;
	if (r->value == RMI_RIPAS_RAM && r->addr != r->top && s->flags & RMI_ENTER_RIPAS_REJECT)
		rec->gprs[2] = RSI_RESPONSE_REJECT;
	*r = (struct rec_ripas_request){ 0 };
}

enum outcome complete_entry(struct stay *s)
{
	struct rec *rec = s->rec;
	struct rec_last_exit last = rec->last;

	if (rec->pending == PENDING_HOST_CALL && rsi_host_call_complete(s) == LEAVE)
		return LEAVE;

	if (last.unprotected_abort && s->flags & RMI_ENTER_INJECT_SEA) {
		s->inject_sea = true;
		s->sea_esr = last.esr;
		s->sea_far = last.far;
	} else if (last.emulatable && s->flags & RMI_ENTER_EMUL_MMIO) {
		abort_emulated(s, s->gprs[0]);
	}
	if (rec->ripas.active)
		complete_ripas(s);
	if (last.sysreg_read)
		trap_set_reg(s, (unsigned int)FIELD(last.esr, 9, 5), s->gprs[0]);

	rec->last = (struct rec_last_exit){ 0 };
	rec->trap_wfi = s->flags & RMI_ENTER_TRAP_WFI;
	rec->trap_wfe = s->flags & RMI_ENTER_TRAP_WFE;
	return RESUME;
}
