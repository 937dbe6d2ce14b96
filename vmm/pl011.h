/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arm PrimeCell UART (PL011), as far as a guest can tell one from a real one:
 * sent bytes leave at once, the receiver has 16 places.
 */
#ifndef VMM_PL011_H
#define VMM_PL011_H

#include <pthread.h>

#include "irq.h"
#include "util.h"

#define PL011_FIFO	16

struct pl011 {
	/* never changes once vCPUs run */
	struct irq *irq;
	/* Takes up to n bytes, says how many; 0: the transmitter shows full. */
	size_t (*send)(void *arg, const u8 *data, size_t n);
	size_t (*send_room)(void *arg);		/* NULL: always room */
	/* There is room in the receiver again. May be NULL. */
	void (*hungry)(void *arg);
	void *arg;

	/* guarded by lock */
	pthread_mutex_t lock;
	u8 rx[PL011_FIFO];
	unsigned int rx_head, rx_used;
	u32 ris, imsc, cr, lcr_h, ibrd, fbrd, ifls, ilpr, dmacr;
};

void pl011_init(struct pl011 *u, struct irq *irq);

/* Register access; off is a multiple of 4 for anything that answers. */
u64 pl011_read(void *dev, u32 off, u32 len);
void pl011_write(void *dev, u32 off, u32 len, u64 val);

/* Bytes for the guest. Returns how many the receiver took. Any thread. */
size_t pl011_receive(struct pl011 *u, const u8 *data, size_t n);

/* The transmitter has room again. Any thread. */
void pl011_drained(struct pl011 *u);

#endif
