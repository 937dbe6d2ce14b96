// SPDX-License-Identifier: BSD-2-Clause
/*
 * Split queues (VIRTIO 1.2, 2.7): the only code that reads what a driver has
 * written into rings and descriptors.
 */
#include <string.h>

#include "virtio.h"

#define DESC_NEXT	1
#define DESC_WRITE	2

struct desc {
	u64 addr;
	u32 len;
	u16 flags;
	u16 next;
};

static bool broken(struct virtio *v, const char *why)
{
	virtio_broken(v, why);
	return false;
}

/* How many requests wait; false when the driver's index makes no sense. */
static bool nr_waiting(struct virtio *v, struct vq *vq, u16 *nr)
{
	u16 *idx = mem_dma(v->mem, vq->driver + 2, sizeof(*idx));

	if (!idx)
		return broken(v, "available ring");
	/* Pairs with the driver's release: what it wrote before the index is there. */
	*nr = __atomic_load_n(idx, __ATOMIC_ACQUIRE) - vq->next_avail;
	if (*nr > vq->num)
		return broken(v, "available index");
	return true;
}

static bool add_buffer(struct virtio *v, struct chain *c, const struct desc *d)
{
	void *p = mem_dma(v->mem, d->addr, d->len);

	if (!p)
		return broken(v, "buffer address");
	if (d->flags & DESC_WRITE) {
		c->in[c->nr_in++] = (struct iovec){ p, d->len };
		c->in_len += d->len;
		return true;
	}
	if (c->nr_in)
		return broken(v, "order of buffers");
	c->out[c->nr_out++] = (struct iovec){ p, d->len };
	c->out_len += d->len;
	return true;
}

static bool walk(struct virtio *v, struct vq *vq, struct chain *c)
{
	u32 i = c->head, n;
	struct desc d, *table = mem_dma(v->mem, vq->desc, 16ULL * vq->num);

	if (!table)
		return broken(v, "descriptor table");
	for (n = 0; n < vq->num; n++) {
		if (i >= vq->num)
			return broken(v, "descriptor index");
		memcpy(&d, &table[i], sizeof(d));
		__asm__ volatile("" : "+m"(d) : : "memory");	/* one read, of this copy on */
		if (d.flags & ~(DESC_NEXT | DESC_WRITE))
			return broken(v, "descriptor flags");
		if (!add_buffer(v, c, &d))
			return false;
		if (!(d.flags & DESC_NEXT))
			return true;
		i = d.next;
	}
	return broken(v, "endless chain");
}

bool vq_peek(struct virtio *v, unsigned int q, struct chain *c)
{
	struct vq *vq = &v->vq[q];
	u16 nr, *ring;

	if (!nr_waiting(v, vq, &nr) || !nr)
		return false;
	ring = mem_dma(v->mem, vq->driver + 4, 2ULL * vq->num);
	if (!ring)
		return broken(v, "available ring");
	c->head = __atomic_load_n(&ring[vq->next_avail & (vq->num - 1)], __ATOMIC_RELAXED);
	c->nr_out = c->nr_in = 0;
	c->out_len = c->in_len = 0;
	return walk(v, vq, c);
}

bool vq_done(struct virtio *v, unsigned int q, const struct chain *c, u32 len)
{
	struct vq *vq = &v->vq[q];
	u8 *used = mem_dma(v->mem, vq->device, 6 + 8ULL * vq->num);
	u32 elem[2] = { c->head, len };

	if (!used)
		return broken(v, "used ring");
	memcpy(used + 4 + 8 * (vq->next_used & (vq->num - 1)), elem, sizeof(elem));
	vq->next_avail++;
	vq->next_used++;
	/* The driver sees the element, and the data before it, when it sees the index. */
	__atomic_store_n((u16 *)(used + 2), vq->next_used, __ATOMIC_RELEASE);
	return true;
}

static size_t iov_copy(const struct iovec *iov, unsigned int nr, u64 at, void *buf, size_t n,
		       bool to_iov)
{
	size_t done = 0, part;
	unsigned int i;

	for (i = 0; i < nr && done < n; i++) {
		if (at >= iov[i].iov_len) {
			at -= iov[i].iov_len;
			continue;
		}
		part = iov[i].iov_len - at;
		if (part > n - done)
			part = n - done;
		if (to_iov)
			memcpy((u8 *)iov[i].iov_base + at, (u8 *)buf + done, part);
		else
			memcpy((u8 *)buf + done, (u8 *)iov[i].iov_base + at, part);
		done += part;
		at = 0;
	}
	return done;
}

size_t iov_read(const struct iovec *iov, unsigned int nr, u64 at, void *to, size_t n)
{
	return iov_copy(iov, nr, at, to, n, false);
}

size_t iov_write(const struct iovec *iov, unsigned int nr, u64 at, const void *from, size_t n)
{
	return iov_copy(iov, nr, at, (void *)from, n, true);
}
