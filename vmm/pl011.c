// SPDX-License-Identifier: BSD-2-Clause
/*
 * PL011 registers (Arm DDI 0183, chapter 3), one function each.
 */
#include <string.h>

#include "pl011.h"

#define FR_RXFE		(1u << 4)
#define FR_TXFF		(1u << 5)
#define FR_RXFF		(1u << 6)
#define FR_TXFE		(1u << 7)

#define INT_RX		(1u << 4)
#define INT_TX		(1u << 5)
#define INT_RT		(1u << 6)	/* receive timeout */
#define INT_ALL		0x7ffu

#define CR_UARTEN	(1u << 0)
#define CR_RXE		(1u << 9)

/* Room for this many before the transmitter asks for more. */
#define TX_LOW		PL011_FIFO

static bool tx_has_room(struct pl011 *u, size_t n)
{
	return !u->send_room || u->send_room(u->arg) >= n;
}

static void update_irq(struct pl011 *u)
{
	irq_set(u->irq, u->ris & u->imsc);
}

static u32 read_dr(struct pl011 *u)
{
	u8 byte;

	if (!u->rx_used)
		return 0;
	byte = u->rx[u->rx_head];
	u->rx_head = (u->rx_head + 1) % PL011_FIFO;
	u->rx_used--;
	if (!u->rx_used)
		u->ris &= ~(INT_RX | INT_RT);
	if (u->hungry && u->rx_used <= PL011_FIFO / 2)
		u->hungry(u->arg);
	return byte;
}

static void write_dr(struct pl011 *u, u32 val)
{
	u8 byte = val;

	/* As the device: a byte written to a full transmitter is lost. */
	u->send(u->arg, &byte, 1);
	if (tx_has_room(u, TX_LOW))
		u->ris |= INT_TX;
	else
		u->ris &= ~INT_TX;
}

static u32 read_fr(struct pl011 *u)
{
	u32 fr = 0;

	if (!u->rx_used)
		fr |= FR_RXFE;
	if (u->rx_used == PL011_FIFO)
		fr |= FR_RXFF;
	fr |= tx_has_room(u, 1) ? FR_TXFE : FR_TXFF;
	return fr;
}

static u32 read_zero(struct pl011 *u)		{ (void)u; return 0; }
static u32 read_ilpr(struct pl011 *u)		{ return u->ilpr; }
static u32 read_ibrd(struct pl011 *u)		{ return u->ibrd; }
static u32 read_fbrd(struct pl011 *u)		{ return u->fbrd; }
static u32 read_lcr_h(struct pl011 *u)		{ return u->lcr_h; }
static u32 read_cr(struct pl011 *u)		{ return u->cr; }
static u32 read_ifls(struct pl011 *u)		{ return u->ifls; }
static u32 read_imsc(struct pl011 *u)		{ return u->imsc; }
static u32 read_ris(struct pl011 *u)		{ return u->ris; }
static u32 read_mis(struct pl011 *u)		{ return u->ris & u->imsc; }
static u32 read_dmacr(struct pl011 *u)		{ return u->dmacr; }

static void write_none(struct pl011 *u, u32 v)	{ (void)u; (void)v; }
static void write_ilpr(struct pl011 *u, u32 v)	{ u->ilpr = v & 0xff; }
static void write_ibrd(struct pl011 *u, u32 v)	{ u->ibrd = v & 0xffff; }
static void write_fbrd(struct pl011 *u, u32 v)	{ u->fbrd = v & 0x3f; }
static void write_lcr_h(struct pl011 *u, u32 v)	{ u->lcr_h = v & 0xff; }
static void write_ifls(struct pl011 *u, u32 v)	{ u->ifls = v & 0x3f; }
static void write_dmacr(struct pl011 *u, u32 v)	{ u->dmacr = v & 0x7; }

static void write_cr(struct pl011 *u, u32 v)
{
	u->cr = v & 0xffff;
	if (u->hungry && u->cr & CR_RXE)
		u->hungry(u->arg);
}

static void write_imsc(struct pl011 *u, u32 v)
{
	u->imsc = v & INT_ALL;
	/* An idle transmitter has room: software that just enabled it waits for that. */
	if (u->imsc & INT_TX && tx_has_room(u, TX_LOW))
		u->ris |= INT_TX;
}

static void write_icr(struct pl011 *u, u32 v)
{
	u->ris &= ~v;
	if (u->rx_used)
		u->ris |= INT_RX;
}

static const struct {
	u32 off;
	u32 (*read)(struct pl011 *u);
	void (*write)(struct pl011 *u, u32 val);
} regs[] = {
	{ 0x00, read_dr,	write_dr },
	{ 0x04, read_zero,	write_none },	/* RSR, ECR */
	{ 0x18, read_fr,	write_none },
	{ 0x20, read_ilpr,	write_ilpr },
	{ 0x24, read_ibrd,	write_ibrd },
	{ 0x28, read_fbrd,	write_fbrd },
	{ 0x2c, read_lcr_h,	write_lcr_h },
	{ 0x30, read_cr,	write_cr },
	{ 0x34, read_ifls,	write_ifls },
	{ 0x38, read_imsc,	write_imsc },
	{ 0x3c, read_ris,	write_none },
	{ 0x40, read_mis,	write_none },
	{ 0x44, read_zero,	write_icr },
	{ 0x48, read_dmacr,	write_dmacr },
};

/* UARTPeriphID0-3, UARTPCellID0-3: revision r1p5, 16-byte FIFOs. */
static const u8 ids[] = { 0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

u64 pl011_read(void *dev, u32 off, u32 len)
{
	struct pl011 *u = dev;
	u32 val = 0;
	size_t i;

	(void)len;
	if (off >= 0xfe0)
		return ids[(off - 0xfe0) / 4];
	pthread_mutex_lock(&u->lock);
	for (i = 0; i < ARRAY_SIZE(regs); i++)
		if (regs[i].off == off)
			val = regs[i].read(u);
	update_irq(u);
	pthread_mutex_unlock(&u->lock);
	return val;
}

void pl011_write(void *dev, u32 off, u32 len, u64 val)
{
	struct pl011 *u = dev;
	size_t i;

	(void)len;
	pthread_mutex_lock(&u->lock);
	for (i = 0; i < ARRAY_SIZE(regs); i++)
		if (regs[i].off == off)
			regs[i].write(u, val);
	update_irq(u);
	pthread_mutex_unlock(&u->lock);
}

size_t pl011_receive(struct pl011 *u, const u8 *data, size_t n)
{
	size_t i;

	pthread_mutex_lock(&u->lock);
	/* Off, or not listening yet: bytes typed during boot wait outside. */
	if ((u->cr & (CR_UARTEN | CR_RXE)) != (CR_UARTEN | CR_RXE))
		n = 0;
	for (i = 0; i < n && u->rx_used < PL011_FIFO; i++)
		u->rx[(u->rx_head + u->rx_used++) % PL011_FIFO] = data[i];
	if (i) {
		u->ris |= INT_RX | INT_RT;
		update_irq(u);
	}
	pthread_mutex_unlock(&u->lock);
	return i;
}

void pl011_drained(struct pl011 *u)
{
	pthread_mutex_lock(&u->lock);
	u->ris |= INT_TX;
	update_irq(u);
	pthread_mutex_unlock(&u->lock);
}

void pl011_init(struct pl011 *u, struct irq *irq)
{
	memset(u, 0, sizeof(*u));
	pthread_mutex_init(&u->lock, NULL);
	u->irq = irq;
	u->cr = 0x300;		/* reset value: TXE and RXE */
	u->ifls = 0x12;
}
