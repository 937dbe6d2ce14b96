/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The PMU of a realm (realm-exec.md 9, decisions 80b). The realm has the hardware but
 * for its overflow flags and interrupt enables: an overflow that the host knows of must
 * not interrupt again, so the hardware enables the others only.
 */
#include "run/sysreg.h"

#define PMCR_E		BIT(0)
#define CYCLES		BIT(31)

bool pmu_is(const struct encoding *e)
{
	if (e->op0 != 3)
		return false;
	if (e->op1 == 0)
		return e->crn == 9 && e->crm == 14;
	return e->op1 == 3 && ((e->crn == 9 && e->crm >= 12 && e->crm <= 14) ||
			       (e->crn == 14 && e->crm >= 8));
}

static bool asserted(const struct rec *rec, u64 pmcr, u64 ovs)
{
	return pmcr & PMCR_E && ovs & rec->pmu.inten;
}

/* What stays trapped: set and clear of the flags, and of the enables. */
enum pmu_register { PMOVSCLR, PMOVSSET, PMINTENSET, PMINTENCLR, NONE };

static enum pmu_register which(const struct encoding *e)
{
	if (e->op1 == 3 && e->crn == 9 && e->crm == 12 && e->op2 == 3)
		return PMOVSCLR;
	if (e->op1 == 3 && e->crn == 9 && e->crm == 14 && e->op2 == 3)
		return PMOVSSET;
	if (e->op1 == 0 && e->op2 == 1)
		return PMINTENSET;
	if (e->op1 == 0 && e->op2 == 2)
		return PMINTENCLR;
	return NONE;
}

static enum outcome write(struct stay *s, enum pmu_register reg, u64 value,
			  const struct arch_pmu *hw)
{
	struct rec_pmu *p = &s->rec->pmu;
	u64 ovs = hw->ovs;

	value &= CYCLES | (BIT(s->rec->pmu_counters) - 1);
	switch (reg) {
	case PMOVSCLR:
		ovs &= ~value;
		break;
	case PMOVSSET:
		ovs |= value;
		break;
	case PMINTENSET:
		p->inten |= value;
		break;
	default:
		p->inten &= ~value;
	}
	arch_pmu_write(ovs, p->inten & ~ovs);
	if (asserted(s->rec, hw->pmcr, ovs) == p->reported)
		return RESUME;
	s->exit->exit_reason = RMI_EXIT_IRQ;	/* the host's virtual interrupt must follow */
	return LEAVE;
}

enum outcome pmu_trap(struct stay *s, const struct encoding *e, u64 esr)
{
	enum pmu_register reg = which(e);
	enum outcome next = RESUME;
	struct rec *rec = s->rec;
	struct arch_pmu hw;

	if (!(rec->parts_loaded & PART_PMU)) {
		arch_rec_pmu(rec);		/* and again */
		return RESUME;
	}
	if (reg == NONE) {
		inject_undefined(s);
		return RESUME;
	}
	arch_pmu_read(&hw);
	if (!(esr & ISS_READ))
		next = write(s, reg, trap_reg(s, ISS_RT(esr)), &hw);
	else
		trap_set_reg(s, ISS_RT(esr), reg == PMOVSCLR || reg == PMOVSSET ? hw.ovs :
							rec->pmu.inten);
	trap_skip(s);
	return next;
}

bool pmu_report(struct rec *rec)
{
	rec->pmu.reported = asserted(rec, rec->pmu.pmcr, rec->pmu.ovs);
	return rec->pmu.reported;
}
