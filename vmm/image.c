// SPDX-License-Identifier: BSD-2-Clause
/*
 * Kernel and initial ramdisk: read, checked, placed.
 *
 * The copies made here are also the source of a realm's measured population:
 * private anonymous memory, so nobody else can change it on the way.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image.h"

/* Linux Documentation/arch/arm64/booting.rst, section 4. */
struct arm64_header {
	u32 code0, code1;
	u64 text_offset;
	u64 image_size;
	u64 flags;		/* bit 0: big endian */
	u64 res[3];
	u32 magic;
	u32 pe;
};

#define ARM64_MAGIC	0x644d5241	/* "ARM\x64" */

void blob_alloc(struct blob *b, u64 len)
{
	void *p = mmap(NULL, align_up(len, PAGE), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("not enough memory for a copy of %llu KiB", (unsigned long long)len / KIB);
	b->data = p;
	b->len = len;
}

void blob_free(struct blob *b)
{
	if (b->data)
		munmap(b->data, align_up(b->len, PAGE));
	b->data = NULL;
}

static int open_file(const char *what, const char *path, u64 *len)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st))
		die("cannot open the %s `%s': %s", what, path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		die("the %s `%s' is not a regular file", what, path);
	if (!st.st_size)
		die("the %s `%s' is empty", what, path);
	*len = st.st_size;
	return fd;
}

static void read_file(int fd, u8 *to, u64 len, const char *what, const char *path)
{
	ssize_t n;

	while (len) {
		n = read(fd, to, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			die("cannot read the %s `%s': %s", what, path,
			    n ? strerror(errno) : "it became shorter");
		to += n;
		len -= n;
	}
	close(fd);
}

const char *kernel_complaint(const u8 *data, u64 len)
{
	struct arm64_header h;

	if (len >= 2 && data[0] == 0x1f && data[1] == 0x8b)
		return "compressed with gzip: unpack it first";
	if (len < sizeof(h))
		return "too short for an arm64 kernel";
	memcpy(&h, data, sizeof(h));
	if (!memcmp(data, "MZ", 2) && !memcmp(data + 4, "zimg", 4))
		return "a compressed EFI image: take the plain Image inside it";
	if (h.magic != ARM64_MAGIC)
		return "not an arm64 kernel Image";
	if (h.flags & 1)
		return "a big-endian kernel";
	if (!h.image_size || h.image_size > 1 * GIB || h.text_offset > 1 * GIB ||
	    h.text_offset & (PAGE - 1))
		return "not usable: its header has impossible sizes";
	return NULL;
}

static void load_kernel(struct image *im, const char *path)
{
	const char *complaint;
	u64 len;
	int fd = open_file("kernel", path, &len);

	if (len > 1 * GIB)
		die("the kernel `%s' is larger than 1 GiB", path);
	blob_alloc(&im->kernel, len);
	read_file(fd, im->kernel.data, len, "kernel", path);
	complaint = kernel_complaint(im->kernel.data, len);
	if (complaint)
		die("the kernel `%s' is %s", path, complaint);
}

/* The kernel unpacks joined archives when each begins at a multiple of 4 (K83). */
static void load_initrds(struct image *im, const char *const *path, unsigned int nr)
{
	u64 len[IMAGE_MAX_INITRDS], total = 0, at = 0;
	int fd[IMAGE_MAX_INITRDS];
	unsigned int i;

	nr = nr < IMAGE_MAX_INITRDS ? nr : IMAGE_MAX_INITRDS;
	for (i = 0; i < nr; i++) {
		fd[i] = open_file("initial ramdisk", path[i], &len[i]);
		total += align_up(len[i], 4);
		if (len[i] > 64 * GIB || total > 64 * GIB)
			die("the initial ramdisk `%s' is too large", path[i]);
	}
	if (!total)
		return;
	blob_alloc(&im->initrd, total);
	for (i = 0; i < nr; i++) {
		read_file(fd[i], im->initrd.data + at, len[i], "initial ramdisk", path[i]);
		at += align_up(len[i], 4);
	}
}

void image_load(struct image *im, const char *kernel, const char *const *initrd,
		unsigned int nr_initrds)
{
	memset(im, 0, sizeof(*im));
	load_kernel(im, kernel);
	load_initrds(im, initrd, nr_initrds);
}

static void must_fit(const char *what, u64 end, u64 ram_end)
{
	if (end > ram_end)
		die("the %s does not fit into the guest's memory: %llu MiB more are needed "
		    "(see -m)", what, (unsigned long long)(align_up(end - ram_end, MIB) / MIB));
}

void image_place(struct image *im, u64 base, u64 size, u64 tree_len)
{
	struct arm64_header h;
	u64 end = base + size;

	memcpy(&h, im->kernel.data, sizeof(h));
	im->kernel.gpa = base + h.text_offset;
	im->entry = im->kernel.gpa;
	im->kernel_end = im->kernel.gpa + align_up(h.image_size, PAGE);
	if (im->kernel_end < im->kernel.gpa + blob_pages_len(&im->kernel))
		im->kernel_end = im->kernel.gpa + blob_pages_len(&im->kernel);
	must_fit("kernel", im->kernel_end, end);

	im->initrd.gpa = align_up(im->kernel_end, BLOCK);
	if (im->initrd.len)
		must_fit("initial ramdisk", im->initrd.gpa + blob_pages_len(&im->initrd), end);

	im->tree.gpa = align_up(im->initrd.gpa + im->initrd.len, BLOCK);
	must_fit("device tree", im->tree.gpa + align_up(tree_len, PAGE), end);
}
