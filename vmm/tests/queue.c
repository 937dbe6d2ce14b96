// SPDX-License-Identifier: BSD-2-Clause
/*
 * Virtio devices against a driver that behaves, then against one that does not.
 *
 * The guest's RAM lies between two pages nobody may touch; the address
 * sanitizer watches the rest. A device may refuse (NEEDS_RESET), it may not
 * crash, hang, write outside buffers it was given, or touch private pages.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

#include "blk.h"
#include "console.h"
#include "rng.h"
#include "test.h"

#define RAM	0x40000000ULL
#define SIZE	(1 * MIB)
#define SHARED	(1ULL << 35)

static struct mem mem;
static struct out out;
static struct console con;
static struct rng rng;
static struct blk blk;
static unsigned int pulses;
static u64 dma_bit;		/* of the addresses the driver uses */

void irq_init_edge(struct irq *q, int vm_fd, u32 spi)
{
}

void irq_pulse(struct irq *q)
{
	pulses++;
}

void irq_doorbell(int vm_fd, u64 gpa, u32 val, int event)
{
}

/* ---- a driver ---- */

#define DESC	0x0000
#define AVAIL	0x2000
#define USED	0x3000
#define DATA	0x10000

#define NEXT	1
#define WRITE	2

static u16 avail_idx;

static void put16(u64 off, u16 v)	{ memcpy(mem.host + off, &v, 2); }
static void put32(u64 off, u32 v)	{ memcpy(mem.host + off, &v, 4); }
static void put64(u64 off, u64 v)	{ memcpy(mem.host + off, &v, 8); }

static u32 get32(u64 off)
{
	u32 v;

	memcpy(&v, mem.host + off, 4);
	return v;
}

static void desc(unsigned int i, u64 addr, u32 len, u16 flags, u16 next)
{
	put64(DESC + 16 * i, addr | dma_bit);
	put32(DESC + 16 * i + 8, len);
	put16(DESC + 16 * i + 12, flags);
	put16(DESC + 16 * i + 14, next);
}

static void wr(struct virtio *v, u32 off, u32 val)
{
	virtio_write(v, off, 4, val);
}

static u32 rd(struct virtio *v, u32 off)
{
	return virtio_read(v, off, 4);
}

static void features(struct virtio *v, u64 f)
{
	wr(v, 0x24, 0);
	wr(v, 0x20, f);
	wr(v, 0x24, 1);
	wr(v, 0x20, f >> 32);
}

static void start(struct virtio *v, unsigned int q, u32 num)
{
	wr(v, 0x70, 0);
	wr(v, 0x70, 1);
	wr(v, 0x70, 3);
	features(v, 3ULL << 32);
	wr(v, 0x70, 11);
	CHECK(rd(v, 0x70) == 11);
	wr(v, 0x30, q);
	CHECK(rd(v, 0x34) >= num);
	wr(v, 0x38, num);
	wr(v, 0x80, DESC + RAM);
	wr(v, 0x84, dma_bit >> 32);
	wr(v, 0x90, AVAIL + RAM);
	wr(v, 0x94, dma_bit >> 32);
	wr(v, 0xa0, USED + RAM);
	wr(v, 0xa4, dma_bit >> 32);
	wr(v, 0x44, 1);
	memset(mem.host + DESC, 0, DATA);
	avail_idx = 0;
}

static void go(struct virtio *v)
{
	wr(v, 0x70, 15);
}

static void offer(u32 num, u16 head)
{
	put16(AVAIL + 4 + 2 * (avail_idx % num), head);
	put16(AVAIL + 2, ++avail_idx);
}

static u16 used_idx(void)
{
	return get32(USED) >> 16;
}

static bool needs_reset(struct virtio *v)
{
	return rd(v, 0x70) & 0x40;
}

/* ---- a driver that behaves ---- */

static void test_registers(void)
{
	struct virtio *v = &rng.v;

	CHECK(rd(v, 0) == 0x74726976 && rd(v, 4) == 2 && rd(v, 8) == VIRTIO_ID_RNG);
	wr(v, 0x14, 1);
	CHECK(rd(v, 0x10) == 3);
	wr(v, 0x14, 2);
	CHECK(rd(v, 0x10) == 0);
	wr(v, 0x30, 7);
	CHECK(rd(v, 0x34) == 0 && rd(v, 0x44) == 0);
	wr(v, 0x44, 1);
	wr(v, 0x38, 5);

	/* features: neither too few nor too many */
	wr(v, 0x70, 0);
	features(v, 1ULL << 32);
	wr(v, 0x70, 11);
	CHECK(rd(v, 0x70) == 3);
	wr(v, 0x70, 0);
	features(v, 7ULL << 32);
	wr(v, 0x70, 11);
	CHECK(rd(v, 0x70) == 3);
	wr(v, 0x70, 15);		/* DRIVER_OK without FEATURES_OK */
	CHECK(!(rd(v, 0x70) & 4));

	/* a queue that makes no sense */
	start(v, 0, 8);
	wr(v, 0x44, 0);
	wr(v, 0x38, 7);
	wr(v, 0x44, 1);
	CHECK(needs_reset(v) && !rd(v, 0x44));
	start(v, 0, 8);
	wr(v, 0x44, 0);
	wr(v, 0x80, RAM + SIZE - 8);
	wr(v, 0x44, 1);
	CHECK(needs_reset(v));
	wr(v, 0x70, 0);
	CHECK(!rd(v, 0x70));
}

static void test_rng(void)
{
	struct virtio *v = &rng.v;

	start(v, 0, 8);
	go(v);
	desc(0, RAM + DATA, 64, WRITE, 0);
	memset(mem.host + DATA, 0, 128);
	offer(8, 0);
	pulses = 0;
	virtio_kick(v, 0);
	CHECK(!needs_reset(v) && used_idx() == 1 && pulses == 1);
	CHECK(get32(USED + 8) == 64);
	CHECK(get32(DATA) || get32(DATA + 4));
	CHECK(!get32(DATA + 64));
	CHECK(rd(v, 0x60) == 1);
	wr(v, 0x64, 1);
	CHECK(rd(v, 0x60) == 0);
	put16(AVAIL, 1);		/* no interrupts, please */
	offer(8, 0);
	pulses = 0;
	virtio_kick(v, 0);
	CHECK(used_idx() == 2 && !pulses);
}

static void test_console(void)
{
	struct virtio *v = &con.v;
	int i;

	start(v, 1, 16);
	go(v);
	memcpy(mem.host + DATA, "hello world", 11);
	desc(0, RAM + DATA, 5, NEXT, 1);
	desc(1, RAM + DATA + 5, 6, 0, 0);
	out.used = 0;
	offer(16, 0);
	virtio_kick(v, 1);
	CHECK(used_idx() == 1 && out.used == 11);

	/* more than the terminal takes: waits, in order, nothing lost */
	desc(0, RAM + DATA, 60000, 0, 0);
	for (i = 0; i < 60000; i++)
		mem.host[DATA + i] = i * 7;
	out.used = out.head = 0;
	offer(16, 0);
	virtio_kick(v, 1);
	CHECK(used_idx() == 1 && out.used == OUT_RING && con.tx_sent == OUT_RING);
	CHECK(out.ring[100] == (u8)(100 * 7));
	for (i = 0; i < 3; i++) {
		out.used = out.head = 0;
		virtio_kick(v, 1);
	}
	CHECK(used_idx() == 2 && out.used == 60000 - 3 * OUT_RING);
	CHECK(out.ring[5] == (u8)((3 * OUT_RING + 5) * 7));

	start(v, 0, 16);
	go(v);
	CHECK(console_receive(&con, (u8 *)"abc", 3) == 0);
	desc(0, RAM + DATA, 2, WRITE, 0);
	desc(1, RAM + DATA + 100, 2, WRITE, 0);
	offer(16, 0);
	CHECK(console_receive(&con, (u8 *)"abc", 3) == 2);
	offer(16, 1);
	CHECK(console_receive(&con, (u8 *)"c", 1) == 1);
	CHECK(!memcmp(mem.host + DATA, "ab", 2) && mem.host[DATA + 100] == 'c');
}

static u8 blk_call(u32 type, u64 sector, u32 len, bool write)
{
	put32(DATA, type);
	put32(DATA + 4, 0);
	put64(DATA + 8, sector);
	mem.host[DATA + 16] = 0xee;
	desc(0, RAM + DATA, 16, NEXT, 1);
	desc(1, RAM + DATA + 4096, len, NEXT | (write ? 0 : WRITE), 2);
	desc(2, RAM + DATA + 16, 1, WRITE, 0);
	offer(16, 0);
	virtio_kick(&blk.v, 0);
	return mem.host[DATA + 16];
}

static void test_blk(void)
{
	struct virtio *v = &blk.v;
	u64 last = blk.sectors - 1;

	start(v, 0, 16);
	go(v);
	CHECK(rd(v, 0x100) == blk.sectors);
	memset(mem.host + DATA + 4096, 0x77, 1024);
	CHECK(blk_call(1, last - 1, 1024, true) == 0);
	memset(mem.host + DATA + 4096, 0, 1024);
	CHECK(blk_call(0, last - 1, 1024, false) == 0);
	CHECK(mem.host[DATA + 4096 + 1023] == 0x77);
	CHECK(blk_call(0, last, 1024, false) == 1);
	CHECK(blk_call(0, ~0ULL, 512, false) == 1);
	CHECK(blk_call(0, 0, 511, false) == 1);
	CHECK(blk_call(4, 0, 0, false) == 0);
	CHECK(blk_call(8, 0, 20, false) == 0);
	CHECK(!memcmp(mem.host + DATA + 4096, "fief-disk-0", 11));
	CHECK(blk_call(77, 0, 512, false) == 2);
	blk.ro = true;
	CHECK(blk_call(1, 0, 512, true) == 1);
	blk.ro = false;
	CHECK(!needs_reset(v));

	/* header cut in two, status joined to the data */
	put32(DATA, 0);
	put64(DATA + 8, 0);
	desc(0, RAM + DATA, 7, NEXT, 1);
	desc(1, RAM + DATA + 7, 9, NEXT, 2);
	desc(2, RAM + DATA + 4096, 513, WRITE, 0);
	mem.host[DATA + 4096 + 512] = 0xee;
	offer(16, 0);
	virtio_kick(v, 0);
	CHECK(!needs_reset(v) && mem.host[DATA + 4096 + 512] == 0);
}

/* ---- a driver that does not ---- */

static void expect_broken(struct virtio *v, unsigned int q, u32 num)
{
	pulses = 0;
	virtio_kick(v, q);
	CHECK(needs_reset(v) && used_idx() == 0 && pulses == 1);
	virtio_kick(v, q);
	CHECK(pulses == 1);
	start(v, q, num);
	go(v);
}

static void test_impossible(void)
{
	struct virtio *v = &blk.v;

	start(v, 0, 16);
	go(v);
	put16(AVAIL + 2, 17);			/* more requests than places */
	expect_broken(v, 0, 16);
	offer(16, 16);				/* descriptor outside the table */
	expect_broken(v, 0, 16);
	desc(0, RAM + DATA, 16, NEXT, 99);
	offer(16, 0);
	expect_broken(v, 0, 16);
	desc(0, RAM + DATA, 16, NEXT, 0);	/* a loop */
	offer(16, 0);
	expect_broken(v, 0, 16);
	desc(0, RAM + SIZE - 8, 16, 0, 0);	/* past the end of RAM */
	offer(16, 0);
	expect_broken(v, 0, 16);
	desc(0, RAM - 8, 16, 0, 0);
	offer(16, 0);
	expect_broken(v, 0, 16);
	desc(0, 0 - 16ULL, 32, 0, 0);		/* wraps */
	offer(16, 0);
	expect_broken(v, 0, 16);
	desc(0, RAM + DATA, 16, 4, 0);		/* indirect, never offered */
	offer(16, 0);
	expect_broken(v, 0, 16);
	desc(0, RAM + DATA, 16, WRITE | NEXT, 1);	/* read after write */
	desc(1, RAM + DATA, 16, 0, 0);
	offer(16, 0);
	expect_broken(v, 0, 16);
	desc(0, RAM + DATA, 15, NEXT, 1);	/* header too short */
	desc(1, RAM + DATA, 1, WRITE, 0);
	offer(16, 0);
	expect_broken(v, 0, 16);
	desc(0, RAM + DATA, 16, 0, 0);		/* no status */
	offer(16, 0);
	expect_broken(v, 0, 16);
}

/* The rings themselves become private under the device. */
static void test_private(void)
{
	struct virtio *v = &rng.v;

	if (!mem.realm)
		return;
	start(v, 0, 8);
	go(v);
	desc(0, RAM + DATA, 64, WRITE, 0);
	offer(8, 0);
	mem_mark(&mem, RAM + DATA, PAGE, true);
	virtio_kick(v, 0);
	CHECK(needs_reset(v) && used_idx() == 0);
	mem_mark(&mem, RAM + DATA, PAGE, false);

	start(v, 0, 8);
	go(v);
	desc(0, RAM + DATA, 64, WRITE, 0);
	offer(8, 0);
	mem_mark(&mem, RAM, 4 * PAGE, true);
	virtio_kick(v, 0);
	CHECK(needs_reset(v));
	mem_mark(&mem, RAM, 4 * PAGE, false);

	start(v, 0, 8);
	go(v);
	put64(DESC, RAM + DATA);		/* an address without the shared bit */
	put32(DESC + 8, 64);
	put16(DESC + 12, WRITE);
	offer(8, 0);
	virtio_kick(v, 0);
	CHECK(needs_reset(v));
}

static void garbage(struct virtio *v, unsigned int q, u64 *seed)
{
	u32 num = 1u << rnd(seed) % 5;
	unsigned int i, n;

	start(v, q, num);
	go(v);
	for (i = 0; i < num; i++) {
		u64 r = rnd(seed);

		desc(i, r & 15 ? RAM + rnd(seed) % SIZE : rnd(seed),
		     r & 16 ? rnd(seed) % 4096 : rnd(seed) >> 36, r >> 8 & (r & 32 ? 3 : 7),
		     r & 64 ? (i + 1) % num : rnd(seed) >> 50);
		if (r & 128)
			put64(DESC + 16 * i, rnd(seed));
	}
	for (i = 0; i < num; i++)
		put16(AVAIL + 4 + 2 * i, rnd(seed) & 7 ? rnd(seed) % num : rnd(seed));
	put16(AVAIL + 2, rnd(seed) & 3 ? rnd(seed) % (num + 1) : rnd(seed));
	for (n = 0; n < 3; n++) {
		out.used = 0;
		virtio_kick(v, q);
		if (v == &con.v)
			console_receive(&con, (u8 *)"0123456789", 10);
	}
	for (n = 0; n < 20; n++) {
		if (rnd(seed) & 1)
			virtio_write(v, rnd(seed) % 0x200, 1 << rnd(seed) % 4, rnd(seed));
		else
			virtio_read(v, rnd(seed) % 0x200, 1 << rnd(seed) % 4);
		out.used = 0;
		virtio_kick(v, q);
	}
}

static void test_garbage(u64 seed, unsigned int rounds)
{
	unsigned int i;

	for (i = 0; i < rounds; i++) {
		if (mem.realm)
			mem_mark(&mem, RAM + DATA + (rnd(&seed) % 200) * PAGE, PAGE,
				 rnd(&seed) & 1);
		garbage(&rng.v, 0, &seed);
		garbage(&con.v, 0, &seed);
		garbage(&con.v, 1, &seed);
		garbage(&blk.v, 0, &seed);
	}
	if (mem.realm)
		mem_mark(&mem, RAM, SIZE, false);
}

/* RAM with a page on either side that nobody may touch */
static void make_ram(bool realm)
{
	u8 *p;

	CHECK(mem_init(&mem, RAM, SIZE, realm, SHARED));
	p = mmap(NULL, SIZE + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED);
	CHECK(!mprotect(p + PAGE, SIZE, PROT_READ | PROT_WRITE));
	mem.host = p + PAGE;
	if (realm)
		mem_mark(&mem, RAM, SIZE, false);
	dma_bit = realm ? SHARED : 0;
}

static void all(bool realm, u64 seed)
{
	int fd = memfd_create("disk", 0);

	CHECK(!ftruncate(fd, 2 * MIB));
	make_ram(realm);
	out_init(&out, -1, NULL, NULL);
	console_init(&con, &mem, &out);
	rng_init(&rng, &mem);
	blk_init_fd(&blk, &mem, fd, false, 2 * MIB / 512, 0);
	test_registers();
	test_rng();
	test_console();
	test_blk();
	test_impossible();
	test_private();
	test_garbage(seed, 3000);
	close(fd);
}

int main(int argc, char **argv)
{
	u64 seed = seed_of(argc, argv);

	all(false, seed);
	all(true, seed);
	printf("vmm/queue: ok (seed %llu)\n", (unsigned long long)seed);
	return 0;
}
