// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_ARM_RMI_POPULATE: each way to be refused, progress, resumption, and that
 * the contents arrive.
 */
#include "realm_util.h"

static struct realm r;
static char *src;

static int pop(uint64_t base, uint64_t size, const void *from, uint32_t flags, uint32_t reserved,
	       struct kvm_arm_rmi_populate *out)
{
	struct kvm_arm_rmi_populate p = {
		.base = base,
		.size = size,
		.source_uaddr = (uintptr_t)from,
		.flags = flags,
		.reserved = reserved,
	};
	int ret = ioctl(r.vm, KVM_ARM_RMI_POPULATE, &p) ? -errno : 0;

	if (out)
		*out = p;
	return ret;
}

static void expect(int got, int want, const char *what)
{
	ksft_test_result(got == want, "%s: %d\n", what, want);
	if (got != want)
		ksft_print_msg("got %d\n", got);
}

int main(void)
{
	const uint64_t gap = RAM_BASE + 5 * MiB;	/* attribute not private */
	struct kvm_arm_rmi_populate p;
	struct granules before = granules();
	struct guest_ret g;
	int kvm = open_kvm(), plain;

	close(create_realm_vm(kvm));
	ksft_print_header();

	plain = ioctl(kvm, KVM_CREATE_VM, 0);
	r.vm = plain;
	expect(pop(RAM_BASE, PAGE, &p, 0, 0, NULL), -ENXIO, "an ordinary VM");
	close(plain);
	close(kvm);

	src = mmap(NULL, 4 * MiB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (uint64_t i = 0; i < 4 * MiB; i += PAGE)
		*(uint64_t *)(src + i) = 0x5555 ^ (RAM_BASE + MiB + i);
	if (mprotect(src + 3 * MiB, MiB, PROT_NONE))
		die("mprotect");

	realm_init(&r, 1, 8 * MiB);
	if (set_attributes(&r, gap, PAGE, false))
		die("KVM_SET_MEMORY_ATTRIBUTES");

	expect(pop(RAM_BASE + MiB, PAGE, src, 2, 0, NULL), -EINVAL, "unknown flag");
	expect(pop(RAM_BASE + MiB, PAGE, src, 0, 1, NULL), -EINVAL, "reserved field");
	expect(pop(RAM_BASE + MiB + 1, PAGE, src, 0, 0, NULL), -EINVAL, "unaligned base");
	expect(pop(RAM_BASE + MiB, PAGE + 1, src, 0, 0, NULL), -EINVAL, "unaligned size");
	expect(pop(RAM_BASE + MiB, PAGE, src + 1, 0, 0, NULL), -EINVAL, "unaligned source");
	expect(pop(RAM_BASE + MiB, PAGE, NULL, 0, 0, NULL), -EINVAL, "NULL source");
	expect(pop(-PAGE, 2 * PAGE, src, 0, 0, NULL), -EINVAL, "wraps");
	expect(pop(RAM_BASE + MiB, -PAGE, src, 0, 0, NULL), -EINVAL, "wraps, size");
	expect(pop(SHARED, PAGE, src, 0, 0, NULL), -EINVAL, "shared half");
	expect(pop(SHARED - PAGE, 2 * PAGE, src, 0, 0, NULL), -EINVAL, "across the shared bit");
	expect(pop(0x1000, PAGE, src, 0, 0, NULL), -EINVAL, "no slot");
	expect(pop(gap, PAGE, src, 0, 0, NULL), -EINVAL, "attribute not private");
	expect(pop(RAM_BASE + MiB, 0, src, 0, 0, NULL), 0, "nothing");
	expect(pop(RAM_BASE + MiB, PAGE, src + 3 * MiB, 0, 0, NULL), -EFAULT,
	       "source not readable");

	expect(pop(RAM_BASE + MiB, 3 * MiB, src, 0, 0, &p), 0, "3 MiB, not measured");
	ksft_test_result(p.base == RAM_BASE + 4 * MiB && !p.size &&
			 p.source_uaddr == (uintptr_t)src + 3 * MiB, "progress is written back\n");
	expect(pop(RAM_BASE + MiB, PAGE, src, 0, 0, NULL), -EEXIST, "again");

	/* Two good pages, then the gap; then one good page before a bad source */
	expect(pop(gap - 2 * PAGE, 4 * PAGE, src, 0, 0, &p), -EINVAL, "runs into the gap");
	ksft_test_result(p.base == gap && p.size == 2 * PAGE, "two pages are done\n");
	expect(pop(RAM_BASE + 6 * MiB, 2 * PAGE, src + 3 * MiB - PAGE, 0, 0, &p), -EFAULT,
	       "source ends");
	ksft_test_result(p.base == RAM_BASE + 6 * MiB + PAGE && p.size == PAGE,
			 "one page is done\n");
	expect(pop(p.base, p.size, src, p.flags, 0, NULL), 0, "resumed");

	guest_wait(&r, 0);
	g = guest_call(&r, guest_check, RAM_BASE + MiB, 3 * MiB, 0x5555);
	ksft_test_result(!g.x[0] && !g.esr, "the guest finds the contents\n");
	if (g.x[0])
		ksft_print_msg("%llu pages differ, first %#llx\n", (unsigned long long)g.x[0],
			       (unsigned long long)g.x[1]);
	expect(pop(RAM_BASE + 7 * MiB, PAGE, src, 0, 0, NULL), -EBUSY, "after the first run");
	ksft_test_result(r.faults == 0, "no memory fault was needed\n");

	realm_free(&r);
	ksft_test_result(granules_are(before), "granules are as before\n");
	realm_finished();
}
