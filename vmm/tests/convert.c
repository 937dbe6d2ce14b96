// SPDX-License-Identifier: BSD-2-Clause
/*
 * Conversions: KVM hears of what changes and of nothing else, and the bitmap
 * follows. KVM is a list here.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kvm.h"
#include "kvm_abi.h"
#include "mem.h"
#include "test.h"

#define RAM	0x40000000ULL
#define PAGES	256ULL

static struct kvm_memory_attributes calls[64];
static unsigned int nr_calls;
static int fail_with;

int kvm_ioctl(int fd, unsigned long request, unsigned long arg)
{
	CHECK(request == KVM_SET_MEMORY_ATTRIBUTES);
	if (fail_with) {
		errno = fail_with;
		return -1;
	}
	CHECK(nr_calls < 64);
	memcpy(&calls[nr_calls++], (void *)arg, sizeof(calls[0]));
	return 0;
}

static struct mem mem;

static u64 at(unsigned int page)
{
	return RAM + page * PAGE;
}

static void fresh(void)
{
	CHECK(mem_init(&mem, RAM, PAGES * PAGE, true, 1ULL << 35));
	mem.gmem = memfd_create("private", 0);
	CHECK(!ftruncate(mem.gmem, mem.size));
	nr_calls = 0;
}

static void test_runs(void)
{
	fresh();
	CHECK(mem_convert(&mem, 3, at(0), PAGES * PAGE, true) == CONVERT_SAME);
	CHECK(nr_calls == 0);
	CHECK(mem_convert(&mem, 3, at(10), 5 * PAGE, false) == CONVERT_DONE);
	CHECK(nr_calls == 1 && calls[0].address == at(10) && calls[0].size == 5 * PAGE &&
	      calls[0].attributes == 0);
	CHECK(mem_dma(&mem, at(10) | mem.shared_bit, 5 * PAGE));
	CHECK(!mem_dma(&mem, at(10) | mem.shared_bit, 5 * PAGE + 1));
	CHECK(!mem_dma(&mem, (at(10) | mem.shared_bit) - 1, 2));
	CHECK(!mem_dma(&mem, at(10), 8));
	/* the shared side's contents go when it becomes private */
	memset(mem_dma(&mem, at(12) | mem.shared_bit, PAGE), 0x55, PAGE);
	nr_calls = 0;
	CHECK(mem_convert(&mem, 3, at(8), 6 * PAGE, true) == CONVERT_DONE);
	CHECK(nr_calls == 1 && calls[0].address == at(10) && calls[0].size == 4 * PAGE &&
	      calls[0].attributes == KVM_MEMORY_ATTRIBUTE_PRIVATE);
	CHECK(mem.host[12 * PAGE] == 0);
	CHECK(!mem_dma(&mem, at(13) | mem.shared_bit, 1));
	CHECK(mem_dma(&mem, at(14) | mem.shared_bit, PAGE));
	nr_calls = 0;
	CHECK(mem_convert(&mem, 3, at(13), 3 * PAGE, false) == CONVERT_DONE);
	CHECK(nr_calls == 2);
}

static void test_refused(void)
{
	fresh();
	CHECK(mem_convert(&mem, 3, RAM - PAGE, PAGE, false) == CONVERT_OUTSIDE);
	CHECK(mem_convert(&mem, 3, RAM - PAGE, 2 * PAGE, false) == CONVERT_OUTSIDE);
	CHECK(mem_convert(&mem, 3, at(PAGES), PAGE, false) == CONVERT_OUTSIDE);
	CHECK(mem_convert(&mem, 3, at(PAGES - 1), 2 * PAGE, false) == CONVERT_OUTSIDE);
	CHECK(mem_convert(&mem, 3, at(0), 0, false) == CONVERT_OUTSIDE);
	CHECK(mem_convert(&mem, 3, at(0), ~0ULL & ~(PAGE - 1), false) == CONVERT_OUTSIDE);
	CHECK(mem_convert(&mem, 3, at(0) + 1, PAGE, false) == CONVERT_OUTSIDE);
	CHECK(mem_convert(&mem, 3, at(0), PAGE - 1, false) == CONVERT_OUTSIDE);
	CHECK(nr_calls == 0);
	fail_with = ENOMEM;
	CHECK(mem_convert(&mem, 3, at(0), PAGE, false) == CONVERT_FAILED);
	CHECK(mem_page_is_private(&mem, at(0)));
	fail_with = 0;
}

static void test_ordinary(void)
{
	CHECK(mem_init(&mem, RAM, PAGES * PAGE, false, 0));
	CHECK(mem_convert(&mem, 3, at(0), PAGE, false) == CONVERT_OUTSIDE);
	CHECK(mem_dma(&mem, at(0), PAGES * PAGE));
	CHECK(!mem_dma(&mem, at(0), PAGES * PAGE + 1));
	CHECK(!mem_dma(&mem, at(1), ~0ULL));
	CHECK(!mem_dma(&mem, RAM - 1, 1));
	CHECK(!mem_dma(&mem, at(0) | 1ULL << 35, 1));
}

/* Against a model: an array of bools. */
static void test_walk(u64 seed)
{
	bool model[PAGES];
	unsigned int i, first, n, p;
	bool private, same;

	fresh();
	memset(model, 1, sizeof(model));
	for (i = 0; i < 20000; i++) {
		first = rnd(&seed) % PAGES;
		n = rnd(&seed) % (PAGES - first) % 40 + 1;
		if (n > PAGES - first)
			n = PAGES - first;
		private = rnd(&seed) & 1;
		for (same = true, p = first; p < first + n; p++) {
			same &= model[p] == private;
			model[p] = private;
		}
		nr_calls = 0;
		CHECK(mem_convert(&mem, 3, at(first), n * PAGE, private) ==
		      (same ? CONVERT_SAME : CONVERT_DONE));
		CHECK(same == !nr_calls);
		for (p = 0; p < PAGES; p++)
			CHECK(mem_page_is_private(&mem, at(p)) == model[p]);
	}
}

int main(int argc, char **argv)
{
	test_runs();
	test_refused();
	test_ordinary();
	test_walk(seed_of(argc, argv));
	printf("vmm/convert: ok\n");
	return 0;
}
