/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The paper machine itself: each thing it is there to see is done once, and seen.
 */
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch/arch.h"
#include "harness/test.h"
#include "realm/rec.h"
#include "sim/atomics.h"
#include "sim/sim.h"

#undef __atomic_load_n
#undef __atomic_store_n

#define PAGE	0x40100000ULL
#define OTHER	0x40101000ULL
#define TABLE	0x40102000ULL
#define LEAF	0x40103000ULL
#define DATA_PA	0x40104000ULL

static bool sees_in(void (*fn)(void *), const char *what)
{
	sim_power_on(&sim_machine_default);
	if (sim_try(fn, NULL, true))
		return false;
	return strstr(sim_what_went_wrong(), what) != NULL;
}

#define sees(fn, what)	check(sees_in(fn, what))

static void realm_page(u64 p)
{
	need_eq(arch_gpt_to_realm(pa(p), 1), 1);
}

/* ---- memory ------------------------------------------------------------------- */

static void view_of_host(void *arg) { (void)arg; arch_view(pa(PAGE)); }
static void view_of_hole(void *arg) { (void)arg; arch_view(pa(0x60000000)); }
static void view_misaligned(void *arg) { (void)arg; realm_page(PAGE); arch_view(pa(PAGE + 8)); }
static void wipe_of_host(void *arg) { (void)arg; arch_wipe(pa(PAGE)); }

static void unview_twice(void *arg)
{
	void *v;

	(void)arg;
	realm_page(PAGE);
	v = arch_view(pa(PAGE));
	arch_unview(v);
	arch_unview(v);
}

static void given_back_unwiped(void *arg)
{
	(void)arg;
	realm_page(PAGE);
	sim_call_begin();		/* in the call that took it, it may go back as it came */
	arch_gpt_to_ns(pa(PAGE), 1);
}

static void given_back_in_view(void *arg)
{
	(void)arg;
	realm_page(PAGE);
	arch_wipe(pa(PAGE));
	arch_view(pa(PAGE));
	arch_gpt_to_ns(pa(PAGE), 1);
}

static void view_left(void *arg)
{
	(void)arg;
	realm_page(PAGE);
	sim_call_begin();
	arch_view(pa(PAGE));
	sim_call_end(false);
}

static void read_twice(void *arg)
{
	u64 word;

	(void)arg;
	sim_call_begin();
	arch_ns_read(&word, ns(PAGE + 0x100), 8);
	arch_ns_read(&word, ns(PAGE + 0x108), 8);
	arch_ns_read(&word, ns(PAGE + 0x10C), 4);
}

static void read_of_no_dram(void *arg)
{
	u64 word;

	(void)arg;
	arch_ns_read(&word, ns(0x09000000), 8);
}

static void read_across(void *arg)
{
	u64 word;

	(void)arg;
	arch_ns_read(&word, ns(PAGE + 0xFFC), 8);
}

TEST(sees_bad_memory_accesses)
{
	u64 word;

	sees(view_of_host, "not Realm memory");
	sees(view_of_hole, "not Realm memory");
	sees(view_misaligned, "not a granule");
	sees(wipe_of_host, "not Realm memory");
	sees(unview_twice, "no view");
	sees(given_back_unwiped, "unwiped");
	sees(given_back_in_view, "under a view");
	sees(view_left, "left 1 view(s)");
	sees(read_twice, "read twice");
	sees(read_of_no_dram, "not DRAM");
	sees(read_across, "host access");
	sim_power_on(&sim_machine_default);
	realm_page(PAGE);
	check(!arch_ns_read(&word, ns(PAGE), 8));
	check(!arch_ns_write(ns(PAGE), &word, 8));
}

/* What AddressSanitizer ends: in a process of its own. */
static bool dies(void (*fn)(void))
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		close(STDERR_FILENO);
		fn();
		_exit(0);
	}
	waitpid(child, &status, 0);
	return !WIFEXITED(status) || WEXITSTATUS(status);
}

static void touch_after_unview(void)
{
	volatile u64 *v;

	realm_page(PAGE);
	v = arch_view(pa(PAGE));
	arch_unview((void *)v);
	(void)v[1];
}

static void touch_the_next_granule(void)
{
	volatile u64 *v;

	realm_page(PAGE);
	realm_page(OTHER);
	v = arch_view(pa(PAGE));
	(void)v[512];
}

static void touch_in_view(void)
{
	volatile u64 *v;

	realm_page(PAGE);
	v = arch_view(pa(PAGE));
	(void)v[511];
}

TEST(sees_touches_without_a_view)
{
#if defined(__SANITIZE_ADDRESS__)
	sim_power_on(&sim_machine_default);
	check(dies(touch_after_unview));
	check(dies(touch_the_next_granule));
#endif
	sim_power_on(&sim_machine_default);
	check(!dies(touch_in_view));
	(void)touch_after_unview;
	(void)touch_the_next_granule;
}

/* ---- stage 2: 33 bits from level 1, a table for [2 GiB, 3 GiB), one for its first 2 MiB ---- */

#define IPA	0x80000000ULL

static u64 vttbr, vtcr;
static u64 *root, *table, *leaf;

static void build(void)
{
	static const u64 pages[] = { PAGE, TABLE, LEAF, DATA_PA };

	for (unsigned int i = 0; i < 4; i++) {
		realm_page(pages[i]);
		arch_wipe(pa(pages[i]));
	}
	root = arch_view(pa(PAGE));
	table = arch_view(pa(TABLE));
	leaf = arch_view(pa(LEAF));
	vttbr = arch_vttbr(pa(PAGE), 5);
	vtcr = arch_vtcr(33, 1, true);
	arch_s2_write(&root[2], TABLE | 3);
	arch_s2_write(&table[0], LEAF | 3);
	arch_s2_write(&leaf[1], DATA_PA | 0x4DB);
	arch_s2_publish();
	sim_call_begin();
	sim_tlb_fill(vttbr, vtcr);
}

static void stale_leaf(void *arg)
{
	(void)arg;
	build();
	arch_s2_write(&leaf[1], 0);
	sim_call_end(true);
}

static void stale_table(void *arg)
{
	(void)arg;
	build();
	arch_s2_write(&leaf[1], 0);
	arch_tlb_flush_range(vttbr, vtcr, ipa(IPA + 0x1000), GRANULE_SIZE);
	sim_tlb_fill(vttbr, vtcr);		/* the realm walked on meanwhile */
	arch_s2_write(&table[0], 0);
	sim_call_end(true);
}

static void wrong_range(void *arg)
{
	(void)arg;
	build();
	arch_s2_write(&leaf[1], 0);
	arch_tlb_flush_range(vttbr, vtcr, ipa(IPA + 0x2000), GRANULE_SIZE);
	sim_call_end(true);
}

static void wrong_vmid(void *arg)
{
	(void)arg;
	build();
	arch_s2_write(&leaf[1], 0);
	arch_tlb_flush_range(arch_vttbr(pa(PAGE), 6), vtcr, ipa(IPA + 0x1000), GRANULE_SIZE);
	sim_call_end(true);
}

static void changed_in_one_step(void *arg)
{
	(void)arg;
	build();
	arch_s2_write(&leaf[1], OTHER | 0x4DB);
}

/* A table nobody comes to may hold anything; linked it may not. */
static void filled_when_linked(void *arg)
{
	u64 *t;

	(void)arg;
	build();
	realm_page(OTHER);
	t = arch_view(pa(OTHER));
	t[0] = (DATA_PA + 0x1000) | 0x4DB;
	arch_s2_write(&t[0], (DATA_PA + 0x2000) | 0x4DB);
	arch_s2_write(&table[1], OTHER | 3);
	arch_s2_write(&t[0], (DATA_PA + 0x3000) | 0x4DB);
}

static void made_before_flushed(void *arg)
{
	(void)arg;
	build();
	arch_s2_write(&leaf[1], 0);
	arch_s2_write(&leaf[1], OTHER | 0x4DB);
}

static void not_published(void *arg)
{
	(void)arg;
	build();
	arch_s2_write(&leaf[2], OTHER | 0x4DB);
	sim_call_end(true);
}

static void wiped_while_cached(void *arg)
{
	(void)arg;
	build();
	arch_s2_write(&leaf[1], 0);
	arch_wipe(pa(DATA_PA));
}

static void leads_out_of_the_world(void *arg)
{
	(void)arg;
	build();
	arch_s2_write(&leaf[2], 0x40200000 | 0x4DB);
	sim_realm_access(vttbr, vtcr, IPA + 0x2000, SIM_READ);
}

TEST(sees_bad_translations)
{
	sees(stale_leaf, "stale TLB entry");
	sees(stale_table, "stale TLB entry");
	sees(wrong_range, "stale TLB entry");
	sees(wrong_vmid, "stale TLB entry");
	sees(changed_in_one_step, "break before make");
	sees(filled_when_linked, "0x40106");
	sees(made_before_flushed, "before");
	sees(not_published, "not published");
	sees(wiped_while_cached, "still leads to it");
	sees(leads_out_of_the_world, "not Realm memory");
}

/* Two owners: another realm's table, the same page again, a page that is a table. */
static void a_page_of_two_realms(void *arg)
{
	(void)arg;
	build();
	realm_page(OTHER);
	arch_wipe(pa(OTHER));
	u64 *of_other = arch_view(pa(OTHER));
	arch_s2_write(&of_other[0], TABLE | 3);
	sim_tlb_fill(arch_vttbr(pa(OTHER), 6), vtcr);
}

static void a_page_twice(void *arg)
{
	(void)arg;
	build();
	arch_s2_write(&leaf[2], DATA_PA | 0x4DB);
	sim_tlb_fill(vttbr, vtcr);
}

static void a_page_that_is_a_table(void *arg)
{
	(void)arg;
	build();
	arch_s2_write(&leaf[2], LEAF | 0x4DB);
	sim_tlb_fill(vttbr, vtcr);
}

TEST(sees_a_granule_with_two_owners)
{
	sees(a_page_of_two_realms, "two translations");
	sees(a_page_twice, "two translations");
	sees(a_page_that_is_a_table, "two translations");
}

TEST(walks_as_hardware_does)
{
	struct sim_s2 s;
	u64 word = 7;

	sim_power_on(&sim_machine_default);
	build();
	s = sim_realm_access(vttbr, vtcr, IPA + 0x1234, SIM_WRITE);
	check_eq(s.fault, SIM_S2_OK);
	check_eq(s.pa, DATA_PA + 0x234);
	check_eq(s.level, 3);
	check_eq(sim_realm_access(vttbr, vtcr, IPA, SIM_READ).fault, SIM_S2_TRANSLATION);
	check_eq(sim_realm_access(vttbr, vtcr, IPA, SIM_READ).level, 3);
	check_eq(sim_realm_access(vttbr, vtcr, 0, SIM_READ).level, 1);
	check_eq(sim_realm_access(vttbr, vtcr, BIT(33), SIM_READ).fault, SIM_S2_ADDRESS_SIZE);
	check(sim_realm_write(vttbr, vtcr, IPA + 0x1000, &word, 8));
	check_eq(*(u64 *)sim_ram(DATA_PA), 7);
	/* no access flag; read only; never executable; a block; an address of 52 bits */
	for (u64 i = 1; i < 4; i++)
		realm_page(DATA_PA + i * PAGE_SIZE);
	arch_s2_write(&leaf[2], (DATA_PA + 0x1000) | 0x0DB);
	check_eq(sim_realm_access(vttbr, vtcr, IPA + 0x2000, SIM_READ).fault, SIM_S2_ACCESS_FLAG);
	arch_s2_write(&leaf[3], (DATA_PA + 0x2000) | 0x45B);
	check_eq(sim_realm_access(vttbr, vtcr, IPA + 0x3000, SIM_WRITE).fault, SIM_S2_PERMISSION);
	arch_s2_write(&leaf[4], (DATA_PA + 0x3000) | 0x4DB | BIT(54));
	check_eq(sim_realm_access(vttbr, vtcr, IPA + 0x4000, SIM_FETCH).fault, SIM_S2_PERMISSION);
	arch_s2_write(&table[1], 0x40200000 | 0x4D9 | BIT(55));
	s = sim_realm_access(vttbr, vtcr, IPA + 0x212345, SIM_READ);
	check_eq(s.level, 2);
	check_eq(s.pa, 0x40212345);
	check(s.ns);
	arch_s2_write(&leaf[5], 0x3000040205000 | 0x4DB | BIT(55) | 3 << 8);
	check_eq(sim_realm_access(vttbr, vtcr, IPA + 0x5000, SIM_READ).pa, 0xF000040205000);
	arch_s2_write(&leaf[6], DATA_PA | 0x4DB | BIT(55));	/* shared, but Realm memory */
	check_eq(sim_realm_access(vttbr, vtcr, IPA + 0x6000, SIM_READ).fault, SIM_S2_GPF);
	/* a cached translation wins until it is flushed */
	arch_s2_write(&leaf[1], 0);
	check_eq(sim_realm_access(vttbr, vtcr, IPA + 0x1000, SIM_READ).fault, SIM_S2_OK);
	arch_tlb_flush_vmid(vttbr, vtcr);
	check_eq(sim_realm_access(vttbr, vtcr, IPA + 0x1000, SIM_READ).fault, SIM_S2_TRANSLATION);
	check_eq(sim_tlb_entries(vttbr), 2);
}

/* ---- locks and RECs -------------------------------------------------------------- */

static u16 word_a, word_b;

static int rank(const void *w) { return w == &word_a ? 1 : 2; }

static void against_the_rank(void *arg)
{
	(void)arg;
	sim_lock_rank(rank);
	arch_bitlock_try(&word_b);
	arch_bitlock_try(&word_a);
	sim_call_end(true);
}

static void lock_left(void *arg)
{
	(void)arg;
	sim_call_begin();
	arch_bitlock_try(&word_a);
	sim_call_end(false);
}

static struct rec rec, rec2;

static void two_loaded(void *arg)
{
	(void)arg;
	arch_rec_load(&rec);
	arch_rec_load(&rec2);
}

static void run_not_loaded(void *arg)
{
	struct trap t;

	(void)arg;
	arch_rec_run(&rec, &t);
}

static void run_under_lock(void *arg)
{
	struct trap t;

	(void)arg;
	arch_rec_load(&rec);
	arch_bitlock_try(&word_b);
	arch_rec_run(&rec, &t);
}

static void on_two_pes(void *arg)
{
	(void)arg;
	arch_rec_load(&rec);
	sim_be_cpu(1);
	arch_rec_load(&rec);
}

TEST(sees_bad_locking_and_running)
{
	word_a = word_b = 0;
	sees(against_the_rank, "rank");
	sim_lock_rank(NULL);
	word_a = word_b = 0;
	sees(lock_left, "lock(s) held");
	word_a = 0;
	sees(two_loaded, "loaded");
	sees(run_not_loaded, "not loaded");
	sees(run_under_lock, "lock(s) are held");
	word_b = 0;
	sees(on_two_pes, "two PEs");
}

/* ---- what the platform may do ------------------------------------------------------ */

static u64 changed_under_it;

static void changes(u64 p, size_t bytes)
{
	changed_under_it += bytes;
	memset(sim_ram(p), 0xAB, bytes);
}

TEST(the_host_and_el3_do_as_they_like)
{
	u64 word = 1, next = 1;

	sim_power_on(&sim_machine_default);
	sim_ns_after_read(changes);
	check(arch_ns_read(&word, ns(PAGE), 8));
	check_eq(word, 0);
	sim_call_begin();		/* the next call may look again: at something else */
	check(arch_ns_read(&next, ns(PAGE), 8));
	check_eq(next, 0xABABABABABABABAB);
	check_eq(changed_under_it, 16);
	sim_ns_after_read(NULL);
	sim_ns_refuse(PAGE, true);	/* taken by another agent */
	check(sim_ns_refused(PAGE));
	check(!arch_ns_read(&word, ns(PAGE), 8));
	check(!arch_ns_write(ns(PAGE), &word, 8));
	sim_ns_refuse(PAGE, false);
	sim_gpt_refuse(OTHER, true);
	check_eq(arch_gpt_to_realm(pa(PAGE), 3), 1);
	check_eq(arch_gpt_to_realm(pa(OTHER), 1), 0);
	sim_gpt_refuse(OTHER, false);
	sim_gpt_slice(2);
	check_eq(arch_gpt_to_realm(pa(OTHER), 8), 2);
	sim_gpt_slice(0);
	sim_set_pas(DATA_PA, SIM_ROOT);
	check_eq(arch_gpt_to_realm(pa(LEAF), 8), 1);
}

/* A fault tells where it happened. */
static void loud(void) { sim_try(view_of_host, NULL, false); }

TEST(a_fault_says_where)
{
	char text[4096] = "";
	int out[2], status;
	pid_t child;

	need_eq(pipe(out), 0);
	child = fork();
	if (child == 0) {
		dup2(out[1], STDERR_FILENO);
		loud();
		_exit(0);
	}
	close(out[1]);
	for (ssize_t n = 0, at = 0; (n = read(out[0], text + at, sizeof(text) - 1 - (size_t)at)) > 0; )
		at += n;
	waitpid(child, &status, 0);
	check(strstr(text, "not Realm memory"));
	check(strstr(text, "arch_view"));
	check(strstr(text, "sim_try"));
}

/* ---- work ------------------------------------------------------------------------------- */

static void wipes(void *arg)
{
	for (u64 n = (u64)(uintptr_t)arg; n; n--)
		arch_wipe(pa(PAGE));
}

static void wipes_in_a_call(void *arg)
{
	sim_thread_call_begin();
	wipes(arg);
}

static void works_too_long(void *arg)
{
	(void)arg;
	realm_page(PAGE);
	wipes_in_a_call((void *)400);
}

static void looks_now_and_then(void *arg)
{
	wipes_in_a_call((void *)100);
	arch_interrupt_pending();
	wipes((void *)100);
	sim_thread_call_end();
	wipes((void *)1000);		/* not in a call */
	(void)arg;
}

TEST(sees_work_without_a_look)
{
	sees(works_too_long, "without a look for interrupts");
	sim_power_on(&sim_machine_default);
	realm_page(PAGE);
	check(sim_try(looks_now_and_then, NULL, false));
}

/* ---- turns ---------------------------------------------------------------------------- */

#if !defined(__SANITIZE_THREAD__)
static void (*operation)(void);
static unsigned int turns[2];
static bool changed_hands, ended_well[2];

static void use_lock(void) { if (arch_bitlock_try(&word_a)) arch_bitlock_release(&word_a); }
static void use_cas(void) { static u64 w; arch_cas64(&w, 0, 0); }
static void use_add(void) { static u64 w; arch_fetch_add64(&w, 1); }
static void use_load(void) { sim_atomic(); }
static void use_gpt(void) { arch_gpt_to_realm(pa(0x60000000), 1); }
static void use_flush(void) { arch_tlb_flush_range(1ULL << 48, 31, ipa(0), PAGE_SIZE); }
static void use_flush_all(void) { arch_tlb_flush_vmid(1ULL << 48, 31); }
static void use_wipe(void) { arch_wipe(pa(PAGE)); }
static void use_host(void) { u64 w; sim_thread_call_begin(); arch_ns_read(&w, ns(OTHER), 8); }
static void use_write(void) { u64 w = 0; arch_ns_write(ns(OTHER), &w, 8); }
static void use_entry(void)
{
	u64 *v = arch_view(pa(PAGE));

	arch_s2_write(v, 0);
	arch_unview(v);
}

static void *one_of_two(void *arg)
{
	unsigned int me = (unsigned int)(uintptr_t)arg;

	sim_be_cpu(me);
	sim_schedule_enter();
	sim_thread_call_begin();
	for (unsigned int i = 0; i < 200; i++) {
		unsigned int other = turns[!me];

		(void)arch_interrupt_pending();		/* a slice each */
		operation();
		turns[me]++;
		changed_hands |= turns[!me] != other;
	}
	sim_thread_call_end();
	sim_schedule_leave();
	return NULL;
}

static void together(void *(*fn)(void *))
{
	pthread_t t[2];

	sim_schedule(2, 2);
	for (uintptr_t i = 0; i < 2; i++)
		need_eq(pthread_create(&t[i], NULL, fn, (void *)i), 0);
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	sim_schedule(0, 0);
	sim_be_cpu(0);
}

static bool hands_change_at(void (*fn)(void))
{
	sim_power_on(&sim_machine_default);
	realm_page(PAGE);
	operation = fn;
	word_a = 0;
	turns[0] = turns[1] = 0;
	changed_hands = false;
	together(one_of_two);
	return changed_hands;
}

static void nothing(void) { }

TEST(another_pe_may_go_on)
{
	check(!hands_change_at(nothing));
	check(hands_change_at(use_lock));
	check(hands_change_at(use_cas));
	check(hands_change_at(use_add));
	check(hands_change_at(use_load));
	check(hands_change_at(use_gpt));
	check(hands_change_at(use_flush));
	check(hands_change_at(use_flush_all));
	check(hands_change_at(use_wipe));
	check(hands_change_at(use_host));
	check(hands_change_at(use_write));
	check(hands_change_at(use_entry));
}

static void crosswise(void *arg)
{
	u16 *first = arg, *second = first == &word_a ? &word_b : &word_a;

	for (unsigned int i = 0; i < 1000; i++) {
		while (!arch_bitlock_try(first))
			;
		while (!arch_bitlock_try(second))
			;
		arch_bitlock_release(second);
		arch_bitlock_release(first);
	}
}

static void *takes_crosswise(void *arg)
{
	unsigned int me = (unsigned int)(uintptr_t)arg;

	sim_be_cpu(me);
	sim_schedule_enter();
	ended_well[me] = sim_try(crosswise, me ? &word_a : &word_b, true);
	if (!ended_well[me])
		ended_well[me] = !strstr(sim_what_went_wrong(), "deadlock");
	sim_schedule_leave();
	return NULL;
}

TEST(sees_a_deadlock)
{
	sim_power_on(&sim_machine_default);
	sim_lock_rank(NULL);
	word_a = word_b = 0;
	together(takes_crosswise);
	check(!ended_well[0] || !ended_well[1]);
}
#endif
