// SPDX-License-Identifier: BSD-2-Clause
/*
 * Making the machine. Everything here may die with a sentence: the guest does
 * not run yet. decisions-kvm K72 to K74.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "kvm.h"
#include "kvm_abi.h"
#include "kvm_arm_rmi.h"
#include "loop.h"
#include "map.h"
#include "vm.h"
#include "why.h"

#define REALM_IPA_BITS	36	/* one root table; private RAM up to 31 GiB (K73) */
#define SPARE_MEMORY	(64 * MIB)

#define REG_CORE_X(n)	(0x6030000000100000ULL + 2 * (n))
#define REG_CORE_PC	0x6030000000100040ULL

unsigned int vm_ipa_bits(bool realm, u64 ram_size, unsigned int forced)
{
	u64 top = MAP_RAM + ram_size;
	unsigned int bits = forced ? forced : REALM_IPA_BITS;

	if (!realm && !forced)
		return 0;
	/* A realm's upper half is the shared alias of the lower one. */
	while (!forced && top > 1ULL << (bits - 1))
		bits++;
	if (top > 1ULL << (realm ? bits - 1 : bits))
		die("%llu MiB of memory do not fit into %u bits of guest addresses",
		    (unsigned long long)(ram_size / MIB), bits);
	return bits;
}

static int check(struct vm *vm, unsigned long cap)
{
	return kvm_ioctl(vm->fd, KVM_CHECK_EXTENSION, cap);
}

static void no_realm(unsigned int ipa_bits, int err)
{
	char detail[160];
	const char *why = why_no_realms(detail, sizeof(detail));

	if (why)
		die("this host makes no realms: %s", why);
	if (err == EINVAL)
		die("the host refuses a realm with %u bits of guest addresses", ipa_bits);
	die("cannot make a realm: %s", strerror(err));
}

void vm_open(struct vm *vm, bool realm, unsigned int ipa_bits)
{
	unsigned long type = ipa_bits | (realm ? KVM_VM_TYPE_ARM_REALM : 0);

	memset(vm, 0, sizeof(*vm));
	pthread_mutex_init(&vm->end_lock, NULL);
	vm->realm = realm;
	vm->ipa_bits = ipa_bits;
	vm->shared_bit = realm ? 1ULL << (ipa_bits - 1) : 0;

	vm->kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->kvm_fd < 0)
		die("cannot open /dev/kvm: %s%s", strerror(errno), errno == ENOENT ?
		    " (the host kernel has no KVM, or was not entered at EL2)" : "");
	vm->fd = kvm_ioctl(vm->kvm_fd, KVM_CREATE_VM, type);
	if (vm->fd < 0 && realm)
		no_realm(ipa_bits, errno);
	if (vm->fd < 0)
		die("cannot make a VM: %s", strerror(errno));
	if (!realm)
		return;
	if (check(vm, KVM_CAP_ARM_RMI) != 1)
		no_realm(ipa_bits, ENOTTY);
	if (!(check(vm, KVM_CAP_MEMORY_ATTRIBUTES) & KVM_MEMORY_ATTRIBUTE_PRIVATE))
		die("the host kernel's realms have no memory attributes");
}

/* Bytes the host can give without hurting itself; all there is when unknown. */
static u64 mem_available(void)
{
	unsigned long long kib = ~0ULL / KIB;
	char line[128];
	FILE *f = fopen("/proc/meminfo", "re");

	if (!f)
		return ~0ULL;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %llu", &kib) == 1)
			break;
	fclose(f);
	return kib * KIB;
}

/* guest_memfd counts in nobody's resident size: the OOM killer would spare us. */
static void be_first_to_go(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "1000", 4) < 0)
		debug("oom_score_adj: %s", strerror(errno));
	close(fd);
}

static void private_backing(struct vm *vm)
{
	struct kvm_create_guest_memfd g = { .size = vm->mem.size };

	vm->mem.gmem = kvm_ioctl_ptr(vm->fd, KVM_CREATE_GUEST_MEMFD, &g);
	if (vm->mem.gmem < 0)
		die("cannot make the realm's private memory: %s", strerror(errno));
	/* Now, not in the middle of the run, is when a lack of memory shows. */
	if (fallocate(vm->mem.gmem, FALLOC_FL_KEEP_SIZE, 0, vm->mem.size))
		die("not enough memory: the host cannot set aside %llu MiB: %s",
		    (unsigned long long)(vm->mem.size / MIB), strerror(errno));
}

static void add_slot(struct vm *vm)
{
	struct kvm_userspace_memory_region2 r = {
		.guest_phys_addr = vm->mem.base,
		.memory_size = vm->mem.size,
		.userspace_addr = (uintptr_t)vm->mem.host,
	};
	unsigned long request = KVM_SET_USER_MEMORY_REGION;	/* older kernels know this one */

	if (vm->realm) {
		request = KVM_SET_USER_MEMORY_REGION2;
		r.flags = KVM_MEM_GUEST_MEMFD;
		r.guest_memfd = vm->mem.gmem;
	}
	if (kvm_ioctl_ptr(vm->fd, request, &r))
		die("cannot give the guest its memory: %s", strerror(errno));
}

static void all_private(struct vm *vm)
{
	struct kvm_memory_attributes a = {
		.address = vm->mem.base,
		.size = vm->mem.size,
		.attributes = KVM_MEMORY_ATTRIBUTE_PRIVATE,
	};

	if (kvm_ioctl_ptr(vm->fd, KVM_SET_MEMORY_ATTRIBUTES, &a))
		die("cannot make the realm's memory private: %s", strerror(errno));
}

void vm_memory(struct vm *vm, u64 size)
{
	u64 there = mem_available();

	if (there < size + SPARE_MEMORY)
		die("not enough memory: %llu MiB asked for, the host has %llu MiB to give",
		    (unsigned long long)(size / MIB), (unsigned long long)
		    (there > SPARE_MEMORY ? (there - SPARE_MEMORY) / MIB : 0));
	be_first_to_go();
	if (!mem_init(&vm->mem, MAP_RAM, size, vm->realm, vm->shared_bit))
		die("not enough memory: %llu MiB cannot be mapped",
		    (unsigned long long)(size / MIB));
	if (vm->realm)
		private_backing(vm);
	add_slot(vm);
	if (vm->realm)
		all_private(vm);
}

/* No vector longer than was asked for; the host has no length above its own anyway. */
static void limit_sve(struct vcpu *c)
{
	u64 lengths[KVM_ARM64_SVE_VLS_WORDS] = { 0 };
	struct kvm_one_reg reg = { .id = KVM_REG_ARM64_SVE_VLS, .addr = (uintptr_t)lengths };
	int what = KVM_ARM_VCPU_SVE;

	if (kvm_ioctl_ptr(c->fd, KVM_GET_ONE_REG, &reg))
		die("cannot ask for the vector lengths of CPU %u: %s", c->id, strerror(errno));
	lengths[0] &= (2ULL << (c->vm->sve_bits / 128 - 1)) - 1;
	if (kvm_ioctl_ptr(c->fd, KVM_SET_ONE_REG, &reg))
		die("the host has no SVE for guests with %u bits at most: %s", c->vm->sve_bits,
		    strerror(errno));
	if (kvm_ioctl_ptr(c->fd, KVM_ARM_VCPU_FINALIZE, &what))
		die("cannot set up SVE of CPU %u: %s", c->id, strerror(errno));
}

static void init_vcpu(struct vcpu *c, const struct kvm_vcpu_init *preferred, bool ptrauth)
{
	struct kvm_vcpu_init init = *preferred;

	init.features[0] |= 1u << KVM_ARM_VCPU_PSCI_0_2;
	if (ptrauth)
		init.features[0] |= 1u << KVM_ARM_VCPU_PTRAUTH_ADDRESS |
				    1u << KVM_ARM_VCPU_PTRAUTH_GENERIC;
	if (c->vm->sve_bits)
		init.features[0] |= 1u << KVM_ARM_VCPU_SVE;
	if (c->vm->pmu)
		init.features[0] |= 1u << KVM_ARM_VCPU_PMU_V3;
	if (c->id)
		init.features[0] |= 1u << KVM_ARM_VCPU_POWER_OFF;
	if (kvm_ioctl_ptr(c->fd, KVM_ARM_VCPU_INIT, &init))
		die("cannot set up CPU %u: %s", c->id, strerror(errno));
	if (c->vm->sve_bits)
		limit_sve(c);
}

void vm_vcpus(struct vm *vm, unsigned int n)
{
	struct kvm_vcpu_init preferred = { 0 };
	bool ptrauth = check(vm, KVM_CAP_ARM_PTRAUTH_ADDRESS) > 0 &&
		       check(vm, KVM_CAP_ARM_PTRAUTH_GENERIC) > 0;
	int run_size = kvm_ioctl(vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	struct vcpu *c;
	unsigned int i;

	if (vm->sve_bits && check(vm, KVM_CAP_ARM_SVE) <= 0)
		die("the host has no SVE for %s", vm->realm ? "realms" : "guests");
	if (vm->pmu && check(vm, KVM_CAP_ARM_PMU_V3) <= 0)
		die("the host has no PMU for %s", vm->realm ? "realms" : "guests");
	if (check(vm, KVM_CAP_MAX_VCPUS) < (int)n)
		die("the host allows at most %d CPUs for a guest", check(vm, KVM_CAP_MAX_VCPUS));
	if (kvm_ioctl_ptr(vm->fd, KVM_ARM_PREFERRED_TARGET, &preferred))
		die("the host's CPUs cannot run guests: %s", strerror(errno));
	vm->vcpus = xalloc(n * sizeof(*vm->vcpus));
	vm->nr_vcpus = n;
	for (i = 0; i < n; i++) {
		c = &vm->vcpus[i];
		c->vm = vm;
		c->id = i;
		c->fd = kvm_ioctl(vm->fd, KVM_CREATE_VCPU, i);
		if (c->fd < 0)
			die("cannot make CPU %u: %s", i, strerror(errno));
		c->run = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, c->fd, 0);
		if (c->run == MAP_FAILED)
			die("cannot map the state of CPU %u: %s", i, strerror(errno));
		init_vcpu(c, &preferred, ptrauth);
	}
}

static void gic_attr(int fd, u32 group, u64 attr, u64 *value)
{
	struct kvm_device_attr a = {
		.group = group, .attr = attr, .addr = (uintptr_t)value,
	};

	if (kvm_ioctl_ptr(fd, KVM_SET_DEVICE_ATTR, &a))
		die("cannot set up the GIC (group %u, attribute %llu): %s", group,
		    (unsigned long long)attr, strerror(errno));
}

static void init_pmu(struct vcpu *c)
{
	int irq = 16 + PPI_PMU;
	struct kvm_device_attr a = {
		.group = KVM_ARM_VCPU_PMU_V3_CTRL,
		.attr = KVM_ARM_VCPU_PMU_V3_IRQ, .addr = (uintptr_t)&irq,
	};

	if (kvm_ioctl_ptr(c->fd, KVM_SET_DEVICE_ATTR, &a))
		die("cannot set the interrupt of CPU %u's PMU: %s", c->id, strerror(errno));
	a.attr = KVM_ARM_VCPU_PMU_V3_INIT;
	if (kvm_ioctl_ptr(c->fd, KVM_SET_DEVICE_ATTR, &a))
		die("cannot set up the PMU of CPU %u: %s", c->id, strerror(errno));
}

void vm_gic(struct vm *vm)
{
	struct kvm_create_device d = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };
	u64 dist = MAP_GICD, redist = MAP_GICR;
	u32 irqs = NR_IRQS;
	unsigned int i;

	if (kvm_ioctl_ptr(vm->fd, KVM_CREATE_DEVICE, &d))
		die("the host cannot make a GICv3 for the guest: %s", strerror(errno));
	gic_attr(d.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &dist);
	gic_attr(d.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST, &redist);
	gic_attr(d.fd, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, (u64 *)&irqs);
	gic_attr(d.fd, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
	for (i = 0; vm->pmu && i < vm->nr_vcpus; i++)
		init_pmu(&vm->vcpus[i]);
}

static void populate(struct vm *vm, const struct blob *b)
{
	struct kvm_arm_rmi_populate p = {
		.base = b->gpa,
		.size = blob_pages_len(b),
		.source_uaddr = (uintptr_t)b->data,
		.flags = KVM_ARM_RMI_POPULATE_FLAGS_MEASURE,
	};
	u64 before;
	int ret;

	while (p.size) {
		before = p.size;
		ret = kvm_ioctl_ptr(vm->fd, KVM_ARM_RMI_POPULATE, &p);
		if (ret < 0 && errno != EINTR && errno != EAGAIN)
			die("cannot populate the realm at 0x%llx: %s",
			    (unsigned long long)p.base, strerror(errno));
		if (!ret && p.size >= before)
			die("the host does not populate the realm at 0x%llx and does not say why",
			    (unsigned long long)p.base);
	}
}

void vm_load(struct vm *vm, const struct blob *b)
{
	if (!b->len)
		return;
	if (vm->realm)
		populate(vm, b);
	else
		memcpy(vm->mem.host + (b->gpa - vm->mem.base), b->data, b->len);
}

static void set_reg(struct vcpu *c, u64 id, u64 value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

	if (kvm_ioctl_ptr(c->fd, KVM_SET_ONE_REG, &reg))
		die("cannot set a register of CPU %u: %s", c->id, strerror(errno));
}

void vm_boot_registers(struct vm *vm, u64 entry, u64 tree)
{
	struct vcpu *c = &vm->vcpus[0];
	unsigned int i;

	set_reg(c, REG_CORE_X(0), tree);
	for (i = 1; i < 4; i++)
		set_reg(c, REG_CORE_X(i), 0);
	set_reg(c, REG_CORE_PC, entry);
}

static void kicked(int sig)
{
	(void)sig;	/* its only work is to interrupt KVM_RUN */
}

void vm_start(struct vm *vm)
{
	struct sigaction sa = { .sa_handler = kicked };
	unsigned int i;
	int err;

	sigaction(SIGUSR1, &sa, NULL);
	for (i = 0; i < vm->nr_vcpus; i++) {
		err = pthread_create(&vm->vcpus[i].thread, NULL, vcpu_main, &vm->vcpus[i]);
		if (err)
			die("cannot start a thread for CPU %u: %s", i, strerror(err));
	}
}

void vm_end(struct vm *vm, enum vm_end end, const char *why, ...)
{
	va_list ap;

	pthread_mutex_lock(&vm->end_lock);
	if (vm->end == VM_RUNS) {
		vm->end = end;
		va_start(ap, why);
		vsnprintf(vm->why, sizeof(vm->why), why, ap);
		va_end(ap);
	}
	pthread_mutex_unlock(&vm->end_lock);
	atomic_store(&vm->stop, true);
	loop_wake();
}

/* A signal that arrives just before KVM_RUN is lost; immediate_exit is not. */
static bool kick_all(struct vm *vm)
{
	bool all = true;
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++) {
		if (atomic_load(&vm->vcpus[i].finished))
			continue;
		all = false;
		vm->vcpus[i].run->immediate_exit = 1;
		pthread_kill(vm->vcpus[i].thread, SIGUSR1);
	}
	return all;
}

bool vm_join(struct vm *vm, unsigned int ms)
{
	const struct timespec tick = { .tv_nsec = 5000000 };
	unsigned int waited, i;

	for (waited = 0; !kick_all(vm); waited += 5) {
		if (waited >= ms)
			return false;
		nanosleep(&tick, NULL);
	}
	for (i = 0; i < vm->nr_vcpus; i++)
		pthread_join(vm->vcpus[i].thread, NULL);
	return true;
}
