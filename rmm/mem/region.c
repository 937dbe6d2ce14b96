/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which memory there is and where its granules' state lies. The table is made
 * once at boot from the manifest's banks; metadata is as large as the DRAM.
 */
#include "base/require.h"
#include "base/string.h"
#include "mem/gpt.h"
#include "mem/region.h"
#include "mem/slice.h"
#include "mem/sro.h"

struct granule_geometry granule_geometry = { .size = PAGE_SIZE, .shift = PAGE_SHIFT };

static struct region regions[MAX_REGIONS];
static bool marked;			/* granules have been since the last configuration */
static unsigned int nr_regions;
static u64 state = RMI_STATE_INIT;
#define REGION_SHIFT_AT_BOOT	30	/* 4 KiB, code 0 */

static struct region_config config_now;
static unsigned int shift_now = REGION_SHIFT_AT_BOOT;	/* of config_now: looked at all the time */

/* Metadata that EL3 gave at boot: for the regions of whatever configuration, lowest first. */
static struct { u8 *view; u64 bytes; } reserved[ARCH_MAX_BANKS];
static unsigned int nr_reserved;

/* ---- what the boot found ------------------------------------------------ */

static bool in_range(const struct arch_range *r, u64 address)
{
	return address >= r->base.raw && address - r->base.raw < r->bytes;
}

/* A bank may begin or end inside a granule of more than a page. */
static inline u64 dram_left(u64 address)
{
	u64 first = ALIGN_DOWN(address, GRANULE_SIZE), limit = memory_top();

	if (address >= limit)
		return 0;
	for (unsigned int i = 0; i < arch_nr_banks; i++) {
		u64 base = arch_banks[i].base.raw, top = base + arch_banks[i].bytes;

		top = top < limit ? top : limit;
		if (first >= base && first + GRANULE_SIZE <= top)
			return (top - first) >> GRANULE_SHIFT;
	}
	return 0;
}

u64 memory_dram_left(u64 address)
{
	return dram_left(address);
}

bool memory_is_dram(u64 address)
{
	return dram_left(address);
}

bool memory_is_own(u64 address)
{
	for (unsigned int i = 0; i < arch_nr_own; i++)
		if (in_range(&arch_own[i], address))
			return true;
	return false;
}

bool memory_is_untracked(pa_t p)
{
	return !granule_find(p) && memory_is_dram(p.raw);
}

u64 memory_top(void)
{
	return 1ULL << arch_features.pps_bits;
}

/* ---- regions ------------------------------------------------------------ */

unsigned int region_count(void)
{
	return nr_regions;
}

struct region *region_at(unsigned int n)
{
	return &regions[n];
}

unsigned int region_from(u64 address)
{
	unsigned int low = 0, high = nr_regions;

	while (low < high) {
		unsigned int mid = (low + high) / 2;

		if (address < regions[mid].top)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

struct region *region_in_block(u64 address)
{
	u64 block = ALIGN_DOWN(address, REGION_SIZE);
	unsigned int n = region_from(block);

	return n < nr_regions && regions[n].base < block + REGION_SIZE ? &regions[n] : NULL;
}

static struct region *search(u64 address)
{
	unsigned int low = 0, high = nr_regions;

	while (low < high) {
		unsigned int mid = (low + high) / 2;

		if (address < regions[mid].base)
			high = mid;
		else if (address >= regions[mid].top)
			low = mid + 1;
		else
			return &regions[mid];
	}
	return NULL;
}

/* Several times in every call. */
struct region *region_find(u64 address)
{
	unsigned int shift = region_shift();
	/* without holes in the DRAM below it, this is the one */
	u64 n = (address >> shift) - (regions[0].base >> shift);

	if (n < nr_regions && address >= regions[n].base && address < regions[n].top)
		return &regions[n];
	return search(address);
}

static u64 metadata_bytes(const struct region *r)
{
	return ((r->top - r->base) >> GRANULE_SHIFT) * sizeof(struct granule);
}

u64 region_metadata_granules(const struct region *r)
{
	u64 granules = 1;

	while (granules * GRANULE_SIZE < metadata_bytes(r))
		granules *= 2;
	return granules;
}

struct granule *region_prepare(struct region *r, pa_t memory, u8 given)
{
	struct granule *granules = NULL;

	r->memory = memory;
	r->donated = true;
	r->given = given;
	/* granule by granule: on paper each view is one; the last one made is the base */
	for (u64 n = region_metadata_granules(r); n-- > 0; )
		granules = arch_view(pa_add(memory, n * GRANULE_SIZE));
	return granules;
}

void region_attach(struct region *r, pa_t memory, u8 given)
{
	region_publish(r, region_prepare(r, memory, given));
}

void region_publish(struct region *r, struct granule *granules)
{
	/* before calls_others_inside(): a call that is not seen there sees this */
	__atomic_store_n(&r->granules, granules, __ATOMIC_SEQ_CST);
}

pa_t region_detach(struct region *r, struct granule *granules)
{
	for (u64 n = region_metadata_granules(r); n-- > 0; )
		arch_unview((u8 *)granules + n * GRANULE_SIZE);
	region_publish(r, NULL);
	r->donated = false;
	return r->memory;
}

/* The DRAM of [base, top), which lies within one bank, becomes part of its regions. */
static void add_dram(u64 base, u64 top)
{
	while (base < top) {
		u64 end = ALIGN_DOWN(base, REGION_SIZE) + REGION_SIZE;
		struct region *last = nr_regions ? &regions[nr_regions - 1] : NULL;

		if (end > top)
			end = top;
		if (last && ALIGN_DOWN(last->base, REGION_SIZE) == ALIGN_DOWN(base, REGION_SIZE)) {
			last->top = end;	/* a second bank in one region: the hole between is no DRAM */
		} else if (nr_regions == MAX_REGIONS) {
			arch_print("RMM: DRAM from 0x%llx on cannot be delegated\n",
				   (unsigned long long)base);
			return;
		} else {
			regions[nr_regions++] = (struct region){ .base = base, .top = end };
		}
		base = end;
	}
}

/* The regions in a configuration, none with metadata. */
static void make_regions(void)
{
	nr_regions = 0;
	for (unsigned int i = 0; i < arch_nr_banks; i++) {
		u64 base = ALIGN_UP(arch_banks[i].base.raw, GRANULE_SIZE);
		u64 top = ALIGN_DOWN(arch_banks[i].base.raw + arch_banks[i].bytes, GRANULE_SIZE);

		if (top > memory_top())
			top = memory_top();
		add_dram(base, top);
	}
}

/*
 * Region by region, lowest first: the first refusal ends it, so that a pool
 * that is too small serves the low regions and the host the rest.
 */
static void reserve_metadata(void)
{
	u64 lacking = 0;

	for (; nr_reserved < nr_regions && nr_reserved < ARRAY_SIZE(reserved); nr_reserved++) {
		u64 bytes = ALIGN_UP(metadata_bytes(&regions[nr_reserved]), PAGE_SIZE);
		pa_t memory;

		if (!arch_reserve(bytes, PAGE_SHIFT, &memory))
			break;
		/* page by page: on paper each view is one; the last one made is the base */
		for (u64 at = bytes; at; at -= PAGE_SIZE)
			reserved[nr_reserved].view = arch_view(pa_add(memory, at - PAGE_SIZE));
		reserved[nr_reserved].bytes = bytes;
	}
	for (unsigned int i = nr_reserved; i < nr_regions; i++)
		lacking += region_metadata_granules(&regions[i]) * GRANULE_SIZE;
	if (lacking)
		arch_print("RMM: EL3 reserves no memory for granule states: "
			   "%u KiB must come from the host with RMM_ACTIVATE\n",
			   (unsigned int)(lacking >> 10));
}

/* Lowest first, as far as it goes. */
static void share_out(void)
{
	unsigned int i = 0;
	u64 used = 0;

	for (unsigned int n = 0; n < nr_regions && i < nr_reserved; n++) {
		u64 bytes = ALIGN_UP(metadata_bytes(&regions[n]), 64);

		while (i < nr_reserved && used + bytes > reserved[i].bytes) {
			i++;
			used = 0;
		}
		if (i == nr_reserved)
			return;
		regions[n].reserved = (struct granule *)(reserved[i].view + used);
		regions[n].granules = regions[n].reserved;
		used += bytes;
	}
}

void region_init(void)
{
	make_regions();
	reserve_metadata();
	share_out();
}

/* ---- the configuration ---------------------------------------------------- */

/* Tracking sizes by granule and code (rmi-structs.md 1), as shifts. */
static const u8 tracking_shift[3][2] = { { 30, 21 }, { 25, 36 }, { 29, 42 } };

struct region_config region_config(void)
{
	return config_now;
}

unsigned int region_shift(void)
{
	return shift_now;
}

bool region_config_known(struct region_config config)
{
	return config.granule < 3 && arch_features.granules & BIT(config.granule) &&
	       config.tracking < 2;
}

void region_configure(struct region_config config)
{
	unsigned int shift = PAGE_SHIFT + 2U * config.granule;

	/* what an earlier activation marked means nothing in the new one */
	for (unsigned int i = 0; i < nr_reserved && marked; i++)
		memset(reserved[i].view, 0, reserved[i].bytes);
	marked = false;
	config_now = config;
	shift_now = tracking_shift[config.granule][config.tracking];
	granule_geometry = (struct granule_geometry){ 1ULL << shift, shift };
	make_regions();
	share_out();
}

bool region_forget(u64 *n)
{
	u64 at = *n * PAGE_SIZE;

	for (unsigned int i = 0; i < nr_reserved; at -= reserved[i++].bytes)
		if (at < reserved[i].bytes) {
			memset(reserved[i].view + at, 0, PAGE_SIZE);
			++*n;
			return true;
		}
	marked = false;
	return false;
}

void region_all_fine(void)
{
	for (unsigned int i = 0; i < nr_regions; i++) {
		struct region *r = &regions[i];

		region_set_coarse(r, false);
		if (r->reserved)
			region_publish(r, r->reserved);
	}
}

/*
 * The n-th run of memory that is the monitor's: its own, then what the host donated as
 * metadata, then what holds granule tables of the host.
 */
static bool own_run(u64 n, u64 *base, u64 *top)
{
	const struct region *r;
	pa_t table;

	if (n < arch_nr_own) {
		*base = ALIGN_DOWN(arch_own[n].base.raw, GRANULE_SIZE);
		*top = arch_own[n].base.raw + arch_own[n].bytes;
		return true;
	}
	if (n - arch_nr_own >= nr_regions) {
		if (!gpt_table_memory((unsigned int)(n - arch_nr_own - nr_regions), &table))
			return false;
		*base = ALIGN_DOWN(table.raw, GRANULE_SIZE);
		*top = table.raw ? table.raw + gpt_table_bytes() : 0;
		return true;
	}
	r = &regions[n - arch_nr_own];
	*base = r->memory.raw;
	*top = *base + (r->donated ? region_metadata_granules(r) * GRANULE_SIZE : 0);
	return true;
}

bool region_mark_own(u64 *n)
{
	u64 base, top;

	if (!own_run(*n, &base, &top))
		return false;
	marked = true;
	while (base < top) {
		struct region *r = region_find(base);
		u64 end = r && r->top < top ? r->top : top;
		u64 granules = r ? (end - base + GRANULE_SIZE - 1) >> GRANULE_SHIFT : 1;

		if (r)
			granule_mark_own(granule_find(pa(base)), granules);
		base += granules * GRANULE_SIZE;
	}
	++*n;
	return true;
}

static spinlock_t own;

void region_own_lock(void)
{
	arch_spin_lock(&own);
}

void region_own_unlock(void)
{
	arch_spin_unlock(&own);
}

void region_mark_own_in(const struct region *r)
{
	u64 base, top;

	region_own_lock();
	for (u64 n = 0; own_run(n, &base, &top); n++) {
		base = base > r->base ? base : r->base;
		top = top < r->top ? top : r->top;
		for (; base < top; base += GRANULE_SIZE)
			granule_move(pa(base), UNDELEGATED, INTERNAL);
	}
	op_mark_covered(r->base, r->top);
	region_own_unlock();
}

/* ---- from one kind of tracking to another ----------------------------------- */

static u64 converting;			/* base of the region, odd; 0: none */

bool region_convert_begin(struct region *r)
{
	return arch_cas64(&converting, 0, r->base | 1);
}

void region_convert_end(void)
{
	arch_store_release64(&converting, 0);
}

u64 region_kind(const struct region *r)
{
	if (__atomic_load_n(&r->granules, __ATOMIC_RELAXED))
		return RMI_TRACKING_FINE;
	return __atomic_load_n(&r->coarse, __ATOMIC_RELAXED) ? RMI_TRACKING_COARSE :
							       RMI_TRACKING_NONE;
}

/* ---- the one state of a COARSE region ----------------------------------------- */

#define TO(state)	(1U << (state))

const u16 region_may_become[NR_GRANULE_TYPES] = {
	[UNDELEGATED]	= TO(BETWEEN),
	[DELEGATED]	= TO(BETWEEN),
	[DATA]		= TO(DELEGATED),
	[BETWEEN]	= TO(UNDELEGATED) | TO(DELEGATED) | TO(DATA) | TO(INTERNAL),
};

static spinlock_t whole_lock;
static bool any_coarse;			/* there has been one: most machines never have */

struct region *region_coarse(u64 address)
{
	struct region *r;

	if (!__atomic_load_n(&any_coarse, __ATOMIC_RELAXED))
		return NULL;
	r = region_find(address);
	return r && region_kind(r) == RMI_TRACKING_COARSE ? r : NULL;
}

enum granule_type region_whole(const struct region *r)
{
	if (region_kind(r) != RMI_TRACKING_COARSE)
		return NR_GRANULE_TYPES;
	return (enum granule_type)__atomic_load_n(&r->whole, __ATOMIC_RELAXED);
}

static void set_whole(struct region *r, enum granule_type to)
{
	__atomic_store_n(&r->whole, (u8)to, __ATOMIC_RELAXED);
}

/* The lock is what orders a pointer to metadata before BETWEEN: data_release() looks again. */
bool region_move(struct region *r, enum granule_type from, enum granule_type to)
{
	bool is;

	require(region_may_become[from] & TO(to));
	arch_spin_lock(&whole_lock);
	is = region_whole(r) == from;
	if (is)
		set_whole(r, to);
	arch_spin_unlock(&whole_lock);
	return is;
}

void region_move_sure(struct region *r, enum granule_type from, enum granule_type to)
{
	require(region_move(r, from, to));
}

void region_set_coarse(struct region *r, bool coarse)
{
	arch_spin_lock(&whole_lock);
	set_whole(r, BETWEEN);
	if (coarse)
		__atomic_store_n(&any_coarse, true, __ATOMIC_RELAXED);
	__atomic_store_n(&r->coarse, coarse, __ATOMIC_RELAXED);
	arch_spin_unlock(&whole_lock);
}

bool region_set_fine(struct region *r, struct granule *granules, enum granule_type from)
{
	bool is;

	arch_spin_lock(&whole_lock);
	is = region_kind(r) == RMI_TRACKING_NONE || region_whole(r) == from;
	if (is) {
		region_publish(r, granules);
		set_whole(r, BETWEEN);
	}
	arch_spin_unlock(&whole_lock);
	return is;
}

u64 region_tracking(const struct region *r)
{
	if (!r)
		return RMI_TRACKING_RESERVED;
	if (rmm_state() != RMI_STATE_ACTIVE)
		return RMI_TRACKING_NONE;
	if (arch_load_acquire64(&converting) == (r->base | 1))
		return RMI_TRACKING_INTERMEDIATE;
	return region_kind(r);
}

#define SCAN_GRANULES	(GRANULE_SIZE / sizeof(struct granule))
#define PER_WORD	(sizeof(u64) / sizeof(struct granule))

static bool are_idle(const struct granule *g, u64 nr)
{
	while (nr) {
		if (nr >= PER_WORD && (u64)g % sizeof(u64) == 0 &&
		    !__atomic_load_n((const u64 *)g, __ATOMIC_RELAXED)) {
			g += PER_WORD;		/* UNDELEGATED is zero */
			nr -= PER_WORD;
			continue;
		}
		if (granule_type(g) != UNDELEGATED && granule_type(g) != INTERNAL)
			return false;
		g++;
		nr--;
	}
	return true;
}

/* Of a region that is not FINE. INTERNAL: lost already. */
static bool is_idle(enum granule_type whole)
{
	return whole == NR_GRANULE_TYPES || whole == UNDELEGATED || whole == INTERNAL;
}

bool region_scan_idle(u64 *n, u64 *at)
{
	while (*n < nr_regions) {
		const struct region *r = &regions[*n];
		u64 left = region_granules(r) - *at;
		u64 nr = left < SCAN_GRANULES ? left : SCAN_GRANULES;

		if (!r->granules)
			nr = left;		/* one state for all, or none kept */
		if (r->granules ? !are_idle(r->granules + *at, nr) :
				  !is_idle(region_whole(r)))
			return false;
		*at += nr;
		if (nr == left) {
			*at = 0;
			++*n;
		}
		if (arch_interrupt_pending())
			break;
	}
	return true;
}

/* ---- the state of the RMM ----------------------------------------------- */

const struct rmm_facts rmm_facts[RMI_NR_STATES] = {
	[RMI_STATE_INIT]	 = { "INIT",	     TO(RMI_STATE_INTERMEDIATE) },
	[RMI_STATE_INTERMEDIATE] = { "INTERMEDIATE", TO(RMI_STATE_INIT) | TO(RMI_STATE_ACTIVE) },
	[RMI_STATE_ACTIVE]	 = { "ACTIVE",	     TO(RMI_STATE_INTERMEDIATE) },
};

u64 rmm_state(void)
{
	return __atomic_load_n(&state, __ATOMIC_SEQ_CST);	/* mem/calls.c */
}

bool rmm_state_change(u64 from, u64 to)
{
	require(rmm_facts[from].may_become & TO(to));
	return arch_cas64(&state, from, to);
}
