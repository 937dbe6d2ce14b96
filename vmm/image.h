/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The files a guest starts from, and where in its memory they go
 * (decisions-kvm K74 step 1, K75).
 */
#ifndef VMM_IMAGE_H
#define VMM_IMAGE_H

#include "util.h"

/* Page-aligned anonymous memory; bytes rounded up to pages, zero behind len. */
struct blob {
	u8 *data;
	u64 len;		/* what the file had */
	u64 gpa;		/* where it goes */
};

static inline u64 blob_pages_len(const struct blob *b)
{
	return align_up(b->len, PAGE);
}

struct image {
	struct blob kernel;
	struct blob initrd;	/* len 0: none */
	struct blob tree;
	u64 entry;
	u64 kernel_end;		/* end of what the kernel wants, bss included */
};

/*
 * What is wrong with these first bytes of a kernel file, as the end of a
 * sentence ("is ..."); NULL when it is an arm64 Image. len is that of the file.
 */
const char *kernel_complaint(const u8 *data, u64 len);

#define IMAGE_MAX_INITRDS	16

/* Read and check the files; at most IMAGE_MAX_INITRDS of the latter. Dies with a sentence. */
void image_load(struct image *im, const char *kernel, const char *const *initrd,
		unsigned int nr_initrds);

/*
 * Give each its place, given the size of the tree to come. Dies with a
 * sentence when it does not fit into [base, base + size).
 */
void image_place(struct image *im, u64 base, u64 size, u64 tree_len);

/* Room for len bytes and zeros up to the page end; dies without memory. */
void blob_alloc(struct blob *b, u64 len);
void blob_free(struct blob *b);

#endif
