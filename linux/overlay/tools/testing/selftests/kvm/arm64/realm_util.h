/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the realm tests share: a realm with one slot of RAM, GICv3 and some
 * vCPUs, made with raw ioctls, and a small guest.
 *
 * The selftest library is not used: it builds the guest's page tables in memory
 * that the host shares, and gives arm64 VMs no type.  The guest here runs with
 * the MMU off, needs no tables, and does one thing at a time: it makes a host
 * call with the results of the last thing and learns which function to call next.
 * The SMCCC filter sends that host call to user space.
 */
#ifndef SELFTEST_KVM_REALM_UTIL_H
#define SELFTEST_KVM_REALM_UTIL_H

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../../kselftest.h"

#ifndef FALLOC_FL_KEEP_SIZE
#define FALLOC_FL_KEEP_SIZE	1
#define FALLOC_FL_PUNCH_HOLE	2
#endif

#define PAGE		4096UL
#define MiB		(1UL << 20)
#define IPA_BITS	36
#define SHARED		(1UL << (IPA_BITS - 1))
#define GICD_BASE	0x08000000UL
#define GICR_BASE	0x080a0000UL
#define RAM_BASE	0x40000000UL
#define MMIO_BASE	0x0a000000UL	/* nothing is there: exits to user space */
#define MAX_VCPUS	4

/* The host call of the guest: owner OEM, so that the filter may have it */
#define GUEST_CALL	0xc3000000UL

#define RSI_HOST_CALL	0xc4000199UL

#define REALM_TYPE	(KVM_VM_TYPE_ARM_REALM | IPA_BITS)

/* ---- the guest ---------------------------------------------------------- */

/*
 * x19 call structure (RsiHostCall), x21 ESR and x22 FAR of the last exception,
 * x23 last INTID, x25 number of interrupts, x20 return address, x26 saved
 * argument.  Functions get x0-x7 and return x0-x5.
 */
asm(
"	.pushsection .rodata, \"a\"\n"
"	.balign 4096\n"
"guest_start:\n"
"guest_entry:\n"
"	mov	x26, x0\n"
"	mrs	x18, mpidr_el1\n"
"	and	x18, x18, #15\n"
"	adr	x19, guest_calls\n"
"	add	x19, x19, x18, lsl #10\n"
"	adr	x9, guest_vectors\n"
"	msr	vbar_el1, x9\n"
"	isb\n"
"	mov	x0, x26\n"
"	mrs	x1, mpidr_el1\n"
"	mov	x21, xzr\n"
"	mov	x22, xzr\n"
"	mov	x25, xzr\n"
"guest_loop:\n"
"	stp	x0, x1, [x19, #16]\n"
"	stp	x2, x3, [x19, #32]\n"
"	stp	x4, x5, [x19, #48]\n"
"	stp	x21, x22, [x19, #64]\n"
"	mov	x9, #0xc3000000\n"
"	str	x9, [x19, #8]\n"
"	str	xzr, [x19]\n"
"	mov	x0, #0x0199\n"
"	movk	x0, #0xc400, lsl #16\n"
"	mov	x1, x19\n"
"	smc	#0\n"
"	cbnz	x0, guest_stuck\n"
"	ldr	x9, [x19, #8]\n"
"	ldp	x0, x1, [x19, #16]\n"
"	ldp	x2, x3, [x19, #32]\n"
"	ldp	x4, x5, [x19, #48]\n"
"	ldp	x6, x7, [x19, #64]\n"
"	mov	x21, xzr\n"
"	mov	x22, xzr\n"
"	adr	x10, guest_start\n"
"	add	x9, x9, x10\n"
"	blr	x9\n"
"	b	guest_loop\n"
"guest_stuck:\n"
"	wfi\n"
"	b	guest_stuck\n"

"guest_nop:	ret\n"
"guest_ld64:	ldr	x0, [x0]\n	ret\n"
"guest_ld32:	ldr	w0, [x0]\n	ret\n"
"guest_ld16:	ldrh	w0, [x0]\n	ret\n"
"guest_ld8:	ldrb	w0, [x0]\n	ret\n"
"guest_ldsb:	ldrsb	x0, [x0]\n	ret\n"
"guest_ldsh_w:	ldrsh	w0, [x0]\n	ret\n"
"guest_st64:	str	x1, [x0]\n	ret\n"
"guest_st32:	str	w1, [x0]\n	ret\n"
"guest_st16:	strh	w1, [x0]\n	ret\n"
"guest_st8:	strb	w1, [x0]\n	ret\n"
"guest_ldp:	ldp	x0, x1, [x0]\n	ret\n"
"guest_stp:	stp	x1, x2, [x0]\n	ret\n"
"guest_smc:	smc	#0\n	ret\n"
"guest_hvc:	hvc	#0\n	ret\n"
"guest_wfi:	wfi\n	ret\n"
"guest_wfe:	wfe\n	ret\n"
"guest_sgi:	msr	S3_0_C12_C11_5, x0\n	isb\n	ret\n"
"guest_sre:	mrs	x0, S3_0_C12_C12_5\n	ret\n"
"guest_brps:	mrs	x0, id_aa64dfr0_el1\n	ret\n"

/* FP registers: what is put in, what is found (and CPACR_EL1.FPEN) */
"guest_fp_put:	mov	x9, #3 << 20\n"
"	msr	cpacr_el1, x9\n"
"	isb\n"
"	fmov	d0, x0\n"
"	fmov	d15, x1\n"
"	fmov	d31, x2\n"
"	ret\n"
"guest_fp_get:	fmov	x0, d0\n"
"	fmov	x1, d15\n"
"	fmov	x2, d31\n"
"	ret\n"

/* bytes of a vector, with ZCR_EL1.LEN as high as it goes (rdvl x0, #1) */
"guest_vl:	mov	x9, #0x330000\n"
"	msr	cpacr_el1, x9\n"
"	isb\n"
"	mov	x9, #15\n"
"	msr	S3_0_C1_C2_0, x9\n"
"	isb\n"
"	.inst	0x04bf5020\n"
"	ret\n"

/* wait until *x0 != x1; returns it */
"guest_spin:	ldr	x2, [x0]\n"
"	cmp	x2, x1\n"
"	b.eq	guest_spin\n"
"	mov	x0, x2\n"
"	ret\n"

/* one word per page: *(x0 + n) = x2 ^ address, for x1 bytes */
"guest_fill:	add	x1, x0, x1\n"
"1:	eor	x3, x2, x0\n"
"	str	x3, [x0]\n"
"	add	x0, x0, #4096\n"
"	cmp	x0, x1\n"
"	b.lo	1b\n"
"	mov	x0, xzr\n"
"	ret\n"

/* pages that hold something else: in x0; the first of them in x1 */
"guest_check:	add	x1, x0, x1\n"
"	mov	x4, xzr\n"
"	mov	x5, xzr\n"
"1:	ldr	x6, [x0]\n"
"	eor	x3, x2, x0\n"
"	cmp	x6, x3\n"
"	b.eq	2f\n"
"	cmp	x4, #0\n"
"	csel	x5, x0, x5, eq\n"
"	add	x4, x4, #1\n"
"2:	add	x0, x0, #4096\n"
"	cmp	x0, x1\n"
"	b.lo	1b\n"
"	mov	x0, x4\n"
"	mov	x1, x5\n"
"	ret\n"

/* IPA_STATE_SET(x0, x1, ripas x2, flags x3) until done; x0 status, x1 base, x2 response */
"guest_ripas:	mov	x10, x0\n"
"	mov	x11, x1\n"
"	mov	x12, x2\n"
"	mov	x13, x3\n"
"1:	mov	x0, #0x0197\n"
"	movk	x0, #0xc400, lsl #16\n"
"	mov	x1, x10\n"
"	mov	x2, x11\n"
"	mov	x3, x12\n"
"	mov	x4, x13\n"
"	smc	#0\n"
"	cbnz	x0, 2f\n"
"	tbnz	x2, #0, 2f\n"
"	cmp	x1, x10\n"
"	b.ls	2f\n"
"	mov	x10, x1\n"
"	cmp	x10, x11\n"
"	b.lo	1b\n"
"2:	ret\n"

/* GICv3: x0 distributor, x1 redistributor of this CPU, x2 PPIs and SGIs to enable */
"guest_gic:	mov	w9, #0x12\n"
"	str	w9, [x0]\n"
"	str	wzr, [x1, #0x14]\n"
"	add	x1, x1, #0x10000\n"
"	mov	w9, #-1\n"
"	str	w9, [x1, #0x80]\n"
"	str	w2, [x1, #0x100]\n"
"	mov	x9, #0xff\n"
"	msr	S3_0_C4_C6_0, x9\n"
"	mov	x9, #1\n"
"	msr	S3_0_C12_C12_7, x9\n"
"	isb\n"
"	mrs	x0, S3_0_C12_C12_5\n"
"	ret\n"

/*
 * Timer: x0 ticks, x1 0 virtual 1 physical, x2 1 sleep in WFI, 0 spin.
 * Returns x0 ticks until the interrupt, x1 INTID, x2 interrupts taken.
 */
"guest_timer:	mov	x20, x25\n"
"	isb\n"
"	mrs	x10, cntvct_el0\n"
"	add	x11, x10, x0\n"
"	mov	x12, #1\n"
"	cbnz	x1, 1f\n"
"	msr	cntv_cval_el0, x11\n"
"	msr	cntv_ctl_el0, x12\n"
"	b	2f\n"
"1:	msr	cntp_cval_el0, x11\n"
"	msr	cntp_ctl_el0, x12\n"
"2:	isb\n"
"	cbz	x2, 4f\n"
"3:	wfi\n"
"	msr	daifclr, #2\n"
"	isb\n"
"	msr	daifset, #2\n"
"	cmp	x20, x25\n"
"	b.eq	3b\n"
"	b	5f\n"
"4:	msr	daifclr, #2\n"
"6:	cmp	x20, x25\n"
"	b.eq	6b\n"
"	msr	daifset, #2\n"
"5:	sub	x0, x24, x10\n"
"	mov	x1, x23\n"
"	sub	x2, x25, x20\n"
"	ret\n"

/*
 * Awake timers in a row: x0 ticks, x1 0 virtual 1 physical, x2 how many times.
 * Returns in x0 how many came less than x3 ticks late.
 */
"guest_prompt:	mov	x10, x0\n"
"	mov	x14, xzr\n"
"1:	mov	x20, x25\n"
"	isb\n"
"	mrs	x15, cntvct_el0\n"
"	add	x16, x15, x10\n"
"	mov	x17, #1\n"
"	cbnz	x1, 2f\n"
"	msr	cntv_cval_el0, x16\n"
"	msr	cntv_ctl_el0, x17\n"
"	b	3f\n"
"2:	msr	cntp_cval_el0, x16\n"
"	msr	cntp_ctl_el0, x17\n"
"3:	isb\n"
"	msr	daifclr, #2\n"
"4:	cmp	x20, x25\n"
"	b.eq	4b\n"
"	msr	daifset, #2\n"
"	sub	x16, x24, x16\n"
"	cmp	x16, x3\n"
"	cinc	x14, x14, lo\n"
"	subs	x2, x2, #1\n"
"	b.ne	1b\n"
"	mov	x0, x14\n"
"	ret\n"

/* sleep until an interrupt comes; x0 its INTID */
"guest_irq:	mov	x20, x25\n"
"1:	wfi\n"
"	msr	daifclr, #2\n"
"	isb\n"
"	msr	daifset, #2\n"
"	cmp	x20, x25\n"
"	b.eq	1b\n"
"	mov	x0, x23\n"
"	ret\n"

/* virtual timer: expires in x0 ticks, nobody waits */
"guest_arm:	isb\n"
"	mrs	x10, cntvct_el0\n"
"	add	x11, x10, x0\n"
"	mov	x12, #1\n"
"	msr	cntv_cval_el0, x11\n"
"	msr	cntv_ctl_el0, x12\n"
"	isb\n"
"	ret\n"

"guest_cpu_off:	mov	x0, #2\n"
"	movk	x0, #0x8400, lsl #16\n"
"	smc	#0\n"
"	ret\n"

/* entry of a CPU that counts at *x0 and goes off at once */
"guest_flash:	ldr	x1, [x0]\n"
"	add	x1, x1, #1\n"
"	str	x1, [x0]\n"
"	dsb	sy\n"
"	mov	x0, #2\n"
"	movk	x0, #0x8400, lsl #16\n"
"	smc	#0\n"
"	b	.\n"

/*
 * CPU_ON against CPU_OFF: x0 times until accepted, MPIDR x1, entry x2, context x3.
 * After each of them the CPU must have counted at the context before it is
 * switched on again: nobody else helps one that sleeps by mistake. Returns
 * x0 accepted, x1 already on, x2 anything else, x3 the last of those.
 */
"guest_fight:	mov	x10, x0\n"
"	mov	x11, x1\n"
"	mov	x12, x2\n"
"	mov	x13, x3\n"
"	mov	x14, xzr\n"
"	mov	x15, xzr\n"
"	mov	x16, xzr\n"
"	mov	x17, xzr\n"
"1:	mov	x0, #3\n"
"	movk	x0, #0xc400, lsl #16\n"
"	mov	x1, x11\n"
"	mov	x2, x12\n"
"	mov	x3, x13\n"
"	smc	#0\n"
"	cbnz	x0, 2f\n"
"	add	x14, x14, #1\n"
"5:	ldr	x9, [x13]\n"
"	cmp	x9, x14\n"
"	b.lo	5b\n"
"	cmp	x14, x10\n"
"	b.lo	1b\n"
"	b	4f\n"
"2:	cmn	x0, #4\n"
"	b.ne	3f\n"
"	add	x15, x15, #1\n"
"	b	1b\n"
"3:	add	x16, x16, #1\n"
"	mov	x17, x0\n"
"4:	mov	x0, x14\n"
"	mov	x1, x15\n"
"	mov	x2, x16\n"
"	mov	x3, x17\n"
"	ret\n"

"	.balign 2048\n"
"guest_vectors:\n"
"	.org	guest_vectors + 0x200\n"
"	mrs	x21, esr_el1\n"
"	mrs	x22, far_el1\n"
"	mrs	x9, elr_el1\n"
"	add	x9, x9, #4\n"
"	msr	elr_el1, x9\n"
"	eret\n"
"	.org	guest_vectors + 0x280\n"
"	mrs	x23, S3_0_C12_C12_0\n"
"	mrs	x24, cntvct_el0\n"
"	mov	x9, #3\n"
"	cmp	x23, #27\n"
"	b.ne	1f\n"
"	msr	cntv_ctl_el0, x9\n"
"1:	cmp	x23, #30\n"
"	b.ne	2f\n"
"	msr	cntp_ctl_el0, x9\n"
"2:	isb\n"
"	msr	S3_0_C12_C12_1, x23\n"
"	isb\n"
"	add	x25, x25, #1\n"
"	eret\n"
"	.org	guest_vectors + 0x800\n"
"	.balign 4096\n"
"guest_calls:\n"
"	.space	4096\n"
"guest_end:\n"
"	.popsection\n"
);

extern const char guest_start[], guest_end[], guest_entry[];

#define GUEST_FN(name)	extern const char name[]
GUEST_FN(guest_nop);
GUEST_FN(guest_ld64);
GUEST_FN(guest_ld32);
GUEST_FN(guest_ld16);
GUEST_FN(guest_ld8);
GUEST_FN(guest_ldsb);
GUEST_FN(guest_ldsh_w);
GUEST_FN(guest_st64);
GUEST_FN(guest_st32);
GUEST_FN(guest_st16);
GUEST_FN(guest_st8);
GUEST_FN(guest_ldp);
GUEST_FN(guest_stp);
GUEST_FN(guest_smc);
GUEST_FN(guest_hvc);
GUEST_FN(guest_wfi);
GUEST_FN(guest_wfe);
GUEST_FN(guest_sgi);
GUEST_FN(guest_sre);
GUEST_FN(guest_brps);
GUEST_FN(guest_spin);
GUEST_FN(guest_fp_put);
GUEST_FN(guest_fp_get);
GUEST_FN(guest_vl);
GUEST_FN(guest_fill);
GUEST_FN(guest_check);
GUEST_FN(guest_ripas);
GUEST_FN(guest_gic);
GUEST_FN(guest_timer);
GUEST_FN(guest_prompt);
GUEST_FN(guest_irq);
GUEST_FN(guest_arm);
GUEST_FN(guest_cpu_off);
GUEST_FN(guest_flash);
GUEST_FN(guest_fight);
GUEST_FN(guest_calls);

static inline uint64_t guest_pa(const char *sym)
{
	return RAM_BASE + (sym - guest_start);
}

/* ---- the host side -------------------------------------------------------- */

struct realm {
	int kvm, vm, gic, gmem;
	char *ram;
	size_t ram_size;
	int nr_vcpus;
	int vcpu[MAX_VCPUS];
	struct kvm_run *run[MAX_VCPUS];
	size_t run_size;
	bool plain;		/* an ordinary VM with the same guest */
	bool convert;		/* do what a memory fault asks for, see realm_run() */
	uint32_t features;	/* of the vCPUs, beside PSCI_0_2 */
	unsigned long faults;	/* memory faults seen */
	volatile bool stop;	/* a signal ends realm_run() */
};

/* Results of one guest function */
struct guest_ret {
	uint64_t x[6];
	uint64_t esr, far;
};

#define die(fmt, ...)	\
	ksft_exit_fail_msg("%s:%d: " fmt ": %s\n", __FILE__, __LINE__, ##__VA_ARGS__, \
			   strerror(errno))

static inline int open_kvm(void)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		ksft_exit_skip("/dev/kvm: %s\n", strerror(errno));
	return fd;
}

/* A VM of the realm type; skips the test where there is none */
static inline int create_realm_vm(int kvm)
{
	int vm = ioctl(kvm, KVM_CREATE_VM, REALM_TYPE);
	char why[80] = "this kernel has no realms";
	int fd;

	if (vm >= 0)
		return vm;

	fd = open("/sys/module/kvm/parameters/rmi", O_RDONLY);
	if (fd >= 0) {
		ssize_t n = read(fd, why, sizeof(why) - 1);

		why[n > 0 ? n - 1 : 0] = 0;
		close(fd);
	}
	ksft_exit_skip("no realms: %s\n", why);
}

static inline int set_attributes(struct realm *r, uint64_t gpa, uint64_t size, bool private)
{
	struct kvm_memory_attributes a = {
		.address = gpa,
		.size = size,
		.attributes = private ? KVM_MEMORY_ATTRIBUTE_PRIVATE : 0,
	};

	return ioctl(r->vm, KVM_SET_MEMORY_ATTRIBUTES, &a);
}

static inline int set_slot(struct realm *r, int slot, uint64_t gpa, uint64_t size, void *hva,
			   int gmem, uint64_t offset, uint32_t flags)
{
	struct kvm_userspace_memory_region2 m = {
		.slot = slot,
		.flags = flags | (gmem >= 0 ? KVM_MEM_GUEST_MEMFD : 0),
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = (uintptr_t)hva,
		.guest_memfd = gmem >= 0 ? gmem : 0,
		.guest_memfd_offset = offset,
	};

	return ioctl(r->vm, KVM_SET_USER_MEMORY_REGION2, &m);
}

static inline int create_gmem(struct realm *r, uint64_t size, uint64_t flags)
{
	struct kvm_create_guest_memfd g = { .size = size, .flags = flags };

	return ioctl(r->vm, KVM_CREATE_GUEST_MEMFD, &g);
}

static inline int populate(struct realm *r, uint64_t gpa, uint64_t size, const void *src,
			   uint32_t flags)
{
	struct kvm_arm_rmi_populate p = {
		.base = gpa,
		.size = size,
		.source_uaddr = (uintptr_t)src,
		.flags = flags,
	};
	int ret;

	do {
		ret = ioctl(r->vm, KVM_ARM_RMI_POPULATE, &p);
	} while (ret && errno == EINTR);
	return ret;
}

static inline int device_attr(int fd, uint32_t group, uint64_t attr, void *data)
{
	struct kvm_device_attr a = { .group = group, .attr = attr, .addr = (uintptr_t)data };

	return ioctl(fd, KVM_SET_DEVICE_ATTR, &a);
}

static inline int set_reg(struct realm *r, int cpu, uint64_t id, uint64_t val)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&val };

	return ioctl(r->vcpu[cpu], KVM_SET_ONE_REG, &reg);
}

static inline int get_reg(struct realm *r, int cpu, uint64_t id, uint64_t *val)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)val };

	return ioctl(r->vcpu[cpu], KVM_GET_ONE_REG, &reg);
}

#define REG_X(n)	(0x6030000000100000UL + 2 * (n))
#define REG_PC		0x6030000000100040UL
#define REG_DFR0	ARM64_SYS_REG(3, 0, 0, 5, 0)

static inline int vcpu_init(struct realm *r, int cpu, uint32_t features)
{
	struct kvm_vcpu_init init;

	if (ioctl(r->vm, KVM_ARM_PREFERRED_TARGET, &init))
		die("KVM_ARM_PREFERRED_TARGET");
	init.features[0] |= features;
	return ioctl(r->vcpu[cpu], KVM_ARM_VCPU_INIT, &init);
}

/* RAM: shared pages and, for a realm, a guest_memfd beside them */
static inline void make_ram(struct realm *r, size_t size)
{
	char *p;

	r->ram_size = size;
	p = mmap(NULL, size + 2 * MiB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		die("mmap");
	r->ram = (char *)(((uintptr_t)p + 2 * MiB - 1) & -(2 * MiB));
	madvise(r->ram, size, MADV_HUGEPAGE);

	r->gmem = -1;
	if (!r->plain) {
		r->gmem = create_gmem(r, size, 0);
		if (r->gmem < 0)
			die("KVM_CREATE_GUEST_MEMFD");
	}
	if (set_slot(r, 0, RAM_BASE, size, r->ram, r->gmem, 0, 0))
		die("KVM_SET_USER_MEMORY_REGION2");
	if (!r->plain && set_attributes(r, RAM_BASE, size, true))
		die("KVM_SET_MEMORY_ATTRIBUTES");
}

static inline void make_vcpus(struct realm *r, int n)
{
	r->run_size = ioctl(r->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	r->nr_vcpus = n;
	for (int i = 0; i < n; i++) {
		r->vcpu[i] = ioctl(r->vm, KVM_CREATE_VCPU, i);
		if (r->vcpu[i] < 0)
			die("KVM_CREATE_VCPU %d", i);
		r->run[i] = mmap(NULL, r->run_size, PROT_READ | PROT_WRITE, MAP_SHARED,
				 r->vcpu[i], 0);
		if (r->run[i] == MAP_FAILED)
			die("mmap of the vCPU");
		if (vcpu_init(r, i, r->features | 1 << KVM_ARM_VCPU_PSCI_0_2 |
			      (i ? 1 << KVM_ARM_VCPU_POWER_OFF : 0)))
			die("KVM_ARM_VCPU_INIT %d", i);
	}
}

static inline void make_gic(struct realm *r, bool init)
{
	struct kvm_create_device d = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };
	uint64_t dist = GICD_BASE, redist = GICR_BASE;
	uint32_t irqs = 64;

	if (ioctl(r->vm, KVM_CREATE_DEVICE, &d))
		die("KVM_CREATE_DEVICE");
	r->gic = d.fd;
	if (device_attr(r->gic, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &irqs) ||
	    device_attr(r->gic, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &dist) ||
	    device_attr(r->gic, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST, &redist))
		die("GICv3 attributes");
	if (init && device_attr(r->gic, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT,
				NULL))
		die("GICv3 init");
}

static inline void filter(struct realm *r, uint32_t base, uint32_t nr, uint8_t action)
{
	struct kvm_smccc_filter f = { .base = base, .nr_functions = nr, .action = action };

	if (device_attr(r->vm, KVM_ARM_VM_SMCCC_CTRL, KVM_ARM_VM_SMCCC_FILTER, &f))
		die("SMCCC filter");
}

/* The guest's pages and the first registers */
static inline void load_guest(struct realm *r)
{
	size_t size = guest_end - guest_start;

	if (r->plain) {
		memcpy(r->ram, guest_start, size);
	} else {
		char *copy = mmap(NULL, size, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		memcpy(copy, guest_start, size);
		if (populate(r, RAM_BASE, size, copy, KVM_ARM_RMI_POPULATE_FLAGS_MEASURE))
			die("KVM_ARM_RMI_POPULATE");
		munmap(copy, size);
	}
	if (set_reg(r, 0, REG_PC, guest_pa(guest_entry)) || set_reg(r, 0, REG_X(0), 0))
		die("KVM_SET_ONE_REG");
}

/* Everything up to the first KVM_RUN */
static inline void realm_init(struct realm *r, int nr_vcpus, size_t ram)
{
	r->kvm = open_kvm();
	if (r->plain)
		r->vm = ioctl(r->kvm, KVM_CREATE_VM, IPA_BITS);
	else
		r->vm = create_realm_vm(r->kvm);
	if (r->vm < 0)
		die("KVM_CREATE_VM");
	r->convert = true;
	make_ram(r, ram);
	make_vcpus(r, nr_vcpus);
	make_gic(r, true);
	filter(r, r->plain ? RSI_HOST_CALL : GUEST_CALL, 1, KVM_SMCCC_FILTER_FWD_TO_USER);
	load_guest(r);
}

static inline void realm_free(struct realm *r)
{
	for (int i = 0; i < r->nr_vcpus; i++) {
		munmap(r->run[i], r->run_size);
		close(r->vcpu[i]);
	}
	if (r->gic > 0)
		close(r->gic);
	if (r->gmem >= 0)
		close(r->gmem);
	munmap(r->ram, r->ram_size);
	close(r->vm);
	close(r->kvm);
	memset(r, 0, sizeof(*r));
}

/* Attribute first, then the side that is not used any more */
static inline void realm_convert(struct realm *r, uint64_t gpa, uint64_t size, bool private)
{
	uint64_t off = gpa - RAM_BASE;

	if (set_attributes(r, gpa, size, private))
		die("KVM_SET_MEMORY_ATTRIBUTES");
	if (private)
		madvise(r->ram + off, size, MADV_DONTNEED);
	else if (fallocate(r->gmem, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, off, size))
		die("fallocate");
}

/*
 * KVM_RUN until something other than a memory fault inside RAM comes (those are
 * served, unless @convert is clear).  Returns the exit reason, or -errno.
 */
static inline int realm_run(struct realm *r, int cpu)
{
	struct kvm_run *run = r->run[cpu];

	for (;;) {
		if (!ioctl(r->vcpu[cpu], KVM_RUN, 0))
			return run->exit_reason;
		if (errno == EFAULT && run->exit_reason == KVM_EXIT_MEMORY_FAULT) {
			uint64_t gpa = run->memory_fault.gpa, size = run->memory_fault.size;

			r->faults++;
			if (!r->convert)
				return KVM_EXIT_MEMORY_FAULT;
			if (gpa >= RAM_BASE && gpa + size <= RAM_BASE + r->ram_size)
				realm_convert(r, gpa, size, run->memory_fault.flags &
							    KVM_MEMORY_EXIT_FLAG_PRIVATE);
			continue;
		}
		if (errno == EINTR && !r->stop)
			continue;
		return -errno;
	}
}

/*
 * An ordinary VM has no monitor that takes the call structure apart: there the
 * SMC itself comes here, and the structure is in memory.
 */
static inline uint64_t *plain_gprs(struct realm *r, int cpu)
{
	return (uint64_t *)(r->ram + (guest_calls - guest_start) + cpu * 1024 + 8);
}

static inline bool guest_returned(struct realm *r, int cpu, int reason, struct guest_ret *g)
{
	uint64_t regs[9];

	if (reason != KVM_EXIT_HYPERCALL ||
	    r->run[cpu]->hypercall.nr != (r->plain ? RSI_HOST_CALL : GUEST_CALL))
		return false;

	for (int i = 0; i < 9; i++) {
		if (r->plain)
			regs[i] = plain_gprs(r, cpu)[i];
		else if (get_reg(r, cpu, REG_X(i), &regs[i]))
			die("KVM_GET_ONE_REG x%d", i);
	}
	memcpy(g->x, &regs[1], sizeof(g->x));
	g->esr = regs[7];
	g->far = regs[8];
	return true;
}

static inline void guest_prepare(struct realm *r, int cpu, const char *fn, uint64_t a0,
				 uint64_t a1, uint64_t a2, uint64_t a3)
{
	uint64_t a[5] = { fn - guest_start, a0, a1, a2, a3 };

	if (r->plain) {
		memcpy(plain_gprs(r, cpu), a, sizeof(a));
		memset(a, 0, sizeof(a));
	}
	for (int i = 0; i < (r->plain ? 1 : 5); i++)
		if (set_reg(r, cpu, REG_X(i), a[i]))
			die("KVM_SET_ONE_REG x%d", i);
}

static inline const char *exit_name(struct realm *r, int cpu, int reason)
{
	static char s[120];
	struct kvm_run *run = r->run[cpu];

	if (reason < 0)
		snprintf(s, sizeof(s), "errno %s", strerror(-reason));
	else if (reason == KVM_EXIT_INTERNAL_ERROR)
		snprintf(s, sizeof(s), "internal error: fid %#llx result %#llx reason %llu",
			 run->internal.data[0], run->internal.data[1], run->internal.data[2]);
	else if (reason == KVM_EXIT_MEMORY_FAULT)
		snprintf(s, sizeof(s), "memory fault: %#llx + %#llx flags %#llx",
			 run->memory_fault.gpa, run->memory_fault.size, run->memory_fault.flags);
	else if (reason == KVM_EXIT_MMIO)
		snprintf(s, sizeof(s), "mmio: %#llx %u bytes %s", run->mmio.phys_addr,
			 run->mmio.len, run->mmio.is_write ? "write" : "read");
	else
		snprintf(s, sizeof(s), "exit %d", reason);
	return s;
}

/* Run until the guest is back in its loop; anything else ends the test */
static inline struct guest_ret guest_wait(struct realm *r, int cpu)
{
	int reason = realm_run(r, cpu);
	struct guest_ret g = {};

	if (!guest_returned(r, cpu, reason, &g))
		ksft_exit_fail_msg("vCPU %d: %s\n", cpu, exit_name(r, cpu, reason));
	return g;
}

#define __guest_call(r, cpu, fn, a0, a1, a2, a3, ...) ({			\
	guest_prepare(r, cpu, fn, a0, a1, a2, a3);				\
	guest_wait(r, cpu); })
#define guest_call_on(r, cpu, fn, ...)	__guest_call(r, cpu, fn, ##__VA_ARGS__, 0, 0, 0, 0)
#define guest_call(r, fn, ...)		guest_call_on(r, 0, fn, ##__VA_ARGS__)

/* ---- figures from debugfs ------------------------------------------------- */

struct granules {
	long delegated, donated, leaked;
};

/* Mounts debugfs if need be; all -1 if there is none */
static inline struct granules granules(void)
{
	struct granules g = { -1, -1, -1 };
	FILE *f = fopen("/sys/kernel/debug/rmi/granules", "r");
	char name[32];
	long n;

	if (!f)
		return g;
	while (fscanf(f, "%31s %ld", name, &n) == 2) {
		if (!strncmp(name, "delegated", 9))
			g.delegated = n;
		if (!strncmp(name, "donated", 7))
			g.donated = n;
		if (!strncmp(name, "leaked", 6))
			g.leaked = n;
	}
	fclose(f);
	return g;
}

/* Teardown of a VM ends after the last close(): give it a moment */
static inline bool granules_are(struct granules want)
{
	for (int i = 0; i < 100; i++) {
		struct granules g = granules();

		if (!memcmp(&g, &want, sizeof(g)))
			return true;
		usleep(20000);
	}
	return false;
}

/* The plan stands at the end: what died earlier has failed by its status */
static inline void __noreturn realm_finished(void)
{
	ksft_set_plan(ksft_test_num());
	ksft_finished();
}

#endif /* SELFTEST_KVM_REALM_UTIL_H */
