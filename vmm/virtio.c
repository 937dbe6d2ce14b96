// SPDX-License-Identifier: BSD-2-Clause
/*
 * The MMIO transport: registers and device status.
 * Virtual I/O Device (VIRTIO) 1.2, 4.2.2 and 2.1; decisions-kvm K78.
 */
#include <string.h>

#include "map.h"
#include "virtio.h"

#define F_VERSION_1		(1ULL << 32)
#define F_ACCESS_PLATFORM	(1ULL << 33)
#define F_TRANSPORT		(F_VERSION_1 | F_ACCESS_PLATFORM)

#define S_DRIVER_OK		0x04
#define S_FEATURES_OK		0x08
#define S_NEEDS_RESET		0x40

#define ISR_QUEUE		1u
#define ISR_CONFIG		2u

#define REG_QUEUE_NOTIFY	0x50
#define REG_CONFIG		0x100

static void raise_isr(struct virtio *v, u32 bit)
{
	/* First the reason, then the interrupt: the driver reads it in the handler. */
	atomic_fetch_or(&v->isr, bit);
	irq_pulse(&v->irq);
}

void virtio_broken(struct virtio *v, const char *why)
{
	if (v->status & S_NEEDS_RESET)
		return;
	debug("%s: the driver did something impossible (%s); it must reset the device",
	      v->name, why);
	v->status |= S_NEEDS_RESET;
	if (v->status & S_DRIVER_OK)
		raise_isr(v, ISR_CONFIG);
}

void vq_notify(struct virtio *v, unsigned int q)
{
	const struct vq *vq = &v->vq[q];
	u16 *flags = mem_dma(v->mem, vq->driver, sizeof(*flags));

	if (!flags)
		return virtio_broken(v, "available ring");
	/* Pairs with the driver's barrier between changing flags and looking at used. */
	atomic_thread_fence(memory_order_seq_cst);
	if (!(__atomic_load_n(flags, __ATOMIC_RELAXED) & 1))
		raise_isr(v, ISR_QUEUE);
}

void virtio_config(struct virtio *v, const void *config, u32 len)
{
	pthread_mutex_lock(&v->lock);
	memcpy(v->config, config, len);
	v->config_len = len;
	v->config_generation++;
	if (v->status & S_DRIVER_OK)
		raise_isr(v, ISR_CONFIG);
	pthread_mutex_unlock(&v->lock);
}

bool virtio_is_live(const struct virtio *v, unsigned int q)
{
	return v->status & S_DRIVER_OK && !(v->status & S_NEEDS_RESET) && v->vq[q].ready;
}

void virtio_kick(struct virtio *v, unsigned int q)
{
	pthread_mutex_lock(&v->lock);
	mem_hold(v->mem);
	if (virtio_is_live(v, q))
		v->vq[q].work(v);
	mem_let_go(v->mem);
	pthread_mutex_unlock(&v->lock);
}

/* ---- registers ---- */

static struct vq *selected(struct virtio *v)
{
	return v->queue_sel < v->nr_queues ? &v->vq[v->queue_sel] : NULL;
}

static u32 read_magic(struct virtio *v)		{ (void)v; return 0x74726976; }
static u32 read_version(struct virtio *v)	{ (void)v; return 2; }
static u32 read_id(struct virtio *v)		{ return v->id; }
static u32 read_vendor(struct virtio *v)	{ (void)v; return 0x46454946; }
static u32 read_status(struct virtio *v)	{ return v->status; }
static u32 read_isr(struct virtio *v)		{ return atomic_load(&v->isr); }
static u32 read_generation(struct virtio *v)	{ return v->config_generation; }

static u32 read_features(struct virtio *v)
{
	u64 f = v->features | F_TRANSPORT;

	return v->features_sel == 0 ? f : v->features_sel == 1 ? f >> 32 : 0;
}

static u32 read_queue_max(struct virtio *v)
{
	return selected(v) ? selected(v)->max : 0;
}

static u32 read_queue_ready(struct virtio *v)
{
	return selected(v) ? selected(v)->ready : 0;
}

static void write_features_sel(struct virtio *v, u32 val)	{ v->features_sel = val; }
static void write_driver_sel(struct virtio *v, u32 val)		{ v->driver_features_sel = val; }
static void write_queue_sel(struct virtio *v, u32 val)		{ v->queue_sel = val; }
static void write_ack(struct virtio *v, u32 val)		{ atomic_fetch_and(&v->isr, ~val); }

static void write_driver_features(struct virtio *v, u32 val)
{
	if (v->status & S_FEATURES_OK)
		return;
	if (v->driver_features_sel == 0)
		v->driver_features = (v->driver_features & ~0xffffffffULL) | val;
	if (v->driver_features_sel == 1)
		v->driver_features = (v->driver_features & 0xffffffffULL) | (u64)val << 32;
}

static void write_queue_num(struct virtio *v, u32 val)
{
	struct vq *q = selected(v);

	if (q && !q->ready)
		q->num = val;
}

static void set_half(u64 *addr, u32 val, bool high)
{
	if (high)
		*addr = (*addr & 0xffffffffULL) | (u64)val << 32;
	else
		*addr = (*addr & ~0xffffffffULL) | val;
}

#define QUEUE_ADDRESS(field)							\
static void write_##field##_lo(struct virtio *v, u32 val)			\
{										\
	if (selected(v) && !selected(v)->ready)					\
		set_half(&selected(v)->field, val, false);			\
}										\
static void write_##field##_hi(struct virtio *v, u32 val)			\
{										\
	if (selected(v) && !selected(v)->ready)					\
		set_half(&selected(v)->field, val, true);			\
}

QUEUE_ADDRESS(desc)
QUEUE_ADDRESS(driver)
QUEUE_ADDRESS(device)

static bool queue_is_sane(const struct virtio *v, const struct vq *q)
{
	u64 n = q->num;

	if (!n || n > q->max || n & (n - 1))
		return false;
	if (q->desc & 15 || q->driver & 1 || q->device & 3)
		return false;
	return mem_dma(v->mem, q->desc, 16 * n) && mem_dma(v->mem, q->driver, 6 + 2 * n) &&
	       mem_dma(v->mem, q->device, 6 + 8 * n);
}

static void write_queue_ready(struct virtio *v, u32 val)
{
	struct vq *q = selected(v);
	bool sane;

	if (!q || q->ready == (val & 1))
		return;
	if (!(val & 1)) {
		q->ready = false;
		return;
	}
	mem_hold(v->mem);
	sane = queue_is_sane(v, q);
	mem_let_go(v->mem);
	if (!sane)
		return virtio_broken(v, "queue addresses");
	q->next_avail = 0;
	q->next_used = 0;
	q->ready = true;
}

static void reset(struct virtio *v)
{
	unsigned int i;

	v->status = 0;
	v->features_sel = 0;
	v->driver_features_sel = 0;
	v->driver_features = 0;
	v->queue_sel = 0;
	atomic_store(&v->isr, 0);
	for (i = 0; i < v->nr_queues; i++) {
		v->vq[i].ready = false;
		v->vq[i].num = 0;
		v->vq[i].desc = v->vq[i].driver = v->vq[i].device = 0;
	}
	if (v->reset)
		v->reset(v);
}

/* A driver that does not take VERSION_1 and ACCESS_PLATFORM cannot reach us. */
static bool features_are_ok(const struct virtio *v)
{
	u64 offered = v->features | F_TRANSPORT;

	return !(v->driver_features & ~offered) &&
	       (v->driver_features & F_TRANSPORT) == F_TRANSPORT;
}

static void write_status(struct virtio *v, u32 val)
{
	u32 old = v->status;
	unsigned int i;

	if (!val)
		return reset(v);
	if (val & S_FEATURES_OK && !(old & S_FEATURES_OK) && !features_are_ok(v))
		val &= ~S_FEATURES_OK;
	if (!(val & S_FEATURES_OK))
		val &= ~S_DRIVER_OK;
	v->status = (val & 0xff) | (old & S_NEEDS_RESET);
	if (v->status & ~old & S_DRIVER_OK)
		for (i = 0; i < v->nr_queues; i++)
			event_signal(v->vq[i].bell.fd);
}

/* Doorbells are ioeventfds; this serves a kernel without, and values out of range. */
static void write_notify(struct virtio *v, u32 val)
{
	if (val < v->nr_queues)
		event_signal(v->vq[val].bell.fd);
}

static const struct {
	u32 off;
	u32 (*read)(struct virtio *v);
	void (*write)(struct virtio *v, u32 val);
} regs[] = {
	{ 0x000, read_magic,	NULL },
	{ 0x004, read_version,	NULL },
	{ 0x008, read_id,	NULL },
	{ 0x00c, read_vendor,	NULL },
	{ 0x010, read_features,	NULL },
	{ 0x014, NULL,			write_features_sel },
	{ 0x020, NULL,			write_driver_features },
	{ 0x024, NULL,			write_driver_sel },
	{ 0x030, NULL,			write_queue_sel },
	{ 0x034, read_queue_max,	NULL },
	{ 0x038, NULL,			write_queue_num },
	{ 0x044, read_queue_ready,	write_queue_ready },
	{ REG_QUEUE_NOTIFY, NULL,	write_notify },
	{ 0x060, read_isr,	NULL },
	{ 0x064, NULL,			write_ack },
	{ 0x070, read_status,		write_status },
	{ 0x080, NULL,			write_desc_lo },
	{ 0x084, NULL,			write_desc_hi },
	{ 0x090, NULL,			write_driver_lo },
	{ 0x094, NULL,			write_driver_hi },
	{ 0x0a0, NULL,			write_device_lo },
	{ 0x0a4, NULL,			write_device_hi },
	{ 0x0fc, read_generation,	NULL },
};

static u64 read_config(struct virtio *v, u32 off, u32 len)
{
	u64 val = 0;

	if (off < v->config_len && len <= v->config_len - off)
		memcpy(&val, v->config + off, len);
	return val;
}

/* These two do not wait for a device that is busy with a disk. */
static bool is_lockless(u32 off)
{
	return off == 0x060 || off == 0x064 || off == REG_QUEUE_NOTIFY;
}

u64 virtio_read(void *dev, u32 off, u32 len)
{
	struct virtio *v = dev;
	u64 val = 0;
	size_t i;

	if (is_lockless(off))
		return off == 0x060 ? read_isr(v) : 0;
	pthread_mutex_lock(&v->lock);
	if (off >= REG_CONFIG) {
		val = read_config(v, off - REG_CONFIG, len);
	} else if (len == 4) {
		for (i = 0; i < ARRAY_SIZE(regs); i++)
			if (regs[i].off == off && regs[i].read)
				val = regs[i].read(v);
	}
	pthread_mutex_unlock(&v->lock);
	return val;
}

void virtio_write(void *dev, u32 off, u32 len, u64 val)
{
	struct virtio *v = dev;
	bool lock = !is_lockless(off);
	size_t i;

	if (off >= REG_CONFIG || len != 4)
		return;
	if (lock)
		pthread_mutex_lock(&v->lock);
	for (i = 0; i < ARRAY_SIZE(regs); i++)
		if (regs[i].off == off && regs[i].write)
			regs[i].write(v, val);
	if (lock)
		pthread_mutex_unlock(&v->lock);
}

/* ---- making one ---- */

void virtio_init(struct virtio *v, const char *name, u32 id, u64 features, struct mem *mem)
{
	memset(v, 0, sizeof(*v));
	pthread_mutex_init(&v->lock, NULL);
	v->name = name;
	v->id = id;
	v->features = features;
	v->mem = mem;
}

void virtio_queue(struct virtio *v, u32 max, void (*work)(struct virtio *v))
{
	struct vq *q = &v->vq[v->nr_queues++];

	q->max = max;
	q->work = work;
	q->bell.fd = -1;
}

static void bell_rang(struct virtio *v, unsigned int q)
{
	event_clear(v->vq[q].bell.fd);
	virtio_kick(v, q);
}

static void bell_0(void *arg)	{ bell_rang(arg, 0); }
static void bell_1(void *arg)	{ bell_rang(arg, 1); }

void virtio_attach(struct virtio *v, struct bus *bus, int vm_fd, unsigned int n)
{
	static void (*const rang[VIRTIO_QUEUES])(void *) = { bell_0, bell_1 };
	struct bus_dev d = {
		.name = v->name, .base = MAP_VIRTIO(n), .size = MAP_VIRTIO_SIZE,
		.read = virtio_read, .write = virtio_write, .dev = v,
	};
	unsigned int i;
	int event;

	irq_init_edge(&v->irq, vm_fd, SPI_VIRTIO(n));
	for (i = 0; i < v->nr_queues; i++) {
		event = loop_event(&v->vq[i].bell, rang[i], v);
		irq_doorbell(vm_fd, d.base + REG_QUEUE_NOTIFY, i, event);
	}
	bus_add(bus, d);
}
