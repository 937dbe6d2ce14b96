// SPDX-License-Identifier: GPL-2.0-only
/*
 * A realm runs: host call, emulated accesses in both directions and without
 * syndrome, system registers that come to KVM, PSCI, and the end.
 */
#include <sched.h>

#include "realm_util.h"

static struct realm r;

#define UC(x)	((unsigned long long)(x))

/* One access to an address nobody answers; returns what the guest got */
static struct guest_ret mmio(const char *fn, uint64_t arg, bool write, unsigned int len,
			     uint64_t data, bool *right)
{
	struct kvm_run *run = r.run[0];
	uint64_t seen = 0;
	int reason;

	guest_prepare(&r, 0, fn, SHARED | (MMIO_BASE + 8), arg, 0, 0);
	reason = realm_run(&r, 0);
	*right = reason == KVM_EXIT_MMIO && run->mmio.phys_addr == MMIO_BASE + 8 &&
		 run->mmio.len == len && run->mmio.is_write == write;
	if (!*right) {
		ksft_print_msg("%s\n", exit_name(&r, 0, reason));
		ksft_exit_fail_msg("the guest is lost\n");
	}
	if (write) {
		memcpy(&seen, run->mmio.data, len);
		*right = seen == data;
		if (!*right)
			ksft_print_msg("wrote %#llx\n", UC(seen));
	} else {
		memset(run->mmio.data, 0xee, sizeof(run->mmio.data));
		memcpy(run->mmio.data, &data, len);
	}
	return guest_wait(&r, 0);
}

static void test_mmio(void)
{
	static const struct {
		const char *fn;
		unsigned int len;
		uint64_t data, want;
		const char *name;
	} loads[] = {
		{ guest_ld64, 8, 0x8877665544332211, 0x8877665544332211, "load 64" },
		{ guest_ld32, 4, 0x88776655, 0x88776655, "load 32" },
		{ guest_ld16, 2, 0x8877, 0x8877, "load 16" },
		{ guest_ld8, 1, 0x88, 0x88, "load 8" },
		{ guest_ldsb, 1, 0x88, 0xffffffffffffff88, "load 8, signed" },
		{ guest_ldsh_w, 2, 0x8877, 0xffff8877, "load 16, signed, 32 bit register" },
	}, stores[] = {
		{ guest_st64, 8, 0x1122334455667788, 0x1122334455667788, "store 64" },
		{ guest_st32, 4, 0x1122334455667788, 0x55667788, "store 32" },
		{ guest_st16, 2, 0x1122334455667788, 0x7788, "store 16" },
		{ guest_st8, 1, 0x1122334455667788, 0x88, "store 8" },
	};
	struct guest_ret g;
	bool right;

	for (unsigned int i = 0; i < ARRAY_SIZE(loads); i++) {
		g = mmio(loads[i].fn, 0, false, loads[i].len, loads[i].data, &right);
		ksft_test_result(right && g.x[0] == loads[i].want && !g.esr, "mmio: %s\n",
				 loads[i].name);
		if (g.x[0] != loads[i].want)
			ksft_print_msg("guest got %#llx\n", UC(g.x[0]));
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(stores); i++) {
		g = mmio(stores[i].fn, stores[i].data, true, stores[i].len, stores[i].want, &right);
		ksft_test_result(right && !g.esr, "mmio: %s\n", stores[i].name);
	}
}

static bool is_sea(uint64_t esr)
{
	return esr >> 26 == 0x25 && (esr & 0x3f) == 0x10;
}

static void test_no_syndrome(void)
{
	struct guest_ret g;

	g = guest_call(&r, guest_ldp, SHARED | MMIO_BASE);
	ksft_test_result(is_sea(g.esr) && g.far == (SHARED | MMIO_BASE),
			 "no syndrome, no memory: external abort\n");

	/* Memory there: a pair is no reason to fault */
	realm_convert(&r, RAM_BASE + MiB, PAGE, false);
	g = guest_call(&r, guest_stp, SHARED | (RAM_BASE + MiB), 0x1234, 0x5678);
	ksft_test_result(!g.esr && *(uint64_t *)(r.ram + MiB) == 0x1234 &&
			 *(uint64_t *)(r.ram + MiB + 8) == 0x5678, "store pair to shared memory\n");
	*(uint64_t *)(r.ram + MiB + PAGE) = 0x77;
	realm_convert(&r, RAM_BASE + MiB + PAGE, PAGE, false);
	g = guest_call(&r, guest_ldp, SHARED | (RAM_BASE + MiB + PAGE));
	ksft_test_result(!g.esr, "load pair from shared memory\n");
}

static void test_refused_access(void)
{
	struct kvm_vcpu_events ev = { .exception.ext_dabt_pending = 1 };
	struct kvm_vcpu_events serror = { .exception.serror_pending = 1 };
	struct guest_ret g;
	int ret;

	ret = ioctl(r.vcpu[0], KVM_SET_VCPU_EVENTS, &ev);
	ksft_test_result(ret && errno == EINVAL, "events: no access is pending\n");
	ret = ioctl(r.vcpu[0], KVM_SET_VCPU_EVENTS, &serror);
	ksft_test_result(ret && errno == EINVAL, "events: SError\n");

	guest_prepare(&r, 0, guest_ld64, SHARED | MMIO_BASE, 0, 0, 0);
	if (realm_run(&r, 0) != KVM_EXIT_MMIO)
		ksft_exit_fail_msg("no MMIO exit\n");
	ret = ioctl(r.vcpu[0], KVM_SET_VCPU_EVENTS, &ev);
	g = guest_wait(&r, 0);
	ksft_test_result(!ret && is_sea(g.esr) && g.far == (SHARED | MMIO_BASE),
			 "events: user space answers with an external abort\n");
}

static void test_sysreg(void)
{
	struct guest_ret g = guest_call(&r, guest_sre);

	ksft_test_result(!g.esr && (g.x[0] & 1), "ICC_SRE_EL1.SRE reads 1\n");

	/* To itself, and nothing is enabled: only must not fault */
	g = guest_call(&r, guest_sgi, 1);
	ksft_test_result(!g.esr, "ICC_SGI1R_EL1 write\n");

	g = guest_call(&r, guest_brps);
	ksft_test_result(!g.esr && (g.x[0] >> 12 & 0xf), "ID_AA64DFR0_EL1 has breakpoints\n");
}

static void test_calls(void)
{
	struct guest_ret g;
	unsigned long freq;

	asm("mrs %0, cntfrq_el0" : "=r"(freq));

	g = guest_call(&r, guest_smc, 0x84000000);
	ksft_test_result(g.x[0] >> 16 == 1, "PSCI_VERSION 1.x\n");

	/* Both sleep until an interrupt is pending, masked as it may be */
	guest_call(&r, guest_gic, SHARED | GICD_BASE, SHARED | GICR_BASE, 1U << 27);
	guest_call(&r, guest_arm, freq / 100);
	g = guest_call(&r, guest_smc, 0xc4000001);
	ksft_test_result(g.x[0] == 0 && !g.esr, "CPU_SUSPEND comes back\n");
	guest_call(&r, guest_arm, freq / 100);
	g = guest_call(&r, guest_wfi);
	ksft_test_result(!g.esr, "WFI comes back\n");
	g = guest_call(&r, guest_wfe);
	ksft_test_result(!g.esr, "WFE comes back\n");

	g = guest_call(&r, guest_smc, 0xc4000004, 0, 0);
	ksft_test_result(g.x[0] == 0, "AFFINITY_INFO of the caller: on\n");
	g = guest_call(&r, guest_smc, 0xc4000003, 0, RAM_BASE);
	ksft_test_result((int)g.x[0] == -4, "CPU_ON of the caller: already on\n");
	g = guest_call(&r, guest_smc, 0xc4000003, 3, RAM_BASE);
	ksft_test_result((int)g.x[0] == -2, "CPU_ON of nobody: invalid parameters\n");
	g = guest_call(&r, guest_smc, 0xc5000020);
	ksft_test_result((int)g.x[0] == -1, "SMC of an unknown call: not supported\n");
	g = guest_call(&r, guest_hvc);
	ksft_test_result(g.esr >> 26 == 0, "HVC is undefined\n");
	/*
	 * One more host call with results in all registers, and X1 of the SMC
	 * (the structure) kept: the guest would not come back otherwise.
	 */
	g = guest_call(&r, guest_nop, 0x1111, 0x2222, 0x3333, 0x4444);
	ksft_test_result(g.x[0] == 0x1111 && g.x[1] == 0x2222 && g.x[2] == 0x3333 &&
			 g.x[3] == 0x4444, "host call: registers there and back\n");
}

/* Calls that stay in the kernel: the guest's own structure with another FID */
static void test_host_call_fids(void)
{
	const uint64_t call = RAM_BASE + 2 * MiB;
	static const struct { uint32_t fid; bool refused; const char *name; } calls[] = {
		{ 0x80000000, false, "host call: SMCCC_VERSION" },
		{ 0x84000000, true, "host call: PSCI_VERSION" },
		{ 0x84000008, true, "host call: SYSTEM_OFF" },
		{ 0xc4000003, true, "host call: CPU_ON" },
		{ 0x84000050, true, "host call: TRNG_VERSION" },
		{ 0xc5000020, true, "host call: PV_TIME_FEATURES" },
		{ 0x86000001, true, "host call: PTP" },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(calls); i++) {
		struct guest_ret g;
		bool refused;

		guest_call(&r, guest_st64, call, 0);
		guest_call(&r, guest_st64, call + 8, calls[i].fid);
		g = guest_call(&r, guest_smc, RSI_HOST_CALL, call);
		if (g.x[0])
			ksft_print_msg("RSI_HOST_CALL says %#llx\n", UC(g.x[0]));
		g = guest_call(&r, guest_ld64, call + 8);
		refused = (int)g.x[0] == -1;
		ksft_test_result(refused == calls[i].refused, "%s\n", calls[i].name);
	}
}

/* FP registers are the realm's while it runs and the host's in between */
static void test_fp(void)
{
	uint64_t a = 0x1111222233334444, b = 0x5555666677778888, d0, d31;
	struct guest_ret g;

	guest_call(&r, guest_fp_put, 0xaaaa, 0xbbbb, 0xcccc);
	asm volatile("fmov d0, %0\n fmov d31, %1" : : "r"(a), "r"(b) : "v0", "v31");
	asm volatile("fmov %0, d0\n fmov %1, d31" : "=r"(d0), "=r"(d31) : : "v0", "v31");
	for (int i = 0; i < 20; i++) {
		sched_yield();
		guest_call(&r, guest_nop);
	}
	g = guest_call(&r, guest_fp_get);
	ksft_test_result(d0 == a && d31 == b && g.x[0] == 0xaaaa && g.x[1] == 0xbbbb &&
			 g.x[2] == 0xcccc && !g.esr, "FP registers across exits\n");

	/* Live in the host's registers during KVM_RUN */
	guest_prepare(&r, 0, guest_fp_put, 0x1a, 0x1b, 0x1c, 0);
	register uint64_t fd asm("x0") = r.vcpu[0];
	register uint64_t req asm("x1") = KVM_RUN;
	register uint64_t zero asm("x2") = 0;
	register uint64_t nr asm("x8") = 29;	/* ioctl */

	asm volatile("fmov d8, %[a]\n fmov d31, %[b]\n svc #0\n fmov %[x], d8\n fmov %[y], d31"
		     : "+r"(fd), [x] "=&r"(d0), [y] "=&r"(d31)
		     : "r"(req), "r"(zero), "r"(nr), [a] "r"(a), [b] "r"(b)
		     : "memory", "v8", "v31");
	ksft_test_result(!fd && d0 == a && d31 == b, "FP registers of the host across a run\n");
	guest_returned(&r, 0, r.run[0]->exit_reason, &g);
	g = guest_call(&r, guest_fp_get);
	ksft_test_result(g.x[0] == 0x1a && g.x[1] == 0x1b && g.x[2] == 0x1c,
			 "and those of the realm\n");
}

static void test_immediate_exit(void)
{
	struct kvm_run *run = r.run[0];
	struct guest_ret g;
	int ret;

	/* Completes the access, does not enter, loses nothing */
	guest_prepare(&r, 0, guest_ld64, SHARED | MMIO_BASE, 0, 0, 0);
	if (realm_run(&r, 0) != KVM_EXIT_MMIO)
		ksft_exit_fail_msg("no MMIO exit\n");
	memcpy(run->mmio.data, "\1\2\3\4\5\6\7\10", 8);
	run->immediate_exit = 1;
	ret = ioctl(r.vcpu[0], KVM_RUN, 0);
	ksft_test_result(ret && errno == EINTR, "immediate exit\n");
	run->immediate_exit = 0;
	memset(run->mmio.data, 0, 8);
	g = guest_wait(&r, 0);
	ksft_test_result(g.x[0] == 0x0807060504030201, "and the access is complete\n");
}

static void test_off(void)
{
	int reason;

	guest_prepare(&r, 0, guest_smc, 0x84000008, 0, 0, 0);
	reason = realm_run(&r, 0);
	ksft_test_result(reason == KVM_EXIT_SYSTEM_EVENT &&
			 r.run[0]->system_event.type == KVM_SYSTEM_EVENT_SHUTDOWN, "SYSTEM_OFF\n");

	/* Make it runnable again: the monitor refuses */
	struct kvm_mp_state mp = { .mp_state = KVM_MP_STATE_RUNNABLE };

	ioctl(r.vcpu[0], KVM_SET_MP_STATE, &mp);
	reason = realm_run(&r, 0);
	ksft_test_result(reason == KVM_EXIT_SHUTDOWN, "after that: KVM_EXIT_SHUTDOWN\n");
	if (reason != KVM_EXIT_SHUTDOWN)
		ksft_print_msg("%s\n", exit_name(&r, 0, reason));
}

int main(void)
{
	struct granules before = granules();
	struct guest_ret g;

	realm_init(&r, 1, 8 * MiB);
	ksft_print_header();

	g = guest_wait(&r, 0);
	ksft_test_result(g.x[0] == 0 && (g.x[1] & 0xffffff) == 0 && (g.x[1] >> 31 & 1),
			 "the guest says hello, MPIDR 0\n");
	test_calls();
	test_host_call_fids();
	test_mmio();
	test_no_syndrome();
	test_refused_access();
	test_sysreg();
	test_fp();
	test_immediate_exit();
	test_off();

	realm_free(&r);
	ksft_test_result(granules_are(before), "granules are as before\n");
	realm_finished();
}
