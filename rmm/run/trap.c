/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions taken to R-EL2 from a realm (realm-exec.md 5.1). What nobody
 * serves is Undefined to the realm (decisions 76).
 */
#include "run/run.h"

#define PSTATE_BTYPE	MASK(11, 10)
#define PSTATE_SS	BIT(21)

#define EC_WFX		0x01
#define EC_FP		0x07
#define EC_HVC		0x16
#define EC_SMC		0x17
#define EC_SYSREG	0x18
#define EC_SVE		0x19
#define EC_IABT		0x20
#define EC_DABT		0x24

#define ESR_IL		BIT(25)
#define ISS_RV		BIT(2)		/* of WFx: the register is named */

void trap_skip(struct stay *s)
{
	s->rec->pc += 4;
	/* a step of the realm's own debugger is done with it; and the branch that led here is over */
	s->rec->pstate &= ~(PSTATE_SS | PSTATE_BTYPE);
}

u64 trap_reg(const struct stay *s, unsigned int n)
{
	return n < 31 ? s->rec->gprs[n] : 0;
}

void trap_set_reg(struct stay *s, unsigned int n, u64 value)
{
	if (n < 31)
		s->rec->gprs[n] = value;
}

static enum outcome undefined(struct stay *s)
{
	inject_undefined(s);
	return RESUME;
}

/* Decisions 75: TI, RV = TI[1], RN = 0; the timeout of WFIT and WFET in gprs[0]. */
static enum outcome wait_for(struct stay *s, u64 esr)
{
	u64 ti = FIELD(esr, 1, 0);

	s->exit->exit_reason = RMI_EXIT_SYNC;
	s->exit->esr = (esr & MASK(31, 26)) | (ti & 2 ? ISS_RV : 0) | ti;
	if (ti & 2 && esr & ISS_RV)	/* else Rt is not said: a timeout that is over */
		s->exit->gprs[0] = trap_reg(s, (unsigned int)FIELD(esr, 9, 5));
	trap_skip(s);
	if (!(esr & ESR_IL))
		s->rec->pc -= 2;	/* T32 at EL0 has short ones */
	return LEAVE;
}

static enum outcome synchronous(struct stay *s, const struct trap *t)
{
	switch (FIELD(t->esr, 31, 26)) {
	case EC_WFX:
		return wait_for(s, t->esr);
	case EC_SVE:
		if (!s->rec->sve_vq)
			return undefined(s);
		/* fallthrough */
	case EC_FP:
		if (s->rec->simd_loaded)
			return undefined(s);
		arch_rec_simd(s->rec);
		return RESUME;
	case EC_HVC:
		s->rec->pc -= 4;	/* HVC is the one whose PC is behind it */
		return undefined(s);
	case EC_SMC:
		return smc_handle(s);
	case EC_SYSREG:
		return sysreg_trap(s, t);
	case EC_IABT:
		return abort_instruction(s, t);
	case EC_DABT:
		return abort_data(s, t);
	default:
		return undefined(s);
	}
}

enum outcome trap_handle(struct stay *s, const struct trap *t)
{
	switch (t->kind) {
	case TRAP_SYNC:
		return synchronous(s, t);
	case TRAP_IRQ:
		s->exit->exit_reason = RMI_EXIT_IRQ;
		return LEAVE;
	case TRAP_FIQ:
		s->exit->exit_reason = RMI_EXIT_FIQ;
		return LEAVE;
	case TRAP_SERROR:
	default:
		return abort_serror(s, t);
	}
}
