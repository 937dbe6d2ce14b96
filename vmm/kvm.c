// SPDX-License-Identifier: BSD-2-Clause
/*
 * The one way into KVM.
 */
#include <signal.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kvm.h"

static atomic_ulong nr_calls;
static unsigned long die_at;

void kvm_die_at(unsigned long n)
{
	die_at = n;
}

unsigned long kvm_nr_calls(void)
{
	return atomic_load(&nr_calls);
}

int kvm_ioctl(int fd, unsigned long request, unsigned long arg)
{
	unsigned long n = atomic_fetch_add(&nr_calls, 1) + 1;

	if (n == die_at)
		kill(getpid(), SIGKILL);
	return ioctl(fd, request, arg);
}
