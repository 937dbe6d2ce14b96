/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The monitor's own memory: its objects are linked with .data and .bss renamed
 * (tests/Makefile), so that power-on can set them back, and a snapshot can tell
 * whether a refused call changed anything.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "arch/arch.h"
#include "sim/internal.h"

#ifdef SIM_ASAN
#include <sanitizer/asan_interface.h>
#endif

extern char __start_rmm_data[] __attribute__((weak)), __stop_rmm_data[] __attribute__((weak));
extern char __start_rmm_bss[] __attribute__((weak)), __stop_rmm_bss[] __attribute__((weak));

#define MAX_IGNORED 32

struct area { char *start; size_t bytes; };

/*
 * Snapshots are taken thousands of times: their contents go to a few areas that
 * are kept, not through the allocator.
 */
#define NR_ARENAS	4
#define ARENA_BYTES	(256ULL << 20)

static struct { char *at; bool used; } arena[NR_ARENAS];

struct sim_snapshot {
	unsigned int arena;
	char *data, *bss;
	u64 nr, l0;
	struct { u8 pas; u8 *content; } granule[];
};

static char *linked_data;
static struct area ignored[MAX_IGNORED];
static unsigned int nr_ignored;

static size_t data_bytes(void) { return (size_t)(__stop_rmm_data - __start_rmm_data); }
static size_t bss_bytes(void) { return (size_t)(__stop_rmm_bss - __start_rmm_bss); }

/* Between the monitor's variables lie poisoned red zones: plain loops, unchecked. */
#define UNCHECKED                                                                                  \
	__attribute__((no_sanitize("address"), noinline,                                           \
		       optimize("no-tree-loop-distribute-patterns")))

#ifdef __clang__
#undef UNCHECKED
#define UNCHECKED __attribute__((no_sanitize("address"), noinline))
#endif

UNCHECKED static void copy(void *dst, const void *src, size_t bytes)
{
	volatile u64 *d = dst;
	const volatile u64 *s = src;

	for (size_t i = 0; i < bytes / 8; i++)
		d[i] = s[i];
	for (size_t i = bytes & ~7UL; i < bytes; i++)
		((volatile u8 *)dst)[i] = ((const volatile u8 *)src)[i];
}

UNCHECKED static void clear(void *dst, size_t bytes)
{
	volatile u64 *d = dst;

	for (size_t i = 0; i < bytes / 8; i++)
		d[i] = 0;
	for (size_t i = bytes & ~7UL; i < bytes; i++)
		((volatile u8 *)dst)[i] = 0;
}

/* First byte that differs and is not to be ignored; bytes when none. */
UNCHECKED static size_t differs(const char *now, const char *then, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		bool skip = false;

		while (i % 8 == 0 && i + 8 <= bytes &&
		       *(const u64 *)(now + i) == *(const u64 *)(then + i))
			i += 8;
		if (i >= bytes || now[i] == then[i])
			continue;
		for (unsigned int k = 0; k < nr_ignored; k++)
			if ((size_t)(now + i - ignored[k].start) < ignored[k].bytes)
				skip = true;
		if (!skip)
			return i;
	}
	return bytes;
}

void sim_monitor_power_on(void)
{
	if (!linked_data) {
		linked_data = malloc(data_bytes() + 8);
		copy(linked_data, __start_rmm_data, data_bytes());
	}
	copy(__start_rmm_data, linked_data, data_bytes());
	clear(__start_rmm_bss, bss_bytes());
}

void sim_power_on(const struct sim_machine *m)
{
	for (unsigned int i = 0; i < NR_ARENAS; i++)
		arena[i].used = false;		/* a case that a fault ended kept its own */
	sim_monitor_power_on();
	sim_stage2_power_on();
	sim_memory_power_on(m);
	sim_locks_power_on();
	sim_pe_power_on(m);
	sim_el3_power_on();
	sim_be_cpu(0);
}

void sim_call_begin(void)
{
	sim_work_begin();
	sim_memory_call_begin();
}

void sim_call_end(bool may_keep_views)
{
	sim_work_end();
	sim_locks_call_end();
	sim_memory_call_end(may_keep_views);
	sim_stage2_call_end();
}

void sim_thread_call_begin(void)
{
	sim_work_begin();
	sim_memory_forget_reads();
	sim_in_call = true;
}

void sim_thread_call_end(void)
{
	sim_in_call = false;
	sim_work_end();
	sim_locks_call_end();
}

void sim_quiet_check(bool (*may_be_viewed)(u64 pa))
{
	for (u64 i = 0; i < sim_nr_granules(); i++)
		if (sim_granule_at(i)->views && !may_be_viewed(sim_granule_pa(i)))
			sim_fault("a view of 0x%llx is left",
				  (unsigned long long)sim_granule_pa(i));
	sim_stage2_call_end();
}

/* ---- snapshots ------------------------------------------------------------------- */

void sim_snapshot_ignore(const void *start, size_t bytes)
{
	for (unsigned int i = 0; i < nr_ignored; i++)
		if (ignored[i].start == start)
			return;
	if (nr_ignored < MAX_IGNORED)
		ignored[nr_ignored++] = (struct area){ (char *)(uintptr_t)start, bytes };
}

struct sim_snapshot *sim_snapshot(void)
{
	u64 nr = sim_nr_granules();
	unsigned int a = 0;
	struct sim_snapshot *s;
	char *next;

	while (arena[a].used)
		if (++a == NR_ARENAS)
			abort();
	if (!arena[a].at)
		arena[a].at = mmap(NULL, ARENA_BYTES, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	arena[a].used = true;
	next = arena[a].at;
	s = (struct sim_snapshot *)next;
	next += ALIGN_UP(sizeof(*s) + nr * sizeof(s->granule[0]), PAGE_SIZE);
	s->arena = a;
	s->nr = nr;
	s->l0 = sim_l0_word();
	s->data = next;
	s->bss = next += ALIGN_UP(data_bytes(), PAGE_SIZE);
	next += ALIGN_UP(bss_bytes(), PAGE_SIZE);
	copy(s->data, __start_rmm_data, data_bytes());
	copy(s->bss, __start_rmm_bss, bss_bytes());
	for (u64 i = 0; i < nr; i++) {
		s->granule[i].pas = sim_granule_at(i)->pas;
		s->granule[i].content = NULL;
		if (s->granule[i].pas != SIM_REALM || !sim_granule_at(i)->dirty)
			continue;
		s->granule[i].content = (u8 *)next;
		next += PAGE_SIZE;
		memcpy(s->granule[i].content, sim_ram(sim_granule_pa(i)), PAGE_SIZE);
	}
	return s;
}

void sim_snapshot_free(struct sim_snapshot *s)
{
	arena[s->arena].used = false;
}

void sim_snapshot_forget(struct sim_snapshot *s, u64 pa)
{
	for (u64 i = 0; i < s->nr; i++)
		if (sim_granule_pa(i) == ALIGN_DOWN(pa, PAGE_SIZE))
			s->granule[i].content = NULL;
}

static const char *name_of(const char *p)
{
	static char text[160];
	char name[100] = "?";

#ifdef SIM_ASAN
	void *region;
	size_t size;

	__asan_locate_address((void *)(uintptr_t)p, name, sizeof(name), &region, &size);
	snprintf(text, sizeof(text), "monitor variable %s + 0x%zx", name,
		 (size_t)(p - (const char *)region));
#else
	snprintf(text, sizeof(text), "monitor variable at %p (%s)", (const void *)p, name);
#endif
	return text;
}

const char *sim_snapshot_differs(const struct sim_snapshot *s)
{
	static char text[160];
	size_t at = differs(__start_rmm_data, s->data, data_bytes());

	if (at != data_bytes())
		return name_of(__start_rmm_data + at);
	at = differs(__start_rmm_bss, s->bss, bss_bytes());
	if (at != bss_bytes())
		return name_of(__start_rmm_bss + at);
	if (s->l0 != sim_l0_word())
		return "blocks and tables of the GPT";
	for (u64 i = 0; i < s->nr; i++) {
		unsigned long long where = sim_granule_pa(i);

		if (s->granule[i].pas != sim_granule_at(i)->pas) {
			snprintf(text, sizeof(text), "world of 0x%llx: %d, was %d", where,
				 sim_granule_at(i)->pas, s->granule[i].pas);
			return text;
		}
		if (s->granule[i].content &&
		    memcmp(s->granule[i].content, sim_ram(where), PAGE_SIZE)) {
			snprintf(text, sizeof(text), "content of granule 0x%llx", where);
			return text;
		}
	}
	return NULL;
}
