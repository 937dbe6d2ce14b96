/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The runner: each test in a child, so that one crash (AddressSanitizer ends the
 * process) costs one test. Ends with "N passed, N failed"; exit status 1 if any.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/sim.h"
#include "host.h"
#include "test.h"
#include "tools/words.h"

void __gcov_dump(void) __attribute__((weak));

#define MAX_SHOWN 12		/* failures of one test printed in full */
#define TIME_LIMIT 120		/* seconds of work per test, besides those it was given on each CPU */
#define PATIENCE 8		/* so many times that while others work too, or it hangs */

static struct test *tests;
static u64 seed;
static unsigned int seconds = 3;
static u64 steps;
static const char *log_name, *file_name;
static unsigned int granule = 12;
/* Of this test, shared with the runner: cases, and the checks in them. */
static struct count { unsigned int passed, failed, checks; } *count;
static unsigned int failed_checks;	/* in the case that runs */
static unsigned int shown;
static bool skipped;
static unsigned int jobs = 2;
static char note[256];

void test_register(struct test *t)
{
	struct test **at = &tests;

	while (*at && (strcmp((*at)->file, t->file) < 0 ||
		       (strcmp((*at)->file, t->file) == 0 && strcmp((*at)->name, t->name) < 0)))
		at = &(*at)->next;
	t->next = *at;
	*at = t;
}

u64 test_seed(void)
{
	return seed;
}

unsigned int test_granule(void)
{
	return granule;
}

unsigned int test_seconds(void)
{
	return seconds;
}

u64 test_steps(void)
{
	return steps;
}

const char *test_log(void)
{
	return log_name;
}

const char *test_file(void)
{
	return file_name;
}

u64 rng_next(struct rng *r)
{
	r->s ^= r->s >> 12;
	r->s ^= r->s << 25;
	r->s ^= r->s >> 27;
	return r->s * 0x2545F4914F6CDD1DULL;
}

u64 rng_below(struct rng *r, u64 n)
{
	return rng_next(r) % n;
}

void test_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(note, sizeof(note), fmt, ap);
	va_end(ap);
}

static const char *short_name(const char *file)
{
	const char *at = strstr(file, "tests/");

	return at ? at : file;
}

bool test_check(bool ok, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	__atomic_fetch_add(&count->checks, 1, __ATOMIC_RELAXED);
	if (ok)
		return true;
	failed_checks++;
	if (shown++ >= MAX_SHOWN)
		return false;
	fprintf(stderr, "%s:%d: [%s] ", short_name(file), line, note);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return false;
}

bool test_check_eq(u64 a, u64 b, const char *file, int line, const char *sa, const char *sb)
{
	return test_check(a == b, file, line, "%s is 0x%" PRIx64 ", not %s (0x%" PRIx64 ")", sa, a,
			  sb, b);
}

void test_need(const char *file, int line, const char *what)
{
	sim_fault("%s:%d: the world could not be built: %s", short_name(file), line, what);
}

void test_need_eq(u64 a, u64 b, const char *file, int line, const char *sa, const char *sb)
{
	if (a != b)
		sim_fault("%s:%d: the world could not be built: %s is 0x%" PRIx64
			  ", not %s (0x%" PRIx64 ")", short_name(file), line, sa, a, sb, b);
}

/* What the monitor did last, as it remembers it itself. */
static void say_trace(void)
{
	for (unsigned int cpu = 0; cpu < sim_machine()->nr_cpus; cpu++) {
		const struct trace_ring *r = sim_trace(cpu);
		char words[500];

		for (u64 i = r->next > 6 ? r->next - 6 : 0; i < r->next; i++)
			fprintf(stderr, "    CPU %u %s\n", cpu,
				words_event(words, sizeof(words), &r->event[i % TRACE_EVENTS]));
	}
}

void test_case(void (*fn)(void *), void *arg)
{
	unsigned int outer = failed_checks;
	bool quiet = shown >= MAX_SHOWN;
	bool ok;

	failed_checks = 0;
	skipped = false;
	ok = sim_try(fn, arg, quiet);
	if (!ok && !quiet) {
		fprintf(stderr, "    in case [%s]\n", note);
		shown++;
	}
	if ((!ok || failed_checks) && !quiet)
		say_trace();
	if (ok && !failed_checks && skipped)
		;
	else if (ok && !failed_checks)
		count->passed++;
	else
		count->failed++;
	failed_checks = outer;
	skipped = false;
}

void test_skip(void)
{
	skipped = true;
}

bool test_one(void (*fn)(void *), void *arg)
{
	static struct count own;

	count = &own;
	failed_checks = 0;
	return sim_try(fn, arg, false) && !failed_checks;
}

static void one_case(void *arg)
{
	const struct test *t = arg;

	t->fn();
}

static void run_in_child(const struct test *t)
{
	unsigned int limit = TIME_LIMIT + 4 * seconds;

	prctl(PR_SET_PDEATHSIG, SIGKILL);	/* no test outlives a runner that was stopped */
	setrlimit(RLIMIT_CPU, &(struct rlimit){ limit, limit });
	alarm(PATIENCE * limit);
	test_note("%s", t->name);
	host_choose_granule(granule);
	sim_power_on(&sim_machine_default);
	test_case(one_case, (void *)(uintptr_t)t);
	fflush(NULL);
	if (__gcov_dump)
		__gcov_dump();		/* a coverage build (make coverage) */
	_exit(0);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* ---- several at once ------------------------------------------------------------- */

#define MAX_JOBS 16

static struct job {
	const struct test *t;
	pid_t pid;
	double start;
	struct count *count;
} job[MAX_JOBS];
static unsigned int nr_running;
static struct count total;

static void start(const struct test *t, struct count *slots)
{
	unsigned int i = 0;

	while (job[i].t)
		i++;
	job[i] = (struct job){ .t = t, .start = now(), .count = &slots[i] };
	*job[i].count = (struct count){ 0, 0, 0 };
	fflush(NULL);
	job[i].pid = fork();
	if (job[i].pid == 0) {
		count = job[i].count;
		run_in_child(t);
	}
	nr_running++;
}

static void finish_one(bool verbose)
{
	int status;
	pid_t pid = waitpid(-1, &status, 0);
	struct job *j = job;

	while (j->pid != pid || !j->t)
		j++;
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		j->count->failed++;
		fprintf(stderr, "%s: %s ended with status 0x%x\n", short_name(j->t->file),
			j->t->name, status);
	}
	if (j->count->failed || verbose)
		printf("%-4s %s %s: %u of %u cases, %u checks, %.2f s\n",
		       j->count->failed ? "FAIL" : "ok", short_name(j->t->file), j->t->name,
		       j->count->passed, j->count->passed + j->count->failed, j->count->checks,
		       now() - j->start);
	total.passed += j->count->passed;
	total.failed += j->count->failed;
	total.checks += j->count->checks;
	j->t = NULL;
	nr_running--;
}

static bool fits(const struct test *t, const char *filter)
{
	if (*filter == '=')
		return !strcmp(t->name, filter + 1);
	return strstr(t->name, filter) || strstr(t->file, filter);
}

static bool wanted(const struct test *t, char **filters)
{
	if (!*filters)
		return true;
	for (; *filters; filters++)
		if (fits(t, *filters))
			return true;
	return false;
}

static void usage(const char *self)
{
	printf("%s [-l] [-v] [-x] [-j N] [-g KIB] [--seed N] [--seconds N] [--steps N] [--log FILE]\n"
	       "\t[--file FILE] [NAME...]\n"
	       "Runs the tests whose name or file contains one of NAME (=NAME: that name only), N at\n"
	       "once; -l lists them, -x stops at the first that fails; KIB is the RMI granule: 4, 16 or\n"
	       "64.\n",
	       self);
	exit(2);
}

static unsigned int granule_of(const char *kib)
{
	return !strcmp(kib, "4") ? 12 : !strcmp(kib, "16") ? 14 : !strcmp(kib, "64") ? 16 : 0;
}

int main(int argc, char **argv)
{
	bool list = false, verbose = false, stop = false;
	double began = now();
	struct count *slots;
	int i;

	seed = (u64)time(NULL) * 1000003u + (u64)getpid();
	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "-l"))
			list = true;
		else if (!strcmp(argv[i], "-v"))
			verbose = true;
		else if (!strcmp(argv[i], "--seed") && i + 1 < argc)
			seed = strtoull(argv[++i], NULL, 0);
		else if (!strcmp(argv[i], "-x"))
			stop = true;
		else if (!strcmp(argv[i], "-j") && i + 1 < argc)
			jobs = (unsigned int)strtoul(argv[++i], NULL, 0);
		else if (!strcmp(argv[i], "-g") && i + 1 < argc)
			granule = granule_of(argv[++i]);
		else if (!strcmp(argv[i], "--seconds") && i + 1 < argc)
			seconds = (unsigned int)strtoul(argv[++i], NULL, 0);
		else if (!strcmp(argv[i], "--steps") && i + 1 < argc)
			steps = strtoull(argv[++i], NULL, 0);
		else if (!strcmp(argv[i], "--log") && i + 1 < argc)
			log_name = argv[++i];
		else if (!strcmp(argv[i], "--file") && i + 1 < argc)
			file_name = argv[++i];
		else
			usage(argv[0]);
	}
	if (!granule)
		usage(argv[0]);
	if (!seed)
		seed = 1;
	if (!jobs || jobs > MAX_JOBS)
		usage(argv[0]);
	slots = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (const struct test *t = tests; t; t = t->next) {
		if (!wanted(t, argv + i))
			continue;
		if (stop && total.failed)
			break;
		if (list) {
			printf("%s %s\n", short_name(t->file), t->name);
			continue;
		}
		if (nr_running == jobs)
			finish_one(verbose);
		start(t, slots);
	}
	if (list)
		return 0;
	while (nr_running)
		finish_one(verbose);
	printf("seed %" PRIu64 ", %u checks, %.1f s\n", seed, total.checks, now() - began);
	printf("%u passed, %u failed\n", total.passed, total.failed);
	return total.failed != 0;
}
