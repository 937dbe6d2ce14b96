/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Aborts and SErrors of a realm: served in place, given to the realm as an
 * external abort, or shown to the host with what it may know of them
 * (rmi-exec.md 4.2 to 4.4, 4.9; realm-exec.md 5.2 to 5.7).
 */
#include "mem/s2.h"
#include "run/run.h"

#define ESR_EC		MASK(31, 26)
#define ESR_IL		BIT(25)
#define ESR_ISV		BIT(24)		/* of an abort */
#define ESR_IDS		BIT(24)		/* of an SError */
#define ESR_SAS(esr)	FIELD(esr, 23, 22)
#define ESR_SSE		BIT(21)
#define ESR_SRT(esr)	((unsigned int)FIELD(esr, 20, 16))
#define ESR_SF		BIT(15)
#define ESR_SET		MASK(12, 11)
#define ESR_FNV		BIT(10)
#define ESR_EA		BIT(9)
#define ESR_WNR		BIT(6)
#define ESR_FSC		MASK(5, 0)

#define SHOWN_INSTRUCTION	(ESR_EC | ESR_SET | ESR_EA | ESR_FSC)
#define SHOWN_PROTECTED		(ESR_EC | ESR_SET | ESR_FNV | ESR_EA | ESR_FSC)
#define SHOWN_UNPROTECTED	(SHOWN_PROTECTED | ESR_IL)
#define SHOWN_SERROR		(ESR_EC | ESR_IDS | MASK(12, 10) | ESR_EA | ESR_FSC)
#define SHOWN_EMULATABLE	(SHOWN_PROTECTED | ESR_ISV | MASK(23, 22) | ESR_SF | ESR_WNR)

/* SET of an abort, AET of an SError: what is known of the PE's state after it */
#define SET_UER		0
#define SET_UEO		3
#define AET_UC		0
#define AET_UEU		1
#define AET_UEO		2
#define AET_UER		3
#define AET_CE		6
#define FSC_SERROR	0x11

#define PSTATE_NRW	BIT(4)
#define HPFAR_FIPA	MASK(43, 4)
#define FAR_OFFSET	(GRANULE_SIZE - 1)

/* The host learns of addresses by the RMI granule (rmi-exec.md 4.2, 4.3). */
static u64 shown_hpfar(u64 hpfar)
{
	return hpfar & HPFAR_FIPA & ~(FAR_OFFSET >> 8);
}

static u64 fault_ipa(const struct trap *t)
{
	return (t->hpfar & HPFAR_FIPA) << 8;
}

static bool is_external(u64 esr)
{
	u64 fsc = esr & ESR_FSC;

	return fsc == 0x10 || fsc == 0x13 || (fsc >= 0x14 && fsc <= 0x17);
}

/* Translation, access flag and permission faults: what a mapping can cure. */
static bool is_mapping_fault(u64 esr)
{
	u64 fsc = esr & ESR_FSC;

	return (fsc >= 0x04 && fsc <= 0x0F) || fsc == 0x2B;
}

static enum outcome leave(struct stay *s, u64 esr, const struct trap *t)
{
	s->exit->exit_reason = RMI_EXIT_SYNC;
	s->exit->esr = esr;
	s->exit->hpfar = shown_hpfar(t->hpfar);
	return LEAVE;
}

static enum outcome sea(struct stay *s, const struct trap *t)
{
	inject_sea(s, t->esr, t->far);
	return RESUME;
}

/*
 * Beyond the IPA space: to the realm its memory ends there, so it is its own stage 1
 * that puts out too high an address (decisions 77).
 */
static enum outcome beyond(struct stay *s, const struct trap *t)
{
	inject_address_size(s, t->esr, t->far, stage1_level(s, t->far));
	return RESUME;
}

static bool is_beyond(const struct stay *s, const struct trap *t)
{
	return fault_ipa(t) >= s2_ipa_top(&s->rd->s2);
}

/* Bytes of the access, as a mask of its data. */
static u64 data_mask(u64 esr)
{
	u64 bits = 8ULL << ESR_SAS(esr);

	return bits == 64 ? ~0ULL : BIT(bits) - 1;
}

/* ---- external aborts -------------------------------------------------------- */

/*
 * An error that may have reached any state of the realm ends it: nothing of the
 * realm runs again, and the host hears why. The monitor goes on, for a host can
 * bring this about with any address that it maps into the shared half.
 */
static enum outcome external(struct stay *s, const struct trap *t)
{
	u64 set = FIELD(t->esr, 12, 11);

	s->exit->exit_reason = RMI_EXIT_SYNC;
	s->exit->esr = t->esr & SHOWN_PROTECTED;
	if (set == SET_UER)
		inject_sea(s, t->esr, t->far);
	else if (set != SET_UEO)
		realm_system_off(s->rd);
	return LEAVE;
}

enum outcome abort_serror(struct stay *s, const struct trap *t)
{
	u64 aet = FIELD(t->esr, 12, 10);

	s->exit->exit_reason = RMI_EXIT_SERROR;
	s->exit->esr = t->esr & SHOWN_SERROR;
	/* IMPLEMENTATION DEFINED or uncategorised: nothing is known to be contained */
	if (t->esr & ESR_IDS || (t->esr & ESR_FSC) != FSC_SERROR)
		aet = AET_UC;
	switch (aet) {
	case AET_UEU:
	case AET_UER:
		arch_inject_vserror(FIELD(t->esr, 24, 0));
		break;
	case AET_UEO:
	case AET_CE:
		break;
	default:
		realm_system_off(s->rd);
	}
	return LEAVE;
}

/* ---- protected memory ----------------------------------------------------------- */

enum answer { TO_REALM, AGAIN, TO_HOST };

/* What the tree says of a protected page: EMPTY, mapped meanwhile, or the host's to map. */
static enum answer look(struct stay *s, u64 ipa_raw)
{
	struct s2_walk w;
	enum answer a = TO_HOST;

	s2_walk(s->c, &s->rd->s2, ipa(ALIGN_DOWN(ipa_raw, GRANULE_SIZE)), S2_LAST_LEVEL, &w);
	if (w.entry.ripas == RMI_RIPAS_EMPTY || w.entry.ripas == RMI_RIPAS_DEV)
		a = TO_REALM;
	else if (w.entry.ripas == RMI_RIPAS_RAM && w.entry.state == S2_DATA)
		a = AGAIN;
	s2_let_go(s->c, &w);
	return a;
}

static enum outcome protected(struct stay *s, const struct trap *t, u64 shown)
{
	switch (look(s, fault_ipa(t))) {
	case TO_REALM:
		return sea(s, t);
	case AGAIN:
		return RESUME;
	default:
		return leave(s, t->esr & shown, t);
	}
}

/* ---- the two kinds ------------------------------------------------------------------ */

enum outcome abort_instruction(struct stay *s, const struct trap *t)
{
	if (is_external(t->esr))
		return external(s, t);
	if (is_mapping_fault(t->esr) && is_beyond(s, t))
		return beyond(s, t);
	if (!is_mapping_fault(t->esr) || !s2_is_protected(&s->rd->s2, fault_ipa(t)))
		return sea(s, t);
	return protected(s, t, SHOWN_INSTRUCTION);
}

static enum outcome unprotected(struct stay *s, const struct trap *t)
{
	struct rec_last_exit *last = &s->rec->last;

	last->unprotected_abort = true;
	last->esr = t->esr;
	last->far = t->far;
	if (!(t->esr & ESR_ISV) || s->rec->pstate & PSTATE_NRW)
		return leave(s, t->esr & SHOWN_UNPROTECTED, t);

	last->emulatable = true;
	s->exit->far = t->far & FAR_OFFSET;
	if (t->esr & ESR_WNR)
		s->exit->gprs[0] = trap_reg(s, ESR_SRT(t->esr)) & data_mask(t->esr);
	return leave(s, t->esr & SHOWN_EMULATABLE, t);
}

enum outcome abort_data(struct stay *s, const struct trap *t)
{
	if (is_external(t->esr))
		return external(s, t);
	if (!is_mapping_fault(t->esr))
		return sea(s, t);
	if (is_beyond(s, t))
		return beyond(s, t);
	if (s2_is_protected(&s->rd->s2, fault_ipa(t)))
		return protected(s, t, SHOWN_PROTECTED);
	return unprotected(s, t);
}

void abort_emulated(struct stay *s, u64 data)
{
	u64 esr = s->rec->last.esr;
	u64 mask = data_mask(esr);

	if (!(esr & ESR_WNR)) {
		data &= mask;
		if (esr & ESR_SSE && data & (mask ^ mask >> 1))
			data |= ~mask;
		if (!(esr & ESR_SF))
			data = (u32)data;
		trap_set_reg(s, ESR_SRT(esr), data);
	}
	trap_skip(s);
}

void abort_synthetic(struct stay *s, u64 ipa_raw, int level)
{
	u64 fsc = level < 0 ? 0x2B : 4 + (u64)level;

	s->exit->exit_reason = RMI_EXIT_SYNC;
	s->exit->esr = 0x24ULL << 26 | fsc;
	s->exit->hpfar = shown_hpfar(ipa_raw >> 8);
}
