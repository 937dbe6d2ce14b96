// SPDX-License-Identifier: BSD-2-Clause
/*
 * A page changes sides (decisions-kvm K79).
 *
 * Order matters: KVM unmaps the old side when it hears of the change, so only
 * then may that side's backing be dropped. Pages that already are on the wanted
 * side are left out: clearing and setting again would lose their contents.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "kvm.h"
#include "kvm_abi.h"
#include "mem.h"

static int set_attributes(int vm_fd, u64 gpa, u64 len, bool private)
{
	struct kvm_memory_attributes a = {
		.address = gpa,
		.size = len,
		.attributes = private ? KVM_MEMORY_ATTRIBUTE_PRIVATE : 0,
	};
	int ret;

	do {
		ret = kvm_ioctl_ptr(vm_fd, KVM_SET_MEMORY_ATTRIBUTES, &a);
	} while (ret < 0 && (errno == EINTR || errno == EAGAIN));
	return ret;
}

static int drop_backing(struct mem *m, u64 gpa, u64 len, bool shared_side)
{
	u64 off = gpa - m->base;

	if (shared_side)
		return madvise(m->host + off, len, MADV_DONTNEED);
	return fallocate(m->gmem, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, off, len);
}

/* All pages of the run are on the other side. */
static int convert_run(struct mem *m, int vm_fd, u64 gpa, u64 len, bool private)
{
	if (set_attributes(vm_fd, gpa, len, private))
		return -1;
	mem_mark(m, gpa, len, private);
	return drop_backing(m, gpa, len, private);
}

static enum convert_result convert_locked(struct mem *m, int vm_fd, u64 gpa, u64 len,
					  bool private)
{
	enum convert_result result = CONVERT_SAME;
	u64 end = gpa + len, run;

	while (gpa < end) {
		if (mem_page_is_private(m, gpa) == private) {
			gpa += PAGE;
			continue;
		}
		for (run = PAGE; gpa + run < end; run += PAGE)
			if (mem_page_is_private(m, gpa + run) == private)
				break;
		if (convert_run(m, vm_fd, gpa, run, private))
			return CONVERT_FAILED;
		result = CONVERT_DONE;
		gpa += run;
	}
	return result;
}

enum convert_result mem_convert(struct mem *m, int vm_fd, u64 gpa, u64 len, bool private)
{
	enum convert_result result;
	int err;

	if (!m->realm || !len || (gpa | len) & (PAGE - 1) || !mem_holds(m, gpa, len))
		return CONVERT_OUTSIDE;
	pthread_rwlock_wrlock(&m->lock);
	result = convert_locked(m, vm_fd, gpa, len, private);
	err = errno;
	pthread_rwlock_unlock(&m->lock);
	errno = err;
	return result;
}
