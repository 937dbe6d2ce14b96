/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One stay of a REC on this PE (realm-exec.md 1, 3, 12): EL1 and EL0 state of
 * the host put away and the realm's loaded, and back. EL3 switches only EL2
 * registers and SP_EL0 (el3.md 5.2, RMM_IMAGE_STEADY), so all else is here.
 */
#include "arch/cpu.h"
#include "arch/sysreg.h"

u64 rec_switch(u64 *ctx);

/* vectors.S finds PC and PSTATE behind the general registers */
_Static_assert(offsetof(struct rec, pc) - offsetof(struct rec, gprs) == 248, "CTX_PC");
_Static_assert(offsetof(struct rec, pstate) - offsetof(struct rec, gprs) == 256, "CTX_PSTATE");

/* Registers that both worlds use and EL3 does not switch: (field, name). */
#define SHARED_REGISTERS(X)			\
	X(sp_el1, sp_el1)			\
	X(elr_el1, elr_el12)			\
	X(spsr_el1, spsr_el12)			\
	X(tpidr_el0, tpidr_el0)			\
	X(tpidrro_el0, tpidrro_el0)		\
	X(tpidr_el1, tpidr_el1)			\
	X(csselr_el1, csselr_el1)		\
	X(sctlr_el1, sctlr_el12)		\
	X(actlr_el1, actlr_el1)			\
	X(cpacr_el1, cpacr_el12)		\
	X(tcr_el1, tcr_el12)			\
	X(ttbr0_el1, ttbr0_el12)		\
	X(ttbr1_el1, ttbr1_el12)		\
	X(esr_el1, esr_el12)			\
	X(afsr0_el1, afsr0_el12)		\
	X(afsr1_el1, afsr1_el12)		\
	X(far_el1, far_el12)			\
	X(mair_el1, mair_el12)			\
	X(amair_el1, amair_el12)		\
	X(vbar_el1, vbar_el12)			\
	X(contextidr_el1, contextidr_el12)	\
	X(cntkctl_el1, cntkctl_el12)		\
	X(mdscr_el1, mdscr_el1)			\
	X(mdccint_el1, mdccint_el1)		\
	X(par_el1, par_el1)

/* Registers of the realm's world only: EL3 keeps the host's. */
#define REALM_REGISTERS(X)			\
	X(sp_el0, sp_el0)

#define PAUTH_REGISTERS(X)			\
	X(pauth[0], S3_0_C2_C1_0)		\
	X(pauth[1], S3_0_C2_C1_1)		\
	X(pauth[2], S3_0_C2_C1_2)		\
	X(pauth[3], S3_0_C2_C1_3)		\
	X(pauth[4], S3_0_C2_C2_0)		\
	X(pauth[5], S3_0_C2_C2_1)		\
	X(pauth[6], S3_0_C2_C2_2)		\
	X(pauth[7], S3_0_C2_C2_3)		\
	X(pauth[8], S3_0_C2_C3_0)		\
	X(pauth[9], S3_0_C2_C3_1)

#define CSV2_REGISTERS(X)			\
	X(scxtnum_el0, SYS_SCXTNUM_EL0)		\
	X(scxtnum_el1, SYS_SCXTNUM_EL12)

#define SAVE(field, name)	s->field = read_sysreg(name);
#define LOAD(field, name)	write_sysreg(name, s->field);

static void shared_save(struct rec_sysregs *s)
{
	SHARED_REGISTERS(SAVE)
	if (arch_features.csv2) {
		CSV2_REGISTERS(SAVE)
	}
}

static void shared_load(const struct rec_sysregs *s)
{
	SHARED_REGISTERS(LOAD)
	if (arch_features.csv2) {
		CSV2_REGISTERS(LOAD)
	}
}

/* EL3 need not switch the keys (RMM_IMAGE_STEADY). */
static void pauth_save(struct rec_sysregs *s)
{
	if (arch_features.pauth) {
		PAUTH_REGISTERS(SAVE)
	}
}

static void pauth_load(const struct rec_sysregs *s)
{
	if (arch_features.pauth) {
		PAUTH_REGISTERS(LOAD)
	}
}

/* The value before the control: no timer fires on a stale compare value. */
static void timers_load(const struct rec_sysregs *s)
{
	write_sysreg(cntp_cval_el02, s->cntp_cval);
	write_sysreg(cntv_cval_el02, s->cntv_cval);
	isb();
	write_sysreg(cntp_ctl_el02, s->cntp_ctl);
	write_sysreg(cntv_ctl_el02, s->cntv_ctl);
}

static void timers_save(struct rec_sysregs *s)
{
	s->cntp_ctl = read_sysreg(cntp_ctl_el02);
	s->cntv_ctl = read_sysreg(cntv_ctl_el02);
	write_sysreg(cntp_ctl_el02, 0);
	write_sysreg(cntv_ctl_el02, 0);
	s->cntp_cval = read_sysreg(cntp_cval_el02);
	s->cntv_cval = read_sysreg(cntv_cval_el02);
}

/*
 * PSTATE.SM would show in the realm: its instructions would be judged by the
 * rules of streaming mode. A host that comes in that mode pays for its state
 * at once.
 */
static bool host_is_streaming(void)
{
	bool streaming;

	if (!arch_features.sme)
		return false;
	write_sysreg(cptr_el2, CPTR_BASE | CPTR_SMEN);
	isb();
	streaming = read_sysreg(SYS_SVCR) & SVCR_SM;
	write_sysreg(cptr_el2, CPTR_BASE);
	return streaming;
}

/*
 * Records of branches and trace say what ran: the host's stay off while a realm does.
 * (Where EL3 keeps these registers for itself it also keeps them off in Realm state.)
 */
static __attribute__((noinline)) void recorders_off(struct cpu *c)
{
	if (arch_features.brbe) {
		c->host_brbcr = read_sysreg(SYS_BRBCR_EL12);
		write_sysreg(SYS_BRBCR_EL12, 0);
	}
	if (arch_features.trf) {
		c->host_trfcr = read_sysreg(SYS_TRFCR_EL12);
		write_sysreg(SYS_TRFCR_EL12, 0);
	}
}

static __attribute__((noinline)) void recorders_back(const struct cpu *c)
{
	if (arch_features.brbe)
		write_sysreg(SYS_BRBCR_EL12, c->host_brbcr);
	if (arch_features.trf)
		write_sysreg(SYS_TRFCR_EL12, c->host_trfcr);
}

/*
 * The RECs of a realm have one VMID, but each is a PE of its own with a TLB of its
 * own: what another one left on this PE under the same ASID is not for this one.
 */
static void own_tlb(struct cpu *c, const struct rec *rec)
{
	if (c->last_rec == rec->self.raw)
		return;
	isb();
	__asm__ volatile("tlbi vmalle1" ::: "memory");
	dsb(nsh);
	c->last_rec = rec->self.raw;
}

static __attribute__((noinline)) void parts_load(struct cpu *c, struct rec *rec)
{
	if (rec->parts_wanted & PART_DEBUG)
		debug_load(c, rec);
	if (rec->parts_wanted & PART_PMU)
		pmu_load(c, rec);
}

static __attribute__((noinline)) void parts_put_back(struct cpu *c, struct rec *rec)
{
	if (rec->parts_loaded & PART_DEBUG)
		debug_put_back(c, rec);
	if (rec->parts_loaded & PART_PMU)
		pmu_put_back(c, rec);
}

void arch_rec_load(struct rec *rec)
{
	struct cpu *c = this_cpu();
	struct rec_sysregs *s;

	c->rec = rec;
	rec->simd_loaded = false;

	shared_save(&c->host);
	pauth_save(&c->host);
	timers_save(&c->host);
	if (arch_features.recorders)
		recorders_off(c);
	if (arch_features.pmu) {
		c->host_pmcr = read_sysreg(pmcr_el0);
		write_sysreg(pmcr_el0, c->host_pmcr & ~PMCR_E);
	}

	s = &rec->sys;
	shared_load(s);
	REALM_REGISTERS(LOAD)
	pauth_load(s);
	if (arch_features.ras) {
		write_sysreg(SYS_VSESR_EL2, s->vsesr_el2);
		write_sysreg(SYS_VDISR_EL2, s->vdisr_el2);
	}
	timers_load(s);

	c->hcr = (c->hcr & ~(HCR_TWI | HCR_TWE | HCR_VSE)) |
		 (rec->trap_wfi ? HCR_TWI : 0) | (rec->trap_wfe ? HCR_TWE : 0) |
		 (rec->vserror_pending ? HCR_VSE : 0);
	write_sysreg(hcr_el2, c->hcr);
	write_sysreg(vmpidr_el2, rec->mpidr | BIT(31));
	write_sysreg(vtcr_el2, rec->vtcr);
	write_sysreg(vttbr_el2, rec->vttbr);
	own_tlb(c, rec);
	if (host_is_streaming())
		arch_rec_simd(rec);
	if (rec->parts_wanted)
		parts_load(c, rec);
	isb();
}

static void vectors_open(void)
{
	write_sysreg(cptr_el2, CPTR_BASE | CPTR_FPEN | (arch_features.sve ? CPTR_ZEN : 0) |
			       (arch_features.sme ? CPTR_SMEN : 0));
	isb();
}

/* Where the three parts of a REC's SVE state are. */
struct sve_parts { u8 *z0, *z16, *p; };

static struct sve_parts rec_sve(const struct rec *rec)
{
	u8 *first = arch_view(rec->aux[0]);

	if (rec->sve_vq <= SVE_VQ_IN_ONE)
		return (struct sve_parts){ first, first + 16 * 16 * rec->sve_vq,
					   first + 32 * 16 * rec->sve_vq };
	return (struct sve_parts){ first, arch_view(rec->aux[1]), arch_view(rec->aux[2]) };
}

/*
 * The host's vectors are kept at its own length, those of streaming mode when it
 * came in that mode (decisions 80); ZA is never touched.
 */
static void host_simd_save(struct cpu *c)
{
	struct host_simd *h = &c->simd;
	u64 bytes;

	h->svcr = arch_features.sme ? read_sysreg(SYS_SVCR) : 0;
	h->sve = (arch_features.sve && !c->no_sve) || h->svcr & SVCR_SM;
	if (!h->sve) {
		simd_save(&h->v);
		return;
	}
	h->fpsr = read_sysreg(fpsr);
	h->fpcr = read_sysreg(fpcr);
	bytes = sve_bytes();
	sve_save(h->z, h->z + 16 * bytes, h->z + 32 * bytes, !(h->svcr & SVCR_SM));
	if (h->svcr & SVCR_SM)
		write_sysreg(SYS_SVCR, h->svcr & ~SVCR_SM);
}

static void host_simd_load(struct cpu *c)
{
	struct host_simd *h = &c->simd;
	u64 bytes;

	if (h->svcr & SVCR_SM)
		write_sysreg(SYS_SVCR, h->svcr);
	if (!h->sve) {
		simd_load(&h->v);
		return;
	}
	bytes = sve_bytes();
	sve_load(h->z, h->z + 16 * bytes, h->z + 32 * bytes, !(h->svcr & SVCR_SM));
	write_sysreg(fpsr, h->fpsr);
	write_sysreg(fpcr, h->fpcr);
}

/*
 * The realm's vectors have the length it was created with: ZCR_EL2, which EL3 does not
 * switch. A longer one than the host's must be empty before the host's is back, for
 * what lies beyond a shorter length may come up again when that grows.
 */
static void realm_sve_load(struct cpu *c, const struct rec *rec)
{
	struct sve_parts p = rec_sve(rec);

	c->simd.zcr_el2 = read_sysreg(SYS_ZCR_EL2);
	c->simd.zcr_el1 = read_sysreg(SYS_ZCR_EL12);
	write_sysreg(SYS_ZCR_EL2, rec->sve_vq - 1);
	write_sysreg(SYS_ZCR_EL12, rec->sys.zcr_el1);
	isb();
	sve_load(p.z0, p.z16, p.p, true);
	write_sysreg(fpsr, rec->sys.fpsr);
	write_sysreg(fpcr, rec->sys.fpcr);
}

static void realm_sve_save(struct cpu *c, struct rec *rec)
{
	struct sve_parts p = rec_sve(rec);

	rec->sys.fpsr = read_sysreg(fpsr);
	rec->sys.fpcr = read_sysreg(fpcr);
	sve_save(p.z0, p.z16, p.p, true);
	sve_clear();
	rec->sys.zcr_el1 = read_sysreg(SYS_ZCR_EL12);
	write_sysreg(SYS_ZCR_EL12, c->simd.zcr_el1);
	write_sysreg(SYS_ZCR_EL2, c->simd.zcr_el2);
	isb();
}

/* Back to the registers of the host; the realm's are in its own memory after it. */
static void simd_put_back(struct cpu *c, struct rec *rec)
{
	vectors_open();
	if (rec->sve_vq)
		realm_sve_save(c, rec);
	else
		simd_save(arch_view(rec->aux[0]));
	host_simd_load(c);
	write_sysreg(cptr_el2, CPTR_BASE);
}

/* First touch of FP/SIMD in this stay. A realm without SVE has the 128-bit registers only. */
void arch_rec_simd(struct rec *rec)
{
	struct cpu *c = this_cpu();

	vectors_open();
	host_simd_save(c);
	if (rec->sve_vq)
		realm_sve_load(c, rec);
	else
		simd_load(arch_view(rec->aux[0]));
	write_sysreg(cptr_el2, CPTR_BASE | CPTR_FPEN | (rec->sve_vq ? CPTR_ZEN : 0));
	isb();
	rec->simd_loaded = true;
}

void arch_rec_save(struct rec *rec)
{
	struct cpu *c = this_cpu();
	struct rec_sysregs *s = &rec->sys;

	if (rec->simd_loaded)
		simd_put_back(c, rec);
	rec->simd_loaded = false;
	if (rec->parts_loaded)
		parts_put_back(c, rec);

	rec->vserror_pending = read_sysreg(hcr_el2) & HCR_VSE;
	shared_save(s);
	REALM_REGISTERS(SAVE)
	pauth_save(s);
	if (arch_features.ras) {
		s->vsesr_el2 = read_sysreg(SYS_VSESR_EL2);
		s->vdisr_el2 = read_sysreg(SYS_VDISR_EL2);
	}
	timers_save(s);

	shared_load(&c->host);
	pauth_load(&c->host);
	timers_load(&c->host);
	if (arch_features.recorders)
		recorders_back(c);
	if (arch_features.pmu)
		write_sysreg(pmcr_el0, c->host_pmcr);
	if (c->cnthctl & (CNTHCTL_CNTVMASK | CNTHCTL_CNTPMASK)) {
		c->cnthctl &= ~(CNTHCTL_CNTVMASK | CNTHCTL_CNTPMASK);
		write_sysreg(cnthctl_el2, c->cnthctl);
	}
	write_sysreg(vttbr_el2, 0);
	isb();
	c->rec = NULL;
}

#define PAR_F		BIT(0)

/*
 * HPFAR_EL2 is not written for a stage 2 permission fault of the access
 * itself: the realm's stage 1 is asked again. False: it says no now, another
 * of the realm's CPUs changed it. Its tables may lie in memory of the host's,
 * who may have taken that back: then AT ends in an abort of ours.
 */
static bool ask_stage1(struct trap *trap)
{
	u64 par, keep = read_sysreg(par_el1);
	bool walked;

	__asm__ volatile("	mov	%w0, wzr\n"
			 "1:	at	s1e1r, %1\n"
			 "	isb\n"
			 "	mov	%w0, #1\n"
			 "2:\n"
			 "	.pushsection .extable, \"a\"\n"
			 "	.word	1b - ., 2b - . + 4\n"
			 "	.popsection" : "=&r"(walked) : "r"(trap->far) : "memory");
	par = walked ? read_sysreg(par_el1) : PAR_F;
	write_sysreg(par_el1, keep);
	trap->hpfar = (par & MASK(51, 12)) >> 8;
	return !(par & PAR_F);
}

static bool is_own_permission_fault(const struct trap *trap)
{
	u64 ec = FIELD(trap->esr, 31, 26);

	return trap->kind == TRAP_SYNC && (ec == 0x20 || ec == 0x24) &&
	       (trap->esr & MASK(5, 2)) == 0xc && !(trap->esr & BIT(7));
}

/*
 * An error of the realm that arrived with another exception: taken now, for later
 * the monitor or the host would take it as its own. What it came with happens again.
 */
static void take_serror(struct trap *trap)
{
	u64 disr, keep = read_sysreg(SYS_DISR_EL1);

	write_sysreg(SYS_DISR_EL1, 0);
	__asm__ volatile("esb" ::: "memory");
	disr = read_sysreg(SYS_DISR_EL1);
	write_sysreg(SYS_DISR_EL1, keep);
	if (!(disr & DISR_A))
		return;
	trap->kind = TRAP_SERROR;
	trap->esr = 0x2fULL << 26 | BIT(25) | (disr & MASK(24, 0));
}

void arch_rec_run(struct rec *rec, struct trap *trap)
{
	do {
		trap->kind = (enum trap_kind)rec_switch(rec->gprs);
		trap->esr = read_sysreg(esr_el2);
		trap->far = read_sysreg(far_el2);
		trap->hpfar = read_sysreg(hpfar_el2);
	} while (is_own_permission_fault(trap) && !ask_stage1(trap));
	if (read_sysreg(isr_el1) & ISR_A && arch_features.ras)
		take_serror(trap);
	if (this_cpu()->dead)
		trap->kind = TRAP_IRQ;	/* the host's next call learns more */
}

u64 arch_el1_read(enum arch_el1 reg)
{
	switch (reg) {
	case EL1_SCTLR:
		return read_sysreg(sctlr_el12);
	case EL1_VBAR:
		return read_sysreg(vbar_el12);
	case EL1_ELR:
		return read_sysreg(elr_el12);
	case EL1_SPSR:
		return read_sysreg(spsr_el12);
	case EL1_ESR:
		return read_sysreg(esr_el12);
	case EL1_FAR:
		return read_sysreg(far_el12);
	case EL1_TCR:
		return read_sysreg(tcr_el12);
	case EL1_TTBR0:
		return read_sysreg(ttbr0_el12);
	case EL1_TTBR1:
		return read_sysreg(ttbr1_el12);
	case EL1_MDSCR:
		return read_sysreg(mdscr_el1);
	default:
		return 0;
	}
}

void arch_el1_write(enum arch_el1 reg, u64 value)
{
	switch (reg) {
	case EL1_SCTLR:
		write_sysreg(sctlr_el12, value);
		break;
	case EL1_VBAR:
		write_sysreg(vbar_el12, value);
		break;
	case EL1_ELR:
		write_sysreg(elr_el12, value);
		break;
	case EL1_SPSR:
		write_sysreg(spsr_el12, value);
		break;
	case EL1_ESR:
		write_sysreg(esr_el12, value);
		break;
	case EL1_FAR:
		write_sysreg(far_el12, value);
		break;
	case EL1_MDSCR:
		write_sysreg(mdscr_el1, value);
		break;
	default:
		break;
	}
}

void arch_timers_read(struct arch_timers *t)
{
	t->cntp_ctl = read_sysreg(cntp_ctl_el02);
	t->cntp_cval = read_sysreg(cntp_cval_el02);
	t->cntv_ctl = read_sysreg(cntv_ctl_el02);
	t->cntv_cval = read_sysreg(cntv_cval_el02);
}

#define PPI_VIRT_TIMER	27
#define PPI_PHYS_TIMER	30

void arch_timers_mask(bool phys, bool virt)
{
	struct cpu *c = this_cpu();
	u64 cnthctl = c->cnthctl & ~(CNTHCTL_CNTVMASK | CNTHCTL_CNTPMASK);
	unsigned int i;

	cnthctl |= (virt ? CNTHCTL_CNTVMASK : 0) | (phys ? CNTHCTL_CNTPMASK : 0);
	if (cnthctl == c->cnthctl)
		return;
	c->cnthctl = cnthctl;
	write_sysreg(cnthctl_el2, cnthctl);
	isb();

	/* The line takes a moment to fall at the GIC; entered too early, it would throw us out again. */
	for (i = 0; i < 1000 && (phys || virt) && arch_interrupt_pending(); i++) {
		u64 id = FIELD(read_sysreg(SYS_ICC_HPPIR1_EL1), 23, 0);

		if (!(virt && id == PPI_VIRT_TIMER) && !(phys && id == PPI_PHYS_TIMER))
			break;
	}
}

u64 arch_ich_lr(unsigned int n)
{
	switch (n) {
#define LR(n, crm, op2) case n: return read_sysreg(S3_4_C12_C##crm##_##op2);
	LR(0, 12, 0) LR(1, 12, 1) LR(2, 12, 2) LR(3, 12, 3)
	LR(4, 12, 4) LR(5, 12, 5) LR(6, 12, 6) LR(7, 12, 7)
	LR(8, 13, 0) LR(9, 13, 1) LR(10, 13, 2) LR(11, 13, 3)
	LR(12, 13, 4) LR(13, 13, 5) LR(14, 13, 6) LR(15, 13, 7)
#undef LR
	default:
		return 0;
	}
}

void arch_ich_disable(void)
{
	write_sysreg(SYS_ICH_HCR_EL2, read_sysreg(SYS_ICH_HCR_EL2) & ~ICH_HCR_EN);
}

void arch_inject_vserror(u64 esr_iss)
{
	struct cpu *c = this_cpu();

	if (arch_features.ras)
		write_sysreg(SYS_VSESR_EL2, esr_iss & MASK(24, 0));
	c->hcr |= HCR_VSE;
	write_sysreg(hcr_el2, c->hcr);
	isb();
}
