// SPDX-License-Identifier: BSD-2-Clause
/*
 * Virtio console (VIRTIO 1.2, 5.3): queue 0 to the guest, queue 1 from it.
 */
#include <string.h>

#include "console.h"

#define RX		0
#define TX		1
#define F_SIZE		(1ULL << 0)

struct console_config {
	u16 cols, rows;
	u32 max_ports;
	u32 emerg_wr;
};

/* A buffer for input appeared: whoever holds typed bytes may try again. */
static void rx_work(struct virtio *v)
{
	struct console *c = (struct console *)v;

	if (c->hungry)
		c->hungry(c->arg);
}

/* Send what the terminal takes; a request that does not fit stays first in line. */
static bool send_some(struct console *c)
{
	struct chain *ch = &c->chain;
	u8 piece[1024];
	size_t n, took;

	while (c->tx_sent < ch->out_len) {
		n = iov_read(ch->out, ch->nr_out, c->tx_sent, piece, sizeof(piece));
		took = out_put(c->out, piece, n);
		c->tx_sent += took;
		if (took < n)
			return false;
	}
	return true;
}

static void tx_work(struct virtio *v)
{
	struct console *c = (struct console *)v;
	u32 n;

	for (n = 0; n < v->vq[TX].num && vq_peek(v, TX, &c->chain); n++) {
		if (!send_some(c))
			break;
		c->tx_sent = 0;
		if (!vq_done(v, TX, &c->chain, 0))
			return;
	}
	if (n)
		vq_notify(v, TX);
	if (n == v->vq[TX].num)
		event_signal(v->vq[TX].bell.fd);	/* more may wait: others first */
}

static size_t receive_held(struct console *c, const u8 *data, size_t n)
{
	struct chain *ch = &c->chain;
	size_t done = 0, put;

	while (done < n && vq_peek(&c->v, RX, ch)) {
		put = iov_write(ch->in, ch->nr_in, 0, data + done, n - done);
		if (!put)
			virtio_broken(&c->v, "input buffer without room");
		if (!put || !vq_done(&c->v, RX, ch, put))
			return done;
		done += put;
	}
	if (done)
		vq_notify(&c->v, RX);
	return done;
}

size_t console_receive(struct console *c, const u8 *data, size_t n)
{
	size_t done = 0;

	pthread_mutex_lock(&c->v.lock);
	mem_hold(c->v.mem);
	if (virtio_is_live(&c->v, RX))
		done = receive_held(c, data, n);
	mem_let_go(c->v.mem);
	pthread_mutex_unlock(&c->v.lock);
	return done;
}

void console_drained(struct console *c)
{
	event_signal(c->v.vq[TX].bell.fd);
}

void console_resize(struct console *c, unsigned int cols, unsigned int rows)
{
	struct console_config cfg = { .cols = cols, .rows = rows, .max_ports = 1 };

	if (!cols || !rows)
		return;
	c->v.features |= F_SIZE;
	virtio_config(&c->v, &cfg, sizeof(cfg));
}

static void console_reset(struct virtio *v)
{
	((struct console *)v)->tx_sent = 0;
}

void console_init(struct console *c, struct mem *mem, struct out *out)
{
	struct console_config cfg = { .max_ports = 1 };

	memset(c, 0, sizeof(*c));
	virtio_init(&c->v, "console", VIRTIO_ID_CONSOLE, 0, mem);
	virtio_queue(&c->v, 64, rx_work);
	virtio_queue(&c->v, 64, tx_work);
	virtio_config(&c->v, &cfg, sizeof(cfg));
	c->v.reset = console_reset;
	c->out = out;
}
