/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host: builds realms of several shapes, serves their exits, checks what
 * it gets and that nothing of its own was touched.
 */
#include "bare.h"

u64 probe_read(const volatile void *p);
extern volatile u64 probe_esr;
void sve_put(const void *p, u64 ffr);
void sve_get(void *p, u64 ffr);
u64 sve_bytes(void);
void sm_start(void);
void sm_stop(void);
extern const u8 realm_image[], realm_image_end[];
void secondary_entry(void);
void secondary_main(void);

static u8 page[4096] __attribute__((aligned(4096)));
static struct rmi_rec_run run __attribute__((aligned(4096)));
static struct rmi_rec_run run2 __attribute__((aligned(4096)));

/* ---- one realm ------------------------------------------------------------------ */

struct shape { const char *name; u64 s2sz; s64 level; u32 nr_roots; u8 sve_vq, pmu; };

static const struct shape *shape;

static u64 rd, rec[2], half;
static s64 start_level;

static void table(u64 ipa, s64 level)
{
	u64 size = PAGE << (9 * (4 - level));	/* what the new table covers */

	if (rmi(FID(0x15D), rd, delegated(1), ipa & ~(size - 1), (u64)level, 0))
		die("RTT_CREATE", out[0], ipa);
}

static void map_private(u64 ipa)
{
	u64 desc = delegated(1) | 1 << 2, s;

	while ((s = rmi(FID(0x1F5), rd, ipa, ipa + PAGE, 1, desc)) != 0) {
		if (RMI_STATUS(s) != RMI_ERROR_RTT)
			die("DATA_MAP", s, ipa);
		table(ipa, (signed char)(s >> 8) + 1);
	}
}

static void map_image(u64 src, u64 ipa)
{
	u64 data = delegated(1), s;

	while ((s = rmi(FID(0x153), rd, data, ipa, src, 1)) != 0) {
		if (RMI_STATUS(s) != RMI_ERROR_RTT)
			die("DATA_MAP_INIT", s, ipa);
		table(ipa, (signed char)(s >> 8) + 1);
	}
}

static void map_shared(u64 ipa, u64 pa, u64 s2ap)
{
	u64 s;

	while ((s = rmi(FID(0x1FB), rd, ipa, ipa + PAGE, 1 | 6 << 16 | s2ap << 19, pa | 1 << 2)) != 0) {
		if (RMI_STATUS(s) != RMI_ERROR_RTT)
			die("UNPROT_MAP", s, ipa);
		table(ipa, (signed char)(s >> 8) + 1);
	}
}

static void create_rec(int n)
{
	struct rmi_rec_params *p = (struct rmi_rec_params *)page;

	memset(page, 0, sizeof(page));
	p->flags = n == 0;
	p->mpidr = (u64)n;
	rec[n] = delegated(1);
	if (drive(rmi(FID(0x15A), rd, rec[n], (u64)p, 0, 0)))
		die("REC_CREATE", out[0], (u64)n);
}

static void create(void)
{
	struct rmi_realm_params *p = (struct rmi_realm_params *)page;
	u64 roots = delegated(shape->nr_roots), i, at, s;

	realm_params(p, (u8)shape->s2sz, shape->level, roots, shape->nr_roots);
	p->flags0 = (shape->sve_vq ? RMI_REALM_SVE : 0) | (shape->pmu ? RMI_REALM_PMU : 0);
	p->pmu_num_ctrs = shape->pmu ? shape->pmu - 1 : 0;
	p->sve_vl = shape->sve_vq ? shape->sve_vq - 1 : 0;
	p->hash_algo = shape->s2sz % 3;	/* all three are met */
	memset(p->rpv, 0xa5, sizeof(p->rpv));
	rd = delegated(1);
	s = drive(rmi(FID(0x158), rd, (u64)p, 0, 0, 0));
	if (s)
		die("REALM_CREATE", s, shape->s2sz);
	half = 1UL << (shape->s2sz - 1);
	start_level = shape->level;

	for (i = 0; i < 24; i++) {
		u64 src = (u64)realm_image + i * PAGE;

		if (src >= (u64)realm_image_end) {
			static u8 zero[4096] __attribute__((aligned(4096)));

			src = (u64)zero;
		}
		map_image(src, i * PAGE);
	}
	create_rec(0);
	create_rec(1);
	/* RAM: all of the first 2 MiB but [0x180000, 0x200000) */
	for (at = 0; at < 0x180000; at = out[1]) {
		s = rmi(FID(0x168), rd, at, 0x180000, 0, 0);
		if (s)
			die("INIT_RIPAS", s, at);
	}
	check("REC_ENTER before ACTIVATE", RMI_STATUS(rmi(FID(0x15C), rec[0], (u64)&run, 0, 0, 0)) ==
	      RMI_ERROR_REALM);
	if (rmi(FID(0x157), rd, 0, 0, 0, 0))
		die("REALM_ACTIVATE", out[0], 0);
}

/* ---- what the host must get back ---------------------------------------------------- */

static u8 z_before[8192 + 512 + 32] __attribute__((aligned(16)));
static u8 z_after[8192 + 512 + 32] __attribute__((aligned(16)));

#define HOST_REGISTERS(X)							\
	X(sp_el1) X(elr_el12) X(spsr_el12) X(tpidr_el0) X(tpidrro_el0) X(tpidr_el1)	\
	X(sctlr_el12) X(cpacr_el12) X(tcr_el12) X(ttbr0_el12) X(ttbr1_el12)		\
	X(esr_el12) X(far_el12) X(mair_el12) X(amair_el12) X(vbar_el12)			\
	X(contextidr_el12) X(cntkctl_el12) X(mdscr_el1) X(par_el1) X(sp_el0)		\
	X(actlr_el1) X(afsr0_el12) X(afsr1_el12) X(mdccint_el1) X(s3_5_c13_c0_7)	\
	X(s3_0_c2_c1_0) X(s3_0_c2_c1_1) X(s3_0_c2_c1_2) X(s3_0_c2_c1_3) X(s3_0_c2_c2_0)	\
	X(s3_0_c2_c2_1) X(s3_0_c2_c2_2) X(s3_0_c2_c2_3) X(s3_0_c2_c3_0) X(s3_0_c2_c3_1)	\
	X(cntv_cval_el02) X(cntp_cval_el02) X(cntv_ctl_el02) X(cntp_ctl_el02)		\
	X(s3_3_c13_c0_7) X(csselr_el1) X(vttbr_el2) X(vtcr_el2)				\
	X(hcr_el2) X(cptr_el2) X(mdcr_el2) X(cnthctl_el2) X(cntvoff_el2) X(vbar_el2)	\
	X(tpidr_el2) X(vmpidr_el2) X(vpidr_el2) X(sctlr_el2) X(tcr_el2) X(ttbr0_el2)	\
	X(s3_4_c1_c2_0) X(s3_5_c1_c2_0) /* ZCR_EL2, ZCR_EL12 */ X(fpcr) X(fpsr)		\
	X(dbgbvr0_el1) X(dbgbcr0_el1) X(dbgbvr5_el1) X(dbgbcr5_el1) X(dbgwvr0_el1)	\
	X(dbgwcr0_el1) X(dbgwvr3_el1) X(dbgwcr3_el1) X(oslsr_el1)			\
	X(pmevcntr0_el0) X(pmevtyper0_el0) X(pmevcntr5_el0) X(pmevtyper5_el0)		\
	X(pmccfiltr_el0) X(pmcntenset_el0) X(pmintenset_el1) X(pmovsset_el0) X(pmselr_el0) \
	X(esr_el2) X(elr_el2) X(spsr_el2) X(far_el2) X(mair_el2) X(hpfar_el2) X(pmuserenr_el0) X(pmcr_el0)

enum {
#define X(r) HOST_##r,
	HOST_REGISTERS(X)
#undef X
	NR_HOST
};

static const char *const host_names[NR_HOST] = {
#define X(r) #r,
	HOST_REGISTERS(X)
#undef X
};

static void host_read(u64 v[NR_HOST])
{
#define X(r) v[HOST_##r] = read_sysreg(r);
	HOST_REGISTERS(X)
#undef X
}

static void host_poison(void)
{
	write_sysreg(sp_el1, 0x1111222233334440);
	write_sysreg(elr_el12, 0x1111222233334441);
	write_sysreg(spsr_el12, 0x5);
	write_sysreg(tpidr_el0, 0x1111222233334442);
	write_sysreg(tpidrro_el0, 0x1111222233334443);
	write_sysreg(tpidr_el1, 0x1111222233334444);
	write_sysreg(sp_el0, 0x1111222233334445);
	write_sysreg(far_el12, 0x1111222233334446);
	write_sysreg(ttbr0_el12, 0x1111222233334000);
	write_sysreg(ttbr1_el12, 0x1111222233335000);
	write_sysreg(vbar_el12, 0x1111222233334800);
	write_sysreg(mair_el12, 0x4444222233334447);
	write_sysreg(contextidr_el12, 0x33334448);
	write_sysreg(cpacr_el12, 3 << 20 | 1 << 28);
	write_sysreg(sctlr_el12, 0x30d40980);
	write_sysreg(tcr_el12, 0x2b5193519);
	write_sysreg(esr_el12, 0x12345678);
	write_sysreg(amair_el12, 0x5555222233334447);
	write_sysreg(afsr0_el12, 0x7777);
	write_sysreg(afsr1_el12, 0x8888);
	write_sysreg(actlr_el1, 0x9999);
	write_sysreg(cntkctl_el12, 0x2f0);
	write_sysreg(mdscr_el1, 1 << 12 | 1 << 27);
	write_sysreg(mdccint_el1, 1 << 30);
	write_sysreg(par_el1, 0x1234000b81);
	write_sysreg(csselr_el1, 2);
	write_sysreg(cntp_ctl_el02, 2);
	write_sysreg(cntv_ctl_el02, 3);
	write_sysreg(s3_5_c13_c0_7, 0x111122223333446b);
	write_sysreg(s3_0_c2_c1_0, 0x1111222233334460);
	write_sysreg(s3_0_c2_c1_1, 0x1111222233334461);
	write_sysreg(s3_0_c2_c1_2, 0x1111222233334462);
	write_sysreg(s3_0_c2_c1_3, 0x1111222233334463);
	write_sysreg(s3_0_c2_c2_0, 0x1111222233334464);
	write_sysreg(s3_0_c2_c2_1, 0x1111222233334465);
	write_sysreg(s3_0_c2_c2_2, 0x1111222233334466);
	write_sysreg(s3_0_c2_c2_3, 0x1111222233334467);
	write_sysreg(s3_0_c2_c3_0, 0x1111222233334468);
	write_sysreg(s3_0_c2_c3_1, 0x1111222233334469);
	write_sysreg(fpcr, 0x02000000);
	write_sysreg(fpsr, 0x0800000c);
	write_sysreg(s3_3_c13_c0_7, 0x111122223333444b);
	write_sysreg(cntv_cval_el02, 0x111122223333444c);
	write_sysreg(cntp_cval_el02, 0x111122223333444d);
	write_sysreg(tpidr_el2, 0x111122223333444e);
	write_sysreg(pmcr_el0, read_sysreg(pmcr_el0) | 1);
	write_sysreg(dbgbvr0_el1, 0x1111222233334450);
	write_sysreg(dbgbcr0_el1, 0x1e4);
	write_sysreg(dbgbvr5_el1, 0x1111222233334454);
	write_sysreg(dbgbcr5_el1, 0x1e6);
	write_sysreg(dbgwvr0_el1, 0x1111222233334458);
	write_sysreg(dbgwcr0_el1, 0x1ff4);
	write_sysreg(dbgwvr3_el1, 0x111122223333445c);
	write_sysreg(dbgwcr3_el1, 0x1ff6);
	write_sysreg(pmevtyper0_el0, 0x80000000);	/* software increments: count of nothing */
	write_sysreg(pmevtyper5_el0, 0x40000000);
	write_sysreg(pmevcntr0_el0, 0x12345678);
	write_sysreg(pmevcntr5_el0, 0x56789abc);
	write_sysreg(pmccfiltr_el0, 0x48000000);
	write_sysreg(pmselr_el0, 3);
	write_sysreg(pmuserenr_el0, 8);
	write_sysreg(pmovsset_el0, 1 << 5);
	write_sysreg(pmintenset_el1, 1);
	write_sysreg(pmccntr_el0, 0);
	write_sysreg(pmcntenset_el0, 1UL << 31 | 1 << 5 | 1);
	isb();
}

/* ---- running ---------------------------------------------------------------------------- */

static struct seen seen;
static u64 mode;
static u64 inject;
static unsigned int host_registers_lost, vectors_lost;
static u64 cycles, ticks;	/* of all stays: what the host's counter saw, what they took */
static int has_sme;
static int first_cpu_on;

/* The host's own vector length changes from stay to stay: ZCR_EL2.LEN. */
static const u8 lengths[] = { 15, 0, 7, 2 };

static u64 enter(int n, struct rmi_rec_run *r)
{
	static u64 before[NR_HOST], after[NR_HOST];
	static unsigned int nr_enters;
	int streaming = has_sme && nr_enters++ % 4 == 3;
	u64 s, bytes, i, t;

	write_sysreg(s3_4_c1_c2_0, lengths[nr_enters % 16 / 4]);
	write_sysreg(s3_5_c1_c2_0, 5);
	isb();
	if (streaming)
		sm_start();

	host_poison();
	host_read(before);
	bytes = sve_bytes() * 34;
	for (i = 0; i < bytes; i++)
		z_before[i] = (u8)(i * 13 + 5);
	/* FFR: what an FFR may hold, all lanes up to some point */
	memset(z_before + bytes, 0, sve_bytes() / 8);
	z_before[bytes] = 0x0f;
	bytes += streaming ? 0 : sve_bytes() / 8;
	sve_put(z_before, !streaming);
	if (inject) {
		write_sysreg(s3_4_c12_c12_0, 1UL << 62 | 1UL << 60 | inject);
		write_sysreg(s3_4_c12_c11_7, 0xffUL << 24 | 2);	/* VMCR: PMR, group 1 */
		inject = 0;
	}
	write_sysreg(s3_4_c12_c11_0, 1);	/* ICH_HCR_EL2.En */
	isb();
	t = read_sysreg(cntpct_el0);
	i = read_sysreg(pmccntr_el0);
	s = rmi(FID(0x15C), rec[n], (u64)r, 0, 0, 0);
	isb();
	cycles += read_sysreg(pmccntr_el0) - i;
	ticks += read_sysreg(cntpct_el0) - t;
	host_read(after);
	sve_get(z_after, !streaming);
	if (streaming) {
		vectors_lost += !(read_sysreg(s3_3_c4_c2_2) & 1);	/* SVCR.SM */
		sm_stop();
	}
	for (i = 0; i < NR_HOST; i++) {
		if (before[i] != after[i] && host_registers_lost++ < 20) {
			puts("lost: ");
			puts(host_names[i]);
			puts(" ");
			number(before[i], 16);
			puts(" -> ");
			number(after[i], 16);
			puts("\n");
		}
	}
	for (i = 0; i < bytes; i++)
		vectors_lost += z_before[i] != z_after[i];
	if (!s && read_sysreg(s3_4_c12_c11_0) & 1)
		check("ICH_HCR_EL2.En is cleared", 0);
	return s;
}

static void serve_ripas(struct rmi_rec_exit *e, int n)
{
	u64 at = e->ripas_base, top = e->ripas_top, s;

	if (mode == MODE_REJECT)
		return;
	if (mode == MODE_HALF)
		top = at + PAGE;
	while (at < top) {
		s = rmi(FID(0x169), rd, rec[n], at, top, 0);
		if (RMI_STATUS(s) == RMI_ERROR_RTT)
			table(at, (signed char)(s >> 8) + 1);
		else if (s)
			die("SET_RIPAS", s, at);
		else
			at = out[1];
	}
}

static void serve_abort(struct rmi_rec_exit *e, struct rmi_rec_enter *next)
{
	static u64 shared_page[512] __attribute__((aligned(4096)));
	static u64 victim;
	u64 ipa = e->hpfar << 8;
	u64 i;

	if (ipa < half) {
		seen.nr_faults++;
		map_private(ipa);
		return;
	}
	switch (mode) {
	case MODE_EMULATE:
		next->flags |= RMI_ENTER_EMUL_MMIO;
		next->gprs[0] = EMULATED;
		break;
	case MODE_SEA:
		next->flags |= RMI_ENTER_INJECT_SEA;
		break;
	case MODE_MAP_RO:
		if ((e->esr & 0x3c) == 0xc) {	/* the write */
			next->flags |= RMI_ENTER_EMUL_MMIO;
			break;
		}
		/* fallthrough */
	case MODE_MAP:
		for (i = 0; i < 512; i++)
			shared_page[i] = SHARED_WORD;
		map_shared(ipa, (u64)shared_page, mode == MODE_MAP ? 3 : 2);
		break;
	case MODE_GPF:
		victim = take(1, PAGE);
		map_shared(ipa, victim, 3);
		if (rmi(FID(0x1F1), victim, victim + PAGE, 0, 0, 0))
			die("RANGE_DELEGATE", out[0], victim);
		break;
	default:
		die("unexpected unprotected abort", e->esr, ipa);
	}
}

static void remember(const struct rmi_rec_exit *e)
{
	seen.nr_exits++;
	seen.reason = e->exit_reason;
	seen.esr = e->esr;
	seen.far = e->far;
	seen.hpfar = e->hpfar;
	seen.gpr0 = e->gprs[0];
	seen.gpr1 = e->gprs[1];
	seen.cntv_ctl = e->cntv_ctl;
	seen.cntv_cval = e->cntv_cval;
	seen.overflow = e->pmu_ovf_status;
}

static void run_secondary(void)
{
	u64 s;

	memset(&run2, 0, sizeof(run2));
	s = enter(1, &run2);
	check("second REC runs", s == 0 && run2.exit.exit_reason == RMI_EXIT_HOST_CALL &&
	      run2.exit.imm == CALL_SECONDARY && run2.exit.gprs[0] == CONTEXT_ONCE &&
	      run2.exit.gprs[1] == 0x80000001);
}

/* False: the realm is done. */
static int serve_host_call(struct rmi_rec_exit *e, struct rmi_rec_enter *next)
{
	u64 i;

	for (i = 0; i < 31; i++)
		next->gprs[i] = e->gprs[i];
	switch (e->imm) {
	case CALL_REPORT:
		check((const char *)&e->gprs[1], e->gprs[0] == 1);
		for (i = 1; i < 9; i++)
			next->gprs[i] = 0;
		break;
	case CALL_MODE:
		mode = e->gprs[0];
		break;
	case CALL_SEEN:
		memcpy(next->gprs, &seen, sizeof(seen));
		memset(&seen, 0, sizeof(seen));
		break;
	case CALL_ECHO:
		for (i = 0; i < 31; i++)
			next->gprs[i] = ~e->gprs[i];
		break;
	case CALL_INJECT:
		inject = e->gprs[0];
		break;
	case CALL_SHAPE:
		next->gprs[0] = shape->sve_vq;
		next->gprs[1] = shape->pmu;
		break;
	case CALL_TOKEN:
		puts("token ");
		for (i = 0; i < e->gprs[0]; i++) {
			put("0123456789abcdef"[((const u8 *)&e->gprs[1])[i] >> 4]);
			put("0123456789abcdef"[((const u8 *)&e->gprs[1])[i] & 15]);
		}
		puts("\n");
		break;
	case CALL_DONE:
		return 0;
	default:
		die("host call", e->imm, e->gprs[0]);
	}
	return 1;
}

#ifndef ROUNDS
#define ROUNDS	200
#endif

static void report(const char *what, u64 ticks)
{
	puts("bench: ");
	puts(what);
	puts(" ");
	number(ticks / ROUNDS, 10);
	puts("\n");
}

/* Under -icount shift=0 the counter counts instructions (all worlds). */
static void measure(const char *what, u64 fid, u64 a1, u64 a2, u64 then)
{
	u64 r[8], i, t = read_sysreg(cntpct_el0);

	for (i = 0; i < ROUNDS; i++) {
		r[0] = fid;
		r[1] = a1;
		r[2] = a2;
		smc_quick(r);
		if (then) {
			r[0] = then;
			r[1] = a1;
			r[2] = a2;
			smc_quick(r);
		}
	}
	t = read_sysreg(cntpct_el0) - t;
	if (what)
		report(what, t);
}

static void bench(void)
{
	static int once;
	u64 granule = take(1, PAGE);

	memset(run.enter.gprs, 0, sizeof(run.enter.gprs));
	run.enter.gprs[0] = 1;
	write_sysreg(s3_4_c12_c11_0, 1);
	measure(once ? 0 : "REC_ENTER and host call", FID(0x15C), rec[0], (u64)&run, 0);
	check("bench: host calls", run.exit.exit_reason == RMI_EXIT_HOST_CALL &&
	      run.exit.imm == CALL_BENCH);
	run.enter.gprs[0] = 0;
	if (once++)
		return;
#ifdef REC_ENTER_ONLY
	return;
#endif
	measure("PSCI_VERSION", 0x84000000, 0, 0, 0);
	measure("RMI_VERSION", FID(0x150), 0x20000, 0, 0);
	measure("RMI_FEATURES", FID(0x165), 0, 0, 0);
	measure("delegate and undelegate of one granule", FID(0x1F1), granule, granule + PAGE,
		FID(0x1F2));
}

static void two_cpus(void);
static void off_under_way(void);

/* The realm's program up to its next CALL_DONE. */
static void serve(void)
{
	struct rmi_rec_exit *e = &run.exit;
	unsigned int budget = 2000;
	int more = 1;
	u64 s;

	while (more) {
		struct rmi_rec_enter *next = &run.enter;

		if (!budget--)
			die("too many exits", e->exit_reason, e->esr);
		if (mode == MODE_TRAP_WFX)
			next->flags |= RMI_ENTER_TRAP_WFI | RMI_ENTER_TRAP_WFE;
		memset(e, 0x5a, sizeof(*e));
		s = enter(0, &run);
		if (s)
			die("REC_ENTER", s, e->exit_reason);
		next->flags = 0;
		memset(next->gprs, 0, sizeof(next->gprs));
		if (e->exit_reason != RMI_EXIT_HOST_CALL)
			remember(e);
		switch (e->exit_reason) {
		case RMI_EXIT_SYNC:
			if (e->esr >> 26 == 0x24 || e->esr >> 26 == 0x20)
				serve_abort(e, next);
			break;
		case RMI_EXIT_IRQ:
			break;
		case RMI_EXIT_HOST_CALL:
			more = serve_host_call(e, next);
			break;
		case RMI_EXIT_RIPAS_CHANGE:
			serve_ripas(e, 0);
			if (mode == MODE_REJECT)
				next->flags |= RMI_ENTER_RIPAS_REJECT;
			break;
		case RMI_EXIT_PSCI:
			if (e->gprs[0] == 0xC4000003) {
				check("REC with a pending PSCI request",
				      RMI_STATUS(enter(0, &run)) == RMI_ERROR_REC);
				check("PSCI_COMPLETE with a status that is none",
				      rmi(FID(0x164), rec[0], 5, 0, 0, 0) == RMI_ERROR_INPUT);
				if (rmi(FID(0x164), rec[0], 0, 0, 0, 0))
					die("PSCI_COMPLETE", out[0], 0);
				if (first_cpu_on)
					run_secondary();
				first_cpu_on = 0;
			}
			break;
		default:
			die("exit reason", e->exit_reason, e->esr);
		}
	}

}

static void off(void)
{
	u64 s = enter(1, &run2);

	check("CPU_OFF", s == 0 && run2.exit.exit_reason == RMI_EXIT_PSCI &&
	      run2.exit.gprs[0] == 0x84000002);
	check("REC that is off", RMI_STATUS(enter(1, &run2)) == RMI_ERROR_REC);
}

static void run_realm(void)
{
	memset(&run, 0, sizeof(run));
	check("REC that is not runnable", RMI_STATUS(enter(1, &run)) == RMI_ERROR_REC);
	run.enter.flags = RMI_ENTER_EMUL_MMIO;
	check("emulation without a reason", RMI_STATUS(enter(0, &run)) == RMI_ERROR_REC);
	run.enter.flags = 0;
	check("run page unaligned", rmi(FID(0x15C), rec[0], (u64)&run + 8, 0, 0, 0) == RMI_ERROR_INPUT);
	check("run page is no memory", rmi(FID(0x15C), rec[0], 0x08000000, 0, 0, 0) == RMI_ERROR_INPUT);
	check("run page is a realm's", rmi(FID(0x15C), rec[0], rd, 0, 0, 0) == RMI_ERROR_INPUT);
	check("REC that is none", rmi(FID(0x15C), rd, (u64)&run, 0, 0, 0) == RMI_ERROR_INPUT);

	first_cpu_on = 1;
	serve();
	bench();
	off();
	serve();
	two_cpus();
	off();

	serve();
	off_under_way();
	memset(&run2, 0, sizeof(run2));
}

/* ---- the end of a realm ------------------------------------------------------------------------ */

static void unmap(u64 fid, u64 base, u64 top)
{
	u64 s;

	while (base < top) {
		s = rmi(fid, rd, base, top, 0, 0);
		if (s && RMI_STATUS(s) != RMI_ERROR_RTT)
			die("unmap", s, base);
		if (s)	/* no tables there: on by what one entry of that level maps */
			base = (base | ((PAGE << (9 * (3 - (signed char)(s >> 8)))) - 1)) + 1;
		else
			base = out[1];
	}
}

/* The tables of a level: this test has them at the start of each half only. */
static void destroy_tables(s64 level)
{
	u64 size = PAGE << (9 * (4 - level)), s;
	int side;

	for (side = 0; side < 2; side++) {
		u64 ipa = (side ? half : 0) & ~(size - 1);

		if (side && !ipa)
			continue;	/* one table for both */
		s = rmi(FID(0x15E), rd, ipa, (u64)level, 0, 0);
		if (s && RMI_STATUS(s) != RMI_ERROR_RTT)
			die("RTT_DESTROY", s, ipa);
	}
}

static void destroy(u64 first)
{
	s64 level;
	u64 at, wrong = 0, left = 0;
	int n;

	check("REALM_DESTROY of a live realm", RMI_STATUS(drive(rmi(FID(0x159), rd, 0, 0, 0, 0))) ==
	      RMI_ERROR_REALM);
	if (rmi(FID(0x201), rd, 0, 0, 0, 0))
		die("REALM_TERMINATE", out[0], 0);
	for (n = 0; n < 2; n++) {
		if (drive(rmi(FID(0x15B), rec[n], 0, 0, 0, 0)))
			die("REC_DESTROY", out[0], (u64)n);
	}
	unmap(FID(0x1F6), 0, 0x200000);
	unmap(FID(0x1FC), half, half + 0x200000);
	for (level = 3; level > start_level; level--)
		destroy_tables(level);
	if (drive(rmi(FID(0x159), rd, 0, 0, 0, 0)))
		die("REALM_DESTROY", out[0], 0);

	/* all that was given: back, wiped */
	for (at = first; at < pool; ) {
		if (rmi(FID(0x1F2), at, pool, 0, 0, 0) == 0)
			at = out[1];
		else
			at += PAGE;		/* was never delegated */
	}
	for (at = first; at < pool; at += 8) {
		wrong += probe_read((void *)at) != 0;
		left += probe_esr != 0;
	}
	check("every granule came back", left == 0);
	check("and is wiped", wrong == 0);
	if (left | wrong)
		die("left, wrong", left, wrong);
}

/* ---- the protection ------------------------------------------------------------------------ */

static void attack(void)
{
	probe_read((void *)rd);
	check("host cannot read an RD", (probe_esr & 0x3f) == 0x28);
	probe_read((void *)rec[0]);
	check("host cannot read a REC", (probe_esr & 0x3f) == 0x28);
}

static volatile u64 secondary_up;
static volatile u64 secondary_work;	/* 1: run the second REC; 2: done, 3: went wrong */
static volatile u64 secondary_wrong, secondary_exits, secondary_reason, secondary_esr;

#define INTERRUPTS	(1 << 8 | 1 << 23 | 1 << 27 | 1 << 30)	/* an SGI, the PMU, the EL1 timers */

/* Runs the second REC until it says it is done; a lost shared page is the first CPU's to map. */
static u64 secondary_run(void)
{
	static u64 r[8];
	u64 i;

	for (;;) {
		r[0] = FID(0x15C);
		r[1] = rec[1];
		r[2] = (u64)&run2;
		smc_quick(r);
		secondary_exits++;
		secondary_reason = r[0] << 32 | run2.exit.exit_reason;
		secondary_esr = run2.exit.esr;
		if (r[0])
			return 3;
		switch (run2.exit.exit_reason) {
		case RMI_EXIT_HOST_CALL:
			if (run2.exit.imm == CALL_SECONDARY) {
				secondary_wrong = run2.exit.gprs[2];
				return 2;
			}
			for (i = 0; i < 31; i++)
				run2.enter.gprs[i] = run2.exit.gprs[i];
			break;
		case RMI_EXIT_IRQ:
			i = read_sysreg(s3_0_c12_c12_0);		/* ICC_IAR1_EL1 */
			if (i < 1020)
				write_sysreg(s3_0_c12_c12_1, i);	/* ICC_EOIR1_EL1 */
			break;
		case RMI_EXIT_SYNC:
			if (run2.exit.esr >> 26 != 0x24 || run2.exit.hpfar << 8 < half)
				return 3;
			break;
		default:
			return 3;
		}
	}
}

void secondary_main(void)
{
	u64 r[8] = { FID(0x150), 0x20000 };

	smc_regs(r);
	secondary_up = r[0] == 0 && r[1] == 0x20000 ? 1 : 2;
	if (secondary_work == 1) {
		gic_on_cpu(1, INTERRUPTS);
		secondary_work = secondary_run();
	}
	r[0] = 0x84000002;		/* CPU_OFF */
	smc_regs(r);
}

/* False: there is none. */
static int second_cpu_on(void)
{
	u64 r[8] = { 0xC4000003, 1, (u64)secondary_entry, 0 };
	u64 i;

	secondary_up = 0;
	smc_regs(r);
	if (r[0]) {
		check("second CPU", (s64)r[0] == -2);
		return 0;
	}
	for (i = 0; i < 100000000 && !secondary_up; i++)
		;
	check("second CPU calls the monitor", secondary_up == 1);
	return 1;
}

static void second_cpu_wait_off(void)
{
	u64 r[8];

	do {
		r[0] = 0xC4000004;
		r[1] = 1;
		r[2] = 0;
		smc_regs(r);
	} while (r[0] == 0);
}

static void second_cpu(void)
{
	int round;

	for (round = 0; round < 2 && second_cpu_on(); round++)
		second_cpu_wait_off();
}

static volatile u64 pages[2][512] __attribute__((aligned(4096)));
static volatile u64 *shared_now;	/* the one that is mapped */

/* The second REC works on the second CPU, its shared page comes and goes. */
static void two_cpus(void)
{
	u64 ipa = half + 0x40000, s, round = 0;

	shared_now = pages[0];
	memset(&run2, 0, sizeof(run2));
	pages[0][0] = SHARED_WORD;
	map_shared(ipa, (u64)pages[0], 3);
	secondary_work = 1;
	if (!second_cpu_on()) {
		secondary_run();
		secondary_work = 2;
	}
	while (secondary_work == 1) {
		volatile u64 *old = pages[round & 1], *new = pages[~round & 1];

		s = rmi(FID(0x1FC), rd, ipa, ipa + PAGE, 0, 0);
		if (s)
			die("UNPROT_UNMAP", s, ipa);
		*old = SHARED_DEAD;	/* must never be seen from now on */
		*new = SHARED_WORD;
		map_shared(ipa, (u64)new, 3);
		shared_now = new;
		round++;
	}
	if (secondary_work != 2)
		die("second CPU", secondary_reason, secondary_esr);
	check("work on two CPUs", secondary_wrong == 0);
	if (secondary_wrong)
		die("wrong", secondary_wrong, round);
	second_cpu_wait_off();
	secondary_work = 0;
}

/*
 * The second REC spins on the second CPU. Nobody else may touch it; when the
 * first one turns the realm off, any exception is enough to end it for good.
 */
static void off_under_way(void)
{
	u64 i, s, word = *shared_now;

	memset(&run2, 0, sizeof(run2));
	secondary_exits = 0;
	secondary_work = 1;
	if (second_cpu_on()) {
		while (*shared_now == word)		/* until it is in there */
			;
		s = rmi(FID(0x15C), rec[1], (u64)&run, 0, 0, 0);
		check("REC that runs elsewhere", RMI_STATUS(s) == RMI_ERROR_REC);
		check("REC_DESTROY of a running REC", RMI_STATUS(rmi(FID(0x15B), rec[1], 0, 0, 0, 0)) ==
		      RMI_ERROR_REC);
		check("REALM_TERMINATE with a running REC", RMI_STATUS(rmi(FID(0x201), rd, 0, 0, 0, 0)) ==
		      RMI_ERROR_REALM);
		write_sysreg(s3_0_c12_c11_5, 8UL << 24 | 1UL << 1);	/* SGI 8 to the second CPU */
		for (i = 0; i < 100000000 && !secondary_exits; i++)
			;
		check("an interrupt ends the stay", secondary_exits >= 1);
	}
	s = enter(0, &run);
	check("SYSTEM_OFF", s == 0 && run.exit.exit_reason == RMI_EXIT_PSCI &&
	      run.exit.gprs[0] == 0x84000008);
	if (secondary_exits) {
		if (shape->pmu)		/* else it calls its monitor, which is enough */
			write_sysreg(s3_0_c12_c11_5, 8UL << 24 | 1UL << 1);
		for (i = 0; i < 1000000000 && secondary_work == 1; i++)
			;
		check("a REC of a realm that is off", secondary_work == 3 &&
		      (secondary_reason >> 32 & 0xff) == RMI_ERROR_REALM);
		second_cpu_wait_off();
	}
	check("realm that is off", RMI_STATUS(enter(0, &run)) == RMI_ERROR_REALM);
	secondary_work = 0;
}

/* ---- granule tables ------------------------------------------------------------------------ */

#define GPT_TOP	(1UL << 40)

static u64 table_memory;	/* of the last table that was made */

static u64 gpt_state(u64 region)
{
	return rmi(FID(0x211), region, region + (1UL << 30), 0, 0, 0) ? ~0UL : out[2];
}

static int is_delegable(u64 granule)
{
	if (rmi(FID(0x1F1), granule, granule + PAGE, 0, 0, 0))
		return 0;
	probe_read((void *)granule);
	check("a granule below a new table is protected", (probe_esr & 0x3f) == 0x28);
	undelegate(granule, 1);
	probe_read((void *)granule);
	check("and is ours again", probe_esr == 0);
	return 1;
}

static void destroy_table(u64 region)
{
	u64 memory, i, left = 0;

	check("GPT_L1_DESTROY", drive(rmi(FID(0x1F4), region, 0, 0, 0, 0)) == 0);
	check("GPT_INFO: none again", gpt_state(region) == RMI_GPT_HOST_NOT_CREATED);
	memory = list[0] & 0xffffffffff000;
	check("its memory came back", list[0] >> 2 == (memory >> 2 | 32 |
	      (u64)RMI_MEMSTATE_UNDELEGATED << (RMI_DESC_STATE_SHIFT - 2)));
	for (i = 0; i < 32 * PAGE; i += 8)
		left += probe_read((void *)(memory + i)) != 0 || probe_esr != 0;
	check("and is wiped", left == 0);
}

/* The last granule of the region's first 2 MiB, which this program leaves alone. */
static void create_table(u64 region)
{
	u64 granule = region + 0x1ff000, s;

	s = rmi(FID(0x1F1), granule, granule + PAGE, 0, 0, 0);
	check("delegation below a block", s == (RMI_ERROR_GPT | granule >> 12 << 16));
	check("GPT_L1_CREATE", drive(rmi(FID(0x1F3), region, 0, 0, 0, 0)) == 0);
	check("GPT_INFO: the host's", gpt_state(region) == RMI_GPT_HOST_CREATED);
	table_memory = list[0] & 0xffffffffff000;
	probe_read((void *)table_memory);
	check("the table is protected", (probe_esr & 0x3f) == 0x28);
	check("delegation below the table", is_delegable(granule));
	check("GPT_L1_CREATE again", RMI_STATUS(rmi(FID(0x1F3), region, 0, 0, 0, 0)) ==
	      RMI_ERROR_GPT);
}

/* A table for every block; lowest first, as memory for tables comes from the lowest. */
static void create_tables(void)
{
	u64 at, next;

	for (at = 0; at < GPT_TOP; at = next) {
		if (rmi(FID(0x211), at, GPT_TOP, 0, 0, 0))
			die("GPT_INFO", out[0], at);
		next = out[1];
		if (out[2] == RMI_GPT_PLAT)
			check("GPT_L1_DESTROY of EL3's table",
			      rmi(FID(0x1F4), at, 0, 0, 0, 0) == RMI_ERROR_GLOBAL);
		if (out[2] != RMI_GPT_HOST_NOT_CREATED)
			continue;
		create_table(at);
		destroy_table(at);
		create_table(at);
		next = at + (1UL << 30);
	}
}

/* Highest first: the memory of a table may lie below a lower one. */
static void destroy_tables_of_host(void)
{
	u64 at;

	for (at = GPT_TOP; at; ) {
		at -= 1UL << 30;
		if (gpt_state(at) == RMI_GPT_HOST_CREATED)
			destroy_table(at);
	}
}

/* ---- tracking ------------------------------------------------------------------------------- */

#define REGION_BYTES	0x200000UL

static u64 tracking_set(u64 region, u64 state)
{
	return drive(rmi(FID(0x1E3), region, RMI_CATEGORY_CONVENTIONAL, state, 0, 0));
}

static u64 tracking_get(u64 region)
{
	rmi(FID(0x1E1), region, region + REGION_BYTES, 0, 0, 0);
	return out[3] == region + REGION_BYTES ? out[2] : ~0UL;
}

static void one_region(u64 region)
{
	volatile u64 *word = (volatile u64 *)(region + 0x1000);

	*word = 0x1234;
	check("FINE after activation", tracking_get(region) == RMI_TRACKING_FINE);
	check("to NONE", !tracking_set(region, RMI_TRACKING_NONE));
	check("is NONE", tracking_get(region) == RMI_TRACKING_NONE && *word == 0x1234);
	check("no delegation there", rmi(FID(0x1F1), region, region + PAGE, 0, 0, 0) ==
	      (RMI_ERROR_TRACKING | region >> 12 << 16));
	check("to FINE", !tracking_set(region, RMI_TRACKING_FINE));
	check("delegation there", is_delegable(region));
	check("to COARSE", !tracking_set(region, RMI_TRACKING_COARSE));
	check("no delegation of a part", RMI_STATUS(rmi(FID(0x1F1), region, region + PAGE, 0, 0, 0)) ==
	      RMI_ERROR_TRACKING);
	check("delegation of the whole", !drive(rmi(FID(0x1F1), region, region + REGION_BYTES, 0, 0, 0))
	      && out[1] == region + REGION_BYTES);
	probe_read((void *)(region + REGION_BYTES - PAGE));
	check("is protected", (probe_esr & 0x3f) == 0x28);
	check("from COARSE to FINE, DELEGATED", !tracking_set(region, RMI_TRACKING_FINE));
	check("and back", !tracking_set(region, RMI_TRACKING_COARSE));
	check("it returns as a whole", !drive(rmi(FID(0x1F2), region, region + REGION_BYTES, 0, 0, 0)));
	check("wiped", *word == 0);
	check("to NONE again", !tracking_set(region, RMI_TRACKING_NONE));
}

/* Regions of 2 MiB, for a while. */
static void trackings(struct rmi_rmm_config *config)
{
	u64 region = take(REGION_BYTES / PAGE, REGION_BYTES), first, last;

	memset(page, 0, sizeof(page));
	config->tracking_region_size = 1;
	check("RMM_CONFIG_SET: 2 MiB", rmi(FID(0x16E), (u64)config, 0, 0, 0, 0) == 0);
	check("RMM_ACTIVATE with it", drive(rmi(FID(0x202), 0, 0, 0, 0, 0)) == 0);
	first = pool;
	one_region(region);
	last = pool;
	if (last > first)		/* what it asked for, and gave back DELEGATED */
		undelegate(first, (last - first) / PAGE);
	check("RMM_DEACTIVATE after it", drive(rmi(FID(0x20F), 0, 0, 0, 0, 0)) == 0);
	config->tracking_region_size = 0;
	check("RMM_CONFIG_SET: 1 GiB", rmi(FID(0x16E), (u64)config, 0, 0, 0, 0) == 0);
}

/* The last has least: what another one had must not be open to it. */
static const struct shape shapes[] = {
#ifndef ONE_SHAPE
	{ "41 bits, level 1, four roots; SVE of 2048 bits, 3 counters", 41, 1, 4, 16, 3 + 1 },
	{ "48 bits, level 0; SVE of 256 bits, 6 counters", 48, 0, 1, 2, 6 + 1 },
	{ "52 bits, level -1; SVE of 1152 bits, a PMU that counts cycles only", 52, -1, 1, 9, 0 + 1 },
#endif
	{ "36 bits, level 1", 36, 1, 1, 0, 0 },
};

void main(void)
{
	struct rmi_rmm_config *config = (struct rmi_rmm_config *)page;
	unsigned int i;
	u64 first;

	puts("machine: the host is up\n");
	has_sme = (read_sysreg(s3_0_c0_c4_1) >> 24 & 0xf) != 0;
	gic_on();
	gic_on_cpu(0, INTERRUPTS);
	check("RMI_VERSION", rmi(FID(0x150), 0x20000, 0, 0, 0x4444, 0x5555) == 0 &&
	      out[1] == 0x20000 && out[2] == 0x20000 && out[4] == 0x4444 && out[5] == 0x5555);
	check("RMI_VERSION with the SVE hint", rmi(FID(0x150) | 0x10000, 0x20000, 0, 0, 0, 0) == 0);
	check("RMI_FEATURES 0", rmi(FID(0x165), 0, 0, 0, 0, 0) == 0 && (out[1] & 0xff) >= 48);
	check("RMI FID that is none", rmi(FID(0x17F), 0, 0, 0, 0, 0) == ~0UL);
	check("RSI from the host", rmi(FID(0x190), 0x10000, 0, 0, 0, 0) == ~0UL);
	second_cpu();
	memset(page, 0, sizeof(page));
	check("RMM_CONFIG_SET", rmi(FID(0x16E), (u64)config, 0, 0, 0, 0) == 0);
	check("RMM_ACTIVATE", drive(rmi(FID(0x202), 0, 0, 0, 0, 0)) == 0);

	create_tables();
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		puts("realm: ");
		shape = &shapes[i];
		puts(shape->name);
		puts("\n");
		first = pool;
		create();
		attack();
		run_realm();
		destroy(first);
	}
	check("x8-x30 come back from every call", lost == 0);
	check("host registers survive realms", host_registers_lost == 0);
	check("host vectors survive realms", vectors_lost == 0);
	/* a cycle of this machine is a nanosecond */
	check("the host's cycle counter runs", cycles != 0);
	check("and stands still in realms", cycles < ticks * (1000000000 / read_sysreg(cntfrq_el0)) / 8);
	undelegate(delegated(1), 1);
	check("RMM_DEACTIVATE", drive(rmi(FID(0x20F), 0, 0, 0, 0, 0)) == 0);
	check("closed after it", rmi(FID(0x1F1), 0, 0, 0, 0, 0) == 11);
	if (table_memory) {	/* not tracked now: only the hardware knows that it is Root's */
		check("parameters in a granule table", rmi(FID(0x16E), table_memory, 0, 0, 0, 0) ==
		      RMI_ERROR_INPUT);
		check("an answer into a granule table", rmi(FID(0x1EC), table_memory, 0, 0, 0, 0) ==
		      RMI_ERROR_INPUT);
	}
	trackings(config);
	check("RMM_ACTIVATE again", drive(rmi(FID(0x202), 0, 0, 0, 0, 0)) == 0);
	undelegate(delegated(1), 1);
	destroy_tables_of_host();
	end();
}
