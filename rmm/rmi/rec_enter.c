/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * REC_ENTER: one stay of a REC in its realm (rmi-commands.md 7.3, rmi-exec.md
 * 3). The REC is ours from rec->running = 1 on; its lock is not held while the
 * realm runs. SUCCESS means that the exit structure tells of a REC exit.
 */
#include "mem/ns.h"
#include "realm/rd.h"
#include "realm/rec.h"
#include "rmi/rmi.h"
#include "run/run.h"

#define LR_STATE	MASK(63, 62)
#define LR_HW		BIT(61)

/* What is looked at of the enter structure, read once. */
struct enter {
	u64 flags;
	u64 gprs[RMI_NR_GPRS];
};

static bool read_enter(ns_t run, struct enter *e)
{
	return ns_accessible(run) &&
	       arch_ns_read(&e->flags, ns_add(run, offsetof(struct rmi_rec_run, enter.flags)),
			    sizeof(e->flags)) &&
	       arch_ns_read(e->gprs, ns_add(run, offsetof(struct rmi_rec_run, enter.gprs)),
			    sizeof(e->gprs));
}

/* Where the exit structure tells something: first field and bytes. All the rest of it is zero. */
#define TOLD(X)							\
	X(exit_reason, 8) X(esr, 32) X(gprs, 248) X(cntp_ctl, 32)	\
	X(ripas_base, 24) X(imm, 16) X(pmu_ovf_status, 8)

/* What is never told is not even zero: nobody looks at it. */
static void tell_nothing(struct rmi_rec_exit *e)
{
#define ZERO(first, bytes) \
	__builtin_memset((u8 *)e + offsetof(struct rmi_rec_exit, first), 0, bytes);
	TOLD(ZERO)
}

/* The page may have changed its PAS while the realm ran. */
static bool write_exit(ns_t run, const struct rmi_rec_exit *e)
{
	ns_t to = ns_add(run, offsetof(struct rmi_rec_run, exit));

#define WRITE(first, bytes) \
	&& arch_ns_write(ns_add(to, offsetof(struct rmi_rec_exit, first)), &e->first, bytes)
	return ns_accessible(run) && arch_ns_zero(to, sizeof(*e)) TOLD(WRITE);
}

/* Decisions 70: no valid list register with HW, no virtual interrupt twice. */
static bool gic_is_valid(void)
{
	u64 seen[16];
	unsigned int nr = 0, i, j;

	for (i = 0; i < arch_features.nr_list_regs && i < ARRAY_SIZE(seen); i++) {
		u64 lr = arch_ich_lr(i);

		if (!(lr & LR_STATE))
			continue;
		if (lr & LR_HW)
			return false;
		for (j = 0; j < nr; j++) {
			if ((u32)seen[j] == (u32)lr)
				return false;
		}
		seen[nr++] = lr;
	}
	return true;
}

static bool emulation_is_asked_in_vain(const struct rec *rec, u64 flags)
{
	if (!(flags & RMI_ENTER_EMUL_MMIO) || rec->last.emulatable)
		return false;
	/* an injected abort wins over the emulation */
	return !(flags & RMI_ENTER_INJECT_SEA && rec->last.unprotected_abort);
}

/* A REC keeps its realm, and the realm's life is atomic: no lock of the RD. */
static bool realm_is_active(const struct rec *rec)
{
	struct rd *rd = arch_view(rec->rd);
	bool active = realm_state(rd) == REALM_ACTIVE;

	arch_unview(rd);
	return active;
}

static bool count_in(const struct rec *rec)
{
	struct rd *rd = arch_view(rec->rd);
	bool counted = realm_count_in(rd);

	arch_unview(rd);
	return counted;
}

/* Owner of the REC until the exit is written. */
static void stay(struct call *c, pa_t rec_pa, const struct enter *e, struct rmi_rec_exit *exit)
{
	struct rec *rec = arch_view(rec_pa);
	struct rd *rd = arch_view(rec->rd);
	struct stay s = {
		.c = c,
		.rec = rec,
		.rd = rd,
		.exit = exit,
		.flags = e->flags,
		.gprs = e->gprs,
	};

	stay_run(&s);
	realm_count_out(rd);
	arch_unview(rd);
	arch_store_release64(&rec->running, 0);
	arch_unview(rec);
}

status_t rmi_rec_enter(struct call *c, const struct rec_enter_args *a)
{
	struct rmi_rec_exit exit;
	struct granule *g_rec;
	struct enter e;
	struct rec *rec;

	if (!is_granule(a->run.raw))
		return refuse(c, REC_ENTER_run_align);

	if (!read_enter(a->run, &e))
		return refuse(c, REC_ENTER_run_ns);

	if (!is_granule(a->rec.raw))
		return refuse(c, REC_ENTER_rec_align);

	g_rec = hold(c, a->rec, REC);
	if (!g_rec)
		return refuse(c, REC_ENTER_rec_state);
	rec = view(c, g_rec);

	if (!realm_is_active(rec))
		return refuse(c, REC_ENTER_realm_state);

	if (arch_load_acquire64(&rec->running))
		return refuse(c, REC_ENTER_rec_running);

	if (!arch_load_acquire64(&rec->runnable))
		return refuse(c, REC_ENTER_rec_runnable);

	if (rec->pending == PENDING_PSCI)
		return refuse(c, REC_ENTER_psci_pending);

	if (!gic_is_valid())
		return refuse(c, REC_ENTER_gic);

	if (emulation_is_asked_in_vain(rec, e.flags))
		return refuse(c, REC_ENTER_emul_mmio);

	if (!count_in(rec))		/* may have changed since we looked */
		return refuse(c, REC_ENTER_realm_state);

	arch_store_release64(&rec->running, 1);
	let_go(c, g_rec);

	tell_nothing(&exit);
	stay(c, a->rec, &e, &exit);
	if (!write_exit(a->run, &exit))
		return refuse(c, REC_ENTER_run_write);
	return done(c);
}
