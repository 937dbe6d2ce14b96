/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PSCI_COMPLETE: the host's word on a CPU_ON that a realm asked for
 * (rmi-commands.md 7.4, decisions 73). The target is found by its MPIDR; hosts
 * before bet2 name it, and are believed only if they name the right one.
 */
#include "base/require.h"
#include "realm/rd.h"
#include "realm/rec.h"
#include "rmi/rmi.h"
#include "run/psci.h"

/* (rec, status), or (rec, target, status): a status is never a granule's address. */
static bool names_target(const struct psci_complete_args *a)
{
	return a->second && IS_ALIGNED(a->second, GRANULE_SIZE) && granule_find(pa(a->second));
}

static void turn_on(struct rec *target, const struct rec *caller)
{
	rec_reset(target, caller->gprs[2]);
	target->gprs[0] = caller->gprs[3];
	target->sys.sctlr_el1 |= caller->sys.sctlr_el1 & SCTLR_EE;
	arch_store_release64(&target->runnable, 1);
}

/* The two RECs in the order their locks want. With the RD held neither can go away. */
static struct granule *hold_both(struct call *c, pa_t caller, pa_t target, struct granule **g_target)
{
	struct granule *g;

	if (caller.raw < target.raw) {
		g = hold_sure(c, caller, REC);
		*g_target = hold_sure(c, target, REC);
	} else {
		*g_target = hold_sure(c, target, REC);
		g = hold_sure(c, caller, REC);
	}
	return g;
}

status_t rmi_psci_complete(struct call *c, const struct psci_complete_args *a)
{
	bool old_form = names_target(a);
	u32 status = (u32)(old_form ? a->third : a->second);
	struct granule *g_rd, *g_rec, *g_target;
	struct rec *rec, *target;
	pa_t rd_pa, target_pa;
	bool runnable;

	if (!is_granule(a->rec.raw))
		return refuse(c, PSCI_COMPLETE_rec_align);

	/* A look first: the RD must be taken before the RECs. */
	g_rec = hold(c, a->rec, REC);
	if (!g_rec)
		return refuse(c, PSCI_COMPLETE_rec_state);
	rec = view(c, g_rec);
	if (rec->pending != PENDING_PSCI || arch_load_acquire64(&rec->running))
		return refuse(c, PSCI_COMPLETE_no_request);
	if (old_form && a->second == a->rec.raw)
		return refuse(c, PSCI_COMPLETE_same_rec);
	rd_pa = rec->rd;
	let_go(c, g_rec);

	g_rd = hold(c, rd_pa, RD);
	if (!g_rd)
		return refuse(c, PSCI_COMPLETE_rec_state);
	g_rec = hold(c, a->rec, REC);
	if (!g_rec)
		return refuse(c, PSCI_COMPLETE_rec_state);
	rec = view(c, g_rec);
	if (rec->rd.raw != rd_pa.raw || rec->pending != PENDING_PSCI ||
	    arch_load_acquire64(&rec->running))	/* answered and asking again: its exit is not done */
		return refuse(c, PSCI_COMPLETE_no_request);
	target_pa = rd_rec(view_rd(c, g_rd), rec_index(rec->gprs[1]));
	let_go(c, g_rec);
	if (!target_pa.raw)
		return refuse(c, PSCI_COMPLETE_target_state);
	if (old_form && a->second != target_pa.raw)
		return refuse(c, PSCI_COMPLETE_target_mpidr);

	g_rec = hold_both(c, a->rec, target_pa, &g_target);
	rec = view(c, g_rec);
	expect(rec->pending == PENDING_PSCI);	/* the request stays what it is as well */
	target = view(c, g_target);
	runnable = arch_load_acquire64(&target->runnable);

	if (status != (u32)PSCI_SUCCESS && (status != (u32)PSCI_DENIED || runnable))
		return refuse(c, PSCI_COMPLETE_status);

	commit(c);

	if (status == (u32)PSCI_DENIED) {
		psci_result(rec, PSCI_DENIED);
	} else if (runnable || arch_load_acquire64(&target->running)) {
		psci_result(rec, PSCI_ALREADY_ON);
	} else {
		turn_on(target, rec);
		psci_result(rec, PSCI_SUCCESS);
	}
	rec->pending = PENDING_NONE;
	return done(c);
}
