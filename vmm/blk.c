// SPDX-License-Identifier: BSD-2-Clause
/*
 * Virtio block device (VIRTIO 1.2, 5.2). Requests are served in order, one at
 * a time, straight between the file and the guest's shared buffers.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blk.h"

#define SECTOR		512ULL

#define F_SEG_MAX	(1ULL << 2)
#define F_RO		(1ULL << 5)
#define F_FLUSH		(1ULL << 9)

#define T_IN		0
#define T_OUT		1
#define T_FLUSH		4
#define T_GET_ID	8

#define S_OK		0
#define S_IOERR		1
#define S_UNSUPP	2

/* One request may keep the device this long and no longer. */
#define MOST_BYTES	(16 * MIB)

struct blk_header {
	u32 type;
	u32 reserved;
	u64 sector;
};

struct blk_config {
	u64 capacity;
	u32 size_max;
	u32 seg_max;
};

/*
 * Buffers [at, at + len) of a list, as a list of its own. The last byte of the
 * written part is the status and the first 16 of the read part are the header,
 * wherever the driver's buffers begin and end.
 */
static unsigned int cut(struct iovec *to, const struct iovec *iov, unsigned int nr, u64 at, u64 len)
{
	unsigned int i, n = 0;
	u64 part;

	for (i = 0; i < nr && len; i++) {
		if (at >= iov[i].iov_len) {
			at -= iov[i].iov_len;
			continue;
		}
		part = min_u64(iov[i].iov_len - at, len);
		to[n++] = (struct iovec){ (u8 *)iov[i].iov_base + at, part };
		len -= part;
		at = 0;
	}
	return n;
}

static void skip(struct iovec **iov, unsigned int *nr, size_t done)
{
	while (*nr && done >= (*iov)->iov_len) {
		done -= (*iov)->iov_len;
		(*iov)++;
		(*nr)--;
	}
	if (*nr) {
		(*iov)->iov_base = (u8 *)(*iov)->iov_base + done;
		(*iov)->iov_len -= done;
	}
}

static u8 transfer(struct blk *b, struct iovec *iov, unsigned int nr, u64 at, bool write)
{
	ssize_t n;

	for (skip(&iov, &nr, 0); nr; skip(&iov, &nr, n), at += n) {
		n = write ? pwritev(b->fd, iov, nr, at) : preadv(b->fd, iov, nr, at);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			return S_IOERR;
	}
	return S_OK;
}

static u8 do_data(struct blk *b, const struct blk_header *h, u64 len, bool write, u32 *written)
{
	struct chain *c = &b->chain;
	struct iovec part[VQ_MAX];
	unsigned int nr;
	u8 status;

	if (len % SECTOR || len > MOST_BYTES || h->sector > b->sectors ||
	    len / SECTOR > b->sectors - h->sector)
		return S_IOERR;
	if (write && b->ro)
		return S_IOERR;
	nr = write ? cut(part, c->out, c->nr_out, sizeof(*h), len) :
		     cut(part, c->in, c->nr_in, 0, len);
	status = transfer(b, part, nr, h->sector * SECTOR, write);
	if (status == S_OK && !write)
		*written = len;
	return status;
}

static u8 do_request(struct blk *b, const struct blk_header *h, u32 *written)
{
	struct chain *c = &b->chain;

	switch (h->type) {
	case T_IN:
		return do_data(b, h, c->in_len - 1, false, written);
	case T_OUT:
		return do_data(b, h, c->out_len - sizeof(*h), true, written);
	case T_FLUSH:
		return fdatasync(b->fd) ? S_IOERR : S_OK;
	case T_GET_ID:
		*written = iov_write(c->in, c->nr_in, 0, b->id,
				     min_u64(sizeof(b->id), c->in_len - 1));
		return S_OK;
	}
	return S_UNSUPP;
}

static bool serve(struct blk *b)
{
	struct chain *c = &b->chain;
	struct blk_header h;
	u32 written = 0;
	u8 status;

	if (iov_read(c->out, c->nr_out, 0, &h, sizeof(h)) != sizeof(h) || !c->in_len) {
		virtio_broken(&b->v, "request without header or status");
		return false;
	}
	status = do_request(b, &h, &written);
	iov_write(c->in, c->nr_in, c->in_len - 1, &status, 1);
	return vq_done(&b->v, 0, c, written + 1);
}

static void blk_work(struct virtio *v)
{
	struct blk *b = (struct blk *)v;
	unsigned int budget = 16;

	while (vq_peek(v, 0, &b->chain)) {
		if (!serve(b))
			return;
		vq_notify(v, 0);
		if (!--budget) {
			event_signal(v->vq[0].bell.fd);		/* others first */
			return;
		}
	}
}

void blk_init_fd(struct blk *b, struct mem *mem, int fd, bool ro, u64 sectors, unsigned int nr)
{
	struct blk_config cfg = { .capacity = sectors, .seg_max = VQ_MAX - 2 };

	memset(b, 0, sizeof(*b));
	virtio_init(&b->v, "disk", VIRTIO_ID_BLOCK, F_SEG_MAX | F_FLUSH | (ro ? F_RO : 0), mem);
	virtio_queue(&b->v, VQ_MAX, blk_work);
	virtio_config(&b->v, &cfg, sizeof(cfg));
	b->fd = fd;
	b->ro = ro;
	b->sectors = sectors;
	snprintf(b->id, sizeof(b->id), "fief-disk-%u", nr);
}

void blk_init(struct blk *b, struct mem *mem, const char *path, bool ro, unsigned int nr)
{
	int fd = open(path, (ro ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	struct stat st;
	off_t size;

	if (fd < 0 || fstat(fd, &st))
		die("cannot open the disk `%s'%s: %s", path, ro ? "" : " for writing",
		    strerror(errno));
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		die("the disk `%s' is neither a file nor a block device", path);
	size = lseek(fd, 0, SEEK_END);
	if (size < (off_t)SECTOR)
		die("the disk `%s' is smaller than one sector of 512 bytes", path);
	blk_init_fd(b, mem, fd, ro, size / SECTOR, nr);
}
