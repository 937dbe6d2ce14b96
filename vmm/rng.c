// SPDX-License-Identifier: BSD-2-Clause
/*
 * Virtio entropy device (VIRTIO 1.2, 5.4).
 */
#include <sys/random.h>

#include "rng.h"

/* Per request; a driver that wants more asks again. */
#define RNG_MOST	1024

static void rng_work(struct virtio *v)
{
	struct rng *r = (struct rng *)v;
	u8 bytes[RNG_MOST];
	ssize_t got;
	size_t put;
	u32 n;

	for (n = 0; n < v->vq[0].num && vq_peek(v, 0, &r->chain); n++) {
		got = getrandom(bytes, sizeof(bytes), GRND_NONBLOCK);
		put = iov_write(r->chain.in, r->chain.nr_in, 0, bytes, got > 0 ? got : 0);
		if (!vq_done(v, 0, &r->chain, put))
			return;
	}
	if (n)
		vq_notify(v, 0);
	if (n == v->vq[0].num)
		event_signal(v->vq[0].bell.fd);		/* more may wait: others first */
}

void rng_init(struct rng *r, struct mem *mem)
{
	virtio_init(&r->v, "rng", VIRTIO_ID_RNG, 0, mem);
	virtio_queue(&r->v, 16, rng_work);
}
