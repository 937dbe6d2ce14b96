/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PSCI of a realm (realm-exec.md 6, rmi-exec.md 5; decisions 71 to 74, 84).
 * CPU_ON waits for the host's PSCI_COMPLETE; entry point and context stay in
 * the REC.
 */
#include "run/psci.h"

static bool has_smc64(u64 function)
{
	return function == PSCI_CPU_SUSPEND || function == PSCI_CPU_ON ||
	       function == PSCI_AFFINITY_INFO;
}

static bool is_smc64(u64 fid)
{
	return fid & PSCI_SMC64;
}

bool psci_is(u64 fid)
{
	u64 function = fid & ~(u64)PSCI_SMC64;

	return function >= PSCI_VERSION && function <= PSCI_LAST;
}

void psci_result(struct rec *rec, u64 x0)
{
	rec->gprs[0] = x0;
	rec->gprs[1] = 0;
	rec->gprs[2] = 0;
	rec->gprs[3] = 0;
}

static enum outcome answer(struct stay *s, u64 x0)
{
	psci_result(s->rec, x0);
	trap_skip(s);
	return RESUME;
}

/* The host hears of it, with one argument, and need not answer; the realm goes on with SUCCESS. */
static enum outcome notify(struct stay *s, u64 fid, u64 argument)
{
	s->exit->exit_reason = RMI_EXIT_PSCI;
	s->exit->gprs[0] = fid;
	s->exit->gprs[1] = argument;
	answer(s, PSCI_SUCCESS);
	return LEAVE;
}

static u64 features(u64 asked)
{
	switch (asked) {
	case PSCI_VERSION:
	case PSCI_FEATURES:
	case PSCI_CPU_SUSPEND:
	case PSCI_CPU_SUSPEND | PSCI_SMC64:
	case PSCI_CPU_OFF:
	case PSCI_CPU_ON:
	case PSCI_CPU_ON | PSCI_SMC64:
	case PSCI_AFFINITY_INFO:
	case PSCI_AFFINITY_INFO | PSCI_SMC64:
	case PSCI_SYSTEM_OFF:
	case PSCI_SYSTEM_RESET:
	case SMCCC_VERSION:
		return PSCI_SUCCESS;
	default:
		return PSCI_NOT_SUPPORTED;
	}
}

/* The REC with this MPIDR; false: there is none. runnable, if asked for: whether it may run. */
static bool find(struct stay *s, u64 mpidr, bool *runnable)
{
	struct granule *g_rd = hold_sure(s->c, s->rec->rd, RD);
	struct rd *rd = view_rd(s->c, g_rd);
	pa_t target = rd_rec(rd, rec_index(mpidr));

	if (runnable && target.raw) {	/* with the RD held it cannot go away */
		struct granule *g_rec = hold_sure(s->c, target, REC);
		const struct rec *rec = view(s->c, g_rec);

		*runnable = arch_load_acquire64(&rec->runnable);
		let_go(s->c, g_rec);
	}
	let_go(s->c, g_rd);
	return target.raw;
}

static enum outcome cpu_on(struct stay *s, u64 fid)
{
	struct rec *rec = s->rec;

	if (!s2_is_protected(&s->rd->s2, rec->gprs[2]))
		return answer(s, PSCI_INVALID_ADDRESS);
	if (rec->gprs[1] == rec->mpidr)
		return answer(s, PSCI_ALREADY_ON);
	if (!find(s, rec->gprs[1], NULL))
		return answer(s, PSCI_INVALID_PARAMETERS);

	rec->pending = PENDING_PSCI;
	s->exit->exit_reason = RMI_EXIT_PSCI;
	s->exit->gprs[0] = fid;
	s->exit->gprs[1] = rec->gprs[1];
	trap_skip(s);
	return LEAVE;
}

static enum outcome affinity_info(struct stay *s)
{
	struct rec *rec = s->rec;
	bool runnable;

	if (rec->gprs[2] != 0)		/* lowest affinity level */
		return answer(s, PSCI_INVALID_PARAMETERS);
	if (rec->gprs[1] == rec->mpidr)
		return answer(s, PSCI_AFFINITY_ON);
	if (!find(s, rec->gprs[1], &runnable))
		return answer(s, PSCI_INVALID_PARAMETERS);
	return answer(s, runnable ? PSCI_AFFINITY_ON : PSCI_AFFINITY_OFF);
}

enum outcome psci_handle(struct stay *s, u64 fid)
{
	struct rec *rec = s->rec;
	u64 function = fid & ~(u64)PSCI_SMC64;
	unsigned int i;

	if (is_smc64(fid) && !has_smc64(function))
		return answer(s, PSCI_NOT_SUPPORTED);
	for (i = 1; i <= 3 && !is_smc64(fid); i++)
		rec->gprs[i] = (u32)rec->gprs[i];

	switch (function) {
	case PSCI_VERSION:
		return answer(s, PSCI_VERSION_1_1);
	case PSCI_FEATURES:
		return answer(s, features(rec->gprs[1]));
	case PSCI_CPU_SUSPEND:		/* how deep; where it would wake up is the realm's own */
		return notify(s, fid, rec->gprs[1]);
	case PSCI_CPU_OFF:
		arch_store_release64(&rec->runnable, 0);
		return notify(s, fid, 0);
	case PSCI_CPU_ON:
		return cpu_on(s, fid);
	case PSCI_AFFINITY_INFO:
		return affinity_info(s);
	case PSCI_SYSTEM_OFF:
	case PSCI_SYSTEM_RESET:
		realm_system_off(s->rd);
		return notify(s, fid, 0);
	default:
		return answer(s, PSCI_NOT_SUPPORTED);
	}
}
