/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The I/O thread: waits for file descriptors and calls who asked for them.
 * Devices do their work here; vCPU threads only touch registers.
 */
#ifndef VMM_LOOP_H
#define VMM_LOOP_H

#include "util.h"

struct watch {
	int fd;
	void (*ready)(void *arg);
	void *arg;
};

void loop_init(void);

/* Call w->ready whenever fd is readable. w must stay where it is. */
void loop_add(struct watch *w, int fd, void (*ready)(void *arg), void *arg);
/* The same; false for a file that cannot be waited for, like a regular one. */
bool loop_try_add(struct watch *w, int fd, void (*ready)(void *arg), void *arg);
void loop_pause(struct watch *w);	/* stop calling ... */
void loop_resume(struct watch *w);	/* ... and go on */

/* A new eventfd that calls ready; the number is cleared before each call. */
int loop_event(struct watch *w, void (*ready)(void *arg), void *arg);
void event_signal(int fd);
void event_clear(int fd);

/* Run until *stop; a call of loop_wake() makes it look. */
void loop_run(const _Atomic bool *stop);
void loop_wake(void);

#endif
