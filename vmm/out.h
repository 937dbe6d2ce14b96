/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Output that may be slow: a ring and a thread that empties it into a file
 * descriptor. A terminal that does not take bytes never holds up the guest's
 * CPUs or the other devices; the guest sees a full transmitter instead.
 */
#ifndef VMM_OUT_H
#define VMM_OUT_H

#include <pthread.h>
#include <sys/types.h>

#include "util.h"

#define OUT_RING	(16 * 1024)

struct out {
	int fd;
	pthread_t thread;
	void (*drained)(void *arg);
	void *arg;
	u64 limit;		/* bytes in all, what is more is swallowed; 0: none */

	/* guarded by lock */
	pthread_mutex_t lock;
	pthread_cond_t work, idle;
	u8 ring[OUT_RING];
	size_t head, used;
	u64 total;		/* bytes written so far */
	bool wanted;		/* somebody found it full and waits for drained() */
	bool writing, stop;
	bool broken;		/* write(2) failed: swallow everything */
};

/*
 * Begin to write to fd. drained(arg) is called on the ring's own thread when
 * there is room again after out_put() took less than it was given.
 */
void out_init(struct out *o, int fd, void (*drained)(void *arg), void *arg);
void out_start(struct out *o);

/* Take up to n bytes; returns how many. Never waits. */
size_t out_put(struct out *o, const void *data, size_t n);
size_t out_room(struct out *o);

/* Wait until all is written, at most that many milliseconds. */
void out_flush(struct out *o, unsigned int ms);

#endif
