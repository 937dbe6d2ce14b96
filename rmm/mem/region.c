/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which memory there is and where its granules' state lies. The table is made
 * once at boot from the manifest's banks; metadata is as large as the DRAM.
 */
#include "base/require.h"
#include "mem/region.h"

static struct region regions[MAX_REGIONS];
static unsigned int nr_regions;
static u64 state = RMI_STATE_INIT;

/* ---- what the boot found ------------------------------------------------ */

static bool in_range(const struct arch_range *r, u64 address)
{
	return address >= r->base.raw && address - r->base.raw < r->bytes;
}

bool memory_is_dram(u64 address)
{
	for (unsigned int i = 0; i < arch_nr_banks; i++)
		if (in_range(&arch_banks[i], address))
			return address < memory_top();
	return false;
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
	return memory_is_dram(p.raw) && !granule_find(p);
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

struct region *region_find(u64 address)
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

u64 region_metadata_granules(const struct region *r)
{
	u64 bytes = ((r->top - r->base) >> GRANULE_SHIFT) * sizeof(struct granule);
	u64 granules = 1;

	while (granules * GRANULE_SIZE < bytes)
		granules *= 2;
	return granules;
}

void region_attach(struct region *r, pa_t memory, bool donated)
{
	r->memory = memory;
	r->donated = donated;
	/* granule by granule: on paper each view is one; the last one made is the base */
	for (u64 n = region_metadata_granules(r); n-- > 0; )
		r->granules = arch_view(pa_add(memory, n * GRANULE_SIZE));
}

pa_t region_detach(struct region *r)
{
	for (u64 n = region_metadata_granules(r); n-- > 0; )
		arch_unview((u8 *)r->granules + n * GRANULE_SIZE);
	r->granules = NULL;
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

/*
 * Region by region, lowest first: the first refusal ends it, so that a pool
 * that is too small serves the low regions and the host the rest.
 */
static void reserve_metadata(void)
{
	u64 lacking = 0;
	unsigned int i;
	pa_t memory;

	for (i = 0; i < nr_regions; i++) {
		u64 bytes = region_metadata_granules(&regions[i]) * GRANULE_SIZE;

		if (!arch_reserve(bytes, GRANULE_SHIFT, &memory))
			break;
		region_attach(&regions[i], memory, false);
	}
	for (; i < nr_regions; i++)
		lacking += region_metadata_granules(&regions[i]) * GRANULE_SIZE;
	if (lacking)
		arch_print("RMM: EL3 reserves no memory for granule states: "
			   "%u KiB must come from the host with RMM_ACTIVATE\n",
			   (unsigned int)(lacking >> 10));
}

void region_init(void)
{
	for (unsigned int i = 0; i < arch_nr_banks; i++) {
		u64 base = ALIGN_UP(arch_banks[i].base.raw, GRANULE_SIZE);
		u64 top = ALIGN_DOWN(arch_banks[i].base.raw + arch_banks[i].bytes, GRANULE_SIZE);

		if (top > memory_top())
			top = memory_top();
		if (base < top)
			add_dram(base, top);
	}
	reserve_metadata();
}

static void mark_own(u64 base, u64 top)
{
	for (; base < top; base += GRANULE_SIZE) {
		struct granule *g = granule_find(pa(base));

		if (g && granule_type(g) == UNDELEGATED)
			granule_move_sure(pa(base), UNDELEGATED, INTERNAL);
	}
}

void region_mark_own(void)
{
	for (unsigned int i = 0; i < arch_nr_own; i++)
		mark_own(ALIGN_DOWN(arch_own[i].base.raw, GRANULE_SIZE),
			 arch_own[i].base.raw + arch_own[i].bytes);
	for (unsigned int i = 0; i < nr_regions; i++) {
		u64 base = regions[i].memory.raw;

		if (regions[i].donated)
			mark_own(base, base + region_metadata_granules(&regions[i]) * GRANULE_SIZE);
	}
}

#define SCAN_GRANULES	(GRANULE_SIZE / sizeof(struct granule))

static bool are_idle(const struct granule *g, u64 nr)
{
	for (; nr; nr--, g++)
		if (granule_type(g) != UNDELEGATED && granule_type(g) != INTERNAL)
			return false;
	return true;
}

bool region_scan_idle(u64 *n, u64 *at)
{
	while (*n < nr_regions) {
		const struct region *r = &regions[*n];
		u64 left = ((r->top - r->base) >> GRANULE_SHIFT) - *at;
		u64 nr = left < SCAN_GRANULES ? left : SCAN_GRANULES;

		if (!are_idle(r->granules + *at, nr))
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

u64 rmm_state(void)
{
	return __atomic_load_n(&state, __ATOMIC_SEQ_CST);	/* mem/calls.c */
}

bool rmm_state_change(u64 from, u64 to)
{
	return arch_cas64(&state, from, to);
}
