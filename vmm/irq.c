// SPDX-License-Identifier: BSD-2-Clause
/*
 * Interrupts by irqfd or KVM_IRQ_LINE, doorbells by ioeventfd.
 */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "irq.h"
#include "kvm.h"
#include "kvm_abi.h"
#include "loop.h"

void irq_init_edge(struct irq *q, int vm_fd, u32 spi)
{
	struct kvm_irqfd irqfd = { .gsi = spi };

	q->vm_fd = vm_fd;
	q->spi = spi;
	q->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	irqfd.fd = q->event;
	if (q->event < 0 || kvm_ioctl_ptr(vm_fd, KVM_IRQFD, &irqfd))
		die("cannot connect interrupt %u: %s", spi, strerror(errno));
}

void irq_pulse(struct irq *q)
{
	event_signal(q->event);
}

void irq_init_level(struct irq *q, int vm_fd, u32 spi)
{
	q->vm_fd = vm_fd;
	q->spi = spi;
	q->event = -1;
	q->level = false;
}

void irq_set(struct irq *q, bool level)
{
	struct kvm_irq_level line = {
		.irq = KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | (q->spi + 32),
		.level = level,
	};

	if (q->level == level)
		return;
	q->level = level;
	if (kvm_ioctl_ptr(q->vm_fd, KVM_IRQ_LINE, &line))
		debug("interrupt %u: %s", q->spi, strerror(errno));
}

void irq_doorbell(int vm_fd, u64 gpa, u32 val, int event)
{
	struct kvm_ioeventfd io = {
		.datamatch = val,
		.addr = gpa,
		.len = 4,
		.fd = event,
		.flags = KVM_IOEVENTFD_FLAG_DATAMATCH,
	};

	if (kvm_ioctl_ptr(vm_fd, KVM_IOEVENTFD, &io))
		die("cannot connect a doorbell: %s", strerror(errno));
}
