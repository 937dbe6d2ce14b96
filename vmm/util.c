// SPDX-License-Identifier: BSD-2-Clause
/*
 * Messages and small helpers.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "util.h"

static bool debugging;
static struct timespec began;
void (*die_hook)(void);

void debug_enable(void)
{
	debugging = true;
	clock_gettime(CLOCK_MONOTONIC, &began);
}

static void say(const char *fmt, va_list ap)
{
	char line[512];

	/* One write: other threads and other programs share this terminal. */
	vsnprintf(line, sizeof(line), fmt, ap);
	fprintf(stderr, "realmvm: %s\n", line);
}

void die(const char *fmt, ...)
{
	va_list ap;

	if (die_hook)
		die_hook();
	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	exit(EXIT_BROKEN);
}

void debug(const char *fmt, ...)
{
	struct timespec now;
	char line[512];
	va_list ap;

	if (!debugging)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	/* The terminal is raw meanwhile: it does not return to the left by itself. */
	fprintf(stderr, "realmvm: %7.3f %s%s\n", now.tv_sec - began.tv_sec +
		(now.tv_nsec - began.tv_nsec) / 1e9, line, isatty(STDERR_FILENO) ? "\r" : "");
}

void *xalloc(size_t n)
{
	void *p = calloc(1, n);

	if (!p)
		die("not enough memory for %zu bytes of our own", n);
	return p;
}
