// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of a running realm: first touch, conversion in both directions by page
 * and by 2 MiB, from either side, inside a mapped block; requests that user
 * space refuses; pages it takes away.
 */
#include "realm_util.h"

#define RAM	(64 * MiB)

#define EMPTY	0
#define RAM_	1
#define DESTROYED_OK	1

static struct realm r;

static uint64_t check(uint64_t gpa, uint64_t size, uint64_t seed)
{
	struct guest_ret g = guest_call(&r, guest_check, gpa, size, seed);

	if (g.x[0])
		ksft_print_msg("%llu pages differ, first %#llx\n", (unsigned long long)g.x[0],
			       (unsigned long long)g.x[1]);
	return g.x[0];
}

static void fill(uint64_t gpa, uint64_t size, uint64_t seed)
{
	guest_call(&r, guest_fill, gpa, size, seed);
}

/* The guest asks; true if it got all of it */
static bool ask(uint64_t gpa, uint64_t size, int ripas)
{
	struct guest_ret g = guest_call(&r, guest_ripas, gpa, gpa + size, ripas, DESTROYED_OK);

	return g.x[0] == 0 && g.x[1] == gpa + size && !(g.x[2] & 1);
}

/* The guest's pattern seen from user space, through the shared pages */
static bool host_sees(uint64_t gpa, uint64_t size, uint64_t seed)
{
	for (uint64_t p = gpa; p < gpa + size; p += PAGE)
		if (*(uint64_t *)(r.ram + (p - RAM_BASE)) != (seed ^ (SHARED | p)))
			return false;
	return true;
}

static void test_touch(void)
{
	uint64_t a = RAM_BASE + 8 * MiB;

	ksft_test_result(check(a, 0, 0) == 1, "fresh memory holds no pattern\n");
	fill(a, 8 * MiB, 0xaaaa);
	ksft_test_result(!check(a, 8 * MiB, 0xaaaa), "8 MiB filled\n");
	/* The last page of RAM, and a single page in the middle of nowhere */
	fill(RAM_BASE + RAM - PAGE, PAGE, 0xbbbb);
	fill(RAM_BASE + 41 * MiB + 5 * PAGE, PAGE, 0xbbbb);
	ksft_test_result(!check(RAM_BASE + RAM - PAGE, PAGE, 0xbbbb) &&
			 !check(RAM_BASE + 41 * MiB + 5 * PAGE, PAGE, 0xbbbb), "single pages\n");
}

/* @size at @a: private -> shared -> private, asked for by the guest */
static void back_and_forth(uint64_t a, uint64_t size, const char *what)
{
	unsigned long faults = r.faults;
	bool ok;

	fill(a, size, 0x1111);
	ok = ask(a, size, EMPTY);
	ksft_test_result(ok && r.faults > faults, "%s: made shared\n", what);
	fill(SHARED | a, size, 0x2222);
	ksft_test_result(host_sees(a, size, 0x2222),
			 "%s: the host sees what the guest writes\n", what);
	for (uint64_t p = a; p < a + size; p += PAGE)
		*(uint64_t *)(r.ram + (p - RAM_BASE)) = 0x3333 ^ (SHARED | p);
	ksft_test_result(!check(SHARED | a, size, 0x3333), "%s: and the other way\n", what);

	ok = ask(a, size, RAM_);
	ksft_test_result(ok, "%s: made private\n", what);
	ksft_test_result(check(a, size, 0x1111) == size / PAGE,
			 "%s: old contents are gone\n", what);
	fill(a, size, 0x4444);
	ksft_test_result(!check(a, size, 0x4444), "%s: and it works again\n", what);
}

/* One page out of a mapped block: its neighbours keep what they have */
static void test_split(void)
{
	uint64_t a = RAM_BASE + 20 * MiB, p = a + 100 * PAGE;

	fill(a, 2 * MiB, 0x7777);
	if (!ask(p, PAGE, EMPTY))
		ksft_exit_fail_msg("page not made shared\n");
	ksft_test_result(!check(a, 100 * PAGE, 0x7777) &&
			 !check(p + PAGE, 2 * MiB - 101 * PAGE, 0x7777),
			 "split: neighbours are untouched\n");
	fill(SHARED | p, PAGE, 0x8888);
	ksft_test_result(host_sees(p, PAGE, 0x8888), "split: the page is shared\n");
	ksft_test_result(ask(p, PAGE, RAM_) && check(p, PAGE, 0x7777) == 1 &&
			 !check(a, 100 * PAGE, 0x7777), "split: and private again\n");
	fill(p, PAGE, 0x7777);
	ksft_test_result(!check(a, 2 * MiB, 0x7777), "split: all of it\n");

	/* The same by user space alone, at both edges */
	realm_convert(&r, a, PAGE, false);
	realm_convert(&r, a + 2 * MiB - PAGE, PAGE, false);
	ksft_test_result(!check(a + PAGE, 2 * MiB - 2 * PAGE, 0x7777), "split: edges taken away\n");

	/* By a request for what is RAM already: user space can still take a page */
	a += 20 * MiB;
	fill(a, 2 * MiB, 0x7979);
	ksft_test_result(ask(a + 100 * PAGE, PAGE, RAM_), "split: RAM that is RAM\n");
	realm_convert(&r, a + 200 * PAGE, PAGE, false);
	ksft_test_result(!check(a, 200 * PAGE, 0x7979) &&
			 !check(a + 201 * PAGE, 2 * MiB - 201 * PAGE, 0x7979),
			 "split: and a page taken away afterwards\n");
}

/* User space leaves the attribute as it is: no */
static void test_refuse(void)
{
	uint64_t a = RAM_BASE + 24 * MiB;
	struct guest_ret g;
	int reason;

	fill(a, PAGE, 0x5151);
	if (!ask(a, 4 * PAGE, EMPTY))
		ksft_exit_fail_msg("pages not made shared\n");

	r.convert = false;
	guest_prepare(&r, 0, guest_ripas, a, a + 4 * PAGE, RAM_, DESTROYED_OK);
	reason = realm_run(&r, 0);
	ksft_test_result(reason == KVM_EXIT_MEMORY_FAULT &&
			 r.run[0]->memory_fault.gpa == a &&
			 r.run[0]->memory_fault.size == 4 * PAGE &&
			 r.run[0]->memory_fault.flags == KVM_MEMORY_EXIT_FLAG_PRIVATE,
			 "request: exit names range and direction\n");
	g = guest_wait(&r, 0);
	ksft_test_result(!g.x[0] && g.x[1] == a && (g.x[2] & 1),
			 "request refused: the guest is told\n");

	/* Half of it */
	guest_prepare(&r, 0, guest_ripas, a, a + 4 * PAGE, RAM_, DESTROYED_OK);
	if (realm_run(&r, 0) != KVM_EXIT_MEMORY_FAULT)
		ksft_exit_fail_msg("no memory fault\n");
	realm_convert(&r, a, 2 * PAGE, true);
	reason = realm_run(&r, 0);	/* the guest asks for the rest */
	ksft_test_result(reason == KVM_EXIT_MEMORY_FAULT &&
			 r.run[0]->memory_fault.gpa == a + 2 * PAGE &&
			 r.run[0]->memory_fault.size == 2 * PAGE,
			 "half granted: the guest asks on\n");
	g = guest_wait(&r, 0);
	ksft_test_result(g.x[1] == a + 2 * PAGE && (g.x[2] & 1), "and is refused the rest\n");

	/* Beyond all slots: nobody can agree to that */
	guest_prepare(&r, 0, guest_ripas, RAM_BASE + RAM, RAM_BASE + RAM + MiB, RAM_,
		      DESTROYED_OK);
	reason = realm_run(&r, 0);
	if (reason != KVM_EXIT_MEMORY_FAULT)
		ksft_print_msg("%s\n", exit_name(&r, 0, reason));
	set_attributes(&r, RAM_BASE + RAM, MiB, true);
	g = guest_wait(&r, 0);
	ksft_test_result(!g.x[0] && g.x[1] == RAM_BASE + RAM && (g.x[2] & 1),
			 "request outside RAM: refused even with the attribute\n");
	set_attributes(&r, RAM_BASE + RAM, MiB, false);
	r.convert = true;
}

/* Wrong side: the exit says which, and user space decides */
static void test_wrong_side(void)
{
	uint64_t a = RAM_BASE + 28 * MiB;
	int reason;

	r.convert = false;
	guest_prepare(&r, 0, guest_ld64, SHARED | a, 0, 0, 0);
	reason = realm_run(&r, 0);
	ksft_test_result(reason == KVM_EXIT_MEMORY_FAULT && r.run[0]->memory_fault.gpa == a &&
			 !r.run[0]->memory_fault.flags, "shared access to private memory\n");
	r.convert = true;
	guest_wait(&r, 0);

	realm_convert(&r, a, PAGE, false);
	r.convert = false;
	guest_prepare(&r, 0, guest_ld64, a, 0, 0, 0);
	reason = realm_run(&r, 0);
	ksft_test_result(reason == KVM_EXIT_MEMORY_FAULT && r.run[0]->memory_fault.gpa == a &&
			 r.run[0]->memory_fault.flags == KVM_MEMORY_EXIT_FLAG_PRIVATE,
			 "private access to shared memory\n");
	if (reason != KVM_EXIT_MEMORY_FAULT)
		ksft_print_msg("%s\n", exit_name(&r, 0, reason));
	/* Never mapped before, so giving it is enough */
	r.convert = true;
	guest_wait(&r, 0);
	ksft_test_result_pass("and is served once it is private\n");
}

/* A page that user space destroyed: an exit, not a spin */
static void test_destroyed(void)
{
	uint64_t a = RAM_BASE + 32 * MiB;
	int reason;

	fill(a, 2 * PAGE, 0x9999);
	realm_convert(&r, a, PAGE, false);
	if (set_attributes(&r, a, PAGE, true))
		die("KVM_SET_MEMORY_ATTRIBUTES");
	r.convert = false;
	guest_prepare(&r, 0, guest_ld64, a, 0, 0, 0);
	alarm(10);
	reason = realm_run(&r, 0);
	if (reason == KVM_EXIT_MEMORY_FAULT)
		reason = realm_run(&r, 0);	/* still the same */
	alarm(0);
	ksft_test_result(reason == KVM_EXIT_MEMORY_FAULT && r.run[0]->memory_fault.gpa == a &&
			 r.run[0]->memory_fault.flags == KVM_MEMORY_EXIT_FLAG_PRIVATE,
			 "destroyed page: memory fault, each time\n");
	r.convert = true;
}

int main(void)
{
	struct granules before = granules();

	realm_init(&r, 1, RAM);
	ksft_print_header();
	guest_wait(&r, 0);

	test_touch();
	back_and_forth(RAM_BASE + 12 * MiB, PAGE, "page");
	back_and_forth(RAM_BASE + 14 * MiB, 2 * MiB, "2 MiB");
	back_and_forth(RAM_BASE + 16 * MiB + 17 * PAGE, 2 * MiB + 3 * PAGE, "2 MiB unaligned");
	for (int i = 0; i < 3; i++)
		back_and_forth(RAM_BASE + 48 * MiB, 4 * MiB, "4 MiB");
	test_split();
	test_refuse();
	test_wrong_side();
	test_destroyed();	/* the guest does not survive it */

	realm_free(&r);
	ksft_test_result(granules_are(before), "granules are as before\n");
	realm_finished();
}
