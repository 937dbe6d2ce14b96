/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage 2 as a PE walks it (4, 16 and 64 KiB granules, LPA2), and a TLB that remembers every
 * descriptor a walk used, tables too, until it is flushed. At the end of each call
 * what it remembers must still be what the tables say.
 */
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "sim/internal.h"

#define VTCR_DS		BIT(32)
#define VTCR_SL2	BIT(33)
#define MAX_TLB		32768
#define BUCKETS		4096

#define DESC_VALID	BIT(0)
#define DESC_TABLE	BIT(1)
#define DESC_AF		BIT(10)
#define DESC_NS		BIT(55)

struct tlb_entry {
	u64 vttbr, vtcr;
	u64 ipa, bytes;
	int level;
	u64 desc, desc_pa;
	unsigned int next;		/* of its bucket: number + 1 */
};

static struct tlb_entry tlb[MAX_TLB];
static unsigned int nr_tlb;
static unsigned int first[BUCKETS];	/* by desc_pa: number + 1 */
static unsigned int nr_flushes;
static _Thread_local bool unpublished;

void sim_stage2_power_on(void)
{
	nr_tlb = 0;
	memset(first, 0, sizeof(first));
	nr_flushes = 0;
	unpublished = false;
}

unsigned int sim_tlb_flushes(void)
{
	return nr_flushes;
}

static unsigned int vmid_of(u64 vttbr)
{
	return (unsigned int)FIELD(vttbr, 63, 48);
}

/* Of VTCR.TG0: 4 KiB 0, 64 KiB 1, 16 KiB 2. */
static unsigned int granule_shift(u64 vtcr)
{
	static const unsigned int shift[] = { 12, 16, 14, 0 };

	return shift[FIELD(vtcr, 15, 14)];
}

static unsigned int shift_of(u64 vtcr, int level)
{
	unsigned int shift = granule_shift(vtcr);

	return shift + (shift - 3) * (unsigned int)(3 - level);
}

static u64 bytes_of(u64 vtcr, int level)
{
	return 1ULL << shift_of(vtcr, level);
}

static u64 entries_of(u64 vtcr)
{
	return 1ULL << (granule_shift(vtcr) - 3);
}

/* ---- registers ------------------------------------------------------------------ */

u64 arch_vtcr(unsigned int s2sz, int start_level, bool lpa2)
{
	u64 vtcr = BIT(31) | BIT(30) | BIT(19) | (3ULL << 12) | (1ULL << 10) | (1ULL << 8);
	int lowest = GRANULE_SHIFT == 12 ? 2 : 3;	/* what SL0 = 0 means */
	int highest = GRANULE_SHIFT == 12 ? (lpa2 ? -1 : 0) : GRANULE_SHIFT == 14 && lpa2 ? 0 : 1;
	bool wide = lpa2 || (GRANULE_SHIFT == 16 && arch_features.pa_bits == 52);

	if (start_level < highest || start_level > lowest || s2sz > (wide ? 52 : 48) || s2sz < 16 ||
	    (lpa2 && GRANULE_SHIFT == 16))
		sim_fault("VTCR for %u bits at level %d", s2sz, start_level);
	vtcr |= (64 - s2sz) | (GRANULE_SHIFT == 16 ? 1ULL : GRANULE_SHIFT == 14 ? 2ULL : 0) << 14;
	if (start_level < 0)
		vtcr |= VTCR_SL2;
	else
		vtcr |= (u64)(lowest - start_level) << 6;
	return lpa2 ? vtcr | VTCR_DS : vtcr;
}

u64 arch_vttbr(pa_t root, unsigned int vmid)
{
	if (!IS_ALIGNED(root.raw, GRANULE_SIZE) || root.raw >> 52)
		sim_fault("VTTBR for 0x%llx", (unsigned long long)root.raw);
	return ((u64)vmid << 48) | (root.raw & MASK(47, 1)) | (FIELD(root.raw, 51, 48) << 2);
}

static u64 root_of(u64 vttbr, u64 vtcr)
{
	if (!(vtcr & VTCR_DS) && granule_shift(vtcr) != 16)
		return vttbr & MASK(47, 12);
	return (vttbr & MASK(47, 12)) | (FIELD(vttbr, 5, 2) << 48);
}

static int start_level_of(u64 vtcr)
{
	if (granule_shift(vtcr) == 12)
		return vtcr & VTCR_SL2 ? -1 : 2 - (int)FIELD(vtcr, 7, 6);
	return 3 - (int)FIELD(vtcr, 7, 6);
}

static u64 oa_of(u64 desc, u64 vtcr, int level)
{
	unsigned int low = level == 3 || desc & DESC_TABLE ? granule_shift(vtcr) :
							     shift_of(vtcr, level);

	if (granule_shift(vtcr) == 16)
		return (desc & MASK(47, low)) | (FIELD(desc, 15, 12) << 48);
	if (!(vtcr & VTCR_DS))
		return desc & MASK(47, low);
	return (desc & MASK(49, low)) | (FIELD(desc, 9, 8) << 50);
}

static bool is_leaf(u64 desc, int level)
{
	return level == 3 || !(desc & DESC_TABLE);
}

/* Bits 1:0 that mean "nothing here" at this level. */
static bool is_invalid(u64 desc, u64 vtcr, int level)
{
	if (!(desc & DESC_VALID))
		return true;
	if (level == 3)
		return !(desc & DESC_TABLE);
	if (desc & DESC_TABLE)
		return false;
	switch (granule_shift(vtcr)) {		/* where blocks may be */
	case 12:
		return level < 0 || (level == 0 && !(vtcr & VTCR_DS));
	case 14:
		return level < 1 || (level == 1 && !(vtcr & VTCR_DS));
	default:
		return level < 1 || (level == 1 && arch_features.pa_bits < 52);
	}
}

/* ---- the TLB ---------------------------------------------------------------------- */

static void count_reach(const struct tlb_entry *e, int by)
{
	u64 oa = oa_of(e->desc, e->vtcr, e->level);
	u64 bytes = is_leaf(e->desc, e->level) ? e->bytes : 1ULL << granule_shift(e->vtcr);

	if (is_leaf(e->desc, e->level) && e->desc & DESC_NS)
		return;
	for (u64 p = oa; p < oa + bytes; p += PAGE_SIZE) {
		struct sim_granule *g = sim_granule(p);

		if (g && by > 0 && g->cached)
			sim_fault("two translations lead to 0x%llx, the second one VMID %u at "
				  "0x%llx", (unsigned long long)p, vmid_of(e->vttbr),
				  (unsigned long long)e->ipa);
		if (g)
			g->cached += (u32)by;
	}
}

/* ---- accesses of realms and a TLBI, threads free --------------------------------- */

/*
 * A TLBI is over when every access that used the old entry is. With ThreadSanitizer that
 * is all that orders the two: odd while this PE's realm is at one.
 */
static unsigned int accesses[SIM_MAX_CPUS];

static void access_begin(void)
{
	if (SIM_TSAN)
		__atomic_add_fetch(&accesses[sim_cpu], 1, __ATOMIC_SEQ_CST);
}

static void access_end(void)
{
	if (SIM_TSAN)
		__atomic_add_fetch(&accesses[sim_cpu], 1, __ATOMIC_RELEASE);
}

static void wait_for_accesses(void)
{
	for (unsigned int i = 0; SIM_TSAN && i < SIM_MAX_CPUS; i++) {
		unsigned int was = __atomic_load_n(&accesses[i], __ATOMIC_SEQ_CST);

		while (i != sim_cpu && was % 2 &&
		       __atomic_load_n(&accesses[i], __ATOMIC_ACQUIRE) == was)
			sched_yield();
	}
}

/* ---- the TLB itself --------------------------------------------------------------- */

static unsigned int *bucket(u64 desc_pa)
{
	return &first[desc_pa / 8 % BUCKETS];
}

static void remember(u64 vttbr, u64 vtcr, u64 ipa, int level, u64 desc, u64 desc_pa)
{
	struct tlb_entry e = {
		.vttbr = vttbr, .vtcr = vtcr, .level = level, .bytes = bytes_of(vtcr, level),
		.ipa = ALIGN_DOWN(ipa, bytes_of(vtcr, level)), .desc = desc, .desc_pa = desc_pa,
	};

	if (SIM_TSAN)
		return;
	for (unsigned int n = *bucket(desc_pa); n; n = tlb[n - 1].next)
		if (tlb[n - 1].desc_pa == desc_pa && tlb[n - 1].desc == desc &&
		    tlb[n - 1].vttbr == vttbr)
			return;
	if (nr_tlb == MAX_TLB)
		return;
	e.next = *bucket(desc_pa);
	tlb[nr_tlb] = e;
	*bucket(desc_pa) = ++nr_tlb;
	count_reach(&e, 1);
}

/* What leads to the i-th in its bucket. */
static unsigned int *link_to(unsigned int i)
{
	unsigned int *at = bucket(tlb[i].desc_pa);

	while (*at != i + 1)
		at = &tlb[*at - 1].next;
	return at;
}

static void drop(unsigned int i)
{
	count_reach(&tlb[i], -1);
	*link_to(i) = tlb[i].next;
	if (i == --nr_tlb)
		return;
	*link_to(nr_tlb) = i + 1;
	tlb[i] = tlb[nr_tlb];
}

static const struct tlb_entry *cached_leaf(u64 vttbr, u64 ipa)
{
	for (unsigned int i = 0; i < nr_tlb; i++)
		if (vmid_of(tlb[i].vttbr) == vmid_of(vttbr) && is_leaf(tlb[i].desc, tlb[i].level) &&
		    ipa - tlb[i].ipa < tlb[i].bytes)
			return &tlb[i];
	return NULL;
}

unsigned int sim_tlb_entries(u64 vttbr)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < nr_tlb; i++)
		n += vmid_of(tlb[i].vttbr) == vmid_of(vttbr);
	return n;
}

void arch_tlb_flush_range(u64 vttbr, u64 vtcr, ipa_t base, u64 bytes)
{
	if (!bytes || !IS_ALIGNED(base.raw | bytes, GRANULE_SIZE))
		sim_fault("TLB flush of 0x%llx bytes at 0x%llx", (unsigned long long)bytes,
			  (unsigned long long)base.raw);
	if (base.raw + bytes > 1ULL << (64 - FIELD(vtcr, 5, 0)))
		sim_fault("TLB flush beyond the IPA space: 0x%llx", (unsigned long long)base.raw);
	sim_work(200);
	sim_give_way();
	sim_lock_all();
	if (!SIM_TSAN)
		nr_flushes++;
	unpublished = false;
	wait_for_accesses();
	for (unsigned int i = 0; i < nr_tlb; )
		if (vmid_of(tlb[i].vttbr) == vmid_of(vttbr) && tlb[i].ipa < base.raw + bytes &&
		    base.raw < tlb[i].ipa + tlb[i].bytes)
			drop(i);
		else
			i++;
	sim_unlock_all();
}

void arch_tlb_flush_vmid(u64 vttbr, u64 vtcr)
{
	(void)vtcr;
	sim_work(200);
	sim_give_way();
	sim_lock_all();
	if (!SIM_TSAN)
		nr_flushes++;
	unpublished = false;
	wait_for_accesses();
	for (unsigned int i = 0; i < nr_tlb; )
		if (vmid_of(tlb[i].vttbr) == vmid_of(vttbr))
			drop(i);
		else
			i++;
	sim_unlock_all();
}

void sim_tlb_must_not_reach(u64 pa, const char *doing)
{
	struct sim_granule *g = sim_granule(pa);

	if (g->cached)
		sim_fault("0x%llx is %s while a TLB still leads to it", (unsigned long long)pa,
			  doing);
}

/* ---- the walk ------------------------------------------------------------------------ */

static u64 entry_address(u64 table, u64 vtcr, u64 ipa, int level, bool root)
{
	u64 index = ipa >> shift_of(vtcr, level);

	return table + 8 * (root ? index : index & (entries_of(vtcr) - 1));	/* concatenated roots run on */
}

/*
 * Reads the descriptor at `address`; walks of a realm go through the Realm world
 * only. The monitor may lose the race with an undelegation only if it is wrong.
 */
static const u64 *table_at(u64 address, int level)
{
	const u64 *entry = sim_realm_ram(address);

	if (!entry)
		sim_fault("a stage 2 walk reads 0x%llx, not Realm memory",
			  (unsigned long long)address);
	if (!SIM_TSAN)
		sim_granule(address)->linked = (u8)(LINKED_3 - 3 + level);
	return entry;
}

static u64 fetch(u64 address, int level)
{
	return __atomic_load_n(table_at(address, level), __ATOMIC_ACQUIRE);
}

static struct sim_s2 leaf_result(u64 desc, u64 vtcr, u64 ipa, int level)
{
	u64 bytes = bytes_of(vtcr, level);
	struct sim_s2 r = { .level = level, .pa = oa_of(desc, vtcr, level) + (ipa & (bytes - 1)) };

	r.ns = desc & DESC_NS;
	r.memattr = (unsigned int)FIELD(desc, 5, 2);
	r.allowed = (desc & BIT(6) ? SIM_READ : 0) | (desc & BIT(7) ? SIM_WRITE : 0);
	if (!(desc & BIT(54)))		/* XN[1:0] 00 and 01: execute at EL1 or EL0 */
		r.allowed |= SIM_FETCH;
	if (!(desc & DESC_AF))
		r.fault = SIM_S2_ACCESS_FLAG;
	return r;
}

static struct sim_s2 walk(u64 vttbr, u64 vtcr, u64 ipa, bool cache)
{
	struct sim_s2 r = { .fault = SIM_S2_TRANSLATION, .level = start_level_of(vtcr) };
	u64 table = root_of(vttbr, vtcr);

	if (ipa >> (64 - FIELD(vtcr, 5, 0))) {
		r.fault = SIM_S2_ADDRESS_SIZE;
		return r;
	}
	for (int level = r.level; level <= 3; level++) {
		u64 at = entry_address(table, vtcr, ipa, level, level == start_level_of(vtcr));
		u64 desc = fetch(at, level);

		r.level = level;
		if (is_invalid(desc, vtcr, level))
			return r;
		if (cache)
			remember(vttbr, vtcr, ipa, level, desc, at);
		if (is_leaf(desc, level))
			return leaf_result(desc, vtcr, ipa, level);
		table = oa_of(desc, vtcr, level);
	}
	return r;
}

static void check_world(struct sim_s2 *r)
{
	if (r->fault != SIM_S2_OK)
		return;
	if (!r->ns && sim_pas(r->pa) != SIM_REALM)
		sim_fault("a realm's private page leads to 0x%llx, not Realm memory",
			  (unsigned long long)r->pa);
	if (r->ns && sim_pas(r->pa) != SIM_NS)
		r->fault = SIM_S2_GPF;
}

static struct sim_s2 access_memory(u64 vttbr, u64 vtcr, u64 ipa, enum sim_access how)
{
	const struct tlb_entry *e;
	struct sim_s2 r;

	sim_lock_all();
	e = cached_leaf(vttbr, ipa);
	r = e ? leaf_result(e->desc, e->vtcr, ipa, e->level) : walk(vttbr, vtcr, ipa, true);
	check_world(&r);
	if (r.fault == SIM_S2_OK && how == SIM_FETCH && !r.ns &&
	    __atomic_load_n(&sim_granule(r.pa)->unsynced, __ATOMIC_RELAXED))
		sim_fault("a realm fetches from 0x%llx, which no instruction cache has seen",
			  (unsigned long long)r.pa);
	if (r.fault == SIM_S2_OK && !(r.allowed & how))
		r.fault = SIM_S2_PERMISSION;
	sim_unlock_all();
	return r;
}

struct sim_s2 sim_realm_access(u64 vttbr, u64 vtcr, u64 ipa, enum sim_access how)
{
	struct sim_s2 r;

	access_begin();
	r = access_memory(vttbr, vtcr, ipa, how);
	access_end();
	return r;
}

bool sim_realm_read(u64 vttbr, u64 vtcr, u64 ipa, void *dst, size_t bytes)
{
	struct sim_s2 r;

	access_begin();
	r = access_memory(vttbr, vtcr, ipa, SIM_READ);
	if (r.fault == SIM_S2_OK)
		memcpy(dst, sim_ram(r.pa), bytes);
	access_end();
	return r.fault == SIM_S2_OK;
}

bool sim_realm_write(u64 vttbr, u64 vtcr, u64 ipa, const void *src, size_t bytes)
{
	struct sim_s2 r;

	access_begin();
	r = access_memory(vttbr, vtcr, ipa, SIM_WRITE);
	if (r.fault == SIM_S2_OK)
		memcpy(sim_ram(r.pa), src, bytes);
	access_end();
	return r.fault == SIM_S2_OK;
}

static void fill(u64 vttbr, u64 vtcr, u64 table, u64 ipa, int level, u64 entries)
{
	unsigned int shift = shift_of(vtcr, level);
	const u64 *page = NULL;

	for (u64 i = 0; i < entries; i++) {
		u64 at = table + 8 * i, here = ipa + (i << shift), desc;

		if (i % 512 == 0)
			page = table_at(at, level);
		desc = __atomic_load_n(&page[i % 512], __ATOMIC_ACQUIRE);

		if (is_invalid(desc, vtcr, level))
			continue;
		remember(vttbr, vtcr, here, level, desc, at);
		if (!is_leaf(desc, level))
			fill(vttbr, vtcr, oa_of(desc, vtcr, level), here, level + 1, entries_of(vtcr));
	}
}

void sim_tlb_fill(u64 vttbr, u64 vtcr)
{
	int start = start_level_of(vtcr);
	u64 entries = 1ULL << (64 - FIELD(vtcr, 5, 0) - shift_of(vtcr, start));

	sim_lock_all();
	fill(vttbr, vtcr, root_of(vttbr, vtcr), 0, start, entries);
	sim_unlock_all();
}

/* ---- what the monitor does to tables ------------------------------------------------------ */

u64 arch_s2_read(const u64 *entry)
{
	sim_work(5);
	return __atomic_load_n(entry, __ATOMIC_ACQUIRE);
}

/* The table that a descriptor at `at` names: a walk comes there from now on, or no more. */
static void link_table(u64 at, u64 desc, bool on)
{
	u8 parent = sim_granule(at)->linked;
	struct sim_granule *g = sim_granule(desc & MASK(47, 12));

	if (!SIM_TSAN && g && parent && parent != LINKED_3 &&
	    (desc & 3) == (DESC_VALID | DESC_TABLE))
		g->linked = on ? parent + 1 : 0;
}

/*
 * Break before make: what a TLB may hold of this entry is gone before a new one is
 * valid. A table that no walk can come to is filled over whatever it held before.
 */
static void check_break_before_make(u64 at, u64 old, u64 new)
{
	if (!(new & DESC_VALID) || old == new)
		return;
	if (old & DESC_VALID && sim_granule(at)->linked)
		sim_fault("descriptor 0x%llx becomes 0x%llx in one step (break before make)",
			  (unsigned long long)old, (unsigned long long)new);
	for (unsigned int n = *bucket(at); n; n = tlb[n - 1].next)
		if (tlb[n - 1].desc_pa == at && tlb[n - 1].desc != new)
			sim_fault("descriptor 0x%llx made before 0x%llx was flushed",
				  (unsigned long long)new, (unsigned long long)tlb[n - 1].desc);
}

void arch_s2_write(u64 *entry, u64 descriptor)
{
	u64 at = sim_pa_of_view(entry);

	sim_work(8);
	sim_give_way();
	sim_lock_all();
	check_break_before_make(at, *entry, descriptor);
	link_table(at, *entry, false);
	link_table(at, descriptor, true);
	if (descriptor & DESC_VALID && !(*entry & DESC_VALID))
		unpublished = true;
	__atomic_store_n(entry, descriptor, __ATOMIC_RELEASE);
	sim_unlock_all();
}

void arch_s2_publish(void)
{
	unpublished = false;
}

void sim_stage2_call_end(void)
{
	if (unpublished)
		sim_fault("the call ends with a new descriptor not published");
	for (unsigned int i = 0; i < nr_tlb; i++) {
		const struct tlb_entry *e = &tlb[i];

		if (sim_pas(e->desc_pa) != SIM_REALM || *(u64 *)sim_ram(e->desc_pa) != e->desc)
			sim_fault("stale TLB entry: IPA 0x%llx level %d still 0x%llx",
				  (unsigned long long)e->ipa, e->level,
				  (unsigned long long)e->desc);
	}
}
