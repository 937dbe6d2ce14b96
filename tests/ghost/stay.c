/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * REC_ENTER and the stay: what the entry completes, what each trap of the realm leads
 * to, what its registers and the host's exit page must hold (rmi-exec.md 3 to 5,
 * rsi.md, decisions 66 to 84). The realm tells before it traps and when it runs again.
 */
#include <string.h>

#include "abi/rsi.h"
#include "arch/arch.h"
#include "harness/fids.h"
#include "sim/sim.h"
#include "state.h"

enum next { RUNS, LEAVES, ANY };

static struct {
	u64 in[8];
	struct vcpu *v;			/* its realm runs, or has run */
	enum next next;
	bool any_x;			/* what it finds in its registers is the monitor's choice */
	struct rmi_rec_exit exit;
	u64 config;			/* PA: REALM_CONFIG was written there */
	struct { bool asked; u64 base, top; } get;	/* IPA_STATE_GET */
} s;

void stay_begin(const u64 in[8])
{
	memset(&s, 0, sizeof(s));
	memcpy(s.in, in, sizeof(s.in));
}

/* ---- realm memory (rsi.md 1.2) ---------------------------------------------------------- */

enum touch { IS_THERE, IS_WRONG, ABORTS };

static enum touch touch(const struct realm *r, u64 ipa, u64 *pa, int *level)
{
	struct walk w;

	if (!is_protected(r, ipa))
		return IS_WRONG;
	w = walk_to(r, ipa, 3);
	*level = w.level;
	*pa = w.e->oa + ipa % entry_bytes(w.level);
	if (w.e->ripas == RMI_RIPAS_EMPTY)
		return IS_WRONG;
	return w.e->ripas == RMI_RIPAS_RAM && w.e->kind == RMI_ENTRY_DATA ? IS_THERE : ABORTS;
}

static void leave(unsigned int reason)
{
	s.next = LEAVES;
	s.exit.exit_reason = (u8)reason;
}

/* The abort that the realm did not make itself (rmi-exec.md 4.9). */
static void synthetic(u64 ipa, int level)
{
	leave(RMI_EXIT_SYNC);
	s.exit.esr = 0x24ULL << 26 | (level < 0 ? 0x2B : 4 + (u64)level);
	s.exit.hpfar = ALIGN_DOWN(ipa, 4096) >> 8;
}

static void take_exception(void)
{
	s.v->pc = sim_pe()->el1[EL1_VBAR] + 0x200;	/* the realms of these tests stay at EL1h */
}

/* ---- entry --------------------------------------------------------------------------------- */

static u64 enter_flags(void)
{
	return host_word(s.in[2] + offsetof(struct rmi_rec_run, enter.flags));
}

static u64 enter_gpr(unsigned int n)
{
	return host_word(s.in[2] + offsetof(struct rmi_rec_run, enter.gprs) + 8 * n);
}

static void judge_enter(struct judged *j)
{
	struct vcpu *v = NULL;
	u64 flags = 0;

	if (!is_aligned(j->in[2]) || !host_may_be_read(j->in[2]))
		no(j, 0, RMI_ERROR_INPUT, "the run page is not the host's");
	else
		flags = enter_flags();
	need_state(j, 0, j->in[1], REC, "no REC");
	if (is_aligned(j->in[1]) && is(j->in[1], REC))
		v = vcpu_at(j->in[1]);
	if (!v)
		return;
	if (v->realm->state != ACTIVE)
		no(j, 1, RMI_ERROR_REALM, "not ACTIVE");
	if (!v->runnable)
		no(j, 1, RMI_ERROR_REC, "not runnable");
	if (v->pending == PSCI)
		no(j, 1, RMI_ERROR_REC, "PSCI pending");
	if (flags & RMI_ENTER_EMUL_MMIO && !v->emulatable &&
	    !(flags & RMI_ENTER_INJECT_SEA && v->unprotected))
		no(j, 1, RMI_ERROR_REC, "nothing to emulate");
}

static u64 access_mask(u64 esr)
{
	return ~0ULL >> (64 - (8ULL << FIELD(esr, 23, 22)));
}

static void emulated(struct vcpu *v, u64 data)
{
	u64 mask = access_mask(v->esr), rt = FIELD(v->esr, 20, 16);

	v->pc += 4;
	if (v->esr & BIT(6) || rt == 31)
		return;
	data &= mask;
	if (v->esr & BIT(21) && data & (mask ^ mask >> 1))
		data |= ~mask;
	v->x[rt] = v->esr & BIT(15) ? data : (u32)data;
}

static void host_call_back(struct vcpu *v)
{
	u64 pa;
	int level;

	switch (touch(v->realm, v->host_call, &pa, &level)) {
	case ABORTS:
		synthetic(v->host_call, level);
		return;
	case IS_THERE:
		for (unsigned int i = 0; i < 31; i++)
			must_be(*(const u64 *)sim_ram(pa + 8 + 8 * i), enter_gpr(i),
				"a register of the host call");
		break;
	default:
		break;
	}
	v->pending = NOTHING;
	v->x[0] = 0;
	v->pc += 4;
}

/* rmi-exec.md 3, steps 1 to 8. */
static void complete(struct vcpu *v)
{
	u64 flags = enter_flags();
	unsigned int rt = (unsigned int)FIELD(v->esr, 9, 5);

	if (v->pending == HOST_CALL)
		host_call_back(v);
	if (s.next == LEAVES)
		return;
	if (v->unprotected && flags & RMI_ENTER_INJECT_SEA)
		take_exception();
	else if (v->emulatable && flags & RMI_ENTER_EMUL_MMIO)
		emulated(v, enter_gpr(0));
	if (v->ripas.active) {
		v->x[0] = RSI_SUCCESS;
		v->x[1] = v->ripas.addr;
		v->x[2] = v->ripas.value == RMI_RIPAS_RAM && v->ripas.addr != v->ripas.top &&
			  flags & RMI_ENTER_RIPAS_REJECT;
		v->ripas.active = false;
	}
	if (v->sysreg_read && rt < 31)
		v->x[rt] = enter_gpr(0);
	v->emulatable = v->unprotected = v->sysreg_read = false;
}

static struct judged entry_judged;

static void enter(u64 rec)
{
	entry_judged = (struct judged){ .in = s.in };
	judge_enter(&entry_judged);
	if (entry_judged.nr_no || entry_judged.must_block)
		ghost_fault("entered, although %s", entry_judged.nr_no ? entry_judged.no[0].why :
			    "it is in between");
	s.v = vcpu_at(rec);
	complete(s.v);
	if (s.next == LEAVES)
		ghost_fault("the realm runs, although its host call is not over");
}

/* ---- it runs ------------------------------------------------------------------------------------ */

static void judge_config(void)
{
	const struct rsi_realm_config *c = sim_ram(s.config);
	const struct realm *r = s.v->realm;

	must_be(c->ipa_width, r->s2sz, "ipa_width");
	must_be(c->hash_algo, r->hash, "hash_algo");
	if (memcmp(c->rpv, r->rpv, sizeof(r->rpv)))
		ghost_fault("REALM_CONFIG shows another personalization value");
	s.config = 0;
}

/* What it was told of [base, x1) is so. */
static void judge_get(const u64 x[31])
{
	u64 at = s.get.base;

	s.get.asked = false;
	must_be(x[0], RSI_SUCCESS, "x0");
	if (x[1] <= s.get.base || x[1] > s.get.top)
		ghost_fault("IPA_STATE_GET as far as 0x%llx", (unsigned long long)x[1]);
	while (at < x[1]) {
		struct walk w = walk_to(s.v->realm, at, 3);

		must_be(x[2], w.e->ripas, "the RIPAS told");
		at = ALIGN_DOWN(at, entry_bytes(w.level)) + entry_bytes(w.level);
	}
	for (unsigned int i = 0; i < 3; i++)
		s.v->x[i] = x[i];
}

void ghost_runs(u64 rec, const u64 x[31], u64 pc)
{
	if (!s.v)
		enter(rec);
	else if (s.next == LEAVES)
		ghost_fault("the realm runs on, and should have left with reason %u",
			    s.exit.exit_reason);
	ghost_count.resumes++;
	if (s.config)
		judge_config();
	if (s.get.asked)
		judge_get(x);
	for (unsigned int i = 0; i < 31 && !s.any_x; i++)
		if (x[i] != s.v->x[i])
			ghost_fault("the realm finds 0x%llx in x%u, not 0x%llx",
				    (unsigned long long)x[i], i, (unsigned long long)s.v->x[i]);
	if (!s.any_x)
		must_be(pc, s.v->pc, "the realm's PC");
	s.v->pc = pc;
	s.any_x = false;
}

/* ---- RSI ------------------------------------------------------------------------------------------ */

static void answer(u64 x0)
{
	s.v->x[0] = x0;
	s.v->pc += 4;
}

/* True: the page is there; else it is answered, or it left. */
static bool need_page(u64 ipa, u64 *pa)
{
	int level;

	switch (touch(s.v->realm, ipa, pa, &level)) {
	case IS_THERE:
		return true;
	case IS_WRONG:
		answer(RSI_ERROR_INPUT);
		return false;
	default:
		synthetic(ipa, level);
		return false;
	}
}

static void rsi_version(u64 *x)
{
	u64 asked = x[1];

	x[2] = RSI_VERSION_1_1;
	if (asked != RSI_VERSION_1_0 && asked != RSI_VERSION_1_1)
		x[1] = RSI_VERSION_1_1;	/* above: the highest below it; below: as higher */
	answer(asked == x[1] ? RSI_SUCCESS : RSI_ERROR_INPUT);
}

static bool range_is_fit(u64 base, u64 top)
{
	return aligned(base | top, 4096) && top > base && is_protected(s.v->realm, base) &&
	       is_protected(s.v->realm, top - 1);
}

static void ipa_state_set(u64 *x)
{
	struct vcpu *v = s.v;

	if (!range_is_fit(x[1], x[2]) || (u8)x[3] > RSI_RIPAS_RAM) {
		answer(RSI_ERROR_INPUT);
		return;
	}
	v->ripas.active = true;
	v->ripas.addr = x[1];
	v->ripas.top = x[2];
	v->ripas.value = (u8)x[3];
	v->ripas.destroyed = x[4] & RSI_CHANGE_DESTROYED;
	leave(RMI_EXIT_RIPAS_CHANGE);
	s.exit.ripas_base = x[1];
	s.exit.ripas_top = x[2];
	s.exit.ripas_value = (u8)x[3];
	v->pc += 4;
}

static void host_call(u64 *x)
{
	u64 pa;

	if (!aligned(x[1], RSI_HOST_CALL_BYTES)) {
		answer(RSI_ERROR_INPUT);
		return;
	}
	if (!need_page(x[1], &pa))
		return;
	leave(RMI_EXIT_HOST_CALL);
	s.exit.imm = *(const uint16_t *)sim_ram(pa);
	memcpy(s.exit.gprs, (const u8 *)sim_ram(pa) + 8, sizeof(s.exit.gprs));
	s.v->pending = HOST_CALL;
	s.v->host_call = x[1];
}

static void realm_config(u64 *x)
{
	if (!aligned(x[1], 4096))
		answer(RSI_ERROR_INPUT);
	else if (need_page(x[1], &s.config))
		answer(RSI_SUCCESS);
	else
		s.config = 0;
}

static void rsi(u64 fid, u64 *x)
{
	switch (fid) {
	case RSI_FID_VERSION:
		rsi_version(x);
		break;
	case RSI_FID_FEATURES:
		x[1] = 0;
		answer(RSI_SUCCESS);
		break;
	case RSI_FID_MEASUREMENT_READ:
		s.any_x = x[1] <= 4;
		answer(RSI_ERROR_INPUT);
		break;
	case RSI_FID_MEASUREMENT_EXTEND:
		answer(x[1] < 1 || x[1] > 4 || x[2] > 64 ? RSI_ERROR_INPUT : RSI_SUCCESS);
		break;
	case RSI_FID_ATTEST_TOKEN_INIT:
	case RSI_FID_ATTEST_TOKEN_CONTINUE:
		s.next = ANY;
		s.any_x = true;
		break;
	case RSI_FID_REALM_CONFIG:
		realm_config(x);
		break;
	case RSI_FID_IPA_STATE_SET:
		ipa_state_set(x);
		break;
	case RSI_FID_IPA_STATE_GET:
		s.get.asked = range_is_fit(x[1], x[2]);
		s.get.base = x[1];
		s.get.top = x[2];
		answer(RSI_ERROR_INPUT);
		break;
	case RSI_FID_HOST_CALL:
		host_call(x);
		break;
	case RSI_FID_MEM_GET_PERM_VALUE: case RSI_FID_MEM_SET_PERM_INDEX:
	case RSI_FID_MEM_SET_PERM_VALUE: case RSI_FID_PLANE_ENTER:
	case RSI_FID_PLANE_SYSREG_READ: case RSI_FID_PLANE_SYSREG_WRITE:
		answer(RSI_ERROR_INPUT);
		break;
	case 0xC40001A5 ... 0xC40001AD:
		answer(RSI_UNKNOWN_FID);
		break;
	default:
		answer(RSI_ERROR_STATE);	/* devices */
	}
}

/* ---- PSCI ---------------------------------------------------------------------------------------------- */

static void psci_answer(u64 x0)
{
	s.v->x[1] = s.v->x[2] = s.v->x[3] = 0;
	answer(x0);
}

static void psci_tell(u64 fid, u64 argument)
{
	leave(RMI_EXIT_PSCI);
	s.exit.gprs[0] = fid;
	s.exit.gprs[1] = argument;
	psci_answer(0);
}

static u64 psci_feature(u64 fid)
{
	static const u32 there[] = {
		0x84000000, 0x84000001, 0xC4000001, 0x84000002, 0x84000003, 0xC4000003, 0x84000004,
		0xC4000004, 0x84000008, 0x84000009, 0x8400000A, 0x80000000,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(there); i++)
		if (there[i] == fid)
			return 0;
	return ~0ULL;
}

static void cpu_on(u64 fid, u64 *x)
{
	if (!is_protected(s.v->realm, x[2])) {
		psci_answer((u64)-9);
	} else if (x[1] == s.v->mpidr) {
		psci_answer((u64)-4);
	} else if (!vcpu_of(s.v->realm, x[1])) {
		psci_answer((u64)-2);
	} else {
		leave(RMI_EXIT_PSCI);
		s.exit.gprs[0] = fid;
		s.exit.gprs[1] = x[1];
		s.v->pending = PSCI;
		s.v->pc += 4;
	}
}

static void affinity_info(u64 *x)
{
	struct vcpu *of = vcpu_of(s.v->realm, x[1]);

	if (x[2] || !of)
		psci_answer((u64)-2);
	else
		psci_answer(of == s.v || of->runnable ? 0 : 1);
}

static void psci(u64 fid, u64 *x)
{
	bool wide = fid & 0x40000000;
	u64 function = fid & 0x1F;

	if (wide && function != 1 && function != 3 && function != 4) {
		psci_answer(~0ULL);
		return;
	}
	for (unsigned int i = 1; i < 4 && !wide; i++)
		x[i] = (u32)x[i];
	switch (function) {
	case 0: psci_answer(0x10001); break;
	case 1: psci_tell(fid, x[1]); break;
	case 2: s.v->runnable = false; psci_tell(fid, 0); break;
	case 3: cpu_on(fid, x); break;
	case 4: affinity_info(x); break;
	case 8: case 9: s.v->realm->state = SYSTEM_OFF; psci_tell(fid, 0); break;
	case 10: psci_answer(psci_feature(x[1])); break;
	default: psci_answer(~0ULL);
	}
}

static void smc(u64 *x)
{
	u64 fid = (u32)x[0];

	if (fid >= RSI_FID_VERSION && fid <= RSI_FID_PLANE_SYSREG_WRITE)
		rsi(fid, x);
	else if ((fid & ~0x4000001FULL) == 0x84000000)
		psci(fid, x);
	else
		answer(fid == 0x80000000 ? 0x10002 : ~0ULL);
}

/* ---- aborts and traps ------------------------------------------------------------------------------------ */

#define FROM_ABORT	(MASK(31, 26) | MASK(12, 11) | BIT(9) | MASK(5, 0))	/* EC SET EA FSC */
#define FNV		BIT(10)
#define IL		BIT(25)
#define EMULATABLE	(BIT(24) | MASK(23, 22) | BIT(15) | BIT(6))	/* ISV SAS SF WnR */

static void abort_at(u64 esr, u64 far, u64 ipa, bool data)
{
	struct vcpu *v = s.v;
	struct entry *e;
	u64 rt = FIELD(esr, 20, 16);

	if (ipa >= ipa_end(v->realm)) {
		s.next = ANY;
		s.any_x = true;
		return;
	}
	if (is_protected(v->realm, ipa)) {
		e = walk_to(v->realm, ipa, 3).e;
		if (e->ripas == RMI_RIPAS_EMPTY) {
			take_exception();
		} else if (e->ripas != RMI_RIPAS_RAM || e->kind != RMI_ENTRY_DATA) {
			leave(RMI_EXIT_SYNC);
			s.exit.esr = esr & (data ? FROM_ABORT | FNV : FROM_ABORT);
			s.exit.hpfar = ipa >> 8;
		}
		return;
	}
	if (!data) {
		take_exception();
		return;
	}
	leave(RMI_EXIT_SYNC);
	s.exit.hpfar = ipa >> 8;
	v->unprotected = true;
	v->emulatable = esr & BIT(24);
	v->esr = esr;
	s.exit.esr = esr & (FROM_ABORT | FNV | (v->emulatable ? EMULATABLE : IL));
	if (!v->emulatable)
		return;
	s.exit.far = far & 0xFFF;
	if (esr & BIT(6))
		s.exit.gprs[0] = rt == 31 ? 0 : v->x[rt] & access_mask(esr);
}

static void wait_for(u64 esr)
{
	u64 ti = esr & 3, rt = FIELD(esr, 9, 5);

	leave(RMI_EXIT_SYNC);
	s.exit.esr = (esr & MASK(31, 26)) | ti | (ti & 2 ? BIT(2) : 0);
	if (ti & 2 && esr & BIT(2))	/* RV: the register is named */
		s.exit.gprs[0] = rt == 31 ? 0 : s.v->x[rt];
	s.v->pc += esr & IL ? 4 : 2;
}

static void sysreg(u64 esr)
{
	u64 op0 = FIELD(esr, 21, 20), op1 = FIELD(esr, 16, 14), crn = FIELD(esr, 13, 10);
	u64 crm = FIELD(esr, 4, 1), op2 = FIELD(esr, 19, 17), rt = FIELD(esr, 9, 5);
	bool gic = op0 == 3 && op1 == 0 &&
		   ((crn == 12 && crm >= 8) || (crn == 4 && crm == 6 && op2 == 0));

	if (!gic) {			/* shown, hidden or undefined: tests/run/ */
		s.any_x = true;
		return;
	}
	leave(RMI_EXIT_SYNC);
	s.exit.esr = esr & ~MASK(9, 5);
	s.v->sysreg_read = esr & 1;
	s.v->esr = esr;
	if (!s.v->sysreg_read && rt < 31)
		s.exit.gprs[0] = s.v->x[rt];
	s.v->pc += 4;
}

void ghost_traps(u64 rec, const u64 x[31], const struct trap *t)
{
	u64 ipa = (t->hpfar & MASK(43, 4)) << 8;

	if (!s.v || s.v->pa != rec)
		ghost_fault("a REC traps that was not entered");
	memcpy(s.v->x, x, sizeof(s.v->x));
	memset(&s.exit, 0, sizeof(s.exit));
	s.next = RUNS;
	if (t->kind == TRAP_IRQ || t->kind == TRAP_FIQ) {
		leave(t->kind == TRAP_IRQ ? RMI_EXIT_IRQ : RMI_EXIT_FIQ);
		return;
	}
	switch (FIELD(t->esr, 31, 26)) {
	case 0x01: wait_for(t->esr); break;
	case 0x17: smc(s.v->x); break;
	case 0x18: sysreg(t->esr); break;
	case 0x20: abort_at(t->esr, t->far, ipa, false); break;
	case 0x24: abort_at(t->esr, t->far, ipa, true); break;
	default:
		s.next = ANY;
		s.any_x = true;
	}
}

/* ---- the answer -------------------------------------------------------------------------------------------- */

static void judge_exit(u64 run)
{
	const struct rmi_rec_exit *e = sim_ram(run + offsetof(struct rmi_rec_run, exit));
	struct rmi_rec_exit want = s.exit;

	if (s.next == ANY || (s.next == RUNS && s.any_x)) {
		if (e->exit_reason != RMI_EXIT_IRQ && e->exit_reason != RMI_EXIT_SYNC)
			ghost_fault("an exit with reason %u", e->exit_reason);
		return;
	}
	must_be(e->exit_reason, want.exit_reason, "the reason of the exit");
	want.cntp_ctl = e->cntp_ctl;		/* judged in tests/run/ */
	want.cntp_cval = e->cntp_cval;
	want.cntv_ctl = e->cntv_ctl;
	want.cntv_cval = e->cntv_cval;
	want.pmu_ovf_status = e->pmu_ovf_status;
	for (unsigned int i = 0; i < sizeof(want) / 8; i++)
		if (((const u64 *)e)[i] != ((const u64 *)&want)[i])
			ghost_fault("exit + 0x%x is 0x%llx, not 0x%llx", 8 * i,
				    (unsigned long long)((const u64 *)e)[i],
				    (unsigned long long)((const u64 *)&want)[i]);
}

void enter_call(struct judged *j)
{
	bool ran = s.v;

	if (!ran) {
		judge_enter(j);
		if (verdict(j, false, -1) != DONE)
			return;
		s.v = vcpu_at(j->in[1]);
		complete(s.v);
	} else if (j->out[0] == RMI_ERROR_INPUT && !host_may_be_read(j->in[2])) {
		return;				/* the exit could not be written */
	} else {
		must_be(j->out[0], RMI_SUCCESS, "x0");
		ghost_count.done++;
	}
	if (s.next == RUNS && !s.any_x)
		ghost_fault("the realm left, and should run on");
	judge_exit(j->in[2]);
}
