/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PL011 on the console of the manifest: boot lines and the last words
 * (decisions 12).
 */
#include <stdarg.h>

#include "abi/rmi/commands.h"
#include "arch/console.h"
#include "arch/cpu.h"
#include "arch/smc.h"
#include "base/trace.h"
#include "mem/calls.h"
#include "arch/sysreg.h"

#define PL011_DR	0x00
#define PL011_FR	0x18
#define PL011_FR_TXFF	BIT(5)

static volatile u8 *uart;
static bool booting = true;

void console_set(u64 base)
{
	uart = (volatile u8 *)base;
}

void console_boot_done(void)
{
	booting = false;
}

static void put(char c)
{
	if (!uart)
		return;
	if (c == '\n')
		put('\r');
	while (*(volatile u32 *)(uart + PL011_FR) & PL011_FR_TXFF)
		;
	*(volatile u32 *)(uart + PL011_DR) = (u8)c;
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

static void print(const char *fmt, va_list *ap)
{
	for (; *fmt; fmt++) {
		bool wide = false;
		u64 v;

		if (*fmt != '%') {
			put(*fmt);
			continue;
		}
		for (fmt++; *fmt == 'l'; fmt++)
			wide = true;
		switch (*fmt) {
		case 's':
			for (const char *s = va_arg(*ap, const char *); *s; s++)
				put(*s);
			break;
		case 'd':
			v = wide ? va_arg(*ap, u64) : (u64)(s64)va_arg(*ap, int);
			if ((s64)v < 0) {
				put('-');
				v = -v;
			}
			put_number(v, 10);
			break;
		case 'u':
			put_number(wide ? va_arg(*ap, u64) : va_arg(*ap, unsigned int), 10);
			break;
		case 'p':
			put_number(va_arg(*ap, u64), 16);
			break;
		case 'x':
			put_number(wide ? va_arg(*ap, u64) : va_arg(*ap, unsigned int), 16);
			break;
		default:
			put('%');
			if (!*fmt)
				return;
			put(*fmt);
		}
	}
}

void arch_print(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print(fmt, &ap);
	va_end(ap);
}

/*
 * While booting EL3 is told, and the host starts without realms. Later this CPU
 * stays here: its registers may be a realm's. The others get no answer but "no
 * such call" (head.S).
 */
static _Noreturn void stop(void)
{
	if (booting)
		smc(RMM_BOOT_COMPLETE, (u64)RMM_BOOT_UNKNOWN, 0, 0, 0);
	cpu_park();
}

#define TRACE_SHOWN_OWN		16
#define TRACE_SHOWN_OTHERS	4

/* One line, in the same order as in memory; `./fief decode` puts it into words. */
static void print_words(const char *head, unsigned int cpu, const u64 *words, unsigned int nr)
{
	while (nr > 1 && !words[nr - 1])
		nr--;
	arch_print("RMM: %s %u:", head, cpu);
	for (unsigned int i = 0; i < nr; i++)
		arch_print(" %lx", words[i]);
	arch_print("\n");
}

/* What led here: nothing of it is a secret (abi/trace.h, decisions 12). */
static void print_trace(void)
{
	arch_print("RMM: trace of %u commands, %u refusals\n", NR_COMMANDS, NR_REFUSALS);
	for (unsigned int cpu = 0; cpu < arch_nr_cpus(); cpu++) {
		const struct trace_ring *r = &cpus[cpu].trace;
		u64 shown = cpu == arch_cpu() ? TRACE_SHOWN_OWN : TRACE_SHOWN_OTHERS;
		const u64 *regs = calls_inside(cpu);

		for (u64 i = r->next > shown ? r->next - shown : 0; i < r->next; i++)
			print_words("trace", cpu, (const u64 *)&r->event[i % TRACE_EVENTS],
				    sizeof(r->event[0]) / sizeof(u64));
		if (regs)
			print_words("in call", cpu, regs, 8);
	}
}

/* A panic before the rings are there has nothing to show. */
static void remember(unsigned int how, u64 status, u64 where)
{
	if (booting)
		return;
	trace(TRACE_PANIC, how, status, where, 0);
	print_trace();
}

void arch_panic(const char *file, int line, const char *what)
{
	u64 where = (u64)__builtin_return_address(0) - (u64)_text_start;

	cpus_stop();
	arch_print("\nRMM: panic: %s (%s:%d) at %lx\n", what, file, line, where);
	remember(0, (u64)line, where);
	stop();
}

/* From vectors.S: an exception of the monitor itself. regs: x0-x30, SP. */
_Noreturn void panic_exception(u64 kind, const u64 *regs);
_Noreturn void panic_exception(u64 kind, const u64 *regs)
{
	static const char *const name[] = { "synchronous", "IRQ", "FIQ", "SError" };

	cpus_stop();
	arch_print("\nRMM: panic: %s exception at R-EL2, image at %lx\n", name[kind & 3],
		   (u64)_text_start);
	arch_print("  ESR %lx FAR %lx ELR %lx (image + %lx) SPSR %lx\n", read_sysreg(esr_el2),
		   read_sysreg(far_el2), read_sysreg(elr_el2),
		   read_sysreg(elr_el2) - (u64)_text_start, read_sysreg(spsr_el2));
	/*
	 * The console is the host's, and a register may hold a realm's data:
	 * general registers show in debug builds only. x30 and sp are the monitor's own.
	 */
#ifdef RMM_EXPECT
	for (unsigned int i = 0; i < 30; i++)
		arch_print("  x%u %lx%s", i, regs[i], i % 4 == 3 ? "\n" : "");
#endif
	arch_print("  lr %lx sp %lx\n", regs[30], regs[31]);
	remember((unsigned int)kind + 1, read_sysreg(esr_el2),
		 read_sysreg(elr_el2) - (u64)_text_start);
	stop();
}
