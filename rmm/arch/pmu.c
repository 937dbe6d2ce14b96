/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The PMU of a realm: the first pmu_counters of the machine's and the cycle counter. The
 * others count nothing meanwhile. Nothing counts while the monitor runs (HPMD, HCCD).
 */
#include "arch/cpu.h"
#include "arch/sysreg.h"

#define PMU_ALL		MASK(31, 0)

#define EVERY_31(X) \
	X(30) X(29) X(28) X(27) X(26) X(25) X(24) X(23) X(22) X(21) X(20) X(19) X(18) X(17) X(16) \
	X(15) X(14) X(13) X(12) X(11) X(10) X(9) X(8) X(7) X(6) X(5) X(4) X(3) X(2) X(1) X(0)

#define SAVE(n) case n + 1: p->counter[n] = read_sysreg(pmevcntr##n##_el0); \
			    p->type[n] = read_sysreg(pmevtyper##n##_el0); \
			    __attribute__((fallthrough));
#define LOAD(n) case n + 1: write_sysreg(pmevcntr##n##_el0, p->counter[n]); \
			    write_sysreg(pmevtyper##n##_el0, p->type[n]); \
			    __attribute__((fallthrough));

/* Nothing counts any more. */
static void save(struct rec_pmu *p, unsigned int counters)
{
	p->cnten = read_sysreg(pmcntenset_el0);
	write_sysreg(pmcntenclr_el0, PMU_ALL);
	isb();
	p->ovs = read_sysreg(pmovsset_el0);
	p->ccntr = read_sysreg(pmccntr_el0);
	p->ccfiltr = read_sysreg(pmccfiltr_el0);
	p->selr = read_sysreg(pmselr_el0);
	p->userenr = read_sysreg(pmuserenr_el0);
	switch (counters) {
	EVERY_31(SAVE)
	default:
		break;
	}
}

static void load(const struct rec_pmu *p, unsigned int counters, u64 inten)
{
	switch (counters) {
	EVERY_31(LOAD)
	default:
		break;
	}
	write_sysreg(pmccntr_el0, p->ccntr);
	write_sysreg(pmccfiltr_el0, p->ccfiltr);
	write_sysreg(pmselr_el0, p->selr);
	write_sysreg(pmuserenr_el0, p->userenr);
	arch_pmu_write(p->ovs, inten);
	write_sysreg(pmcntenset_el0, p->cnten);
}

/* An overflow interrupts while the host has not been told of it, else it would do so for ever. */
void pmu_load(struct cpu *c, struct rec *rec)
{
	c->host_pmu.inten = read_sysreg(pmintenset_el1);
	save(&c->host_pmu, rec->pmu_counters);
	write_sysreg(mdcr_el2, (c->mdcr & ~(MDCR_TPM | MDCR_TPMCR | MDCR_HPMN)) | rec->pmu_counters);
	load(&rec->pmu, rec->pmu_counters, rec->pmu.inten & ~rec->pmu.ovs);
	write_sysreg(pmcr_el0, rec->pmu.pmcr & ~PMCR_P_C);
	rec->parts_loaded |= PART_PMU;
}

void pmu_put_back(struct cpu *c, struct rec *rec)
{
	rec->pmu.pmcr = read_sysreg(pmcr_el0);
	save(&rec->pmu, rec->pmu_counters);
	write_sysreg(pmcr_el0, c->host_pmcr & ~(PMCR_E | PMCR_P_C));
	write_sysreg(mdcr_el2, c->mdcr);
	load(&c->host_pmu, rec->pmu_counters, c->host_pmu.inten);
	rec->parts_loaded &= (u8)~PART_PMU;
	rec->parts_wanted &= (u8)~PART_PMU;
	if (rec->pmu.pmcr & PMCR_E && rec->pmu.cnten)
		rec->parts_wanted |= PART_PMU;
}

void arch_rec_pmu(struct rec *rec)
{
	pmu_load(this_cpu(), rec);
	isb();
}

void arch_pmu_read(struct arch_pmu *p)
{
	p->pmcr = read_sysreg(pmcr_el0);
	p->ovs = read_sysreg(pmovsset_el0);
}

void arch_pmu_write(u64 ovs, u64 inten)
{
	write_sysreg(pmintenclr_el1, PMU_ALL & ~inten);
	write_sysreg(pmovsclr_el0, PMU_ALL & ~ovs);
	write_sysreg(pmovsset_el0, ovs);
	write_sysreg(pmintenset_el1, inten);
	isb();
}
