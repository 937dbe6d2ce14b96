// SPDX-License-Identifier: BSD-2-Clause
/*
 * vmmattack ADDRESS [SEED [ROUNDS]]: a driver that means harm.
 *
 * ADDRESS (hex) is the register page of a virtio-mmio device, as this guest
 * reaches it: in a realm with the shared bit. It is abused with random register
 * accesses of all widths, queues at random addresses that are no memory of ours
 * the device may use, and doorbells. Afterwards the device must still answer as
 * virtio device, and take a reset. Status 0: it does.
 *
 * Addresses given to the device never hit usable memory (in a realm they lack
 * the shared bit; below and above RAM otherwise): it is the VMM that is to be
 * hurt, not this guest.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAGIC		0x000
#define STATUS		0x070

static volatile uint8_t *page;
static uint64_t seed;
static bool realm;

static uint64_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static uint32_t rd(uint32_t off)
{
	return *(volatile uint32_t *)(page + off);
}

static void wr(uint32_t off, uint32_t val)
{
	*(volatile uint32_t *)(page + off) = val;
}

static uint64_t bad_address(void)
{
	switch (rnd() % 5) {
	case 0:
		return rnd() | 1ULL << 63;		/* far above everything */
	case 1:
		return rnd() % 0x40000000;		/* below RAM */
	case 2:
		return 0x08000000 + rnd() % 0x10000;	/* the GIC */
	case 3:
		return -(rnd() % 65536);		/* about to wrap */
	}
	return realm ? 0x40000000 + rnd() % 0x8000000 :	/* RAM, but private */
		       rnd() % 0x1000;
}

static void set_address(uint32_t off)
{
	uint64_t a = bad_address() & ~15ULL;

	wr(off, a);
	wr(off + 4, a >> 32);
}

static void queue(void)
{
	wr(0x30, rnd() % 3);
	wr(0x38, rnd() & 1 ? 1u << rnd() % 10 : rnd());
	set_address(0x80);
	set_address(0x90);
	set_address(0xa0);
	wr(0x44, 1);
}

static void up_to_features(void)
{
	wr(STATUS, 0);
	wr(STATUS, 1);
	wr(STATUS, 3);
	wr(0x24, 1);
	wr(0x20, 3);
	wr(STATUS, 11);
}

static void any_access(void)
{
	uint32_t off = rnd() % 0x200;

	switch (rnd() % 6) {
	case 0:
		(void)page[off];
		break;
	case 1:
		(void)*(volatile uint16_t *)(page + (off & ~1));
		break;
	case 2:
		(void)*(volatile uint64_t *)(page + (off & ~7));
		break;
	case 3:
		page[off] = rnd();
		break;
	case 4:
		*(volatile uint64_t *)(page + (off & ~7)) = rnd();
		break;
	default:
		/* not a queue at an address that could be good */
		if (off < 0x80 || off > 0xa7)
			wr(off & ~3, rnd());
	}
}

int main(int argc, char **argv)
{
	uint64_t address = argc > 1 ? strtoull(argv[1], NULL, 16) : 0;
	unsigned int rounds, i, n;
	int fd = open("/dev/mem", O_RDWR | O_SYNC);

	seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	rounds = argc > 3 ? strtoul(argv[3], NULL, 0) : 200;
	realm = address >> 32;
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, address);
	if (fd < 0 || !seed || page == MAP_FAILED || rd(MAGIC) != 0x74726976) {
		fprintf(stderr, "vmmattack: no virtio device at 0x%" PRIx64 "\n", address);
		return 2;
	}
	for (i = 0; i < rounds; i++) {
		if (rnd() & 3)
			up_to_features();
		queue();
		if (rnd() & 1)
			wr(STATUS, 15);
		for (n = rnd() % 8; n; n--)
			wr(0x50, rnd() & 1 ? rnd() % 3 : rnd());
		for (n = rnd() % 20; n; n--)
			any_access();
	}
	wr(STATUS, 0);
	if (rd(MAGIC) != 0x74726976 || rd(STATUS)) {
		printf("FAIL attack: the device does not answer any more\n");
		return 1;
	}
	printf("ok attack: %u rounds, the device takes a reset\n", rounds);
	return 0;
}
