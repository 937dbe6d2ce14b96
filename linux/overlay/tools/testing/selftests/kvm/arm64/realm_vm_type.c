// SPDX-License-Identifier: GPL-2.0-only
/*
 * A realm as far as the monitor has no part in it: VM types, capabilities, what
 * is refused, registers, memory slot rules.
 */
#include "realm_util.h"

static int create(int kvm, unsigned long type)
{
	int vm = ioctl(kvm, KVM_CREATE_VM, type);

	if (vm < 0)
		return -errno;
	close(vm);
	return 0;
}

static int err(int ret)
{
	return ret < 0 ? -errno : ret;
}

#define expect(got, want, what) do {						\
	int __g = (got), __w = (want);						\
	ksft_test_result(__g == __w, "%s: %d\n", what, __w);			\
	if (__g != __w)								\
		ksft_print_msg("got %d, errno would be %s\n", __g,		\
			       strerror(__g < 0 ? -__g : __g));			\
} while (0)

static void test_types(int kvm)
{
	int limit = ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_ARM_VM_IPA_SIZE);

	expect(create(kvm, KVM_VM_TYPE_ARM_REALM | 36), 0, "type: 36 bits");
	expect(create(kvm, KVM_VM_TYPE_ARM_REALM), 0, "type: 0 is 40 bits");
	expect(create(kvm, KVM_VM_TYPE_ARM_REALM | 32), 0, "type: 32 bits");
	expect(create(kvm, KVM_VM_TYPE_ARM_REALM | 31), -EINVAL, "type: 31 bits");
	expect(create(kvm, KVM_VM_TYPE_ARM_REALM | (limit + 1)), -EINVAL, "type: host limit + 1");
	expect(create(kvm, KVM_VM_TYPE_ARM_REALM | KVM_VM_TYPE_ARM_PROTECTED | 36), -EINVAL,
	       "type: realm and protected");
	expect(create(kvm, KVM_VM_TYPE_ARM_REALM | 1 << 8 | 36), -EINVAL, "type: unknown bit");
	expect(create(kvm, 36), 0, "type: ordinary VM");
}

static void test_caps(struct realm *r)
{
	static const struct { int cap, want; const char *name; } caps[] = {
		{ KVM_CAP_ARM_RMI, 1, "cap: ARM_RMI" },
		{ KVM_CAP_IRQCHIP, 1, "cap: IRQCHIP" },
		{ KVM_CAP_ONE_REG, 1, "cap: ONE_REG" },
		{ KVM_CAP_IMMEDIATE_EXIT, 1, "cap: IMMEDIATE_EXIT" },
		{ KVM_CAP_MEMORY_ATTRIBUTES, KVM_MEMORY_ATTRIBUTE_PRIVATE,
		  "cap: MEMORY_ATTRIBUTES" },
		{ KVM_CAP_SET_GUEST_DEBUG, 0, "cap: SET_GUEST_DEBUG" },
		{ KVM_CAP_VCPU_EVENTS, 0, "cap: VCPU_EVENTS" },
		{ KVM_CAP_ARM_MTE, 0, "cap: ARM_MTE" },
		{ KVM_CAP_STEAL_TIME, 0, "cap: STEAL_TIME" },
		{ KVM_CAP_COUNTER_OFFSET, 0, "cap: COUNTER_OFFSET" },
		{ KVM_CAP_ARM_NISV_TO_USER, 0, "cap: ARM_NISV_TO_USER" },
		{ KVM_CAP_ARM_EL1_32BIT, 0, "cap: ARM_EL1_32BIT" },
		{ KVM_CAP_READONLY_MEM, 0, "cap: READONLY_MEM" },
	};
	struct kvm_enable_cap on = { .cap = KVM_CAP_ARM_NISV_TO_USER };
	struct kvm_arm_counter_offset off = {};
	struct kvm_guest_debug dbg = { .control = KVM_GUESTDBG_ENABLE };

	for (unsigned int i = 0; i < ARRAY_SIZE(caps); i++)
		expect(ioctl(r->vm, KVM_CHECK_EXTENSION, caps[i].cap), caps[i].want, caps[i].name);

	expect(err(ioctl(r->vm, KVM_ENABLE_CAP, &on)), -EINVAL, "enable: NISV_TO_USER");
	expect(err(ioctl(r->vm, KVM_CREATE_IRQCHIP, 0)), -ENODEV, "KVM_CREATE_IRQCHIP");
	expect(err(ioctl(r->vm, KVM_ARM_SET_COUNTER_OFFSET, &off)), -EINVAL, "counter offset");
	expect(err(ioctl(r->vcpu[0], KVM_SET_GUEST_DEBUG, &dbg)), -EINVAL, "guest debug");
}

static void test_devices(struct realm *r)
{
	struct kvm_create_device v2 = { .type = KVM_DEV_TYPE_ARM_VGIC_V2 };
	int fd = r->vcpu[0], irq = 20;
	uint64_t ipa = RAM_BASE;

	/* A host without GICv2 emulation answers the same */
	expect(err(ioctl(r->vm, KVM_CREATE_DEVICE, &v2)), -ENODEV, "GICv2");
	expect(err(device_attr(fd, KVM_ARM_VCPU_PVTIME_CTRL, KVM_ARM_VCPU_PVTIME_IPA, &ipa)),
	       -ENXIO, "attribute: stolen time");
	expect(err(device_attr(fd, KVM_ARM_VCPU_PMU_V3_CTRL, KVM_ARM_VCPU_PMU_V3_FILTER, NULL)),
	       -ENXIO, "attribute: PMU filter");
	expect(err(device_attr(fd, KVM_ARM_VCPU_TIMER_CTRL, KVM_ARM_VCPU_TIMER_IRQ_HVTIMER, &irq)),
	       -EINVAL, "attribute: timer, before there is a GIC");
}

static void test_features(struct realm *r)
{
	const uint32_t psci = 1 << KVM_ARM_VCPU_PSCI_0_2;

	expect(err(vcpu_init(r, 1, psci | 1 << KVM_ARM_VCPU_EL1_32BIT)), -EINVAL,
	       "feature: EL1_32BIT");
	if (ioctl(r->vm, KVM_CHECK_EXTENSION, KVM_CAP_ARM_PMU_V3) != 1)
		expect(err(vcpu_init(r, 1, psci | 1 << KVM_ARM_VCPU_PMU_V3)), -EINVAL,
		       "feature: PMU_V3");
	expect(err(vcpu_init(r, 1, psci | 1 << KVM_ARM_VCPU_HAS_EL2)), -EINVAL, "feature: HAS_EL2");
	expect(err(vcpu_init(r, 1, psci)), 0, "feature: PSCI_0_2");

	/* POWER_OFF is implied for every vCPU but 0 */
	struct kvm_mp_state mp = {};

	ioctl(r->vcpu[1], KVM_GET_MP_STATE, &mp);
	expect(mp.mp_state, KVM_MP_STATE_STOPPED, "vCPU 1 is off");
	ioctl(r->vcpu[0], KVM_GET_MP_STATE, &mp);
	expect(mp.mp_state, KVM_MP_STATE_RUNNABLE, "vCPU 0 is on");
}

static void test_registers(struct realm *r)
{
	const uint64_t pstate = 0x6030000000100042UL, sp = 0x603000000010003eUL;
	const uint64_t cntv = 0x603000000013df19UL, psci = 0x6030000000140000UL;
	struct { uint64_t n, reg[400]; } list = { .n = 400 };
	uint64_t dfr0, v;
	bool has_dfr0 = false, others = false;

	expect(err(set_reg(r, 0, REG_X(0), 1)), 0, "set x0");
	expect(err(set_reg(r, 0, REG_X(30), 1)), 0, "set x30");
	expect(err(set_reg(r, 0, REG_PC, RAM_BASE)), 0, "set pc");
	expect(err(set_reg(r, 0, sp, 0)), -EINVAL, "set sp");
	expect(err(set_reg(r, 0, pstate, 0x3c5)), -EINVAL, "set pstate");
	expect(err(set_reg(r, 0, cntv, 0)), -EINVAL, "set a timer register");
	expect(err(set_reg(r, 0, psci, 0x10001)), -EINVAL, "set the PSCI version");
	expect(err(get_reg(r, 0, REG_X(30), &v)), 0, "get x30");

	expect(err(get_reg(r, 0, REG_DFR0, &dfr0)), 0, "get ID_AA64DFR0_EL1");
	expect(err(set_reg(r, 0, REG_DFR0, dfr0)), 0, "set it to what it is");
	expect(err(set_reg(r, 0, REG_DFR0, dfr0 & ~(0xfUL << 12))), -EINVAL, "no breakpoints");
	expect(err(set_reg(r, 0, REG_DFR0, dfr0 & ~(0xfUL << 20))), -EINVAL, "no watchpoints");
	expect(err(set_reg(r, 0, REG_DFR0, dfr0 | 0xfUL << 20)),
	       (dfr0 >> 20 & 0xf) == 0xf ? 0 : -EINVAL, "more watchpoints than offered");
	v = (dfr0 & ~(0xfUL << 12 | 0xfUL << 20 | 0xfUL << 28)) | 1UL << 12 | 1UL << 20;
	expect(err(set_reg(r, 0, REG_DFR0, v)), 0, "two of each");
	get_reg(r, 0, REG_DFR0, &dfr0);
	ksft_test_result(dfr0 == v, "and that is what is read\n");

	expect(err(ioctl(r->vcpu[0], KVM_GET_REG_LIST, &list)), 0, "register list");
	for (uint64_t i = 0; i < list.n; i++) {
		if (list.reg[i] == REG_DFR0)
			has_dfr0 = true;
		else if ((list.reg[i] & KVM_REG_ARM_COPROC_MASK) != KVM_REG_ARM_CORE &&
			 list.reg[i] != KVM_REG_ARM64_SVE_VLS)
			others = true;
	}
	ksft_test_result(has_dfr0 && !others, "core registers and ID_AA64DFR0_EL1 only\n");
}

static void test_slots(struct realm *r)
{
	uint64_t top = 1UL << (IPA_BITS - 1);
	int mappable = create_gmem(r, 2 * MiB, GUEST_MEMFD_FLAG_MMAP);
	int shared = create_gmem(r, 2 * MiB, GUEST_MEMFD_FLAG_MMAP | GUEST_MEMFD_FLAG_INIT_SHARED);

	expect(err(set_slot(r, 5, top - 2 * MiB, 2 * MiB, r->ram, -1, 0, 0)), 0,
	       "slot: up to the shared bit");
	expect(err(set_slot(r, 5, top - 2 * MiB, 0, r->ram, -1, 0, 0)), 0, "slot: deleted");
	expect(err(set_slot(r, 5, top - 2 * MiB, 4 * MiB, r->ram, -1, 0, 0)), -EFAULT,
	       "slot: across the shared bit");
	expect(err(set_slot(r, 5, top, 2 * MiB, r->ram, -1, 0, 0)), -EFAULT,
	       "slot: in the shared half");
	expect(err(set_slot(r, 5, MiB, MiB, r->ram, -1, 0, KVM_MEM_READONLY)), -EINVAL,
	       "slot: read only");
	expect(err(set_slot(r, 5, MiB, MiB, r->ram, -1, 0, KVM_MEM_LOG_DIRTY_PAGES)), -EINVAL,
	       "slot: dirty log");
	ksft_test_result(mappable < 0 ||
			 err(set_slot(r, 5, MiB, MiB, r->ram, mappable, 0, 0)) == -EINVAL,
			 "slot: mappable guest_memfd\n");
	ksft_test_result(shared < 0, "guest_memfd: no initially shared one\n");
	expect(err(set_attributes(r, RAM_BASE + 1, PAGE, true)), -EINVAL, "attribute: unaligned");

	if (mappable >= 0)
		close(mappable);
}

/* What KVM_RUN misses, and that it can be repaired */
static void test_first_run(void)
{
	struct realm r = { .kvm = open_kvm(), .convert = true };

	r.vm = create_realm_vm(r.kvm);
	make_ram(&r, 4 * MiB);
	r.run_size = ioctl(r.kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	make_vcpus(&r, 2);
	expect(realm_run(&r, 0), -EOPNOTSUPP, "run: no GIC");
	make_gic(&r, false);
	expect(realm_run(&r, 0), -ENODEV, "run: GIC not initialised");
	if (device_attr(r.gic, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL))
		die("GICv3 init");
	filter(&r, GUEST_CALL, 1, KVM_SMCCC_FILTER_FWD_TO_USER);
	load_guest(&r);
	guest_wait(&r, 0);
	ksft_test_result_pass("run: repaired\n");
	expect(err(vcpu_init(&r, 0, 1 << KVM_ARM_VCPU_PSCI_0_2)), -EBUSY,
	       "init after the first run");
	realm_free(&r);

	memset(&r, 0, sizeof(r));
	r.kvm = open_kvm();
	r.vm = create_realm_vm(r.kvm);
	make_ram(&r, 4 * MiB);
	r.nr_vcpus = 1;
	r.run_size = ioctl(r.kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	r.vcpu[0] = ioctl(r.vm, KVM_CREATE_VCPU, 1);
	r.run[0] = mmap(NULL, r.run_size, PROT_READ | PROT_WRITE, MAP_SHARED, r.vcpu[0], 0);
	vcpu_init(&r, 0, 1 << KVM_ARM_VCPU_PSCI_0_2);
	make_gic(&r, true);
	expect(realm_run(&r, 0), -EINVAL, "run: vCPU ids do not start at 0");
	realm_free(&r);
}

/* The longest vector the monitor has, and the shortest */
static void test_sve(bool shortest)
{
	struct realm r = { .kvm = open_kvm(), .convert = true,
			   .features = 1 << KVM_ARM_VCPU_SVE };
	uint64_t vls[KVM_ARM64_SVE_VLS_WORDS] = {};
	struct kvm_one_reg reg = { .id = KVM_REG_ARM64_SVE_VLS, .addr = (uintptr_t)vls };
	int what = KVM_ARM_VCPU_SVE, max = 0;
	struct guest_ret g;

	r.vm = create_realm_vm(r.kvm);
	make_ram(&r, 4 * MiB);
	make_vcpus(&r, 1);
	if (ioctl(r.vcpu[0], KVM_GET_ONE_REG, &reg))
		die("get SVE_VLS");
	if (shortest) {
		vls[0] = 1;
		expect(err(ioctl(r.vcpu[0], KVM_SET_ONE_REG, &reg)), 0, "SVE: 128 bits only");
	}
	for (int vq = 1; vq <= 16; vq++)
		if (vls[0] >> (vq - 1) & 1)
			max = vq;
	make_gic(&r, true);
	filter(&r, GUEST_CALL, 1, KVM_SMCCC_FILTER_FWD_TO_USER);
	expect(realm_run(&r, 0), -EPERM, "SVE: run before it is finalized");
	expect(err(ioctl(r.vcpu[0], KVM_ARM_VCPU_FINALIZE, &what)), 0, "SVE: finalized");
	load_guest(&r);
	guest_wait(&r, 0);
	g = guest_call(&r, guest_vl);
	ksft_test_result(!g.esr && g.x[0] == (uint64_t)max * 16, "SVE: the guest has %d bits\n",
			 max * 128);
	if (g.esr || g.x[0] != (uint64_t)max * 16)
		ksft_print_msg("it says %llu, ESR %#llx\n", (unsigned long long)g.x[0] * 8,
			       (unsigned long long)g.esr);
	realm_free(&r);
}

/* One length for all vCPUs of a realm */
static void test_sve_alike(void)
{
	struct realm r = { .kvm = open_kvm(), .convert = true,
			   .features = 1 << KVM_ARM_VCPU_SVE };
	uint64_t vls[KVM_ARM64_SVE_VLS_WORDS] = { 1 };
	struct kvm_one_reg reg = { .id = KVM_REG_ARM64_SVE_VLS, .addr = (uintptr_t)vls };
	int what = KVM_ARM_VCPU_SVE;

	r.vm = create_realm_vm(r.kvm);
	make_ram(&r, 4 * MiB);
	make_vcpus(&r, 2);
	make_gic(&r, true);
	expect(err(ioctl(r.vcpu[1], KVM_SET_ONE_REG, &reg)), 0, "SVE: vCPU 1 is shorter");
	for (int i = 0; i < 2; i++)
		if (ioctl(r.vcpu[i], KVM_ARM_VCPU_FINALIZE, &what))
			die("finalize");
	expect(realm_run(&r, 0), -EINVAL, "SVE: lengths differ");
	realm_free(&r);
}

/* The monitor was told of the realm when its first page was populated */
static void test_sve_too_late(void)
{
	static const char page[4096] __attribute__((aligned(4096)));
	const uint32_t psci = 1 << KVM_ARM_VCPU_PSCI_0_2, sve = 1 << KVM_ARM_VCPU_SVE;
	struct realm r = { .kvm = open_kvm(), .convert = true };

	r.vm = create_realm_vm(r.kvm);
	make_ram(&r, 4 * MiB);
	expect(populate(&r, RAM_BASE, sizeof(page), page, 0), 0, "SVE: populate comes first");
	r.nr_vcpus = 1;
	r.run_size = ioctl(r.kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	r.vcpu[0] = ioctl(r.vm, KVM_CREATE_VCPU, 0);
	r.run[0] = mmap(NULL, r.run_size, PROT_READ | PROT_WRITE, MAP_SHARED, r.vcpu[0], 0);
	expect(err(vcpu_init(&r, 0, psci | sve)), -EINVAL, "SVE: asked for after it");
	expect(err(vcpu_init(&r, 0, psci)), 0, "SVE: and not asked for");
	realm_free(&r);
}

int main(void)
{
	bool sve;

	struct realm r = { .kvm = open_kvm() };
	struct granules before = granules();

	r.vm = create_realm_vm(r.kvm);
	ksft_print_header();

	test_types(r.kvm);
	make_ram(&r, 4 * MiB);
	make_vcpus(&r, 2);
	test_caps(&r);
	sve = ioctl(r.vm, KVM_CHECK_EXTENSION, KVM_CAP_ARM_SVE) == 1;
	test_devices(&r);
	test_features(&r);
	test_registers(&r);
	test_slots(&r);
	realm_free(&r);
	test_first_run();
	if (sve) {
		test_sve(false);
		test_sve(true);
		test_sve_alike();
		test_sve_too_late();
	} else {
		ksft_test_result_skip("SVE: the monitor has none\n");
	}
	ksft_test_result(granules_are(before), "granules are as before\n");

	realm_finished();
}
