/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each PE sets up once: the EL2 registers that govern a realm and do not
 * change from one realm to another (realm-exec.md 1.1, 1.2).
 */
#include "arch/cpu.h"
#include "arch/sysreg.h"

struct cpu cpus[MAX_CPUS] __attribute__((section(".noinit.cpus")));
_Static_assert(offsetof(struct cpu, no_sve) == CPU_NO_SVE, "head.S");
_Static_assert(offsetof(struct cpu, dead) == CPU_DEAD, "head.S");

unsigned int arch_cpu(void)
{
	return (unsigned int)this_cpu()->index;
}

void arch_trace(u64 what, const u64 args[TRACE_ARGS])
{
	struct trace_ring *r = &this_cpu()->trace;
	struct trace_event *e = &r->event[r->next++ % TRACE_EVENTS];

	/* one piece, without loop or memcpy: every call comes here */
	*e = (struct trace_event){
		.time = read_sysreg(cntpct_el0),
		.what = what,
		.arg = { args[0], args[1], args[2], args[3], args[4], args[5] },
	};
}

bool arch_interrupt_pending(void)
{
	return read_sysreg(isr_el1) != 0;
}

void cpus_init(void)
{
	for (unsigned int i = 0; i < MAX_CPUS; i++) {
		cpus[i].dead = false;
		cpus[i].trace.next = 0;
	}
}

void cpus_stop(void)
{
	for (unsigned int i = 0; i < MAX_CPUS; i++)
		__atomic_store_n(&cpus[i].dead, true, __ATOMIC_RELEASE);
}

void cpu_park(void)
{
	for (;;)
		__asm__ volatile("wfi");
}

void cpu_init(unsigned int index)
{
	const struct arch_features *f = &arch_features;
	struct cpu *c = &cpus[index];
	u64 mdcr;

	*(volatile u64 *)&c->index = index;
	c->no_sve = false;
	c->rec = NULL;
	c->last_rec = 0;
	c->hcr = HCR_EL2_BASE | (f->csv2 ? HCR_ENSCXT : 0);
	c->cnthctl = CNTHCTL_EL1PCTEN | CNTHCTL_EL1PTEN;
	write_sysreg(tpidr_el2, c);

	write_sysreg(hcr_el2, c->hcr);
	write_sysreg(cptr_el2, CPTR_BASE);
	write_sysreg(hstr_el2, 0);
	write_sysreg(cnthctl_el2, c->cnthctl);
	write_sysreg(cntvoff_el2, 0);
	if (f->ecv)
		write_sysreg(SYS_CNTPOFF_EL2, 0);
	write_sysreg(vpidr_el2, f->midr);
	write_sysreg(vttbr_el2, 0);

	mdcr = MDCR_TDA | MDCR_TDOSA | MDCR_TDRA | MDCR_TTRF;
	if (f->pmu)
		mdcr |= MDCR_TPM | MDCR_TPMCR | MDCR_HPMD | MDCR_HCCD | MDCR_MTPME |
			f->nr_pmu_counters;
	c->mdcr = mdcr;
	write_sysreg(mdcr_el2, mdcr);

	/* Fine-grained traps: a zero "n" bit traps, a zero positive bit does not. */
	if (f->fgt) {
		write_sysreg(SYS_HFGRTR_EL2, 0);
		write_sysreg(SYS_HFGWTR_EL2, 0);
		write_sysreg(SYS_HFGITR_EL2, 0);
		write_sysreg(SYS_HDFGRTR_EL2, HDFG_PMINTEN | HDFG_PMOVS);
		write_sysreg(SYS_HDFGWTR_EL2, HDFG_PMINTEN | HDFG_PMOVS);
	}
	if (f->fgt2) {
		write_sysreg(SYS_HFGRTR2_EL2, 0);
		write_sysreg(SYS_HFGWTR2_EL2, 0);
		write_sysreg(SYS_HFGITR2_EL2, 0);
		write_sysreg(SYS_HDFGRTR2_EL2, 0);
		write_sysreg(SYS_HDFGWTR2_EL2, 0);
	}
	if (f->hcx)
		write_sysreg(SYS_HCRX_EL2, f->mops ? HCRX_MSCEN : 0);
	if (f->mpam) {
		/* TRAPMPAM0EL1, TRAPMPAM1EL1 */
		write_sysreg(SYS_MPAM2_EL2, BIT(49) | BIT(48));
	}
	isb();
}

/* RNDR may be out of numbers for a moment. */
bool arch_random(u64 *word)
{
	for (unsigned int i = 0; arch_features.rng && i < 10; i++) {
		bool none;

		__asm__ volatile("mrs %0, s3_3_c2_c4_0\n cset %w1, eq"	/* RNDR */
				 : "=r"(*word), "=r"(none) :: "cc");
		if (!none)
			return true;
	}
	return false;
}
