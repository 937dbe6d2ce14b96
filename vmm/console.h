/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtio console: one port, the user's terminal.
 */
#ifndef VMM_CONSOLE_H
#define VMM_CONSOLE_H

#include "out.h"
#include "virtio.h"

struct console {
	struct virtio v;
	struct out *out;
	void (*hungry)(void *arg);	/* the guest offers room for input; may be NULL */
	void *arg;

	/* guarded by v.lock */
	u64 tx_sent;			/* bytes of the first waiting request already out */
	struct chain chain;
};

void console_init(struct console *c, struct mem *mem, struct out *out);

/* Bytes for the guest; returns how many it had room for. I/O thread. */
size_t console_receive(struct console *c, const u8 *data, size_t n);

/* The terminal has room again. Any thread. */
void console_drained(struct console *c);

/* Tell the guest the terminal's size; 0 x 0: unknown, nothing is said. */
void console_resize(struct console *c, unsigned int cols, unsigned int rows);

#endif
