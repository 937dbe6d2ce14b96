/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a case ends early: a fault seen by the paper machine, or a panic of the
 * monitor. Both come back to sim_try() of the thread; without one the process ends.
 */
#include <execinfo.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "arch/arch.h"
#include "sim/internal.h"

static _Thread_local jmp_buf *back;
static _Thread_local bool be_quiet;
static _Thread_local char what[512];
static bool fatal;
static void (*on_fault)(void);

static _Noreturn void end_of_case(void)
{
	void *frames[40];
	int n;

	if (!be_quiet) {
		if (on_fault)
			on_fault();
		fprintf(stderr, "\n%s\n", what);
		n = backtrace(frames, 40);
		for (int i = 0; i < n; i++)	/* the call; what follows it may be another function */
			frames[i] = (char *)frames[i] - 1;
		backtrace_symbols_fd(frames, n, STDERR_FILENO);
	}
	if (fatal)
		_exit(3);
	if (!back)
		abort();
	longjmp(*back, 1);
}

void sim_fault(const char *fmt, ...)
{
	va_list ap;
	int n = snprintf(what, sizeof(what), "sim: ");

	va_start(ap, fmt);
	vsnprintf(what + n, sizeof(what) - (size_t)n, fmt, ap);
	va_end(ap);
	end_of_case();
}

void arch_panic(const char *file, int line, const char *text)
{
	snprintf(what, sizeof(what), "panic: %s:%d: %s", file, line, text);
	end_of_case();
}

bool sim_try(void (*fn)(void *), void *arg, bool quiet)
{
	jmp_buf here, *outer = back;
	bool outer_quiet = be_quiet;
	bool ended_well;

	back = &here;
	be_quiet = quiet;
	what[0] = '\0';
	ended_well = setjmp(here) == 0;
	if (ended_well)
		fn(arg);
	back = outer;
	be_quiet = outer_quiet;
	return ended_well;
}

void sim_faults_end_process(bool on)
{
	fatal = on;
}

void sim_on_fault(void (*fn)(void))
{
	on_fault = fn;
}

const char *sim_what_went_wrong(void)
{
	return what;
}
