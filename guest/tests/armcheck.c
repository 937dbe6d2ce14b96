// SPDX-License-Identifier: BSD-2-Clause
/*
 * armcheck [sve BITS] [no-sve] [pmu]: run inside a guest, what it has of the CPU.
 *
 * One line per check, "ok NAME: ..." or "FAIL NAME: ..."; status 0 when all are ok.
 *   sve BITS  vectors are that long; three processes each keep their own while they
 *             push each other off the CPU
 *   no-sve    there is none
 *   pmu       cycles are counted, and overflows of the counter interrupt
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef HWCAP_SVE
#define HWCAP_SVE	(1 << 22)
#endif
#ifndef PR_SVE_SET_VL
#define PR_SVE_SET_VL	50
#define PR_SVE_VL_LEN_MASK	0xffff
#endif

static bool failed;

static void say(bool good, const char *name, const char *what, long n)
{
	printf("%s %s: %s %ld\n", good ? "ok" : "FAIL", name, what, n);
	fflush(stdout);
	failed |= !good;
}

/* ---- SVE ---- */

#define MOVE(op, z, p) \
	op " z0, [" z "]\n" op " z1, [" z ", #1, mul vl]\n" op " z7, [" z ", #7, mul vl]\n" \
	op " z8, [" z ", #8, mul vl]\n" op " z15, [" z ", #15, mul vl]\n" \
	op " z16, [" z ", #16, mul vl]\n" op " z30, [" z ", #30, mul vl]\n" \
	op " z31, [" z ", #31, mul vl]\n" op " p1, [" p "]\n" op " p15, [" p ", #1, mul vl]\n"

static uint8_t put[32 * 256 + 64] __attribute__((aligned(64)));
static uint8_t got[32 * 256 + 64] __attribute__((aligned(64)));

/* No system call while they are full: it keeps the low 128 bits only. */
static int keep_vectors(int seed, long bytes)
{
	for (int round = 0; round < 60; round++) {
		for (size_t i = 0; i < sizeof(put); i++)
			put[i] = (uint8_t)(i * 7 + seed * 31 + round);
		memset(got, 0, sizeof(got));
		__asm__ volatile(".arch_extension sve\n" MOVE("ldr", "%0", "%1")
				 "mov x9, %4\n"
				 "1: subs x9, x9, #1\n"
				 "b.ne 1b\n"
				 MOVE("str", "%2", "%3")
				 : : "r"(put), "r"(put + 32 * 256), "r"(got), "r"(got + 32 * 256),
				   "r"(200000L)
				 : "x9", "memory", "cc");
		for (int z = 0; z < 32; z++)
			if ((z <= 1 || z == 7 || z == 8 || z >= 30 || z == 15 || z == 16) &&
			    memcmp(put + z * bytes, got + z * bytes, bytes))
				return 1;
		if (memcmp(put + 32 * 256, got + 32 * 256, bytes / 4))
			return 2;
		sched_yield();
	}
	return 0;
}

static void check_sve(long bits)
{
	long bytes = prctl(PR_SVE_SET_VL, 256) & PR_SVE_VL_LEN_MASK;
	int status, wrong = 0;

	say(getauxval(AT_HWCAP) & HWCAP_SVE && bytes * 8 == bits, "sve", "bits", bytes * 8);
	if (failed)
		return;
	for (int i = 0; i < 3; i++)
		if (!fork())
			_exit(keep_vectors(i, bytes));
	while (wait(&status) > 0)
		wrong += !!status;
	say(!wrong, "vectors", "processes that lost some:", wrong);
}

/* ---- PMU ---- */

static volatile long overflows;

static void on_overflow(int sig)
{
	overflows++;
}

static int open_cycles(long period)
{
	struct perf_event_attr a = {
		.type = PERF_TYPE_HARDWARE, .size = sizeof(a),
		.config = PERF_COUNT_HW_CPU_CYCLES,
		.sample_period = period, .wakeup_events = 1,
	};

	return syscall(SYS_perf_event_open, &a, 0, -1, -1, 0);
}

static void work(void)
{
	for (volatile long i = 0; i < 8000000; i++)
		;
}

static void check_pmu(void)
{
	int fd = open_cycles(0);
	long first = 0, then = 0;

	if (fd < 0) {
		say(false, "pmu", "no counter of cycles", fd);
		return;
	}
	work();
	if (read(fd, &first, sizeof(first)) < 0)
		first = 0;
	work();
	if (read(fd, &then, sizeof(then)) < 0)
		then = 0;
	say(first > 0 && then > first, "cycles", "counted", then);
	close(fd);

	fd = open_cycles(then / 40 + 1);
	signal(SIGIO, on_overflow);
	fcntl(fd, F_SETFL, O_ASYNC);
	fcntl(fd, F_SETOWN, getpid());
	ioctl(fd, PERF_EVENT_IOC_REFRESH, 1000);
	work();
	work();
	say(overflows >= 5, "overflows", "seen", overflows);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "sve") && i + 1 < argc)
			check_sve(atol(argv[++i]));
		else if (!strcmp(argv[i], "no-sve"))
			say(!(getauxval(AT_HWCAP) & HWCAP_SVE), "no-sve", "SVE is", 0);
		else if (!strcmp(argv[i], "pmu"))
			check_pmu();
		else
			say(false, argv[i], "no such check", i);
	}
	return failed;
}
