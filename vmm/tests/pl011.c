// SPDX-License-Identifier: BSD-2-Clause
/*
 * The UART as a driver sees it, and random register accesses.
 */
#include "pl011.h"
#include "test.h"

#define DR	0x00
#define FR	0x18
#define CR	0x30
#define IMSC	0x38
#define RIS	0x3c
#define MIS	0x40
#define ICR	0x44

static bool line;
static size_t room = 1000;
static char sent[4096];
static size_t nr_sent;
static int hungry;
static struct irq irq;
static struct pl011 u;

void irq_set(struct irq *q, bool level)
{
	line = level;
}

static size_t take(void *arg, const u8 *data, size_t n)
{
	if (n > room || nr_sent + n > sizeof(sent))
		return 0;
	memcpy(sent + nr_sent, data, n);
	nr_sent += n;
	return n;
}

static size_t has_room(void *arg)
{
	return room;
}

static void is_hungry(void *arg)
{
	hungry++;
}

static u32 rd(u32 off)
{
	return pl011_read(&u, off, 4);
}

static void wr(u32 off, u32 val)
{
	pl011_write(&u, off, 4, val);
}

static void fresh(void)
{
	pl011_init(&u, &irq);
	u.send = take;
	u.send_room = has_room;
	u.hungry = is_hungry;
	nr_sent = 0;
	room = 1000;
}

static void test_ids(void)
{
	CHECK((rd(0xfe0) | rd(0xfe4) << 8 | rd(0xfe8) << 16 | rd(0xfec) << 24) == 0x00341011);
	CHECK((rd(0xff0) | rd(0xff4) << 8 | rd(0xff8) << 16 | rd(0xffc) << 24) == 0xb105f00d);
}

static void test_send(void)
{
	fresh();
	CHECK(rd(FR) & 1 << 7);
	wr(DR, 'h');
	wr(DR, 'i');
	CHECK(nr_sent == 2 && !memcmp(sent, "hi", 2));
	CHECK(!line);
	wr(IMSC, 1 << 5);
	CHECK(line && rd(MIS) == 1 << 5);
	wr(ICR, 1 << 5);
	CHECK(!line);
	room = 0;
	CHECK(rd(FR) & 1 << 5);
	wr(DR, 'x');
	CHECK(nr_sent == 2 && !line);
	room = 1000;
	pl011_drained(&u);
	CHECK(line);
}

static void test_receive(void)
{
	u8 in[40];
	unsigned int i;

	fresh();
	for (i = 0; i < sizeof(in); i++)
		in[i] = i + 1;
	CHECK(pl011_receive(&u, in, 5) == 0);		/* off */
	hungry = 0;
	wr(CR, 0x301);
	CHECK(hungry);
	wr(IMSC, 1 << 4 | 1 << 6);
	CHECK(pl011_receive(&u, in, sizeof(in)) == PL011_FIFO);
	CHECK(line && rd(FR) & 1 << 6);
	CHECK(pl011_receive(&u, in, 1) == 0);
	for (i = 0; i < PL011_FIFO; i++)
		CHECK(rd(DR) == i + 1);
	CHECK(!line && rd(FR) & 1 << 4);
	CHECK(rd(DR) == 0);
}

static void test_anything(u64 seed)
{
	u8 in[64] = { 0 };
	int i;

	fresh();
	for (i = 0; i < 300000; i++) {
		u64 r = rnd(&seed);
		u32 off = r >> 8 & 0xfff;

		nr_sent = 0;
		room = r >> 40 & 31;
		switch (r & 3) {
		case 0:
			pl011_read(&u, off, 1 << (r >> 4 & 3));
			break;
		case 1:
			pl011_write(&u, off & 0x7c, 4, rnd(&seed));
			break;
		case 2:
			pl011_receive(&u, in, r >> 4 & 63);
			break;
		case 3:
			pl011_read(&u, 0, 4);
			break;
		}
		CHECK(line == !!(u.ris & u.imsc));
		CHECK(u.rx_used <= PL011_FIFO && u.rx_head < PL011_FIFO);
	}
}

int main(int argc, char **argv)
{
	test_ids();
	test_send();
	test_receive();
	test_anything(seed_of(argc, argv));
	printf("vmm/pl011: ok\n");
	return 0;
}
