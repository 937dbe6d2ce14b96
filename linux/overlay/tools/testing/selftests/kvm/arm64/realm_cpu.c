// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs of a realm: switched on, off, and on again; CPU_ON against the CPU_OFF of
 * the same CPU; with PSCI in user space; SGIs between them; a sibling when the
 * realm goes off.
 */
#include "realm_util.h"

static struct realm r;
static volatile int last_reason[MAX_VCPUS];

/* A thread that runs one vCPU until something ends it, serving its loop */
static void *vcpu_thread(void *arg)
{
	long cpu = (long)arg;

	last_reason[cpu] = realm_run(&r, cpu);
	return NULL;
}

static pthread_t start(long cpu)
{
	pthread_t t;

	last_reason[cpu] = -1000;
	if (pthread_create(&t, NULL, vcpu_thread, (void *)cpu))
		die("pthread_create");
	return t;
}

static bool ended(long cpu, int reason)
{
	for (int i = 0; i < 500 && last_reason[cpu] == -1000; i++)
		usleep(10000);
	if (last_reason[cpu] != reason)
		ksft_print_msg("vCPU %ld: %s\n", cpu, last_reason[cpu] == -1000 ? "still running" :
			       exit_name(&r, cpu, last_reason[cpu]));
	return last_reason[cpu] == reason;
}

static void test_on(void)
{
	pthread_t t[MAX_VCPUS];
	struct guest_ret g;

	for (int i = 1; i < r.nr_vcpus; i++)
		t[i] = start(i);
	usleep(50000);
	ksft_test_result(last_reason[1] == -1000 && last_reason[2] == -1000,
			 "a vCPU that is off waits in KVM_RUN\n");
	g = guest_call(&r, guest_smc, 0xc4000004, 1);
	ksft_test_result(g.x[0] == 1, "AFFINITY_INFO: off\n");

	for (int i = 1; i < r.nr_vcpus; i++) {
		bool ok;

		g = guest_call(&r, guest_smc, 0xc4000003, i, guest_pa(guest_entry), 0x100 + i);
		ok = g.x[0] == 0 && ended(i, KVM_EXIT_HYPERCALL);
		pthread_join(t[i], NULL);
		ok = ok && guest_returned(&r, i, last_reason[i], &g) &&
		     g.x[0] == (uint64_t)(0x100 + i) &&
		     (g.x[1] & 0xf) == (uint64_t)i;
		ksft_test_result(ok, "CPU_ON of %d: context and MPIDR\n", i);
	}
	g = guest_call(&r, guest_smc, 0xc4000004, 1);
	ksft_test_result(g.x[0] == 0, "AFFINITY_INFO: on\n");
	g = guest_call(&r, guest_smc, 0xc4000003, 1, guest_pa(guest_entry), 0);
	ksft_test_result((int)g.x[0] == -4, "CPU_ON again: already on\n");
}

static void test_sgi(void)
{
	pthread_t t;
	struct guest_ret g;

	guest_call(&r, guest_gic, SHARED | GICD_BASE, SHARED | GICR_BASE, 0xffff);
	guest_call_on(&r, 1, guest_gic, SHARED | GICD_BASE, SHARED | (GICR_BASE + 0x20000), 0xffff);
	guest_prepare(&r, 1, guest_irq, 0, 0, 0, 0);
	t = start(1);
	usleep(50000);
	guest_call(&r, guest_sgi, 5UL << 24 | 1 << 1);
	ended(1, KVM_EXIT_HYPERCALL);
	pthread_join(t, NULL);
	ksft_test_result(guest_returned(&r, 1, last_reason[1], &g) && g.x[0] == 5,
			 "SGI 5 wakes the other CPU\n");
}

static void test_off_on(void)
{
	pthread_t t;
	struct guest_ret g = {};

	guest_prepare(&r, 1, guest_cpu_off, 0, 0, 0, 0);
	t = start(1);
	for (int i = 0; i < 100; i++) {
		g = guest_call(&r, guest_smc, 0xc4000004, 1);
		if (g.x[0] == 1)
			break;
		usleep(10000);
	}
	ksft_test_result(g.x[0] == 1 && last_reason[1] == -1000,
			 "CPU_OFF: off, asleep in KVM_RUN\n");
	g = guest_call(&r, guest_smc, 0xc4000003, 1, guest_pa(guest_entry), 0x77);
	ended(1, KVM_EXIT_HYPERCALL);
	pthread_join(t, NULL);
	ksft_test_result(guest_returned(&r, 1, last_reason[1], &g) && g.x[0] == 0x77, "on again\n");
}

/*
 * CPU 0 switches CPU 2 on without pause; CPU 2 counts and goes off at once.
 * Each accepted call must have been one start.
 */
static void test_fight(void)
{
	const uint64_t times = 300, counter = RAM_BASE + MiB;
	struct guest_ret g;
	pthread_t t;

	/* Get it into the off state first */
	guest_call(&r, guest_st64, counter, 0);
	guest_prepare(&r, 2, guest_cpu_off, 0, 0, 0, 0);
	t = start(2);
	do {
		g = guest_call(&r, guest_smc, 0xc4000004, 2);
	} while (g.x[0] != 1);

	alarm(120);
	g = guest_call(&r, guest_fight, times, 2, guest_pa(guest_flash), counter);
	alarm(0);
	ksft_test_result(g.x[0] == times && g.x[2] == 0, "CPU_ON against CPU_OFF, %llu times\n",
			 (unsigned long long)times);
	ksft_print_msg("accepted %llu, already on %llu, else %llu (%lld)\n",
		       (unsigned long long)g.x[0], (unsigned long long)g.x[1],
		       (unsigned long long)g.x[2], (long long)g.x[3]);
	do {
		g = guest_call(&r, guest_smc, 0xc4000004, 2);
	} while (g.x[0] != 1);
	g = guest_call(&r, guest_ld64, counter);
	ksft_test_result(g.x[0] == times, "each of them started the CPU once: %llu\n",
			 (unsigned long long)g.x[0]);
	ksft_test_result(last_reason[2] == -1000, "and its thread saw nothing of it\n");

	/* It still works */
	guest_call(&r, guest_smc, 0xc4000003, 2, guest_pa(guest_entry), 0x88);
	ended(2, KVM_EXIT_HYPERCALL);
	pthread_join(t, NULL);
	ksft_test_result(guest_returned(&r, 2, last_reason[2], &g) && g.x[0] == 0x88,
			 "and on for good\n");
}

/* A vCPU that the VMM calls runnable is not: nothing happens until CPU_ON */
static void test_not_on(void)
{
	struct kvm_mp_state mp = { .mp_state = KVM_MP_STATE_RUNNABLE };
	struct guest_ret g;
	pthread_t t;

	if (ioctl(r.vcpu[3], KVM_SET_MP_STATE, &mp))
		die("KVM_SET_MP_STATE");
	t = start(3);
	usleep(100000);
	ioctl(r.vcpu[0], KVM_GET_MP_STATE, &mp);
	ksft_test_result(last_reason[3] == -1000, "runnable for KVM, off for the monitor: waits\n");
	g = guest_call(&r, guest_smc, 0xc4000003, 3, guest_pa(guest_entry), 0x99);
	ended(3, KVM_EXIT_HYPERCALL);
	pthread_join(t, NULL);
	ksft_test_result(guest_returned(&r, 3, last_reason[3], &g) && g.x[0] == 0x99,
			 "and starts with CPU_ON\n");
}

static void test_system_off(void)
{
	pthread_t t;
	int reason;

	/* The sibling is busy in the realm */
	guest_prepare(&r, 1, guest_spin, RAM_BASE + MiB + PAGE, 0, 0, 0);
	t = start(1);
	usleep(50000);
	guest_prepare(&r, 0, guest_smc, 0x84000009, 0, 0, 0);
	reason = realm_run(&r, 0);
	ksft_test_result(reason == KVM_EXIT_SYSTEM_EVENT &&
			 r.run[0]->system_event.type == KVM_SYSTEM_EVENT_RESET, "SYSTEM_RESET\n");
	/* It was stopped, or found the realm off: both are an end */
	usleep(200000);
	if (last_reason[1] == -1000) {
		struct kvm_mp_state mp;

		r.stop = true;
		r.run[1]->immediate_exit = 1;
		pthread_kill(t, SIGUSR1);
		for (int i = 0; i < 100 && last_reason[1] == -1000; i++)
			usleep(10000);
		ioctl(r.vcpu[1], KVM_GET_MP_STATE, &mp);
		ksft_test_result(mp.mp_state == KVM_MP_STATE_STOPPED, "the sibling is stopped\n");
	} else {
		ksft_test_result(last_reason[1] == KVM_EXIT_SHUTDOWN, "the sibling was sent out\n");
	}
	pthread_join(t, NULL);
}

/* CPU_ON answered by user space */
static void test_user_psci(void)
{
	struct guest_ret g;
	struct kvm_mp_state mp = { .mp_state = KVM_MP_STATE_RUNNABLE };
	uint64_t x1;
	pthread_t t;
	int reason;

	memset(&r, 0, sizeof(r));
	r.kvm = open_kvm();
	r.vm = create_realm_vm(r.kvm);
	r.convert = true;
	make_ram(&r, 4 * MiB);
	make_vcpus(&r, 2);
	make_gic(&r, true);
	filter(&r, GUEST_CALL, 1, KVM_SMCCC_FILTER_FWD_TO_USER);
	filter(&r, 0x84000000, 0x20, KVM_SMCCC_FILTER_FWD_TO_USER);
	filter(&r, 0xc4000000, 0x20, KVM_SMCCC_FILTER_FWD_TO_USER);
	load_guest(&r);
	guest_wait(&r, 0);
	t = start(1);

	/* No */
	guest_prepare(&r, 0, guest_smc, 0xc4000003, 1, guest_pa(guest_entry), 0x11);
	reason = realm_run(&r, 0);
	get_reg(&r, 0, REG_X(1), &x1);
	ksft_test_result(reason == KVM_EXIT_HYPERCALL && r.run[0]->hypercall.nr == 0xc4000003 &&
			 x1 == 1, "user space sees CPU_ON and the target\n");
	set_reg(&r, 0, REG_X(0), -3L);
	g = guest_wait(&r, 0);
	ksft_test_result((int)g.x[0] == -3, "denied by user space\n");

	/* Yes; the target is made runnable before the answer is given */
	guest_prepare(&r, 0, guest_smc, 0xc4000003, 1, guest_pa(guest_entry), 0x22);
	realm_run(&r, 0);
	ioctl(r.vcpu[0], KVM_SET_MP_STATE, &mp);
	set_reg(&r, 0, REG_X(0), 0);
	g = guest_wait(&r, 0);
	ended(1, KVM_EXIT_HYPERCALL);
	pthread_join(t, NULL);
	ksft_test_result(g.x[0] == 0 && guest_returned(&r, 1, last_reason[1], &g) && g.x[0] == 0x22,
			 "granted by user space\n");
	realm_free(&r);
}

static void nothing(int sig)
{
}

int main(void)
{
	struct granules before = granules();
	struct sigaction sa = { .sa_handler = nothing };

	sigaction(SIGUSR1, &sa, NULL);
	realm_init(&r, MAX_VCPUS, 8 * MiB);
	ksft_print_header();
	guest_wait(&r, 0);

	/* CPU 3 is left off by test_on() */
	r.nr_vcpus = 3;
	test_on();
	test_sgi();
	test_off_on();
	test_fight();
	r.nr_vcpus = MAX_VCPUS;
	test_not_on();
	test_system_off();
	realm_free(&r);

	test_user_psci();
	ksft_test_result(granules_are(before), "granules are as before\n");
	realm_finished();
}
