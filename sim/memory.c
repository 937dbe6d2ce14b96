/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DRAM of the paper machine. One file, mapped twice: `ram` is what hardware holds
 * (host, realms, tests), `mon` is what the monitor's views point to, poisoned
 * except where a view is open. So a touch without a view, after its end or through
 * the wrong world is an error at the instruction that makes it.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arch/arch.h"
#include "sim/internal.h"

#ifdef SIM_ASAN
#include <sanitizer/asan_interface.h>
#else
#define __asan_poison_memory_region(p, n)	((void)(p), (void)(n))
#define __asan_unpoison_memory_region(p, n)	((void)(p), (void)(n))
#endif

#define MIB		(1ULL << 20)
#define MAX_BYTES	(192 * MIB)
#define MAX_READS	8192

struct sim_machine sim_machine_default = {
	.nr_cpus = 4,
	.lpa2 = true,
	.bank = { { 0x40000000, 24 * MIB }, { 0x880200000, 16 * MIB } },
	.monitor = { 0x41600000, 2 * MIB },
	.pool = 1 * MIB,
	.root = { 0x41580000, 64 << 10 },
};

struct arch_range arch_banks[ARCH_MAX_BANKS];
unsigned int arch_nr_banks;
struct arch_range arch_own[ARCH_MAX_BANKS];
unsigned int arch_nr_own;

static struct sim_machine machine;
static u8 *ram, *mon;
static u64 ram_bytes;
static struct sim_granule *granules;
static u64 pool_next, pool_end;
static u64 gpt_slice;

/* Regions of the GPT that are, or were at boot, blocks of level 0. */
#define MAX_BLOCKS	8
static struct { u64 region, memory; bool is_block; } l0[MAX_BLOCKS];
static unsigned int nr_l0;
static bool l1_refused;
static void (*after_read)(u64 pa, size_t bytes);
static void (*after_write)(u64 pa, size_t bytes);

/* What the call on this PE read of host memory, for the second look. */
static _Thread_local struct { u64 pa; u64 bytes; } reads[MAX_READS];
static _Thread_local unsigned int nr_reads;
static _Thread_local u64 ns_written;

/* Granules whose views changed in this call (one PE at a time: sim_call_begin()). */
#define MAX_VIEWED 8192
static struct sim_granule *viewed[MAX_VIEWED];
static unsigned int nr_viewed;
static u32 this_call = 1;

static pthread_mutex_t everything = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

void sim_lock_all(void)
{
	if (!SIM_TSAN)
		pthread_mutex_lock(&everything);
}

void sim_unlock_all(void)
{
	if (!SIM_TSAN)
		pthread_mutex_unlock(&everything);
}

const struct sim_machine *sim_machine(void)
{
	return &machine;
}

/* ---- places --------------------------------------------------------------- */

/* Byte offset in the file; ~0: no DRAM. */
static u64 offset_of(u64 pa)
{
	u64 offset = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(machine.bank); i++) {
		if (pa >= machine.bank[i].base && pa - machine.bank[i].base < machine.bank[i].bytes)
			return offset + pa - machine.bank[i].base;
		offset += machine.bank[i].bytes;
	}
	return ~0ULL;
}

u64 sim_granule_pa(u64 index)
{
	u64 offset = index << PAGE_SHIFT;

	for (unsigned int i = 0; i < ARRAY_SIZE(machine.bank); i++) {
		if (offset < machine.bank[i].bytes)
			return machine.bank[i].base + offset;
		offset -= machine.bank[i].bytes;
	}
	return ~0ULL;
}

bool sim_is_dram(u64 pa)
{
	return offset_of(pa) != ~0ULL;
}

struct sim_granule *sim_granule(u64 pa)
{
	u64 offset = offset_of(pa);

	return offset == ~0ULL ? NULL : &granules[offset >> PAGE_SHIFT];
}

u64 sim_nr_granules(void)
{
	return ram_bytes >> PAGE_SHIFT;
}

struct sim_granule *sim_granule_at(u64 index)
{
	return &granules[index];
}

u64 sim_pa_of_view(const void *p)
{
	u64 offset = (u64)((const u8 *)p - mon);

	return offset < ram_bytes ? sim_granule_pa(offset >> PAGE_SHIFT) + (offset & 0xFFF)
				  : ~0ULL;
}

static void *monitor_address(u64 pa)
{
	return mon + offset_of(pa);
}

static void touched(struct sim_granule *g)
{
	__atomic_store_n(&g->dirty, 1, __ATOMIC_RELAXED);
}

static enum sim_pas pas_of(const struct sim_granule *g)
{
	return __atomic_load_n(&g->pas, __ATOMIC_RELAXED);
}

void *sim_ram(u64 pa)
{
	u64 offset = offset_of(pa);

	if (offset == ~0ULL)
		sim_fault("test looks at 0x%llx, no DRAM", (unsigned long long)pa);
	touched(&granules[offset >> PAGE_SHIFT]);
	return ram + offset;
}

const void *sim_realm_ram(u64 pa)
{
	u64 offset = offset_of(pa);

	if (offset == ~0ULL || pas_of(&granules[offset >> PAGE_SHIFT]) != SIM_REALM)
		return NULL;
	return ram + offset;
}

enum sim_pas sim_pas(u64 pa)
{
	struct sim_granule *g = sim_granule(pa);

	return g ? pas_of(g) : SIM_NONE;
}

void sim_set_pas(u64 pa, enum sim_pas pas)
{
	__atomic_store_n(&sim_granule(pa)->pas, (u8)pas, __ATOMIC_RELAXED);
}

void sim_gpt_refuse(u64 pa, bool refuse)
{
	if (sim_granule(pa))
		sim_granule(pa)->refuse_gpt = refuse ? BIT(SIM_NS) | BIT(SIM_REALM) | BIT(SIM_ROOT) : 0;
}

void sim_gpt_refuse_to(u64 pa, enum sim_pas to)
{
	sim_granule(pa)->refuse_gpt |= (u8)BIT(to);
}

bool sim_gpt_refused(u64 pa)
{
	return !sim_granule(pa) || sim_granule(pa)->refuse_gpt;
}

void sim_gpt_slice(u64 count)
{
	gpt_slice = count;
}

void sim_ns_refuse(u64 pa, bool refuse)
{
	sim_granule(pa)->refuse_ns = refuse;
}

bool sim_ns_refused(u64 pa)
{
	return !sim_granule(pa) || sim_granule(pa)->refuse_ns;
}

void sim_ns_after_read(void (*fn)(u64 pa, size_t bytes))
{
	after_read = fn;
}

void sim_ns_after_write(void (*fn)(u64 pa, size_t bytes))
{
	after_write = fn;
}

u64 sim_ns_written(void)
{
	return ns_written;
}

/* ---- power ------------------------------------------------------------------ */

static void map_ram(void)
{
	int fd = memfd_create("dram", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, MAX_BYTES))
		abort();
	ram = mmap(NULL, MAX_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	mon = SIM_TSAN ? ram : mmap(NULL, MAX_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	granules = calloc(MAX_BYTES >> PAGE_SHIFT, sizeof(*granules));
	if (ram == MAP_FAILED || mon == MAP_FAILED || !granules)
		abort();
	__asan_poison_memory_region(mon, MAX_BYTES);
}

static void paint(struct sim_bank range, enum sim_pas pas)
{
	for (u64 p = range.base; p < range.base + range.bytes; p += PAGE_SIZE)
		sim_granule(p)->pas = (u8)pas;
}

static void tell_banks(void)
{
	arch_nr_banks = 0;
	for (unsigned int i = 0; i < ARRAY_SIZE(machine.bank); i++)
		if (machine.bank[i].bytes)
			arch_banks[arch_nr_banks++] = (struct arch_range){pa(machine.bank[i].base),
									  machine.bank[i].bytes};
	arch_nr_own = 0;
	if (machine.monitor.bytes)
		arch_own[arch_nr_own++] =
			(struct arch_range){ pa(machine.monitor.base),
					     machine.monitor.bytes - machine.pool };
	if (machine.root.bytes)
		arch_own[arch_nr_own++] =
			(struct arch_range){ pa(machine.root.base), machine.root.bytes };
}

void sim_memory_power_on(const struct sim_machine *m)
{
	u64 bytes = 0;

	if (!ram)
		map_ram();
	for (unsigned int i = 0; i < ARRAY_SIZE(m->bank); i++)
		bytes += m->bank[i].bytes;
	if (bytes > MAX_BYTES)
		abort();

	/* Only what was touched since the last time: this runs thousands of times. */
	for (u64 i = 0; i < sim_nr_granules(); i++) {
		struct sim_granule *g = &granules[i];

		if (g->views)
			__asan_poison_memory_region(mon + (i << PAGE_SHIFT), PAGE_SIZE);
		if (g->dirty || g->pas != SIM_NS)
			memset(ram + (i << PAGE_SHIFT), 0, PAGE_SIZE);
	}
	machine = *m;
	ram_bytes = bytes;
	memset(granules, 0, sim_nr_granules() * sizeof(*granules));
	for (unsigned int i = 0; i < ARRAY_SIZE(machine.bank); i++)
		paint(machine.bank[i], SIM_NS);
	paint(machine.monitor, SIM_REALM);
	paint(machine.root, SIM_ROOT);
	pool_end = machine.monitor.base + machine.monitor.bytes;
	pool_next = pool_end - machine.pool;
	gpt_slice = 0;
	nr_l0 = 0;
	l1_refused = false;
	after_read = NULL;
	after_write = NULL;
	nr_reads = 0;
	tell_banks();
}

bool arch_reserve(u64 bytes, unsigned int align_log2, pa_t *out)
{
	u64 at = ALIGN_UP(pool_next, 1ULL << align_log2);

	bytes = ALIGN_UP(bytes, PAGE_SIZE);
	if (at + bytes > pool_end || arch_nr_own == ARCH_MAX_BANKS)
		return false;
	memset(sim_ram(at), 0, bytes);
	pool_next = at + bytes;
	arch_own[arch_nr_own++] = (struct arch_range){ pa(at), bytes };
	*out = pa(at);
	return true;
}

/* ---- views -------------------------------------------------------------------- */

/* The first change in this call: remember how it was. */
static void note_view(struct sim_granule *g)
{
	if (g->of_call == this_call)
		return;
	g->of_call = this_call;
	g->views_before = g->views;
	if (nr_viewed < MAX_VIEWED)
		viewed[nr_viewed++] = g;
}

static void view_page(u64 at)
{
	struct sim_granule *g = sim_granule(at);

	if (!g || pas_of(g) != SIM_REALM)
		sim_fault("view of 0x%llx, which is not Realm memory", (unsigned long long)at);
	touched(g);
	if (SIM_TSAN)
		return;
	sim_lock_all();
	note_view(g);
	g->came_in = 0;
	if (g->views++ == 0)
		__asan_unpoison_memory_region(monitor_address(at), PAGE_SIZE);
	sim_unlock_all();
}

void *arch_view(pa_t granule)
{
	if (!IS_ALIGNED(granule.raw, GRANULE_SIZE))
		sim_fault("view of 0x%llx, not a granule", (unsigned long long)granule.raw);
	for (u64 at = granule.raw; at < granule.raw + GRANULE_SIZE; at += PAGE_SIZE)
		view_page(at);
	return monitor_address(granule.raw);
}

static void unview_page(u64 at)
{
	struct sim_granule *g = at == ~0ULL ? NULL : sim_granule(at);

	if (!g || !g->views)
		sim_fault("unview of 0x%llx, which is no view", (unsigned long long)at);
	sim_lock_all();
	note_view(g);
	if (--g->views == 0)
		__asan_poison_memory_region(monitor_address(at), PAGE_SIZE);
	sim_unlock_all();
}

void arch_unview(void *view)
{
	u64 base = ALIGN_DOWN(sim_pa_of_view(view), GRANULE_SIZE);

	for (u64 n = 0; n < GRANULE_PAGES && !SIM_TSAN; n++)
		unview_page(base + n * PAGE_SIZE);
}

/* The pages of a Realm granule are about to be written whole. */
static void overwrite(u64 granule, const char *doing, bool code)
{
	if (!IS_ALIGNED(granule, GRANULE_SIZE))
		sim_fault("0x%llx is %s, not a granule", (unsigned long long)granule, doing);
	for (u64 at = granule; at < granule + GRANULE_SIZE; at += PAGE_SIZE) {
		struct sim_granule *g = sim_granule(at);

		if (!g || pas_of(g) != SIM_REALM)
			sim_fault("0x%llx is %s, not Realm memory", (unsigned long long)at, doing);
		sim_tlb_must_not_reach(at, doing);
		touched(g);
		g->came_in = 0;
		if (code)
			__atomic_store_n(&g->unsynced, 1, __ATOMIC_RELAXED);
	}
}

void arch_wipe(pa_t granule)
{
	sim_give_way();
	overwrite(granule.raw, "wiped", false);
	sim_work(110 * GRANULE_PAGES);
	if (!SIM_TSAN)
		sim_granule(granule.raw)->linked = 0;
	memset(sim_ram(granule.raw), 0, GRANULE_SIZE);
}

/* ---- host memory ---------------------------------------------------------------- */

static bool ns_reachable(ns_t at, size_t bytes)
{
	bool ok = true;

	if ((at.raw & (GRANULE_SIZE - 1)) + bytes > GRANULE_SIZE)
		sim_fault("host access at 0x%llx of %zu bytes", (unsigned long long)at.raw, bytes);
	for (u64 p = ALIGN_DOWN(at.raw, PAGE_SIZE); p < at.raw + bytes; p += PAGE_SIZE) {
		struct sim_granule *g = sim_granule(p);

		if (!g)
			sim_fault("host access at 0x%llx, not DRAM", (unsigned long long)p);
		ok = ok && pas_of(g) == SIM_NS && !g->refuse_ns;
	}
	return ok;
}

static void note_read(u64 at, size_t bytes)
{
	for (unsigned int i = 0; i < nr_reads; i++)
		if (at < reads[i].pa + reads[i].bytes && reads[i].pa < at + bytes)
			sim_fault("host memory at 0x%llx read twice in one call",
				  (unsigned long long)at);
	/* Rising neighbours are one stretch: lists are read entry by entry. */
	if (nr_reads && reads[nr_reads - 1].pa + reads[nr_reads - 1].bytes == at)
		reads[nr_reads - 1].bytes += bytes;
	else if (nr_reads < MAX_READS)
		reads[nr_reads++].pa = at, reads[nr_reads - 1].bytes = bytes;
}

static bool read_host(void *dst, ns_t src, size_t bytes)
{
	sim_give_way();
	if (!ns_reachable(src, bytes))
		return false;
	note_read(src.raw, bytes);
	sim_work(20 + bytes / 4);
	memcpy(dst, ram + offset_of(src.raw), bytes);
	if (after_read)
		after_read(src.raw, bytes);
	return true;
}

bool arch_ns_read(void *dst, ns_t src, size_t bytes)
{
	return read_host(dst, src, bytes);
}

bool arch_ns_write(ns_t dst, const void *src, size_t bytes)
{
	sim_give_way();
	if (!ns_reachable(dst, bytes))
		return false;
	sim_ram(dst.raw + bytes - 1);	/* marks the second page, if there is one */
	memcpy(sim_ram(dst.raw), src, bytes);
	ns_written += bytes;
	sim_work(20 + bytes / 4);
	if (after_write)
		after_write(dst.raw, bytes);
	return true;
}

bool arch_ns_zero(ns_t dst, size_t bytes)
{
	static const u64 zeroes[PAGE_SIZE / 8];

	if ((dst.raw | bytes) % 512 || bytes > sizeof(zeroes))
		sim_fault("zeroes %zu bytes at 0x%llx", bytes, (unsigned long long)dst.raw);
	return arch_ns_write(dst, zeroes, bytes);
}

bool arch_copy_from_ns(pa_t dst, ns_t src)
{
	overwrite(dst.raw, "filled", true);
	return read_host(sim_ram(dst.raw), src, GRANULE_SIZE);
}

void arch_sync_icache(void)
{
	for (u64 i = 0; i < sim_nr_granules(); i++)
		__atomic_store_n(&granules[i].unsynced, 0, __ATOMIC_RELAXED);
}

/* ---- EL3 ---------------------------------------------------------------------------- */

static bool is_zero(const u64 *words)
{
	for (unsigned int i = 0; i < PAGE_SIZE / 8; i++)
		if (words[i])
			return false;
	return true;
}

static u64 region_of(u64 at)
{
	return at >> arch_features.l0gpt_shift;
}

/* nr_l0: it was a table from the start. */
static unsigned int l0_find(u64 region)
{
	unsigned int i = 0;

	while (i < nr_l0 && l0[i].region != region)
		i++;
	return i;
}

static bool below_block(u64 at)
{
	unsigned int i = l0_find(region_of(at));

	return i < nr_l0 && __atomic_load_n(&l0[i].is_block, __ATOMIC_RELAXED);
}

void sim_l0_block(u64 at, bool on)
{
	unsigned int i = l0_find(region_of(at));

	if (i == MAX_BLOCKS)
		abort();
	if (i == nr_l0)
		nr_l0++;
	l0[i].region = region_of(at);
	l0[i].memory = 0;
	l0[i].is_block = on;
}

void sim_l1_refuse(bool refuse)
{
	l1_refused = refuse;
}

u64 sim_l0_word(void)
{
	u64 word = 0;

	for (unsigned int i = 0; i < nr_l0; i++)
		word = word * 31 + l0[i].memory + l0[i].is_block;
	return word;
}

bool arch_l1_is_table(pa_t region)
{
	bool is;

	sim_lock_all();
	is = !below_block(region.raw);
	sim_unlock_all();
	return is;
}

static u64 l1_bytes(void)
{
	return 1ULL << (arch_features.l0gpt_shift - PAGE_SHIFT - 1);
}

static bool may_hold_table(u64 memory, u64 region)
{
	if (!IS_ALIGNED(memory, l1_bytes()) ||
	    (below_block(memory) && region_of(memory) != region_of(region)))
		return false;
	for (u64 p = memory; p < memory + l1_bytes(); p += PAGE_SIZE) {
		struct sim_granule *g = sim_granule(p);

		if (!g || pas_of(g) != SIM_NS || g->refuse_gpt)
			return false;
	}
	return true;
}

static void paint_table(u64 memory, enum sim_pas pas)
{
	memset(sim_ram(memory), pas == SIM_ROOT ? 0x99 : 0, l1_bytes());
	for (u64 p = memory; p < memory + l1_bytes(); p += PAGE_SIZE)
		sim_set_pas(p, pas);
}

enum l1_answer arch_l1_create(pa_t region, pa_t memory)
{
	enum l1_answer answer = L1_DONE;
	unsigned int i;

	sim_give_way();
	sim_lock_all();
	i = l0_find(region_of(region.raw));
	if (i == nr_l0 || !below_block(region.raw))
		answer = L1_EXISTS;
	else if (l1_refused)
		answer = L1_REFUSED;
	else if (!may_hold_table(memory.raw, region.raw))
		answer = L1_MEMORY;
	/* who changes it has it: under ThreadSanitizer there is no lock here */
	if (answer == L1_DONE && !__atomic_exchange_n(&l0[i].is_block, false, __ATOMIC_RELAXED))
		answer = L1_EXISTS;
	if (answer == L1_DONE) {
		paint_table(memory.raw, SIM_ROOT);
		__atomic_store_n(&l0[i].memory, memory.raw, __ATOMIC_RELAXED);
	}
	sim_unlock_all();
	return answer;
}

static bool is_all_ns(u64 region, u64 table)
{
	for (u64 i = 0; i < sim_nr_granules(); i++) {
		u64 p = sim_granule_pa(i);

		if (region_of(p) == region && p - table >= l1_bytes() &&
		    pas_of(sim_granule_at(i)) != SIM_NS)
			return false;
	}
	return true;
}

enum l1_answer arch_l1_destroy(pa_t region, pa_t *memory)
{
	enum l1_answer answer = L1_REFUSED;
	unsigned int i;
	u64 table;

	sim_give_way();
	sim_lock_all();
	i = l0_find(region_of(region.raw));
	table = i < nr_l0 ? __atomic_load_n(&l0[i].memory, __ATOMIC_RELAXED) : 0;
	if (table && !l1_refused && is_all_ns(l0[i].region, table) &&
	    __atomic_exchange_n(&l0[i].memory, 0, __ATOMIC_RELAXED) == table) {
		*memory = pa(table);
		paint_table(table, SIM_NS);
		__atomic_store_n(&l0[i].is_block, true, __ATOMIC_RELAXED);
		answer = L1_DONE;
	}
	sim_unlock_all();
	return answer;
}

static bool change_world(u64 at, enum sim_pas from, enum sim_pas to)
{
	struct sim_granule *g = sim_granule(at);

	if (!g || pas_of(g) != from || g->refuse_gpt & BIT(to) || below_block(at))
		return false;
	if (to == SIM_NS) {
		if (g->views)
			sim_fault("0x%llx leaves the Realm world under a view",
				  (unsigned long long)at);
		sim_tlb_must_not_reach(at, "given to the host");
		if (g->came_in != this_call && !is_zero(sim_ram(at)))
			sim_fault("0x%llx goes to the host unwiped", (unsigned long long)at);
	} else {
		/* What the Realm world reads here is anything but zero. */
		memset(sim_ram(at), 0x5C, PAGE_SIZE);
		g->came_in = this_call;
	}
	sim_set_pas(at, to);
	return true;
}

static u64 change_worlds(pa_t base, u64 count, enum sim_pas from, enum sim_pas to)
{
	u64 done = 0;

	if (!count || !IS_ALIGNED(base.raw, PAGE_SIZE))
		sim_fault("EL3 asked for %llu granules at 0x%llx", (unsigned long long)count,
			  (unsigned long long)base.raw);
	sim_give_way();
	sim_lock_all();
	if (gpt_slice && count > gpt_slice)
		count = gpt_slice;
	while (done < count && change_world(base.raw + done * PAGE_SIZE, from, to))
		done++;
	sim_unlock_all();
	sim_work(300 + done * 290);
	return done;
}

u64 arch_gpt_to_realm(pa_t base, u64 count)
{
	return change_worlds(base, count, SIM_NS, SIM_REALM);
}

u64 arch_gpt_to_ns(pa_t base, u64 count)
{
	return change_worlds(base, count, SIM_REALM, SIM_NS);
}

/* ---- one call -------------------------------------------------------------------------- */

void sim_memory_forget_reads(void)
{
	nr_reads = 0;
	ns_written = 0;
}

void sim_memory_call_begin(void)
{
	sim_memory_forget_reads();
	this_call++;
	nr_viewed = 0;
}

void sim_memory_call_end(bool may_keep_views)
{
	if (nr_viewed == MAX_VIEWED)
		sim_fault("a call looked at %u granules", MAX_VIEWED);
	for (unsigned int i = 0; i < nr_viewed; i++)
		if (viewed[i]->views != viewed[i]->views_before && !may_keep_views)
			sim_fault("the call left %d view(s) more of 0x%llx",
				  viewed[i]->views - viewed[i]->views_before,
				  (unsigned long long)sim_granule_pa((u64)(viewed[i] - granules)));
}
