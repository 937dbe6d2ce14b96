/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mkflash: packs EL3, the boot table and a monitor into one file for QEMU's
 * -bios. spec/decisions.md 3 and 4.
 *
 *	mkflash --el3 FILE [--rmm FILE] [--ns-entry PA[:BYTES]] [--initrd START:END]
 *	        [--args STRING] [--flags N] -o FILE
 *
 * Exit status 0, or 1 with one sentence on standard error and no output file.
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../abi/el3.h"

#define DEFAULT_NS_ENTRY	0x40400000ULL	/* 2 MiB aligned, past the device tree */
#define DRAM_BASE		0x40000000ULL

struct blob {
	const char *name;
	unsigned char *data;
	size_t bytes;
};

static void die(const char *fmt, ...)
{
	va_list ap;

	fputs("mkflash: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static struct blob blob_read(const char *name)
{
	struct blob b = { .name = name };
	FILE *f = fopen(name, "rb");

	if (!f)
		die("cannot open %s: %s.", name, strerror(errno));
	b.data = malloc(FLASH_BYTES + 1);
	if (!b.data)
		die("out of memory.");
	b.bytes = fread(b.data, 1, FLASH_BYTES + 1, f);
	if (ferror(f))
		die("cannot read %s: %s.", name, strerror(errno));
	fclose(f);
	if (!b.bytes)
		die("%s is empty.", name);
	if (b.bytes > FLASH_BYTES)
		die("%s is larger than the whole flash (%d MiB).", name, FLASH_BYTES >> 20);
	return b;
}

/* Takes the whole of *text* as one number of any C base. */
static uint64_t number(const char *what, const char *text)
{
	unsigned long long v;
	char *end;

	errno = 0;
	v = strtoull(text, &end, 0);
	if (errno || end == text || *end || *text == '-')
		die("%s wants a number, not '%s'.", what, text);
	return v;
}

static void put(unsigned char *at, uint64_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		at[i] = v >> (8 * i);
}

static uint64_t get(const unsigned char *at, int bytes)
{
	uint64_t v = 0;

	for (int i = bytes - 1; i >= 0; i--)
		v = v << 8 | at[i];
	return v;
}

static void is_elf_then_die(const struct blob *b)
{
	if (b->bytes >= 4 && !memcmp(b->data, "\177ELF", 4))
		die("%s is an ELF file; the flat binary is wanted.", b->name);
}

/* Our own header is checked; a monitor without it belongs to somebody else and is let through. */
static void check_monitor(const struct blob *b)
{
	uint64_t wanted;

	is_elf_then_die(b);
	if (b->bytes < sizeof(struct rmm_image_header))
		die("%s is too short (%zu bytes) to be a monitor.", b->name, b->bytes);
	if (memcmp(b->data + RMM_IMAGE_MAGIC_OFFSET, RMM_IMAGE_MAGIC, 8)) {
		fprintf(stderr, "mkflash: note: %s has no " RMM_IMAGE_MAGIC " header.\n", b->name);
		return;
	}
	if (get(b->data + RMM_IMAGE_VERSION_OFFSET, 4) != RMM_IMAGE_VERSION)
		die("%s has monitor header version %u; version %u is understood.", b->name,
		    (unsigned int)get(b->data + RMM_IMAGE_VERSION_OFFSET, 4), RMM_IMAGE_VERSION);
	wanted = get(b->data + RMM_IMAGE_BYTES_OFFSET, 8);
	if (wanted & 0xfff || wanted < b->bytes)
		die("%s asks for 0x%llx bytes of memory, which is not a multiple of 4 KiB that "
		    "holds its own %zu bytes.", b->name, (unsigned long long)wanted, b->bytes);
}

static void write_out(const char *name, const unsigned char *data, size_t bytes)
{
	FILE *f = fopen(name, "wb");

	if (!f)
		die("cannot write %s: %s.", name, strerror(errno));
	if (fwrite(data, 1, bytes, f) != bytes || fclose(f)) {
		unlink(name);
		die("cannot write %s: %s.", name, strerror(errno));
	}
}

static void usage(void)
{
	fputs("usage: mkflash --el3 FILE [--rmm FILE] [--ns-entry PA[:BYTES]]\n"
	      "               [--initrd START:END] [--args STRING] [--flags N] -o FILE\n", stderr);
	exit(1);
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "el3", 1, 0, 'e' }, { "rmm", 1, 0, 'r' }, { "ns-entry", 1, 0, 'n' },
		{ "initrd", 1, 0, 'i' }, { "args", 1, 0, 'a' }, { "flags", 1, 0, 'f' },
		{ "output", 1, 0, 'o' }, { 0 },
	};
	const char *el3_name = NULL, *rmm_name = NULL, *out = NULL, *args = "";
	uint64_t entry = DEFAULT_NS_ENTRY, entry_bytes = 0, initrd[2] = { 0, 0 }, flags = 0;
	struct blob el3, rmm = { 0 };
	unsigned char *img, *t;
	char *colon;
	size_t end;
	int c;

	while ((c = getopt_long(argc, argv, "o:", longs, NULL)) != -1) {
		switch (c) {
		case 'e': el3_name = optarg; break;
		case 'r': rmm_name = optarg; break;
		case 'o': out = optarg; break;
		case 'a': args = optarg; break;
		case 'n':
			colon = strchr(optarg, ':');
			if (colon) {
				*colon = 0;
				entry_bytes = number("--ns-entry", colon + 1);
			}
			entry = number("--ns-entry", optarg);
			break;
		case 'f': flags = number("--flags", optarg); break;
		case 'i':
			colon = strchr(optarg, ':');
			if (!colon)
				die("--initrd wants START:END.");
			*colon = 0;
			initrd[0] = number("--initrd", optarg);
			initrd[1] = number("--initrd", colon + 1);
			break;
		default: usage();
		}
	}
	if (optind < argc || !el3_name || !out)
		usage();

	if (entry < DRAM_BASE || entry & 3)
		die("--ns-entry 0x%llx is not an instruction address in DRAM (from 0x%llx).",
		    (unsigned long long)entry, DRAM_BASE);
	if (initrd[0] != initrd[1] && (initrd[0] > initrd[1] || initrd[0] < DRAM_BASE))
		die("--initrd 0x%llx:0x%llx is not a range in DRAM.",
		    (unsigned long long)initrd[0], (unsigned long long)initrd[1]);
	if (flags & ~(uint64_t)(BOOT_FLAG_L0_BLOCKS | BOOT_FLAG_NO_METADATA |
				  BOOT_FLAG_EL3_SIGNS | BOOT_FLAG_TOKEN_MASK))
		die("--flags 0x%llx has bits without a meaning.", (unsigned long long)flags);
	if (strlen(args) >= BOOT_TABLE_ARGS_MAX)
		die("--args is longer than %d bytes.", BOOT_TABLE_ARGS_MAX - 1);

	el3 = blob_read(el3_name);
	is_elf_then_die(&el3);
	if (el3.bytes > FLASH_BOOT_TABLE)
		die("%s has %zu bytes; at most %d fit before the boot table.", el3_name, el3.bytes,
		    FLASH_BOOT_TABLE);
	end = FLASH_MONITOR;
	if (rmm_name) {
		rmm = blob_read(rmm_name);
		check_monitor(&rmm);
		if (rmm.bytes > FLASH_BYTES - FLASH_MONITOR)
			die("%s has %zu bytes; at most %d fit into the flash.", rmm_name, rmm.bytes,
			    FLASH_BYTES - FLASH_MONITOR);
		end += rmm.bytes;
	}

	img = calloc(1, end);
	if (!img)
		die("out of memory.");
	memcpy(img, el3.data, el3.bytes);
	t = img + FLASH_BOOT_TABLE;
	memcpy(t, BOOT_TABLE_MAGIC, 8);
	put(t + 0x08, BOOT_TABLE_VERSION, 4);
	put(t + 0x0c, flags, 4);
	put(t + 0x10, rmm.bytes ? FLASH_MONITOR : 0, 8);
	put(t + 0x18, rmm.bytes, 8);
	put(t + 0x20, entry, 8);
	put(t + 0x28, initrd[0], 8);
	put(t + 0x30, initrd[1], 8);
	put(t + 0x38, entry_bytes, 8);
	strcpy((char *)t + BOOT_TABLE_ARGS_OFFSET, args);
	if (rmm.bytes)
		memcpy(img + FLASH_MONITOR, rmm.data, rmm.bytes);
	write_out(out, img, end);
	return 0;
}
