/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * REC: the execution context of one virtual PE (rmi-exec.md 2, realm-exec.md 3).
 * Lives in the REC granule; FP/SIMD state in the granules donated for it.
 */
#ifndef RMM_REALM_REC_H
#define RMM_REALM_REC_H

#include "base/types.h"
#include "mem/hint.h"

struct rd;

/*
 * Donated at REC_CREATE for what does not fit the REC granule. FP/SIMD state: Q0-31 with
 * FPSR and FPCR in one page; or Z0-31, P0-15 and FFR at the realm's vector length, in one
 * page where it fits, else Z0-15, Z16-31, the rest in a page each. And the last one for an
 * attestation token.
 */
#define REC_MAX_AUX		4
#define SVE_VQ_IN_ONE		7	/* 16 * (32 + 2 + 1/8) bytes for each 128 bits */
static inline unsigned int rec_aux_granules(unsigned int sve_vq)
{
	return sve_vq > SVE_VQ_IN_ONE ? REC_MAX_AUX : 2;
}

/* EL1/EL0 state that the hardware holds while the REC is loaded. */
struct rec_sysregs {
	u64 sp_el0, sp_el1, elr_el1, spsr_el1, tpidr_el0, tpidrro_el0, tpidr_el1;
	u64 csselr_el1, sctlr_el1, actlr_el1, cpacr_el1, zcr_el1;
	u64 tcr_el1, ttbr0_el1, ttbr1_el1, esr_el1, afsr0_el1, afsr1_el1;
	u64 far_el1, mair_el1, amair_el1, vbar_el1, contextidr_el1, cntkctl_el1;
	u64 mdscr_el1, mdccint_el1, par_el1;
	u64 scxtnum_el0, scxtnum_el1;
	u64 fpsr, fpcr;			/* with SVE; else they lie with the registers */
	u64 vsesr_el2, vdisr_el2;
	u64 pauth[10];			/* APIA lo/hi, APIB, APDA, APDB, APGA */
	u64 cntp_ctl, cntp_cval, cntv_ctl, cntv_cval;
};

#define MAX_BREAKPOINTS		16
#define MAX_WATCHPOINTS		16
#define MAX_PMU_COUNTERS	31

/* As the realm wrote them; the hardware has them while they can do something. */
struct rec_debug {
	u64 mdscr;
	bool os_lock;
	u64 bvr[MAX_BREAKPOINTS], bcr[MAX_BREAKPOINTS];
	u64 wvr[MAX_WATCHPOINTS], wcr[MAX_WATCHPOINTS];
};

/* The hardware has it from the first touch in a stay on, or while it counts. */
struct rec_pmu {
	u64 pmcr, cnten, ovs, ccntr, ccfiltr, selr, userenr;
	u64 counter[MAX_PMU_COUNTERS], type[MAX_PMU_COUNTERS];
	u64 inten;			/* the realm's; the hardware's follows it (pmu.c) */
	bool reported;			/* the last exit said: overflow */
};

/* Parts of a REC that are in the hardware only when they matter. */
#define PART_DEBUG	1
#define PART_PMU	2

enum rec_pending { PENDING_NONE, PENDING_PSCI, PENDING_HOST_CALL };

/* What the last exit allows the next entry to do; zero: nothing. */
struct rec_last_exit {
	bool emulatable;		/* data abort the host may emulate     */
	bool unprotected_abort;		/* data abort at an unprotected IPA    */
	bool sysreg_read;		/* Rt of esr wants enter.gprs[0]       */
	u64 esr;
	u64 far;			/* unprotected_abort: the whole address */
};

struct rec_ripas_request {
	bool active;
	u64 base, addr, top;		/* addr: first address not yet done    */
	u8 value;			/* RIPAS_EMPTY or RIPAS_RAM            */
	bool change_destroyed;
};

struct rec {
	/* never changes after REC_CREATE */
	pa_t rd;			/* PA of the realm descriptor           */
	pa_t self;			/* PA of this REC granule               */
	u64 mpidr;			/* as RecParams.mpidr (no bit 31)       */
	u64 index;
	unsigned int sve_vq;		/* vector length in 128 bits; 0: no SVE */
	unsigned int nr_breakpoints, nr_watchpoints;
	bool has_pmu;
	unsigned int pmu_counters;
	pa_t token;			/* last one: struct token */
	unsigned int nr_aux;
	pa_t aux[REC_MAX_AUX];

	/* copied from the RD when the REC is entered */
	u64 vttbr, vtcr;
	unsigned int s2sz;

	/* guarded by the granule lock, except while running */
	u64 gprs[31];
	u64 pc;
	u64 pstate;
	struct rec_sysregs sys;
	enum rec_pending pending;
	struct rec_last_exit last;
	struct rec_ripas_request ripas;
	struct rec_debug debug;
	struct rec_pmu pmu;
	struct s2_hint hint;		/* to the page of its last RSI call          */
	u64 host_call_ipa;		/* RsiHostCall structure of the pending call */
	bool entered;			/* has run before                            */

	/* runnable: set by CPU_ON completion, cleared by CPU_OFF; atomic (0, 1) */
	u64 runnable;
	/* running: 1 between REC_ENTER and its exit; atomic */
	u64 running;

	/* one stay */
	bool trap_wfi, trap_wfe;
	bool simd_loaded;
	u8 parts_wanted;		/* PART_*: to be loaded with the REC */
	u8 parts_loaded;
	bool vserror_pending;
};

#endif
