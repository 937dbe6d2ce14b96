// SPDX-License-Identifier: BSD-2-Clause
/*
 * Write an initramfs (cpio, newc) from a list on standard input, without root
 * and the same bytes each time: owner 0:0, time 0, inode numbers in order.
 *
 *   dir  PATH MODE
 *   nod  PATH MODE c|b MAJOR MINOR
 *   link PATH TARGET
 *   file PATH MODE SOURCE		(SOURCE is the rest of the line)
 *
 * Empty lines and lines beginning with # are skipped. Built for and run on the
 * machine that makes the image.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static unsigned int ino, line_nr;
static size_t written;

static void fail(const char *what, const char *name)
{
	fprintf(stderr, "mkcpio: line %u: %s %s\n", line_nr, what, name);
	exit(1);
}

static void put(const void *data, size_t n)
{
	if (fwrite(data, 1, n, stdout) != n)
		fail("cannot write:", strerror(errno));
	written += n;
}

static void pad(size_t to)
{
	static const char zeros[512];

	put(zeros, (to - written % to) % to);
}

static void header(const char *path, unsigned int mode, size_t size, unsigned int major,
		   unsigned int minor)
{
	char h[111];

	while (*path == '/')
		path++;
	snprintf(h, sizeof(h), "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
		 ++ino, mode, 0, 0, S_ISDIR(mode) ? 2 : 1, 0, (unsigned int)size, 0, 0, major,
		 minor, (unsigned int)strlen(path) + 1, 0);
	put(h, 110);
	put(path, strlen(path) + 1);
	pad(4);
}

static void put_file(const char *path, unsigned int mode, const char *source)
{
	static char buf[1 << 16];
	FILE *f = fopen(source, "rb");
	size_t size = 0, n;
	struct stat st;

	if (!f || fstat(fileno(f), &st))
		fail("cannot read", source);
	header(path, S_IFREG | mode, st.st_size, 0, 0);
	while ((n = fread(buf, 1, sizeof(buf), f))) {
		put(buf, n);
		size += n;
	}
	if (size != (size_t)st.st_size)
		fail("changed while being read:", source);
	fclose(f);
	pad(4);
}

static void do_line(char *line)
{
	char kind[8], path[512], rest[1024], type;
	unsigned int mode, major, minor;

	if (sscanf(line, "%7s %511s", kind, path) != 2)
		fail("not understood:", line);
	if (!strcmp(kind, "dir") && sscanf(line, "%*s %*s %o", &mode) == 1) {
		header(path, S_IFDIR | mode, 0, 0, 0);
	} else if (!strcmp(kind, "nod") &&
		   sscanf(line, "%*s %*s %o %c %u %u", &mode, &type, &major, &minor) == 4) {
		header(path, (type == 'b' ? S_IFBLK : S_IFCHR) | mode, 0, major, minor);
	} else if (!strcmp(kind, "link") && sscanf(line, "%*s %*s %1023s", rest) == 1) {
		header(path, S_IFLNK | 0777, strlen(rest), 0, 0);
		put(rest, strlen(rest));
		pad(4);
	} else if (!strcmp(kind, "file") &&
		   sscanf(line, "%*s %*s %o %1023[^\n]", &mode, rest) == 2) {
		put_file(path, mode, rest);
	} else {
		fail("not understood:", line);
	}
}

int main(void)
{
	char line[2048];

	while (fgets(line, sizeof(line), stdin)) {
		line_nr++;
		line[strcspn(line, "\n")] = '\0';
		if (*line && *line != '#')
			do_line(line);
	}
	ino = -1;
	header("TRAILER!!!", 0, 0, 0, 0);
	pad(512);
	if (fflush(stdout))
		fail("cannot write:", strerror(errno));
	return 0;
}
