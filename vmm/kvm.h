/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every call into KVM goes through here, so it can be counted and, for tests,
 * be the last thing this process does (decisions-kvm K87).
 */
#ifndef VMM_KVM_H
#define VMM_KVM_H

#include "util.h"

/* ioctl(2); returns what it returns, errno likewise. */
int kvm_ioctl(int fd, unsigned long request, unsigned long arg);

static inline int kvm_ioctl_ptr(int fd, unsigned long request, void *arg)
{
	return kvm_ioctl(fd, request, (unsigned long)arg);
}

/* Kill this process just before the nth call from now; 0: never. */
void kvm_die_at(unsigned long n);

unsigned long kvm_nr_calls(void);

#endif
