/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where things are in the guest's address space, and their interrupts
 * (decisions-kvm K72). SPI numbers: add 32 for the GIC's own numbering.
 */
#ifndef VMM_MAP_H
#define VMM_MAP_H

#include "util.h"

#define MAP_GICD		0x08000000ULL
#define MAP_GICD_SIZE		0x00010000ULL
#define MAP_GICR		0x080A0000ULL
#define MAP_GICR_SIZE		0x00020000ULL	/* per CPU */

#define MAP_PL011(n)		(0x09000000ULL + (n) * 0x10000ULL)
#define MAP_PL011_SIZE		0x1000ULL
#define SPI_PL011(n)		(1 + (n))

#define MAP_VIRTIO(n)		(0x0A000000ULL + (n) * 0x1000ULL)
#define MAP_VIRTIO_SIZE		0x200ULL
#define SPI_VIRTIO(n)		(16 + (n))
#define MAX_VIRTIO		16

#define PPI_PMU			7		/* add 16 */

#define MAP_RAM			0x40000000ULL

#define NR_IRQS			96		/* 32 of a CPU, 64 shared */

/* MPIDR as KVM gives it to vCPU n: 16 per Aff1. */
static inline u64 vcpu_mpidr(unsigned int n)
{
	return (n & 0xf) | (u64)(n >> 4) << 8;
}

#endif
