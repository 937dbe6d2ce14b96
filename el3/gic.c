/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GICv3 at EL3: every interrupt belongs to the host (Group 1 Non-secure);
 * spec/decisions.md 11.
 *
 * One exception, invisible to the host: while a CPU is parked its SGI 15 is
 * Group 0, so that it can sleep in WFI and be woken whatever the host did to
 * its own interrupts. An emulated CPU that spins instead of sleeping takes a
 * whole core from the others.
 */
#include "el3.h"

#define GICD_CTLR	0x0000
#define GICD_TYPER	0x0004
#define GICD_IGROUPR	0x0080
#define GICD_IGRPMODR	0x0d00
#define GICD_CTLR_GRP0	BIT(0)
#define GICD_CTLR_ARE_S	BIT(4)
#define GICD_CTLR_ARE_NS BIT(5)
#define GICD_CTLR_RWP	BIT(31)

#define GICR_TYPER_AFF	0x000c
#define GICR_WAKER	0x0014
#define GICR_WAKER_SLEEP BIT(1)
#define GICR_WAKER_ASLEEP BIT(2)
#define GICR_SGI	0x10000			/* second frame */
#define GICR_IGROUPR0	(GICR_SGI + 0x080)
#define GICR_ISENABLER0	(GICR_SGI + 0x100)
#define GICR_ICENABLER0	(GICR_SGI + 0x180)
#define GICR_ICPENDR0	(GICR_SGI + 0x280)
#define GICR_IPRIORITYR	(GICR_SGI + 0x400)
#define GICR_IGRPMODR0	(GICR_SGI + 0xd00)

#define WAKE_SGI	15
#define SRE_ALL		0xf			/* Enable, DIB, DFB, SRE */

void gic_init(void)
{
	u32 words;

	mmio_write(GICD_BASE + GICD_CTLR, 0);
	while (mmio_read(GICD_BASE + GICD_CTLR) & GICD_CTLR_RWP)
		;
	mmio_write(GICD_BASE + GICD_CTLR, GICD_CTLR_ARE_S | GICD_CTLR_ARE_NS);
	words = (mmio_read(GICD_BASE + GICD_TYPER) & 0x1f) + 1;
	for (u32 i = 1; i < words; i++) {
		mmio_write(GICD_BASE + GICD_IGROUPR + 4 * i, ~0U);
		mmio_write(GICD_BASE + GICD_IGRPMODR + 4 * i, 0);
	}
	mmio_write(GICD_BASE + GICD_CTLR,
		   GICD_CTLR_ARE_S | GICD_CTLR_ARE_NS | GICD_CTLR_GRP0);
	while (mmio_read(GICD_BASE + GICD_CTLR) & GICD_CTLR_RWP)
		;

	for (u32 i = 0; i < MAX_CPUS; i++) {
		struct cpu *c = &cpus[i];

		if (!c->present)
			continue;
		c->gicr = GICR_BASE + i * GICR_STRIDE;
		if (mmio_read(c->gicr + GICR_TYPER_AFF) != (c->mpidr & 0xffffff))
			die("redistributor %u belongs to another CPU than the tree says", (u64)i);
		mmio_write(c->gicr + GICR_IGROUPR0, ~0U);
		mmio_write(c->gicr + GICR_IGRPMODR0, 0);
		dsb(sy);
		/* Also the sign for that CPU to leave reset (entry.S). */
		mmio_write(c->gicr + GICR_WAKER, 0);
		while (mmio_read(c->gicr + GICR_WAKER) & GICR_WAKER_ASLEEP)
			;
	}
}

void gic_cpu_init(void)
{
	write_sysreg(ICC_SRE_EL3, SRE_ALL);
	isb();
	write_sysreg(ICC_SRE_EL2, SRE_ALL);
	isb();
	write_sysreg(ICC_SRE_EL1, SRE_ALL & 7);	/* SCR_EL3.NS = 1: the Non-secure one */
	isb();
	write_sysreg(ICC_IGRPEN1_EL1, 0);	/* as reset has it, also after a suspend */
	write_sysreg(ICC_PMR_EL1, 0);
	isb();
}

static bool is_parked(const struct cpu *c)
{
	return __atomic_load_n(&c->state, __ATOMIC_ACQUIRE) == CPU_OFF;
}

void gic_park(struct cpu *c)
{
	u32 enabled = mmio_read(c->gicr + GICR_ISENABLER0);

	/*
	 * An interrupt of the host that stayed pending, with a lower number and
	 * as high a priority, would be the first in the queue and, its group
	 * being off, keep ours from being signalled.
	 */
	mmio_write(c->gicr + GICR_ICENABLER0, ~0U);
	write_sysreg(ICC_IGRPEN1_EL1, 0);
	write_sysreg(ICC_PMR_EL1, 0xff);
	mmio_write(c->gicr + GICR_IGROUPR0, (u32)~BIT(WAKE_SGI));
	mmio_write(c->gicr + GICR_IPRIORITYR + WAKE_SGI / 4 * 4, 0);
	mmio_write(c->gicr + GICR_ISENABLER0, BIT(WAKE_SGI));
	write_sysreg(ICC_IGRPEN0_EL1, 1);
	isb();

	while (is_parked(c)) {
		u64 id;

		wfi();
		id = read_sysreg(ICC_IAR0_EL1);
		if (id < 1020)
			write_sysreg(ICC_EOIR0_EL1, id);
		isb();
	}

	write_sysreg(ICC_IGRPEN0_EL1, 0);
	mmio_write(c->gicr + GICR_ICENABLER0, BIT(WAKE_SGI));
	mmio_write(c->gicr + GICR_ICPENDR0, BIT(WAKE_SGI));
	mmio_write(c->gicr + GICR_IGROUPR0, ~0U);
	mmio_write(c->gicr + GICR_ISENABLER0, enabled);
	write_sysreg(ICC_PMR_EL1, 0);
	isb();
}

/* The state was changed before: whoever wakes sees it. */
void gic_kick(const struct cpu *c)
{
	u64 aff0 = c->mpidr & 0xff, aff1 = c->mpidr >> 8 & 0xff;

	dsb(sy);
	write_sysreg(ICC_SGI0R_EL1, aff1 << 16 | (u64)WAKE_SGI << 24 | 1ULL << (aff0 & 15));
	isb();
}
