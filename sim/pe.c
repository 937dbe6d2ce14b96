/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PE of the paper machine: registers are variables, a realm is a function of
 * the test that says what the next trap is. Values of the machine: decisions 8.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "arch/arch.h"
#include "mem/slice.h"
#include "realm/rec.h"
#include "sim/internal.h"

struct arch_features arch_features;
_Thread_local unsigned int sim_cpu;

static const struct arch_features features = {
	.pa_bits = 52, .granules = 7, .granules_wide = 7, .vmid16 = true,
	.fgt = true, .hcx = true, .ecv = true, .pauth = true, .sve = true, .sme = true, .mte = true,
	.ras = true, .pmu = true, .dit = true, .mops = true, .wfxt = true,
	.pmu_for_realms = true, .hpmn0 = true, .sve_max_vq = 16, .nr_breakpoints = 6, .nr_watchpoints = 4, .nr_pmu_counters = 6, .nr_list_regs = 4,
	.icache_dic = true, .ich_vtr = 0x90B80003, .midr = 0x000F0510,
	.pps_bits = 40, .l0gpt_shift = 30,
};

static const u64 id_registers[8][8] = {
	[4] = { 0x1311001121112222, 0x0000001001000121, 0, 0, 0x1011 /* ZFR0 */, 0x81 /* SMFR0 */ },
	[5] = { 0x000000100030560A },
	[6] = { 0x1221111110212120, 0x0111211110211502, 0x0000000000110012 },
	[7] = { 0x2100032310201126, 0x0110112010312122, 0x1221011112011011, 0x1000000000000000 },
};
u64 sim_id_register[8][8];

static struct sim_pe pes[SIM_MAX_CPUS];
static struct trace_ring traces[SIM_MAX_CPUS];
static struct { sim_realm_fn fn; void *arg; } realms[SIM_MAX_CPUS];
static unsigned int interrupt_after[SIM_MAX_CPUS];
static void (*at_look)(void);

void sim_pe_power_on(const struct sim_machine *m)
{
	sim_work_end();
	memset(pes, 0, sizeof(pes));
	memset(traces, 0, sizeof(traces));
	memset(realms, 0, sizeof(realms));
	memset(interrupt_after, 0, sizeof(interrupt_after));
	at_look = NULL;
	memcpy(sim_id_register, id_registers, sizeof(id_registers));
	arch_features = features;
	if (!m->lpa2) {
		arch_features.granules_wide = 0;
		arch_features.pa_bits = 48;
		sim_id_register[7][0] = 0x0000032310001125;
	}
}

void sim_be_cpu(unsigned int cpu)
{
	sim_cpu = cpu;
}

struct sim_pe *sim_pe(void)
{
	return &pes[sim_cpu];
}

void sim_realm_is(sim_realm_fn fn, void *arg)
{
	realms[sim_cpu].fn = fn;
	realms[sim_cpu].arg = arg;
}

void sim_at_look(void (*fn)(void))
{
	at_look = fn;
}

void sim_interrupt_after(unsigned int questions)
{
	interrupt_after[sim_cpu] = questions;
}

bool sim_interrupt_is_near(void)
{
	return interrupt_after[sim_cpu] != 0;
}

unsigned int arch_cpu(void)
{
	return sim_cpu;
}

unsigned int arch_nr_cpus(void)
{
	return sim_machine()->nr_cpus;
}

void arch_trace(u64 what, const u64 args[TRACE_ARGS])
{
	struct trace_ring *r = &traces[sim_cpu];
	struct trace_event *e = &r->event[r->next++ % TRACE_EVENTS];

	e->time = r->next;
	e->what = what;
	memcpy(e->arg, args, sizeof(e->arg));
}

const struct trace_ring *sim_trace(unsigned int cpu)
{
	return &traces[cpu];
}

/* ---- how long an interrupt would wait ------------------------------------------ */

static _Thread_local struct { bool counts; u64 done; } work;

void sim_work_begin(void)
{
	work.counts = true;
	work.done = 0;
}

void sim_work_end(void)
{
	work.counts = false;
}

void sim_work(u64 instructions)
{
	if (!work.counts)
		return;
	work.done += instructions;
	if (work.done > LATENCY_BOUND)
		sim_fault("%llu instructions without a look for interrupts",
			  (unsigned long long)work.done);
}

void sim_hashed(size_t bytes)
{
	sim_work(bytes * 30);		/* SHA-512, the slowest */
}

/* Another PE's calls do not count as work of this one, nor hook again. */
static void others_go_on(void)
{
	void (*fn)(void) = at_look;
	bool counts = work.counts;
	unsigned int cpu = sim_cpu;

	if (!fn)
		return;
	at_look = NULL;
	work.counts = false;
	fn();
	work.counts = counts;
	at_look = fn;
	sim_cpu = cpu;
}

bool arch_interrupt_pending(void)
{
	unsigned int *n = &interrupt_after[sim_cpu];

	others_go_on();
	work.done = 0;
	if (*n > 1)
		--*n;
	else if (*n == 1)
		return true;
	return false;
}

static char printed[256];

void arch_print(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(printed, sizeof(printed), fmt, ap);
	va_end(ap);
}

const char *sim_printed(void)
{
	return printed;
}

u64 arch_id_register(unsigned int crm, unsigned int op2)
{
	if (crm < 1 || crm > 7 || op2 > 7)
		sim_fault("ID register crm %u op2 %u", crm, op2);
	return sim_id_register[crm][op2];
}

/* ---- a REC on this PE ------------------------------------------------------- */

void arch_rec_load(struct rec *rec)
{
	struct sim_pe *pe = sim_pe();

	if (pe->loaded)
		sim_fault("a REC is loaded while another one is");
	for (unsigned int i = 0; i < SIM_MAX_CPUS; i++)
		if (__atomic_load_n(&pes[i].loaded, __ATOMIC_ACQUIRE) == rec)
			sim_fault("one REC loaded on two PEs");
	__atomic_store_n(&pe->loaded, rec, __ATOMIC_RELEASE);
	pe->el1[EL1_SCTLR] = rec->sys.sctlr_el1;
	pe->el1[EL1_VBAR] = rec->sys.vbar_el1;
	pe->el1[EL1_ELR] = rec->sys.elr_el1;
	pe->el1[EL1_SPSR] = rec->sys.spsr_el1;
	pe->el1[EL1_ESR] = rec->sys.esr_el1;
	pe->el1[EL1_FAR] = rec->sys.far_el1;
	pe->el1[EL1_TCR] = rec->sys.tcr_el1;
	pe->el1[EL1_TTBR0] = rec->sys.ttbr0_el1;
	pe->el1[EL1_TTBR1] = rec->sys.ttbr1_el1;
	pe->el1[EL1_MDSCR] = rec->sys.mdscr_el1;
	pe->cntp_ctl = rec->sys.cntp_ctl;
	pe->cntp_cval = rec->sys.cntp_cval;
	pe->cntv_ctl = rec->sys.cntv_ctl;
	pe->cntv_cval = rec->sys.cntv_cval;
	if (rec->parts_loaded)
		sim_fault("parts of a REC are still loaded");
	if (rec->parts_wanted & PART_DEBUG)
		arch_rec_debug(rec);
	if (rec->parts_wanted & PART_PMU)
		arch_rec_pmu(rec);
}

static void must_be_loaded(struct rec *rec, const char *what)
{
	if (sim_pe()->loaded != rec)
		sim_fault("%s of a REC that is not loaded", what);
}

void arch_rec_run(struct rec *rec, struct trap *trap)
{
	must_be_loaded(rec, "run");
	if (sim_locks_held())
		sim_fault("a realm runs while %u lock(s) are held", sim_locks_held());
	if (!realms[sim_cpu].fn)
		sim_fault("a realm runs, and no test plays it");
	memset(trap, 0, sizeof(*trap));
	sim_pe()->runs++;
	work.done = 0;
	realms[sim_cpu].fn(realms[sim_cpu].arg, rec, trap);
}

void arch_rec_save(struct rec *rec)
{
	struct sim_pe *pe = sim_pe();

	must_be_loaded(rec, "save");
	rec->sys.sctlr_el1 = pe->el1[EL1_SCTLR];
	rec->sys.vbar_el1 = pe->el1[EL1_VBAR];
	rec->sys.elr_el1 = pe->el1[EL1_ELR];
	rec->sys.spsr_el1 = pe->el1[EL1_SPSR];
	rec->sys.esr_el1 = pe->el1[EL1_ESR];
	rec->sys.far_el1 = pe->el1[EL1_FAR];
	rec->sys.tcr_el1 = pe->el1[EL1_TCR];
	rec->sys.ttbr0_el1 = pe->el1[EL1_TTBR0];
	rec->sys.ttbr1_el1 = pe->el1[EL1_TTBR1];
	rec->sys.mdscr_el1 = pe->el1[EL1_MDSCR];
	rec->sys.cntp_ctl = pe->cntp_ctl;
	rec->sys.cntp_cval = pe->cntp_cval;
	rec->sys.cntv_ctl = pe->cntv_ctl;
	rec->sys.cntv_cval = pe->cntv_cval;
	rec->simd_loaded = false;
	if (rec->parts_loaded & PART_PMU) {
		rec->pmu.pmcr = pe->pmcr;
		rec->pmu.ovs = pe->pmovs;
		pe->pminten_of_realm = rec->pmu.inten;
		rec->parts_wanted &= (u8)~PART_PMU;
		if (pe->pmcr & 1 && rec->pmu.cnten)
			rec->parts_wanted |= PART_PMU;
	}
	rec->parts_loaded = 0;
	__atomic_store_n(&pe->loaded, NULL, __ATOMIC_RELEASE);
}

void arch_rec_simd(struct rec *rec)
{
	must_be_loaded(rec, "SIMD");
	if (rec->simd_loaded)
		sim_fault("SIMD state loaded twice");
	rec->simd_loaded = true;
	sim_pe()->simd_loads++;
}

void arch_rec_debug(struct rec *rec)
{
	struct sim_pe *pe = sim_pe();

	must_be_loaded(rec, "debug");
	pe->debug.loads++;
	pe->debug.bvr0 = rec->debug.bvr[0];
	pe->debug.bcr0 = rec->debug.bcr[0];
	rec->parts_loaded = (u8)((rec->parts_loaded & ~PART_DEBUG) | (rec->parts_wanted & PART_DEBUG));
}

void arch_rec_pmu(struct rec *rec)
{
	struct sim_pe *pe = sim_pe();

	must_be_loaded(rec, "PMU");
	if (!rec->has_pmu || rec->parts_loaded & PART_PMU)
		sim_fault("PMU loaded twice, or of a realm without one");
	pe->pmu_loads++;
	pe->pmcr = rec->pmu.pmcr;
	arch_pmu_write(rec->pmu.ovs, rec->pmu.inten & ~rec->pmu.ovs);
	rec->parts_loaded |= PART_PMU;
}

void arch_pmu_read(struct arch_pmu *p)
{
	p->pmcr = sim_pe()->pmcr;
	p->ovs = sim_pe()->pmovs;
}

void arch_pmu_write(u64 ovs, u64 inten)
{
	sim_pe()->pmovs = ovs;
	sim_pe()->pminten = inten;
}

u64 arch_el1_read(enum arch_el1 reg)
{
	if (!sim_pe()->loaded)
		sim_fault("EL1 register %d read with no REC loaded", reg);
	return sim_pe()->el1[reg];
}

void arch_el1_write(enum arch_el1 reg, u64 value)
{
	if (!sim_pe()->loaded)
		sim_fault("EL1 register %d written with no REC loaded", reg);
	sim_pe()->el1[reg] = value;
}

void arch_timers_read(struct arch_timers *t)
{
	struct sim_pe *pe = sim_pe();

	*t = (struct arch_timers){ pe->cntp_ctl, pe->cntp_cval, pe->cntv_ctl, pe->cntv_cval };
}

void arch_timers_mask(bool phys, bool virt)
{
	sim_pe()->mask_phys = phys;
	sim_pe()->mask_virt = virt;
}

u64 arch_ich_lr(unsigned int n)
{
	if (n >= arch_features.nr_list_regs)
		sim_fault("list register %u", n);
	return sim_pe()->lr[n];
}

void arch_ich_disable(void)
{
	sim_pe()->ich_enabled = false;
}

void arch_inject_vserror(u64 esr_iss)
{
	sim_pe()->vserror = true;
	sim_pe()->vserror_iss = esr_iss;
}
