// SPDX-License-Identifier: BSD-2-Clause
/*
 * Standard input to the guest.
 *
 * A terminal is always read, also when the guest takes nothing: Ctrl-A x must
 * work on a guest that hangs. What it has no room for is lost, as on a serial
 * line. A pipe or file waits instead.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "term.h"

#define CTRL_A	1

static struct term term;
static struct termios saved;
static bool is_tty, is_raw, pollable, paused, ended, escape;
static struct watch input, feed;
static int feed_event = -1;
static u8 pending[4096];
static size_t nr_pending;

size_t term_filter(bool *esc, u8 *data, size_t n, bool *leave)
{
	size_t i, out = 0;

	for (i = 0; i < n; i++) {
		if (*esc) {
			*esc = false;
			if (data[i] == 'x')
				*leave = true;
			else if (data[i] == CTRL_A)
				data[out++] = CTRL_A;
		} else if (data[i] == CTRL_A) {
			*esc = true;
		} else {
			data[out++] = data[i];
		}
	}
	return out;
}

static void push(void)
{
	size_t took;

	if (!nr_pending)
		return;
	took = term.sink(term.sink_arg, pending, nr_pending);
	memmove(pending, pending + took, nr_pending - took);
	nr_pending -= took;
}

/* Returns whether there was something to read. */
static bool pull(void)
{
	u8 buf[512];
	bool leave = false;
	ssize_t n;
	size_t len;

	n = read(STDIN_FILENO, buf, sizeof(buf));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return false;
	if (n <= 0) {
		ended = true;
		if (pollable)
			loop_pause(&input);
		return false;
	}
	len = n;
	if (is_tty)
		len = term_filter(&escape, buf, n, &leave);
	if (leave)
		term.leave(term.leave_arg);
	if (len > sizeof(pending) - nr_pending)
		len = sizeof(pending) - nr_pending;
	memcpy(pending + nr_pending, buf, len);
	nr_pending += len;
	return true;
}

static void update_watch(void)
{
	if (is_tty || ended || !pollable)
		return;
	if (nr_pending && !paused)
		loop_pause(&input);
	if (!nr_pending && paused)
		loop_resume(&input);
	paused = nr_pending;
}

static void input_ready(void *arg)
{
	(void)arg;
	pull();
	push();
	update_watch();
}

static void feed_ready(void *arg)
{
	(void)arg;
	event_clear(feed_event);
	push();
	while (!pollable && !ended && !nr_pending && pull())
		push();
	update_watch();
}

void term_hungry(void *unused)
{
	(void)unused;
	if (feed_event >= 0)
		event_signal(feed_event);
}

void term_restore(void)
{
	if (is_raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
	is_raw = false;
}

static void make_raw(void)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &saved))
		return;
	raw = saved;
	cfmakeraw(&raw);
	is_raw = !tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

void term_start(const struct term *t)
{
	term = *t;
	is_tty = isatty(STDIN_FILENO);
	if (is_tty)
		make_raw();
	feed_event = loop_event(&feed, feed_ready, NULL);
	pollable = loop_try_add(&input, STDIN_FILENO, input_ready, NULL);
	if (!pollable && errno != EPERM)
		ended = true;		/* closed: there is no input */
	term_hungry(NULL);
}

bool term_size(unsigned int *cols, unsigned int *rows)
{
	struct winsize ws;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) || !ws.ws_col || !ws.ws_row)
		return false;
	*cols = ws.ws_col;
	*rows = ws.ws_row;
	return true;
}
