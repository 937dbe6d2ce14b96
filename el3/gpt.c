/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Granule protection tables: L0 and L1 in secure RAM, granules descriptors
 * only. spec/el3.md 6, spec/decisions.md 2, 8, 20.
 */
#include "el3.h"
#include "window.h"

#define L0_BLOCK(gpi)	(1ULL | (u64)(gpi) << 4)
#define L0_TABLE	3ULL
#define L0_TYPE(d)	((d) & 0xf)
#define L0_ADDRESS(d)	((d) & 0x000ffffffffff000ULL)
#define ALL_16(gpi)	((u64)(gpi) * 0x1111111111111111ULL)

#define GPCCR_GPC	BIT(16)
#define GPCCR_SH_INNER	(3ULL << 12)
#define GPCCR_ORGN_WB	(1ULL << 10)
#define GPCCR_IRGN_WB	(1ULL << 8)

/* DC CIPAPA: which PAS */
#define DC_PAS_NS	BIT(63)
#define DC_PAS_REALM	(BIT(63) | BIT(62))
#define DC_PAS_ROOT	BIT(62)

u64 gpt_gptbr, gpt_gpccr;

static lock_t gpt_lock;
static u64 *l0;
static u64 nr_l0;
static u64 *spare;			/* a table of nothing, when there are L0 blocks of DRAM */
static unsigned int region_bits;	/* 30, 34, 36 or 39 */
static unsigned int pps;		/* the field of GPCCR_EL3 */

static const u8 pps_bits[] = { 32, 36, 40, 42, 44, 48, 52 };

static u64 region_bytes(void)
{
	return 1ULL << region_bits;
}

static u64 l1_bytes(void)
{
	return region_bytes() / PAGE / 2;	/* four bits for each granule */
}

/* Tables made at boot lie in secure RAM, those made since in DRAM that was the host's. */
static u64 *table_at(u64 pa)
{
	return pa < DRAM_BASE ? (u64 *)pa : ROOT_VIEW(pa);
}

/* Its word for the 16 granules around *pa*. */
static u64 *word_of(u64 *table, u64 pa)
{
	return table + ((pa & (region_bytes() - 1)) >> 16);
}

/* The word that holds the GPI of *pa*; NULL without an L1 table. */
static inline u64 *l1_word(u64 pa)
{
	u64 d;

	if (pa >> region_bits >= nr_l0)
		return NULL;
	d = l0[pa >> region_bits];
	if (L0_TYPE(d) != L0_TABLE)
		return NULL;
	return word_of(table_at(L0_ADDRESS(d)), pa);
}

static unsigned int shift_of(u64 pa)
{
	return (pa >> 12 & 15) * 4;
}

int gpt_get(u64 pa)
{
	u64 *w = l1_word(pa);

	return w ? (int)(*w >> shift_of(pa) & 0xf) : -1;
}

/* [pa, pa + n granules) inside one region that has a table; w: the word of the first. */
static inline void set_run(u64 *w, u64 pa, u64 n, unsigned int gpi)
{
	if (n == 1) {			/* what most calls are about */
		u64 mask = 0xfULL << shift_of(pa);

		__atomic_store_n(w, (*w & ~mask) | (ALL_16(gpi) & mask), __ATOMIC_RELAXED);
		return;
	}
	while (n) {
		unsigned int first = pa >> 12 & 15;
		u64 here = 16 - first < n ? 16 - first : n;
		u64 mask = (here == 16 ? ~0ULL : (1ULL << here * 4) - 1) << first * 4;

		__atomic_store_n(w, (*w & ~mask) | (ALL_16(gpi) & mask), __ATOMIC_RELAXED);
		w++;
		pa += here * PAGE;
		n -= here;
		for (; n >= 16; n -= 16, pa += 16 * PAGE)
			__atomic_store_n(w++, ALL_16(gpi), __ATOMIC_RELAXED);
	}
}

/* How many granules from *pa*, at most n, hold *gpi*; inside one region; w as above. */
static u64 run_length(const u64 *w, u64 pa, u64 n, unsigned int gpi)
{
	u64 done = 0;

	if (n == 1)
		return (*w >> shift_of(pa) & 0xf) == gpi;
	for (; done < n; w++) {
		unsigned int first = pa >> 12 & 15;
		u64 differ = (*w ^ ALL_16(gpi)) >> first * 4;
		u64 same = differ ? (u64)__builtin_ctzll(differ) / 4 : 16 - first;

		done += same;
		if (same < 16 - first)
			break;
		pa += same * PAGE;
	}
	return done < n ? done : n;
}

/* The same of many, while nobody looks at the table: whole words are not written one by one. */
static void paint_run(u64 pa, u64 n, unsigned int gpi)
{
	u64 head = (16 - (pa >> 12 & 15)) & 15, words;

	head = head < n ? head : n;
	set_run(l1_word(pa), pa, head, gpi);
	pa += head * PAGE;
	n -= head;
	words = n / 16;
	if (!n)
		return;
	memset(l1_word(pa), (int)(gpi * 0x11), words * 8);
	pa += words * 16 * PAGE;
	if (n % 16)
		set_run(l1_word(pa), pa, n % 16, gpi);
}

/* While booting, before granule protection is on. */
void gpt_paint(u64 base, u64 bytes, unsigned int gpi)
{
	while (bytes) {
		u64 left = region_bytes() - (base & (region_bytes() - 1));
		u64 here = left < bytes ? left : bytes;

		paint_run(base, here / PAGE, gpi);
		base += here;
		bytes -= here;
	}
}

static inline void tlbi_rpalos(u64 window)
{
	__asm__ volatile("sys #6, c8, c4, #7, %0" :: "r"(window) : "memory");
	dsb(osh);
}

/* One TLBI for the smallest window that covers the run (one region at most). */
static inline void invalidate(u64 pa, u64 bytes)
{
	u64 window;

	if (bytes == PAGE) {
		tlbi_rpalos(pa >> 12);
	} else if (window_around(pa, bytes, &window)) {
		tlbi_rpalos(window);
	} else {
		__asm__ volatile("sys #6, c8, c1, #4" ::: "memory");	/* TLBI PAALLOS */
		dsb(osh);
	}
}

static u64 dc_pas(unsigned int gpi)
{
	return gpi == GPI_NS ? DC_PAS_NS : gpi == GPI_REALM ? DC_PAS_REALM : DC_PAS_ROOT;
}

/*
 * Both ways: no line of the old view stays dirty when it loses the granules,
 * no line of the new view is older than the change. The monitor wiped what it
 * gives back and does not touch it any more, so the way through "no access",
 * with its second invalidation, protects nobody here. Each invalidation stops
 * the whole machine on an emulator: one for the run.
 */
static void change_run(u64 *w, u64 pa, u64 n, unsigned int from, unsigned int to)
{
	u64 old_view = pa | dc_pas(from), new_view = pa | dc_pas(to);
	bool from_host = from == GPI_NS;

	sweep(from_host ? new_view : old_view, n);
	set_run(w, pa, n, to);
	dsb(oshst);
	invalidate(pa, n * PAGE);
	sweep(from_host ? old_view : new_view, n);	/* the host wrote until the line above */
}

/* One granule is the usual case: what it calls becomes part of it. */
__attribute__((flatten))
u64 gpt_move(u64 base, u64 count, unsigned int from, unsigned int to, s64 *err)
{
	u64 n, in_region, *w;

	*err = FIRME_INVALID;
	if (base & (PAGE - 1) || !count)
		return 0;
	n = count < FIRME_GPI_SET_MAX ? count : FIRME_GPI_SET_MAX;
	if (n > 1) {
		in_region = (region_bytes() - (base & (region_bytes() - 1))) / PAGE;
		n = n < in_region ? n : in_region;
	}

	lock(&gpt_lock);
	w = l1_word(base);
	if (!w) {
		unlock(&gpt_lock);
		return 0;
	}
	n = run_length(w, base, n, from);
	if (n)
		change_run(w, base, n, from, to);
	unlock(&gpt_lock);
	*err = n ? FIRME_OK : FIRME_DENIED;
	return n;
}

/* ---- tables that come and go (spec/decisions.md 22, 23) ---- */

static bool same_region(u64 a, u64 b)
{
	return a >> region_bits == b >> region_bits;
}

/* All Non-secure, but *memory*, when it lies inside. It is as aligned as it is long. */
static void fill_table(u64 *table, u64 region, u64 memory)
{
	memset(table, GPI_NS * 0x11, l1_bytes());
	if (same_region(region, memory))
		memset(word_of(table, memory), GPI_ROOT * 0x11, l1_bytes() / PAGE / 2);
}

/*
 * Returns when no CPU uses what was there before: descriptor, table or its entries. What
 * the descriptor leads to is there before it: another CPU walks at once, and the memory of
 * a new table held what the host liked.
 */
static void set_l0(u64 region, u64 descriptor)
{
	dsb(oshst);
	__atomic_store_n(&l0[region >> region_bits], descriptor, __ATOMIC_RELAXED);
	dsb(oshst);
	__asm__ volatile("sys #6, c8, c1, #4" ::: "memory");	/* TLBI PAALLOS */
	dsb(osh);
}

/* Beyond the views of DRAM its granules could not be wiped in the end: no tables there. */
static bool is_region(u64 region)
{
	return !(region & (region_bytes() - 1)) && region >> region_bits < nr_l0 &&
	       region < VIEW_BYTES;
}

/* Takes it from the host; where it lies inside, the spare table says so until its own can. */
static s64 take_memory(u64 region, u64 memory)
{
	u64 n = l1_bytes() / PAGE;

	if (memory & (l1_bytes() - 1) || !is_dram(memory, l1_bytes()) || memory >= VIEW_BYTES)
		return FIRME_INVALID;
	if (!same_region(region, memory)) {
		if (!l1_word(memory))
			return FIRME_INVALID;	/* below a block of its own, it stays the host's */
		if (run_length(l1_word(memory), memory, n, GPI_NS) < n)
			return FIRME_DENIED;
		change_run(l1_word(memory), memory, n, GPI_NS, GPI_ROOT);
		return FIRME_OK;
	}
	if (!spare)
		return FIRME_NO_MEMORY;
	fill_table(spare, region, memory);
	sweep(memory | DC_PAS_ROOT, n);
	set_l0(region, (u64)spare | L0_TABLE);
	sweep(memory | DC_PAS_NS, n);
	return FIRME_OK;
}

static s64 table_create(u64 region, u64 memory)
{
	s64 err;

	if (!is_region(region))
		return FIRME_INVALID;
	if (L0_TYPE(l0[region >> region_bits]) == L0_TABLE)
		return FIRME_EXISTS;
	if (l0[region >> region_bits] != L0_BLOCK(GPI_NS))
		return FIRME_INVALID;		/* no DRAM */
	err = take_memory(region, memory);
	if (err)
		return err;
	fill_table(table_at(memory), region, memory);
	set_l0(region, memory | L0_TABLE);
	return FIRME_OK;
}

static bool is_all_ns(u64 *table, u64 region, u64 memory)
{
	u64 *own = same_region(region, memory) ? word_of(table, memory) : NULL;
	u64 own_words = l1_bytes() / PAGE / 16;

	for (u64 *w = table; w < table + l1_bytes() / 8; w++) {
		if (w == own)
			w += own_words - 1;
		else if (*w != ALL_16(GPI_NS))
			return false;
	}
	return true;
}

static s64 table_destroy(u64 region, u64 *memory)
{
	u64 n = l1_bytes() / PAGE, at;

	if (!is_region(region))
		return FIRME_INVALID;
	if (L0_TYPE(l0[region >> region_bits]) != L0_TABLE)
		return FIRME_NO_ENTRY;
	at = L0_ADDRESS(l0[region >> region_bits]);
	if (at < DRAM_BASE)
		return FIRME_DENIED;		/* made at boot */
	if (!is_all_ns(table_at(at), region, at))
		return FIRME_CONFLICT;
	if (!same_region(region, at)) {
		set_l0(region, L0_BLOCK(GPI_NS));
		zero_lines(table_at(at), l1_bytes());
		change_run(l1_word(at), at, n, GPI_ROOT, GPI_NS);
	} else {
		fill_table(spare, region, at);
		set_l0(region, (u64)spare | L0_TABLE);
		zero_lines(table_at(at), l1_bytes());
		sweep(at | DC_PAS_ROOT, n);
		set_l0(region, L0_BLOCK(GPI_NS));
		sweep(at | DC_PAS_NS, n);
	}
	*memory = at;
	return FIRME_OK;
}

s64 gpt_table_create(u64 region, u64 memory)
{
	s64 err;

	lock(&gpt_lock);
	err = table_create(region, memory);
	unlock(&gpt_lock);
	return err;
}

s64 gpt_table_destroy(u64 region, u64 *memory)
{
	s64 err;

	lock(&gpt_lock);
	err = table_destroy(region, memory);
	unlock(&gpt_lock);
	return err;
}

/* A granule of a table in DRAM. Such tables belong to regions of DRAM. */
static bool is_table_memory(u64 pa)
{
	for (u32 b = 0; b < machine.nr_banks; b++) {
		const struct bank *bank = &machine.banks[b];
		u64 first = bank->base >> region_bits;
		u64 last = (bank->base + bank->size - 1) >> region_bits;

		for (u64 i = first; i <= last; i++) {
			if (L0_TYPE(l0[i]) == L0_TABLE && pa - L0_ADDRESS(l0[i]) < l1_bytes())
				return true;
		}
	}
	return false;
}

/* The next granule from *pa*, below *end*, that holds *gpi*; or *end*. */
static u64 next_granule(u64 pa, u64 end, unsigned int gpi)
{
	while (pa < end) {
		const u64 *w = l1_word(pa);

		if (!w)
			pa = ALIGN_DOWN(pa, region_bytes()) + region_bytes();
		else if (!(pa & 0xffff) && *w == ALL_16(GPI_NS))
			pa += 16 * PAGE;
		else if ((*w >> shift_of(pa) & 0xf) == gpi)
			return pa;
		else
			pa += PAGE;
	}
	return end;
}

/*
 * Another CPU may still run a realm: first nobody but Root reaches the
 * granules, then they are wiped. The lock is not given back.
 */
void gpt_wipe_realm(void)
{
	u64 pa, end;

	lock(&gpt_lock);
	for (u32 b = 0; b < machine.nr_banks; b++) {
		pa = machine.banks[b].base;
		end = pa + machine.banks[b].size;
		while ((pa = next_granule(pa, end, GPI_REALM)) < end)
			set_run(l1_word(pa), pa, 1, GPI_ROOT);
	}
	dsb(oshst);
	__asm__ volatile("sys #6, c8, c1, #4" ::: "memory");	/* TLBI PAALLOS */
	dsb(osh);
	isb();
	for (u32 b = 0; b < machine.nr_banks; b++) {
		pa = machine.banks[b].base;
		end = pa + machine.banks[b].size;
		for (; (pa = next_granule(pa, end, GPI_ROOT)) < end; pa += PAGE) {
			if (is_table_memory(pa))
				continue;	/* in use until the end, and no secret */
			sweep(pa | DC_PAS_REALM, 1);
			zero_lines(ROOT_VIEW(pa), PAGE);
			sweep(pa | DC_PAS_ROOT, 1);	/* caches do not outlive a reset, DRAM does */
		}
	}
	dsb(sy);
}

u64 gpt_feature_register(void)
{
	/* PGS 0, L0GPTSZ as the register has it, PPS */
	return (u64)(region_bits - 30) << 2 | (u64)pps << 6;
}

/* ---- boot ---- */

/* A table for the region of *pa*, all granules *gpi*; false when secure RAM is full. */
static bool give_table(u64 pa, unsigned int gpi)
{
	u64 *t = secram_alloc(l1_bytes(), l1_bytes());

	if (!t)
		return false;
	memset(t, gpi * 0x11, l1_bytes());
	l0[pa >> region_bits] = (u64)t | L0_TABLE;
	return true;
}

/* "Holds firmware": the monitor's block reaches into the region. */
static bool region_has_firmware(u64 region)
{
	return !region || monitor_overlaps(region, region_bytes());
}

static u64 first_without, bytes_without;

static bool want_table(u64 region)
{
	if (L0_TYPE(l0[region >> region_bits]) == L0_TABLE)
		return true;			/* shared with another bank, or the monitor's */
	if (machine.table->flags & BOOT_FLAG_L0_BLOCKS && !region_has_firmware(region))
		return false;
	if (region < VIEW_BYTES && give_table(region, GPI_ANY))
		return true;
	if (!bytes_without)
		first_without = region;
	bytes_without += region_bytes();
	return false;
}

static void build_bank(const struct bank *b)
{
	u64 region = ALIGN_DOWN(b->base, region_bytes()), end = b->base + b->size;

	for (; region < end; region += region_bytes()) {
		u64 from = region > b->base ? region : b->base;
		u64 to = region + region_bytes() < end ? region + region_bytes() : end;

		if (want_table(region))
			gpt_paint(from, to - from, GPI_NS);
		else
			l0[region >> region_bits] = L0_BLOCK(GPI_NS);
	}
}

/* First of all, so that it does not depend on how much DRAM there is. */
static void build_monitor_tables(void)
{
	u64 region = ALIGN_DOWN(monitor_base(), region_bytes());

	for (; region < monitor_base() + monitor_bytes(); region += region_bytes())
		if (!want_table(region))
			die("no room for the granule tables of the monitor's memory");
}

void gpt_build(void)
{
	u64 top = machine.device_top, i;
	unsigned int l0gptsz = read_sysreg(GPCCR_EL3) >> 20 & 0xf;
	unsigned int parange = field(read_sysreg(ID_AA64MMFR0), 0);

	for (i = 0; i < machine.nr_banks; i++)
		if (machine.banks[i].base + machine.banks[i].size > top)
			top = machine.banks[i].base + machine.banks[i].size;
	for (pps = 0; pps < ARRAY_SIZE(pps_bits) - 1 && top > 1ULL << pps_bits[pps]; pps++)
		;
	if (pps > parange)
		die("granule protection for %u bits wanted, this CPU has PARange %u",
		    (u64)pps_bits[pps], (u64)parange);

	region_bits = 30 + l0gptsz;
	nr_l0 = pps_bits[pps] > region_bits ? 1ULL << (pps_bits[pps] - region_bits) : 1;
	l0 = secram_alloc(nr_l0 * 8, nr_l0 * 8 > PAGE ? nr_l0 * 8 : PAGE);
	if (!l0)
		die("no room for %u L0 granule table entries", nr_l0);
	for (i = 0; i < nr_l0; i++)
		l0[i] = L0_BLOCK(GPI_ANY);

	if (!give_table(0, GPI_ANY))
		die("an L1 granule table of %u KiB does not fit (L0GPTSZ %u)",
		    l1_bytes() / 1024, (u64)l0gptsz);
	gpt_paint(FLASH_BASE, FLASH_BYTES, GPI_ROOT);
	gpt_paint(SECRAM_BASE, SECRAM_BYTES, GPI_ROOT);
	build_monitor_tables();
	if (machine.table->flags & BOOT_FLAG_L0_BLOCKS)
		spare = secram_alloc(l1_bytes(), l1_bytes());
	for (i = 0; i < machine.nr_banks; i++)
		build_bank(&machine.banks[i]);
	gpt_paint(monitor_base(), monitor_bytes(), GPI_REALM);
	if (bytes_without)
		say("%u GiB of DRAM from %x are usable but not for realms: no room for granule "
		    "tables", bytes_without / GIB, first_without);

	gpt_gptbr = (u64)l0 >> 12;
	gpt_gpccr = GPCCR_GPC | GPCCR_SH_INNER | GPCCR_ORGN_WB | GPCCR_IRGN_WB | pps;
	clean_dcache(&gpt_gptbr, 8);		/* secondaries read them with the MMU off */
	clean_dcache(&gpt_gpccr, 8);
}
