/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tools/machine.h"

#define PROMPT		"(qemu) "
#define WAIT_MS		10000

static int talk = -1, mem = -1;
static bool stopped_by_us;
static char answer[65536];

static struct block {
	const char *name;
	uint64_t pa, bytes, at;		/* at: in QEMU's own address space */
} blocks[] = {			/* decisions 1, 2 */
	{ .name = "mach-virt.ram", .pa = 0x40000000 },
	{ .name = "virt.flash0", .pa = 0 },
	{ .name = "virt.secure-ram", .pa = 0x0E000000 },
};

_Noreturn void die(const char *fmt, ...)
{
	va_list ap;

	machine_close();
	fflush(stdout);
	fputs("fief: state: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

/* Everything up to the next prompt */
static void hear(void)
{
	size_t n = 0;

	for (;;) {
		struct pollfd p = { .fd = talk, .events = POLLIN };
		ssize_t got;

		if (poll(&p, 1, WAIT_MS) <= 0)
			die("the emulator does not answer");
		got = read(talk, answer + n, sizeof(answer) - 1 - n);
		if (got <= 0)
			die("the emulator has gone");
		n += (size_t)got;
		answer[n] = '\0';
		if (n >= strlen(PROMPT) && !strcmp(answer + n - strlen(PROMPT), PROMPT))
			return;
		if (n == sizeof(answer) - 1)
			die("the emulator talks too much");
	}
}

static const char *ask(const char *command)
{
	if (write(talk, command, strlen(command)) != (ssize_t)strlen(command) ||
	    write(talk, "\n", 1) != 1)
		die("the emulator has gone");
	hear();
	return answer;
}

/* "  NAME  4 KiB  OFFSET USED TOTAL HVA rw" */
static void find_block(struct block *b, const char *list)
{
	unsigned long long offset, used, total, hva;
	const char *at = strstr(list, b->name);

	if (at && sscanf(at + strlen(b->name), " %*u %*s %llx %llx %llx %llx", &offset, &used,
			 &total, &hva) == 4) {
		b->bytes = used;
		b->at = hva;
	}
}

static void connect_to(const char *name)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct ucred who;
	socklen_t n = sizeof(who);
	char path[64];

	if (strlen(name) >= sizeof(a.sun_path))
		die("the name of the socket is too long: %s", name);
	strcpy(a.sun_path, name);
	talk = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (talk < 0 || connect(talk, (struct sockaddr *)&a, sizeof(a)))
		die("no machine behind %s (%s)", name, strerror(errno));
	if (getsockopt(talk, SOL_SOCKET, SO_PEERCRED, &who, &n))
		die("whose socket %s is cannot be told", name);
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)who.pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	if (mem < 0)
		die("the memory of the emulator (%s) cannot be read: %s. It belongs to who started it; "
		    "sysctl kernel.yama.ptrace_scope=0, or root, may be needed", path, strerror(errno));
}

void machine_open(const char *name)
{
	connect_to(name);
	hear();
	if (strstr(ask("info status"), "VM status: running")) {
		ask("stop");
		stopped_by_us = true;
	}
	ask("info ramblock");
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		find_block(&blocks[i], answer);
	if (!blocks[0].bytes)
		die("the emulator does not say where its memory is");
}

void machine_close(void)
{
	if (stopped_by_us) {
		stopped_by_us = false;
		ask("cont");
	}
	if (talk >= 0)
		close(talk);
	talk = -1;
}

bool machine_read(uint64_t pa, void *to, size_t bytes)
{
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		const struct block *b = &blocks[i];

		if (pa >= b->pa && pa - b->pa < b->bytes && bytes <= b->bytes - (pa - b->pa))
			return pread(mem, to, bytes, (off_t)(b->at + (pa - b->pa))) == (ssize_t)bytes;
	}
	return false;
}

uint64_t machine_dram_base(void)
{
	return blocks[0].pa;
}

uint64_t machine_dram_bytes(void)
{
	return blocks[0].bytes;
}
