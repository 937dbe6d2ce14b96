/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "play.h"

static void keep(struct step *s, const struct rec *rec)
{
	s->seen = true;
	memcpy(s->after, rec->gprs, sizeof(s->after));
	s->pc = rec->pc;
	s->pstate_after = rec->pstate;
}

static void run(void *arg, struct rec *rec, struct trap *trap)
{
	struct play *p = arg;
	struct step *s;

	if (p->at && p->at <= p->nr)
		keep(&p->step[p->at - 1], rec);
	if (p->at >= p->nr) {
		p->at = p->nr + 1;
		trap->kind = TRAP_IRQ;
		for (unsigned int i = 0; i < 31; i++)
			rec->gprs[i] = secret(i);
		return;
	}
	s = &p->step[p->at++];
	for (unsigned int i = 0; i < 31; i++)
		rec->gprs[i] = i < s->nr_x ? s->x[i] : secret(i);
	rec->pc = PLAY_PC;
	if (s->pstate)
		rec->pstate = s->pstate;
	sim_pe()->el1[EL1_VBAR] = PLAY_VBAR;
	if (s->also)
		s->also(rec, s->arg);
	*trap = s->trap;
}

void play_start(struct play *p)
{
	p->at = 0;
	for (unsigned int i = 0; i < p->nr; i++)
		p->step[i].seen = false;
	sim_realm_is(run, p);
}

struct step *play_trap(struct play *p, enum trap_kind kind, u64 esr, u64 far, u64 ipa)
{
	struct step *s = &p->step[p->nr++];

	need(p->nr <= PLAY_STEPS);
	memset(s, 0, sizeof(*s));
	s->trap = (struct trap){ kind, esr, far, (ipa >> 8) & ~0xFULL };
	return s;
}

struct step *play_smc_n(struct play *p, unsigned int nr, const u64 *x)
{
	struct step *s = play_trap(p, TRAP_SYNC, EC(EC_SMC), 0, 0);

	memcpy(s->x, x, nr * sizeof(*x));
	s->nr_x = nr;
	return s;
}

struct step *play_irq(struct play *p)
{
	return play_trap(p, TRAP_IRQ, 0, 0, 0);
}

#define SYSREG_RT	3

struct step *play_sysreg(struct play *p, unsigned int op0, unsigned int op1, unsigned int crn,
			 unsigned int crm, unsigned int op2, bool read, u64 value)
{
	u64 esr = esr_sysreg(op0, op1, crn, crm, op2, SYSREG_RT, read);
	struct step *s = play_trap(p, TRAP_SYNC, esr, 0, 0);

	for (s->nr_x = 0; s->nr_x < SYSREG_RT; s->nr_x++)
		s->x[s->nr_x] = secret(s->nr_x);
	s->x[s->nr_x++] = value;
	return s;
}

u64 esr_mmio(unsigned int size, unsigned int srt, bool write, bool sse, bool sf)
{
	return EC(EC_DABT) | BIT(24) | (u64)size << 22 | (sse ? BIT(21) : 0) | (u64)srt << 16 |
	       (sf ? BIT(15) : 0) | BIT(14) /* AR: not to be shown */ | (write ? BIT(6) : 0) |
	       FSC_TRANSLATION;
}

u64 esr_sysreg(unsigned int op0, unsigned int op1, unsigned int crn, unsigned int crm,
	       unsigned int op2, unsigned int rt, bool read)
{
	return EC(EC_SYSREG) | (u64)op0 << 20 | (u64)op2 << 17 | (u64)op1 << 14 | (u64)crn << 10 |
	       (u64)rt << 5 | (u64)crm << 1 | read;
}

/* ---- what the host sees ------------------------------------------------------------ */

/* How many of gprs[] an exit may show. */
static unsigned int shown_gprs(const struct rmi_rec_exit *e)
{
	switch (e->exit_reason) {
	case RMI_EXIT_HOST_CALL:
		return 31;
	case RMI_EXIT_PSCI:
		return 4;
	case RMI_EXIT_SYNC:
		return 1;
	default:
		return 0;
	}
}

static bool is_zero(const void *p, size_t bytes)
{
	const u8 *b = p;

	while (bytes)
		if (b[--bytes])
			return false;
	return true;
}

static void check_exit(const struct rmi_rec_exit *e)
{
	const u64 *words = (const u64 *)e;
	unsigned int shown = shown_gprs(e);

	check(e->exit_reason <= RMI_EXIT_SERROR);
	for (unsigned int i = 0; i < sizeof(*e) / 8; i++)
		if (!test_check((words[i] & ~0xFFFFFFULL) != SECRET, __FILE__, __LINE__,
				"exit word 0x%x shows a register: 0x%llx", i * 8,
				(unsigned long long)words[i]))
			return;
	for (unsigned int i = shown; i < 31; i++)
		check_eq(e->gprs[i], 0);
	check(is_zero(e->sbz0, sizeof(e->sbz0)));
	check(is_zero(e->sbz1, sizeof(e->sbz1)));
	check(is_zero(e->sbz2, sizeof(e->sbz2)));
	check(is_zero(e->sbz3, sizeof(e->sbz3)));
	check(is_zero(e->sbz4, sizeof(e->sbz4)));
	check(is_zero(e->sbz5, sizeof(e->sbz5)));
	check(is_zero(e->sbz6, sizeof(e->sbz6)));
	check(is_zero(e->sbz7, sizeof(e->sbz7)));
	check_eq(e->rtt_tree, 0);
	check_eq(e->plane, 0);
	check_eq(e->pmu_ovf_status, sim_pe()->pmcr & 1 && sim_pe()->pmovs & sim_pe()->pminten_of_realm);
	if (e->exit_reason != RMI_EXIT_SYNC) {
		check_eq(e->far | e->hpfar, 0);
		if (e->exit_reason != RMI_EXIT_SERROR)
			check_eq(e->esr, 0);
	}
	if (e->exit_reason != RMI_EXIT_RIPAS_CHANGE)
		check_eq(e->ripas_base | e->ripas_top | e->ripas_value, 0);
	if (e->exit_reason != RMI_EXIT_HOST_CALL)
		check_eq(e->imm, 0);
	check_eq(e->cntp_ctl, sim_pe()->cntp_ctl);
	check_eq(e->cntp_cval, sim_pe()->cntp_cval);
	check_eq(e->cntv_ctl, sim_pe()->cntv_ctl);
	check_eq(e->cntv_cval, sim_pe()->cntv_cval);
}

struct rmi_result play_enter(const struct realm *r, unsigned int i)
{
	struct rmi_rec_run *run_page = realm_run(r, i);
	struct rmi_result res;

	memset(&run_page->exit, 0xEE, sizeof(run_page->exit));
	sim_pe()->ich_enabled = true;
	res = realm_enter(r, i);
	if (status_of(res) == RMI_SUCCESS) {
		check_exit(&run_page->exit);
		check(!sim_pe()->ich_enabled);
	} else {
		check_eq(run_page->exit.exit_reason, 0xEE);	/* not written on failure */
	}
	check(!sim_pe()->loaded);
	return res;
}

struct step *play_call_n(const struct realm *r, unsigned int nr, const u64 *x)
{
	static struct play p;
	struct step *s;

	memset(&p, 0, sizeof(p));
	s = play_smc_n(&p, nr, x);
	play_start(&p);
	need_eq(play_enter(r, 0).x[0], RMI_SUCCESS);
	check_eq(realm_run(r, 0)->exit.exit_reason, RMI_EXIT_IRQ);	/* of the end of the play */
	check(s->seen);
	check_eq(s->pc, PLAY_PC + 4);
	return s;
}

struct rmi_rec_exit *play_exit_n(const struct realm *r, struct play *p, unsigned int nr,
				 const u64 *x)
{
	memset(p, 0, sizeof(*p));
	play_smc_n(p, nr, x);
	play_start(p);
	need_eq(play_enter(r, 0).x[0], RMI_SUCCESS);
	check(!p->step[0].seen);
	return &realm_run(r, 0)->exit;
}

void check_kept(const struct step *s, unsigned int first)
{
	for (unsigned int i = first; i < 31; i++)
		test_check(s->after[i] == (i < s->nr_x ? s->x[i] : secret(i)), __FILE__, __LINE__,
			   "x%u is 0x%llx", i, (unsigned long long)s->after[i]);
}

u64 check_read(const struct step *s)
{
	check_eq(s->pc, PLAY_PC + 4);
	for (unsigned int i = 0; i < 31; i++)
		if (i != SYSREG_RT)
			check_eq(s->after[i], i < s->nr_x ? s->x[i] : secret(i));
	return s->after[SYSREG_RT];
}

void check_undefined(const struct step *s)
{
	check_eq(s->pc, PLAY_VBAR + 0x200);
	check_eq(sim_pe()->el1[EL1_ESR], BIT(25));
	check_kept(s, 0);
}
