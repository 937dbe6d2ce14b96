// SPDX-License-Identifier: BSD-2-Clause
/*
 * realmcheck [realm] [cpus N] [disk FILE] [rng] [timer]: run inside
 * a guest, says what it finds.
 *
 * One line per check, "ok NAME: ..." or "FAIL NAME: ..."; status 0 when all are
 * ok. Checks are done in the order given; with no argument: realm, rng, timer.
 *   realm     the kernel found RSI 1.x and made the realm's guest device
 *   cpus N    N CPUs are online, and a thread ran on each
 *   disk FILE write a pattern over the first 4 MiB of a block device past the
 *             page cache, read it back, compare; the old contents are put back
 *   rng       /dev/hwrng gives 512 bytes that are not all alike, twice
 *   timer     on each CPU, sleeping and counting agree with CNTVCT_EL0
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <time.h>
#include <unistd.h>

static bool failed;

static void say(bool good, const char *name, const char *fmt, ...)
{
	va_list ap;

	printf("%s %s: ", good ? "ok" : "FAIL", name);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
	failed |= !good;
}

/* ---- realm ---- */

static void check_realm(void)
{
	static char log[1 << 20];
	int n = klogctl(3, log, sizeof(log) - 1);	/* SYSLOG_ACTION_READ_ALL */
	const char *line;

	log[n > 0 ? n : 0] = '\0';
	line = strstr(log, "Using RSI version");
	if (line)
		say(true, "rsi", "%.*s", (int)strcspn(line, "\n"), line);
	else
		say(false, "rsi", "the kernel does not say it uses RSI");
	say(!access("/sys/devices/platform/arm-cca-dev", F_OK), "realm",
	    "/sys/devices/platform/arm-cca-dev");
}

/* ---- cpus ---- */

static void *where_am_i(void *arg)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((intptr_t)arg, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		return (void *)-1;
	return (void *)(intptr_t)sched_getcpu();
}

static void check_cpus(int want)
{
	int have = sysconf(_SC_NPROCESSORS_ONLN), i;
	pthread_t t;
	void *at;

	say(have == want, "cpus", "%d online, %d wanted", have, want);
	for (i = 0; i < have; i++) {
		at = (void *)-2;
		if (!pthread_create(&t, NULL, where_am_i, (void *)(intptr_t)i))
			pthread_join(t, &at);
		if ((intptr_t)at != i)
			say(false, "cpus", "a thread for CPU %d ran on %d", i, (int)(intptr_t)at);
	}
}

/* ---- disk ---- */

#define DISK_BYTES	(4 << 20)

static bool disk_io(int fd, void *buf, bool write)
{
	size_t at, piece = 128 << 10;
	ssize_t n;

	for (at = 0; at < DISK_BYTES; at += piece) {
		n = write ? pwrite(fd, (char *)buf + at, piece, at) :
			    pread(fd, (char *)buf + at, piece, at);
		if (n != (ssize_t)piece)
			return false;
	}
	return true;
}

static void check_disk(const char *path)
{
	int fd = open(path, O_RDWR | O_DIRECT | O_SYNC);
	uint32_t *old, *pattern, *back;
	uint32_t x = 12345;
	size_t i;

	if (fd < 0) {
		say(false, "disk", "%s: %s", path, strerror(errno));
		return;
	}
	old = aligned_alloc(4096, DISK_BYTES);
	pattern = aligned_alloc(4096, DISK_BYTES);
	back = aligned_alloc(4096, DISK_BYTES);
	if (!old || !pattern || !back) {
		say(false, "disk", "no memory");
		return;
	}
	for (i = 0; i < DISK_BYTES / 4; i++) {
		x = x * 1664525 + 1013904223;
		pattern[i] = x;
	}
	if (!disk_io(fd, old, false) || !disk_io(fd, pattern, true) ||
	    !disk_io(fd, back, false) || !disk_io(fd, old, true)) {
		say(false, "disk", "%s: %s", path, strerror(errno));
		return;
	}
	say(!memcmp(pattern, back, DISK_BYTES), "disk", "%s: 4 MiB written and read", path);
	close(fd);
}

/* ---- rng ---- */

static bool all_alike(const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++)
		if (p[i] != p[0])
			return false;
	return true;
}

static bool fill(int fd, uint8_t *p, size_t n)
{
	ssize_t got;

	while (n) {
		got = read(fd, p, n);
		if (got <= 0)
			return false;
		p += got;
		n -= got;
	}
	return true;
}

static void check_rng(void)
{
	uint8_t a[512], b[512];
	int fd = open("/dev/hwrng", O_RDONLY);

	if (fd < 0 || !fill(fd, a, sizeof(a)) || !fill(fd, b, sizeof(b))) {
		say(false, "rng", "/dev/hwrng: %s", strerror(errno));
		return;
	}
	say(!all_alike(a, sizeof(a)) && memcmp(a, b, sizeof(a)), "rng", "2 x 512 bytes");
	close(fd);
}

/* ---- timer ---- */

#if defined(__aarch64__)
static uint64_t counter(void)
{
	uint64_t v;

	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(v) : : "memory");
	return v;
}

static uint64_t frequency(void)
{
	uint64_t v;

	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(v));
	return v;
}
#else
#error realmcheck is a program for aarch64
#endif

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/*
 * 20 sleeps of 10 ms: by the counter and by the clock it must be 200 ms or
 * more, both alike within 1 %, and not absurdly more (lost interrupts). The
 * counter is read on both sides of the clock: a busy host may stop us between.
 */
static void check_timer_here(int cpu)
{
	const struct timespec tick = { .tv_nsec = 10000000 };
	uint64_t t0, t1, out0, in0, in1, out1, clock_us, inner_us, outer_us, worst = 0, before, took;
	int i;

	out0 = counter();
	t0 = now_ns();
	in0 = counter();
	for (i = 0; i < 20; i++) {
		before = now_ns();
		clock_nanosleep(CLOCK_MONOTONIC, 0, &tick, NULL);
		took = now_ns() - before;
		if (took > worst)
			worst = took;
	}
	in1 = counter();
	t1 = now_ns();
	out1 = counter();
	clock_us = (t1 - t0) / 1000;
	inner_us = (in1 - in0) * 1000000 / frequency();
	outer_us = (out1 - out0) * 1000000 / frequency();
	say(inner_us >= 200000 && outer_us * 100 >= clock_us * 99 && inner_us * 99 <= clock_us * 100 &&
	    worst < 5000000000, "timer",
	    "cpu %d: 20 x 10 ms took %" PRIu64 " us by the clock, %" PRIu64 " to %" PRIu64
	    " us by the counter, longest %" PRIu64 " us", cpu, clock_us, inner_us, outer_us,
	    worst / 1000);
}

static void check_timer(void)
{
	int n = sysconf(_SC_NPROCESSORS_ONLN), i;
	cpu_set_t set;

	for (i = 0; i < n; i++) {
		CPU_ZERO(&set);
		CPU_SET(i, &set);
		if (sched_setaffinity(0, sizeof(set), &set))
			say(false, "timer", "cpu %d: %s", i, strerror(errno));
		else
			check_timer_here(i);
	}
}

int main(int argc, char **argv)
{
	int i;

	if (argc == 1) {
		check_realm();
		check_rng();
		check_timer();
	}
	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "realm"))
			check_realm();
		else if (!strcmp(argv[i], "rng"))
			check_rng();
		else if (!strcmp(argv[i], "timer"))
			check_timer();
		else if (!strcmp(argv[i], "cpus") && i + 1 < argc)
			check_cpus(atoi(argv[++i]));
		else if (!strcmp(argv[i], "disk") && i + 1 < argc)
			check_disk(argv[++i]);
		else
			say(false, "arguments", "what is `%s'?", argv[i]);
	}
	return failed;
}
