// SPDX-License-Identifier: BSD-2-Clause
/*
 * A ring of bytes and the thread that writes them.
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "out.h"

void out_init(struct out *o, int fd, void (*drained)(void *arg), void *arg)
{
	memset(o, 0, sizeof(*o));
	o->fd = fd;
	o->drained = drained;
	o->arg = arg;
	pthread_mutex_init(&o->lock, NULL);
	pthread_cond_init(&o->work, NULL);
	pthread_cond_init(&o->idle, NULL);
}

/* The longest piece that does not wrap; copied, so the lock is free meanwhile. */
static size_t take(struct out *o, u8 *to, size_t room)
{
	size_t n = OUT_RING - o->head;

	if (n > o->used)
		n = o->used;
	if (n > room)
		n = room;
	memcpy(to, o->ring + o->head, n);
	return n;
}

static ssize_t write_some(int fd, const u8 *data, size_t n)
{
	ssize_t done;

	do {
		done = write(fd, data, n);
	} while (done < 0 && (errno == EINTR || errno == EAGAIN));
	return done;
}

static void *out_main(void *arg)
{
	struct out *o = arg;
	u8 piece[2048];
	ssize_t done;
	size_t n;
	bool tell;

	pthread_mutex_lock(&o->lock);
	while (!o->stop) {
		if (!o->used) {
			pthread_cond_broadcast(&o->idle);
			pthread_cond_wait(&o->work, &o->lock);
			continue;
		}
		n = take(o, piece, sizeof(piece));
		o->writing = true;
		pthread_mutex_unlock(&o->lock);
		done = o->broken ? (ssize_t)n : write_some(o->fd, piece, n);
		pthread_mutex_lock(&o->lock);
		o->writing = false;
		if (done < 0) {
			o->broken = true;
			continue;
		}
		o->total += done;
		o->broken |= o->limit && o->total >= o->limit;
		o->head = (o->head + done) % OUT_RING;
		o->used -= done;
		tell = o->wanted && o->used <= OUT_RING / 2;
		if (tell) {
			o->wanted = false;
			pthread_mutex_unlock(&o->lock);
			if (o->drained)
				o->drained(o->arg);
			pthread_mutex_lock(&o->lock);
		}
	}
	pthread_mutex_unlock(&o->lock);
	return NULL;
}

void out_start(struct out *o)
{
	int err = pthread_create(&o->thread, NULL, out_main, o);

	if (err)
		die("cannot start a thread: %s", strerror(err));
}

size_t out_put(struct out *o, const void *data, size_t n)
{
	const u8 *from = data;
	size_t room, i, end;

	pthread_mutex_lock(&o->lock);
	room = OUT_RING - o->used;
	if (n > room) {
		n = room;
		o->wanted = true;
	}
	end = (o->head + o->used) % OUT_RING;
	for (i = 0; i < n; i++)
		o->ring[(end + i) % OUT_RING] = from[i];
	o->used += n;
	if (n)
		pthread_cond_signal(&o->work);
	pthread_mutex_unlock(&o->lock);
	return n;
}

size_t out_room(struct out *o)
{
	size_t room;

	pthread_mutex_lock(&o->lock);
	room = OUT_RING - o->used;
	if (!room)
		o->wanted = true;
	pthread_mutex_unlock(&o->lock);
	return room;
}

void out_flush(struct out *o, unsigned int ms)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += (ms % 1000) * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	pthread_mutex_lock(&o->lock);
	while ((o->used || o->writing) && !o->broken)
		if (pthread_cond_timedwait(&o->idle, &o->lock, &until))
			break;
	pthread_mutex_unlock(&o->lock);
}
