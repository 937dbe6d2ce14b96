/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What KVM with realm support adds to the user ABI of Linux 7.3: the numbers
 * that no distribution's <linux/kvm.h> has yet. Nothing else of the VMM names
 * them. Contract: kvm-uapi 2.1, 3.1; decisions-kvm K3, K4, K7.
 */
#ifndef VMM_KVM_ARM_RMI_H
#define VMM_KVM_ARM_RMI_H

#include <linux/kvm.h>

/* KVM_CREATE_VM: bits 7:0 IPA width, this bit asks for a realm. */
#define KVM_VM_TYPE_ARM_REALM		(1UL << 30)

/* KVM_CHECK_EXTENSION on the VM's fd: 1 on a realm. */
#define KVM_CAP_ARM_RMI			252

#define KVM_ARM_RMI_POPULATE_FLAGS_MEASURE	(1U << 0)

/* The kernel writes base, size and source back: what is left to do. */
struct kvm_arm_rmi_populate {
	__u64 base;		/* guest physical, private half, page aligned */
	__u64 size;		/* bytes, a multiple of the page size */
	__u64 source_uaddr;	/* page aligned, not the destination itself */
	__u32 flags;
	__u32 reserved;
};

#define KVM_ARM_RMI_POPULATE	_IOWR(KVMIO, 0xd7, struct kvm_arm_rmi_populate)

/* KVM_EXIT_INTERNAL_ERROR of a realm: data[] = FID, x0, exit reason (K10). */
#define KVM_INTERNAL_ERROR_REALM	4

#endif
