/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trapped system registers (rmi-exec.md 4.10, realm-exec.md 5.5; decisions 65,
 * 67, 76, 86).
 */
#include "run/sysreg.h"

static struct encoding decode(u64 esr)
{
	return (struct encoding){
		.op0 = (unsigned int)FIELD(esr, 21, 20),
		.op1 = (unsigned int)FIELD(esr, 16, 14),
		.crn = (unsigned int)FIELD(esr, 13, 10),
		.crm = (unsigned int)FIELD(esr, 4, 1),
		.op2 = (unsigned int)FIELD(esr, 19, 17),
	};
}

static bool is_id(const struct encoding *e)
{
	return e->op0 == 3 && e->op1 == 0 && e->crn == 0 && e->crm >= 1 && e->crm <= 7;
}

/* SGI generation always traps, the others where the host's ICH_HCR_EL2 says so. */
static bool is_gic(const struct encoding *e)
{
	if (e->op0 != 3 || e->op1 != 0)
		return false;
	return (e->crn == 12 && e->crm >= 8) || (e->crn == 4 && e->crm == 6 && e->op2 == 0);
}

/* Error records: the realm has none (ERRIDR_EL1 = 0). */
static bool is_ras(const struct encoding *e)
{
	return e->op0 == 3 && e->op1 == 0 && e->crn == 5 && e->crm >= 3 && e->crm <= 5;
}

static enum outcome gic(struct stay *s, u64 esr)
{
	struct rec_last_exit *last = &s->rec->last;

	s->exit->exit_reason = RMI_EXIT_SYNC;
	s->exit->esr = esr & ~MASK(9, 5);
	if (esr & ISS_READ) {
		last->sysreg_read = true;
		last->esr = esr;
	} else {
		s->exit->gprs[0] = trap_reg(s, ISS_RT(esr));
	}
	trap_skip(s);
	return LEAVE;
}

enum outcome sysreg_trap(struct stay *s, const struct trap *t)
{
	struct encoding e = decode(t->esr);
	u64 value = 0;

	if (is_gic(&e))
		return gic(s, t->esr);
	if (debug_is(&e))
		return debug_trap(s, &e, t->esr);
	if (s->rd->has_pmu && pmu_is(&e))
		return pmu_trap(s, &e, t->esr);
	if (is_id(&e) && t->esr & ISS_READ) {
		value = idreg_value(s->rd, e.crm, e.op2);
	} else if (!is_ras(&e)) {
		inject_undefined(s);
		return RESUME;
	}
	if (t->esr & ISS_READ)
		trap_set_reg(s, ISS_RT(t->esr), value);
	trap_skip(s);
	return RESUME;
}
