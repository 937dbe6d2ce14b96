// SPDX-License-Identifier: BSD-2-Clause
/*
 * Kernel headers, and where files are put. What dies is tried in a child.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "image.h"
#include "test.h"

#define RAM	0x40000000ULL

static void header(u8 *h, u64 text_offset, u64 image_size, u64 flags)
{
	const u32 magic = 0x644d5241;

	memset(h, 0, 64);
	memcpy(h + 8, &text_offset, 8);
	memcpy(h + 16, &image_size, 8);
	memcpy(h + 24, &flags, 8);
	memcpy(h + 56, &magic, 4);
}

static void test_complaints(void)
{
	u8 h[64];

	header(h, 0, MIB, 2);
	CHECK(!kernel_complaint(h, 64));
	CHECK(strstr(kernel_complaint(h, 63), "short"));
	header(h, 0, MIB, 1);
	CHECK(strstr(kernel_complaint(h, 64), "big-endian"));
	header(h, 0, 0, 0);
	CHECK(strstr(kernel_complaint(h, 64), "sizes"));
	header(h, 0, ~0ULL, 0);
	CHECK(strstr(kernel_complaint(h, 64), "sizes"));
	header(h, ~0ULL - 4095, MIB, 0);
	CHECK(strstr(kernel_complaint(h, 64), "sizes"));
	header(h, 0x80001, MIB, 0);
	CHECK(strstr(kernel_complaint(h, 64), "sizes"));
	header(h, 0, MIB, 0);
	h[0] = 0x1f;
	h[1] = 0x8b;
	CHECK(strstr(kernel_complaint(h, 64), "gzip"));
	memcpy(h, "MZ\0\0zimg", 8);
	CHECK(strstr(kernel_complaint(h, 64), "EFI"));
	memset(h, 0, 64);
	CHECK(strstr(kernel_complaint(h, 64), "not an arm64"));
}

static int placed(u64 text_offset, u64 image_size, u64 initrd, u64 ram, struct image *im)
{
	int status;

	memset(im, 0, sizeof(*im));
	blob_alloc(&im->kernel, 3 * MIB + 5);
	header(im->kernel.data, text_offset, image_size, 0);
	if (initrd)
		blob_alloc(&im->initrd, initrd);
	fflush(stderr);
	if (!fork()) {
		fclose(stderr);
		image_place(im, RAM, ram, 64 * KIB);
		_exit(0);
	}
	wait(&status);
	if (!WEXITSTATUS(status))
		image_place(im, RAM, ram, 64 * KIB);
	return WEXITSTATUS(status);
}

static void test_places(void)
{
	struct image im;

	CHECK(!placed(0, 8 * MIB + 1, 5, 64 * MIB, &im));
	CHECK(im.entry == RAM && im.kernel.gpa == RAM);
	CHECK(im.initrd.gpa == RAM + 10 * MIB && im.tree.gpa == RAM + 12 * MIB);
	/* a header that claims less than the file has */
	CHECK(!placed(0x80000, PAGE, 0, 64 * MIB, &im));
	CHECK(im.kernel_end >= im.kernel.gpa + 3 * MIB + 5);
	CHECK(im.tree.gpa >= im.kernel_end);
	/* exactly, and one page less */
	CHECK(!placed(0, 8 * MIB, 2 * MIB, 10 * MIB + 64 * KIB, &im));
	CHECK(placed(0, 8 * MIB, 2 * MIB, 10 * MIB + 60 * KIB, &im) == 126);
	CHECK(placed(0, GIB, 0, 64 * MIB, &im) == 126);
	CHECK(placed(GIB, MIB, 0, 64 * MIB, &im) == 126);
	CHECK(placed(0, 8 * MIB, 64 * MIB, 64 * MIB, &im) == 126);
}

int main(void)
{
	test_complaints();
	test_places();
	printf("vmm/image: ok\n");
	return 0;
}
