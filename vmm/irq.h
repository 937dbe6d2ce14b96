/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device's interrupt line: one shared peripheral interrupt of the guest.
 */
#ifndef VMM_IRQ_H
#define VMM_IRQ_H

#include "util.h"

struct irq {
	int vm_fd;
	u32 spi;
	int event;		/* of an edge interrupt: the irqfd */
	bool level;		/* of a level interrupt: what KVM was told last */
};

/* Edge triggered, through an irqfd: any thread may fire it, without an ioctl. */
void irq_init_edge(struct irq *q, int vm_fd, u32 spi);
void irq_pulse(struct irq *q);

/* Level triggered. Callers take turns (the device's lock). */
void irq_init_level(struct irq *q, int vm_fd, u32 spi);
void irq_set(struct irq *q, bool level);

/* Let a 32-bit write of val at gpa signal event instead of leaving the kernel. */
void irq_doorbell(int vm_fd, u64 gpa, u32 val, int event);

#endif
