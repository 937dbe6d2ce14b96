/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions that the monitor makes the realm take at EL1 (realm-exec.md 5.8).
 */
#include "run/run.h"

#define PSTATE_MODE	MASK(3, 0)
#define PSTATE_EL0T	0
#define PSTATE_EL1T	4
#define PSTATE_EL1H	5
#define PSTATE_NRW	BIT(4)		/* AArch32 */
#define PSTATE_DAIF	MASK(9, 6)
#define PSTATE_SSBS	BIT(12)
#define PSTATE_PAN	BIT(22)
#define PSTATE_DIT	BIT(24)
#define PSTATE_TCO	BIT(25)
#define PSTATE_NZCV	MASK(31, 28)

#define SCTLR_SPAN	BIT(23)
#define SCTLR_DSSBS	BIT(44)

#define ESR_IL		BIT(25)
#define ESR_EC_SHIFT	26
#define ESR_EA		BIT(9)
#define ESR_FNV		BIT(10)
#define ESR_S1PTW	BIT(7)
#define ESR_CM_WNR	(BIT(8) | BIT(6))
#define FSC_SEA		0x10
#define FSC_ADDRESS_SIZE	0x00	/* plus the level; -1 has its own */
#define FSC_ADDRESS_SIZE_M1	0x29
#define EC_IABT_LOWER	0x20
#define EC_DABT_LOWER	0x24

/* AArch64 handler of a synchronous exception, by where it came from. */
static u64 vector(u64 pstate)
{
	u64 vbar = arch_el1_read(EL1_VBAR);

	if (pstate & PSTATE_NRW)
		return vbar + 0x600;
	switch (pstate & PSTATE_MODE) {
	case PSTATE_EL1H:
		return vbar + 0x200;
	case PSTATE_EL1T:
		return vbar;
	default:
		return vbar + 0x400;
	}
}

static u64 handler_pstate(u64 old)
{
	u64 sctlr = arch_el1_read(EL1_SCTLR);
	u64 new = PSTATE_EL1H | PSTATE_DAIF;

	/* in SPSR_EL2 these lie alike for AArch32 and AArch64 */
	new |= old & (PSTATE_NZCV | PSTATE_DIT | PSTATE_PAN);
	if (!(sctlr & SCTLR_SPAN))
		new |= PSTATE_PAN;
	if (sctlr & SCTLR_DSSBS)
		new |= PSTATE_SSBS;
	if (arch_features.mte)
		new |= PSTATE_TCO;
	return new;
}

static void take(struct stay *s, u64 esr)
{
	struct rec *rec = s->rec;

	arch_el1_write(EL1_ELR, rec->pc);
	arch_el1_write(EL1_SPSR, rec->pstate);
	arch_el1_write(EL1_ESR, esr);
	rec->pc = vector(rec->pstate);
	rec->pstate = handler_pstate(rec->pstate);
}

void inject_undefined(struct stay *s)
{
	take(s, ESR_IL);
}

/* esr: what of the abort that was taken is true of the one that is injected. */
static void inject_abort(struct stay *s, u64 esr, u64 far, u64 more)
{
	bool data = FIELD(esr, 31, 26) == EC_DABT_LOWER;
	u64 ec = data ? EC_DABT_LOWER : EC_IABT_LOWER;

	if ((s->rec->pstate & PSTATE_MODE) != PSTATE_EL0T)	/* AArch32 User is 0, too */
		ec++;		/* "without a change of exception level" */
	arch_el1_write(EL1_FAR, far);
	take(s, ec << ESR_EC_SHIFT | (esr & (ESR_IL | ESR_FNV)) |
		(data ? esr & ESR_CM_WNR : 0) | more);
}

void inject_sea(struct stay *s, u64 esr, u64 far)
{
	inject_abort(s, esr, far, (esr & ESR_S1PTW) | ESR_EA | FSC_SEA);
}

void inject_address_size(struct stay *s, u64 esr, u64 far, int level)
{
	inject_abort(s, esr, far, level < 0 ? FSC_ADDRESS_SIZE_M1 : FSC_ADDRESS_SIZE + (u64)level);
}
