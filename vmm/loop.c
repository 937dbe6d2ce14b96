// SPDX-License-Identifier: BSD-2-Clause
/*
 * epoll and eventfds.
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "loop.h"

static int ep = -1;
static struct watch waker;

static void nothing(void *arg)
{
	(void)arg;
	event_clear(waker.fd);
}

void loop_init(void)
{
	ep = epoll_create1(EPOLL_CLOEXEC);
	if (ep < 0)
		die("cannot make an event loop: %s", strerror(errno));
	loop_event(&waker, nothing, NULL);
}

static int control(int op, struct watch *w, u32 events)
{
	struct epoll_event ev = { .events = events, .data.ptr = w };

	return epoll_ctl(ep, op, w->fd, &ev);
}

bool loop_try_add(struct watch *w, int fd, void (*ready)(void *arg), void *arg)
{
	*w = (struct watch){ .fd = fd, .ready = ready, .arg = arg };
	return !control(EPOLL_CTL_ADD, w, EPOLLIN);
}

void loop_add(struct watch *w, int fd, void (*ready)(void *arg), void *arg)
{
	if (!loop_try_add(w, fd, ready, arg))
		die("cannot watch a file: %s", strerror(errno));
}

/* Taken out, not masked: a terminal that hung up would report that for ever. */
void loop_pause(struct watch *w)
{
	control(EPOLL_CTL_DEL, w, 0);
}

void loop_resume(struct watch *w)
{
	control(EPOLL_CTL_ADD, w, EPOLLIN);
}

int loop_event(struct watch *w, void (*ready)(void *arg), void *arg)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		die("cannot make an event: %s", strerror(errno));
	loop_add(w, fd, ready, arg);
	return fd;
}

void event_signal(int fd)
{
	u64 one = 1;

	/* Full means it is signalled already. */
	if (write(fd, &one, sizeof(one)) < 0)
		return;
}

void event_clear(int fd)
{
	u64 count;

	if (read(fd, &count, sizeof(count)) < 0)
		return;
}

void loop_run(const _Atomic bool *stop)
{
	struct epoll_event ev[16];
	struct watch *w;
	int i, n;

	while (!*stop) {
		n = epoll_wait(ep, ev, ARRAY_SIZE(ev), -1);
		for (i = 0; i < n && !*stop; i++) {
			w = ev[i].data.ptr;
			w->ready(w->arg);
		}
	}
}

void loop_wake(void)
{
	event_signal(waker.fd);
}
