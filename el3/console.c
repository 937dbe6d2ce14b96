/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL3's own console: UART1, which answers Root and Secure only, so nobody
 * above can write or garble it. spec/decisions.md 12.
 */
#include <stdarg.h>

#include "el3.h"

#define UARTDR		0x00
#define UARTFR		0x18
#define UARTFR_TXFF	BIT(5)
#define UARTLCR_H	0x2c
#define UARTCR		0x30

static lock_t console_lock;

void console_init(void)
{
	mmio_write(UART1_BASE + UARTLCR_H, 0x70);	/* 8 bits, FIFO */
	mmio_write(UART1_BASE + UARTCR, 0x101);		/* enable, transmit */
}

static void put(char c)
{
	while (mmio_read(UART1_BASE + UARTFR) & UARTFR_TXFF)
		;
	mmio_write(UART1_BASE + UARTDR, c);
}

static void put_number(u64 v, unsigned int base)
{
	char digits[20];
	unsigned int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v);
	while (n)
		put(digits[--n]);
}

static void put_signed(s64 v)
{
	if (v < 0) {
		put('-');
		v = -v;
	}
	put_number(v, 10);
}

static void put_format(const char *fmt, va_list ap)
{
	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			put(*fmt);
			continue;
		}
		switch (*++fmt) {
		case 's':
			for (const char *s = va_arg(ap, const char *); *s; s++)
				put(*s);
			break;
		case 'c':
			put(va_arg(ap, int));
			break;
		case 'u':
			put_number(va_arg(ap, u64), 10);
			break;
		case 'd':
			put_signed(va_arg(ap, s64));
			break;
		case 'x':
			put('0');
			put('x');
			put_number(va_arg(ap, u64), 16);
			break;
		default:
			put(*fmt);
		}
	}
}

/* Before the MMU is on there is one CPU only, and exclusives would not work. */
static bool many_cpus(void)
{
	return read_sysreg(sctlr_el3) & 1;
}

static void say_line(const char *fmt, va_list ap)
{
	static const char prefix[] = "EL3: ";

	if (many_cpus())
		lock(&console_lock);
	for (const char *s = prefix; *s; s++)
		put(*s);
	put_format(fmt, ap);
	put('\r');
	put('\n');
	if (many_cpus())
		unlock(&console_lock);
}

void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_line(fmt, ap);
	va_end(ap);
}

void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_line(fmt, ap);
	va_end(ap);
	say("this machine cannot go on; powering off");
	machine_pull(false);
}
