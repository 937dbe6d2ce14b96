/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One stay of a REC in its realm: from the checks of REC_ENTER to the exit
 * structure (rmi-exec.md 3, 4; realm-exec.md 5, 12). Everything here is
 * portable over arch/arch.h.
 */
#ifndef RMM_RUN_RUN_H
#define RMM_RUN_RUN_H

#include "abi/rmi.h"
#include "arch/arch.h"
#include "mem/call.h"
#include "realm/rd.h"
#include "realm/rec.h"

/* After a trap: does the realm go on, or does the host hear of it? */
enum outcome { RESUME, LEAVE };

struct stay {
	struct call *c;			/* of REC_ENTER: holds nothing while the realm runs */
	struct rec *rec;		/* ours through rec->running */
	struct rd *rd;			/* what never changes in it, and its life */
	struct rmi_rec_exit *exit;	/* zero until something is put in */

	u64 flags;			/* of the enter structure */
	const u64 *gprs;		/* its gprs[31] */
	bool inject_sea;
	u64 sea_far, sea_esr;
};

/* Does what the last exit left to do, runs the realm, fills the exit structure. */
void stay_run(struct stay *s);

/* ---- complete.c: what an entry completes (rmi-exec.md 3) ------------------- */

/* LEAVE: the realm cannot be entered yet, the exit structure says why. */
enum outcome complete_entry(struct stay *s);

/* ---- trap.c ------------------------------------------------------------------ */

enum outcome trap_handle(struct stay *s, const struct trap *t);
/* The instruction is done. */
void trap_skip(struct stay *s);
/* General register n as an instruction names it: 31 is zero. */
u64 trap_reg(const struct stay *s, unsigned int n);
void trap_set_reg(struct stay *s, unsigned int n, u64 value);

/* ---- abort.c ------------------------------------------------------------------ */

enum outcome abort_instruction(struct stay *s, const struct trap *t);
enum outcome abort_data(struct stay *s, const struct trap *t);
/* SError of the realm (realm-exec.md 5.7). */
enum outcome abort_serror(struct stay *s, const struct trap *t);
/* An exit as if the realm had touched this page (rmi-exec.md 4.9). */
void abort_synthetic(struct stay *s, u64 ipa, int level);
/* Ends an emulated access (realm-exec.md 5.6): the host's data into the register. */
void abort_emulated(struct stay *s, u64 data);

/* ---- sysreg.c, idreg.c -------------------------------------------------------- */

enum outcome sysreg_trap(struct stay *s, const struct trap *t);
/* ID_AA64*_EL1 as this realm sees it; crm 1..7 (realm-exec.md 2, decisions 85). */
u64 idreg_value(const struct rd *rd, unsigned int crm, unsigned int op2);

/* ---- pmu.c -------------------------------------------------------------------------- */

/* At an exit, the REC saved: whether an overflow interrupt is due; the host knows it now. */
bool pmu_report(struct rec *rec);

/* ---- inject.c: exceptions taken to the realm's EL1 (realm-exec.md 5.8) --------- */

/* The REC is loaded. PC and PSTATE of the REC become those of its handler. */
void inject_undefined(struct stay *s);
/* esr: of the abort; its class and FnV, S1PTW decide what the realm reads. */
void inject_sea(struct stay *s, u64 esr, u64 far);
/* The same, as an Address Size Fault of the realm's own stage 1 at this level. */
void inject_address_size(struct stay *s, u64 esr, u64 far, int level);

/* ---- stage1.c ------------------------------------------------------------------- */

/* Level of the realm's stage 1 whose output for va, or whose table, is beyond the IPA space. */
int stage1_level(struct stay *s, u64 va);

/* ---- smc.c, psci.c ------------------------------------------------------------- */

enum outcome smc_handle(struct stay *s);
bool psci_is(u64 fid);
enum outcome psci_handle(struct stay *s, u64 fid);

/* ---- timer.c (realm-exec.md 7) --------------------------------------------------- */

/* The signals of timers that the host knows as asserted are masked. */
void timer_enter(struct stay *s);
/* A timer's output is not what the host was told: it must hear of it. */
bool timer_changed(const struct stay *s);

/* ---- reset.c ----------------------------------------------------------------------- */

/* State of a fresh REC (realm-exec.md 4): all zero but what architecture and 4 say. */
void rec_reset(struct rec *rec, u64 pc);

/* SCTLR_EL1 */
#define SCTLR_EE	BIT(25)

#endif
