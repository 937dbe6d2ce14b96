// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timers of a realm: both of them, asleep and awake, early and late; and on a
 * CPU where an ordinary VM was left with an expired one, whose interrupt is then
 * still active at the GIC.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <time.h>

#include "realm_util.h"

static unsigned long freq;

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}

static void gic(struct realm *r)
{
	uint64_t alias = r->plain ? 0 : SHARED;

	guest_call(r, guest_gic, alias | GICD_BASE, alias | GICR_BASE, 1U << 27 | 1U << 30);
}

/* Ticks the guest waited for; 0 if the wrong interrupt came */
static uint64_t wait_for(struct realm *r, uint64_t ticks, int physical, int sleep)
{
	struct guest_ret g = guest_call(r, guest_timer, ticks, physical, sleep);

	if (g.x[1] != (physical ? 30 : 27) || g.x[2] != 1) {
		ksft_print_msg("INTID %llu, %llu interrupts\n", (unsigned long long)g.x[1],
			       (unsigned long long)g.x[2]);
		return 0;
	}
	return g.x[0];
}

static void each_kind(struct realm *r, const char *when)
{
	for (int physical = 0; physical < 2; physical++) {
		for (int sleep = 0; sleep < 2; sleep++) {
			uint64_t want = freq / 50, got;

			alarm(20);
			got = wait_for(r, want, physical, sleep);
			alarm(0);
			/* Late is the emulator's business; early or seconds late is not */
			ksft_test_result(got >= want && got < want + freq,
					 "%s: %s timer, %s, 20 ms\n", when,
					 physical ? "physical" : "virtual",
					 sleep ? "asleep" : "awake");
			if (got < want || got >= want + freq)
				ksft_print_msg("%llu us\n",
					       (unsigned long long)(got * 1000000 / freq));
		}
	}
}

/*
 * The interrupt itself has to end the guest's run: an exit for the host's tick
 * would hide a lost one, and come up to a jiffy late. The first one of a run is
 * what loading the vCPU has to care for, the others what the handler has to.
 * A busy machine gets another chance.
 */
static void test_prompt(struct realm *r, const char *when)
{
	const int n = 40, enough = 15;	/* without the interrupt it is 0 to 4 */

	for (int physical = 0; physical < 2; physical++) {
		uint64_t single = 0, row = 0;

		for (int round = 0; round < 20 && single < enough; round++) {
			single = 0;
			for (int i = 0; i < n; i++)
				single += guest_call(r, guest_prompt, freq / 1000, physical, 1,
						     freq / 500).x[0];
		}
		for (int round = 0; round < 20 && row < enough; round++)
			row = guest_call(r, guest_prompt, freq / 1000, physical, n,
					 freq / 500).x[0];

		ksft_test_result(single >= enough, "%s: %s timer, in time after entering\n", when,
				 physical ? "physical" : "virtual");
		ksft_test_result(row >= enough, "%s: %s timer, in time while running\n", when,
				 physical ? "physical" : "virtual");
		ksft_print_msg("%d and %d of %d within 2 ms\n", (int)single, (int)row, n);
	}
}

static void test_wait_time(struct realm *r)
{
	struct timespec a, b;
	double real, guest;

	clock_gettime(CLOCK_MONOTONIC, &a);
	guest = (double)wait_for(r, freq / 2, 0, 1) / freq;
	clock_gettime(CLOCK_MONOTONIC, &b);
	real = b.tv_sec - a.tv_sec + (b.tv_nsec - a.tv_nsec) / 1e9;
	ksft_test_result(guest >= 0.5 && real >= 0.5 && real < guest + 0.5,
			 "the guest's half second is the host's\n");

	/* Expired before it is armed, and a hundred in a row */
	ksft_test_result(wait_for(r, 0, 0, 1), "already expired\n");
	for (int i = 0; i < 100; i++)
		if (!wait_for(r, freq / 1000, i & 1, i & 2))
			ksft_exit_fail_msg("lost at number %d\n", i);
	ksft_test_result_pass("a hundred in a row\n");
}

/* The CPU may change between arming and waking */
static void test_migrate(struct realm *r)
{
	int cpus = sysconf(_SC_NPROCESSORS_ONLN);

	for (int i = 0; i < 20; i++) {
		pin(i % cpus);
		if (!wait_for(r, freq / 200, 0, i & 1))
			ksft_exit_fail_msg("lost after moving, number %d\n", i);
	}
	ksft_test_result_pass("from CPU to CPU\n");
}

/*
 * An ordinary VM whose timer expires while it sits in user space with the
 * interrupt taken and not ended: its vCPU is put with the PPI active.
 */
static void leave_pending(int cpu)
{
	struct realm p = { .plain = true };
	struct guest_ret g;

	pin(cpu);
	realm_init(&p, 1, 4 * MiB);
	guest_wait(&p, 0);
	gic(&p);
	/* Arm it without taking it: expired at once, masked in PSTATE */
	g = guest_call(&p, guest_arm, 0);
	usleep(20000);
	g = guest_call(&p, guest_nop);
	(void)g;
	realm_free(&p);
}

int main(void)
{
	struct granules before = granules();
	struct realm r = {};

	asm("mrs %0, cntfrq_el0" : "=r"(freq));
	close(create_realm_vm(open_kvm()));
	ksft_print_header();

	pin(0);
	realm_init(&r, 1, 4 * MiB);
	guest_wait(&r, 0);
	gic(&r);
	each_kind(&r, "first");
	test_prompt(&r, "first");
	test_wait_time(&r);
	test_migrate(&r);

	leave_pending(0);
	pin(0);
	each_kind(&r, "after an ordinary VM");
	test_prompt(&r, "after an ordinary VM");

	realm_free(&r);
	ksft_test_result(granules_are(before), "granules are as before\n");
	realm_finished();
}
