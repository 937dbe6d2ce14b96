// SPDX-License-Identifier: BSD-2-Clause
/*
 * gpfprobe PA...: what happens when this host looks at physical addresses (hex)?
 *
 * For each: a load from a mapping of /dev/mem, then read(2) of /dev/mem, which
 * makes the kernel itself load. Prints one line per address and way:
 *   PA mmap sigbus | PA mmap value 0x...
 *   PA read EFAULT | PA read value 0x...
 * Status 0 when every one of them was refused (a realm's pages), 1 when any gave
 * a value, 2 when it could not be tried. With -v as first argument the other way
 * round: 0 when each gave the value zero (a page given back is wiped).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static sigjmp_buf away;

static void bus_error(int sig)
{
	siglongjmp(away, sig);
}

/* Returns whether a value was had. */
static bool by_mmap(int fd, uint64_t pa, uint64_t *value)
{
	uint64_t page = pa & ~4095ULL;
	volatile uint64_t *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, page);
	volatile bool had = false;

	if (p == MAP_FAILED) {
		printf("0x%" PRIx64 " mmap %s\n", pa, strerror(errno));
		exit(2);
	}
	if (!sigsetjmp(away, 1)) {
		*value = p[(pa & 4095) / 8];
		had = true;
	}
	munmap((void *)p, 4096);
	return had;
}

static bool by_read(int fd, uint64_t pa, uint64_t *value)
{
	return pread(fd, value, sizeof(*value), pa) == sizeof(*value);
}

int main(int argc, char **argv)
{
	bool want_value = argc > 1 && !strcmp(argv[1], "-v");
	int fd = open("/dev/mem", O_RDONLY), i, bad = 0;
	uint64_t pa, value = 0;
	bool had;

	if (fd < 0) {
		perror("gpfprobe: /dev/mem");
		return 2;
	}
	signal(SIGBUS, bus_error);
	for (i = 1 + want_value; i < argc; i++) {
		pa = strtoull(argv[i], NULL, 16) & ~7ULL;
		had = by_mmap(fd, pa, &value);
		if (had)
			printf("0x%" PRIx64 " mmap value 0x%" PRIx64 "\n", pa, value);
		else
			printf("0x%" PRIx64 " mmap sigbus\n", pa);
		bad |= want_value ? !had || value : had;

		had = by_read(fd, pa, &value);
		if (had)
			printf("0x%" PRIx64 " read value 0x%" PRIx64 "\n", pa, value);
		else
			printf("0x%" PRIx64 " read %s\n", pa, strerrorname_np(errno));
		bad |= want_value ? !had || value : had;
		fflush(stdout);
	}
	return bad ? 1 : 0;
}
