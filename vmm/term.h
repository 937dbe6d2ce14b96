/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The user's terminal: raw while the guest runs, Ctrl-A is ours
 * (decisions-kvm K82).
 */
#ifndef VMM_TERM_H
#define VMM_TERM_H

#include "loop.h"
#include "util.h"

struct term {
	/* Bytes for the guest; returns how many it took. */
	size_t (*sink)(void *arg, const u8 *data, size_t n);
	void *sink_arg;
	void (*leave)(void *arg);	/* Ctrl-A x */
	void *leave_arg;
};

/*
 * Begin to read standard input. If it is a terminal it becomes raw, until
 * term_restore(). The sink is asked again after term_hungry().
 */
void term_start(const struct term *t);
void term_restore(void);

/* The guest has room again. Any thread, any lock held. */
void term_hungry(void *unused);

/* Size of the terminal on standard output; false when unknown. */
bool term_size(unsigned int *cols, unsigned int *rows);

/*
 * Take Ctrl-A sequences out of data, in place; the state spans calls. Returns
 * the bytes left; *leave is set when Ctrl-A x was among them.
 */
size_t term_filter(bool *escape, u8 *data, size_t n, bool *leave);

#endif
