/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtio 1.x over MMIO (version 2), split queues.
 *
 * The guest is hostile. Everything it leaves in memory is read once into a
 * copy and checked; what makes no sense puts the device into NEEDS_RESET, where
 * it stays until the driver resets it. No access by the guest can crash the
 * VMM, make it wait, or keep it in a loop longer than one queue's worth of work.
 */
#ifndef VMM_VIRTIO_H
#define VMM_VIRTIO_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/uio.h>

#include "bus.h"
#include "irq.h"
#include "loop.h"
#include "mem.h"

#define VQ_MAX		256	/* entries of a queue, at most */
#define VIRTIO_QUEUES	2

#define VIRTIO_ID_BLOCK		2
#define VIRTIO_ID_CONSOLE	3
#define VIRTIO_ID_RNG		4

struct virtio;

struct vq {
	u32 max;
	void (*work)(struct virtio *v);		/* on the I/O thread, device held */
	struct watch bell;

	/* guarded by the device's lock */
	u32 num;
	bool ready;
	u64 desc, driver, device;	/* bus addresses */
	u16 next_avail, next_used;
};

/* One request: buffers the device reads, then buffers it writes. */
struct chain {
	u16 head;
	unsigned int nr_out, nr_in;
	u64 out_len, in_len;
	struct iovec out[VQ_MAX], in[VQ_MAX];
};

struct virtio {
	/* never changes once vCPUs run */
	const char *name;
	u32 id;
	u64 features;			/* of this device; the transport adds its own */
	unsigned int nr_queues;
	struct mem *mem;
	struct irq irq;
	void (*reset)(struct virtio *v);	/* device held; may be NULL */

	atomic_uint isr;

	/* guarded by lock */
	pthread_mutex_t lock;
	u32 status;
	u32 features_sel, driver_features_sel, queue_sel;
	u64 driver_features;
	u32 config_generation;
	u8 config[32];
	u32 config_len;
	struct vq vq[VIRTIO_QUEUES];
};

/* Fill in the common part; queues by virtio_queue(). */
void virtio_init(struct virtio *v, const char *name, u32 id, u64 features, struct mem *mem);
void virtio_queue(struct virtio *v, u32 max, void (*work)(struct virtio *v));

/* Put it at slot n of the map, with its interrupt and doorbells. */
void virtio_attach(struct virtio *v, struct bus *bus, int vm_fd, unsigned int n);

/* Registers; for the bus, and for tests. */
u64 virtio_read(void *dev, u32 off, u32 len);
void virtio_write(void *dev, u32 off, u32 len, u64 val);

/* Run a queue's work function now. Takes the device and guest memory. */
void virtio_kick(struct virtio *v, unsigned int q);

/* May queue q's rings be looked at? Device held. */
bool virtio_is_live(const struct virtio *v, unsigned int q);

/* New configuration contents; the driver is told. */
void virtio_config(struct virtio *v, const void *config, u32 len);

/*
 * The following: device and guest memory held (inside a work function).
 *
 * vq_peek: the next request, checked, left in the queue. False: none, or the
 * device has just gone to NEEDS_RESET. Pointers are good until memory is let go.
 * vq_done: take it off the queue and give it back with len bytes written.
 * vq_notify: interrupt the driver, unless it asked not to be.
 */
bool vq_peek(struct virtio *v, unsigned int q, struct chain *c);
bool vq_done(struct virtio *v, unsigned int q, const struct chain *c, u32 len);
void vq_notify(struct virtio *v, unsigned int q);

/* The device cannot go on with this driver. */
void virtio_broken(struct virtio *v, const char *why);

/* Copy n bytes at offset at of a list of buffers; returns how many there were. */
size_t iov_read(const struct iovec *iov, unsigned int nr, u64 at, void *to, size_t n);
size_t iov_write(const struct iovec *iov, unsigned int nr, u64 at, const void *from, size_t n);

#endif
