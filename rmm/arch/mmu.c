/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The monitor's own translation regime (EL2&0). TTBR0 holds the Realm view,
 * virtual = physical: image W^X by the page, stacks with guard pages, DRAM as
 * large blocks. TTBR1 holds the Non-secure view of DRAM, one constant away.
 * Entries are only ever added: no break-before-make, no TLB maintenance.
 */
#include "arch/cpu.h"
#include "arch/mmu.h"
#include "arch/smc.h"
#include "arch/sysreg.h"

#define NR_TABLES	40

#define DESC_VALID	BIT(0)
#define DESC_TABLE	BIT(1)		/* page at level 3 */
#define DESC_NOTHING	BIT(2)		/* without DESC_VALID: a hole, for ever */
#define DESC_NS		BIT(5)
#define DESC_RO		BIT(7)
#define DESC_SH_INNER	MASK(9, 8)
#define DESC_AF		BIT(10)
#define DESC_PXN	BIT(53)
#define DESC_UXN	BIT(54)
#define DESC_ADDR	MASK(47, 12)

u64 realm_root[512] __attribute__((aligned(4096)));
u64 ns_root[512] __attribute__((aligned(4096)));
static u64 tables[NR_TABLES][512] __attribute__((aligned(4096)));
static unsigned int nr_tables;

static u64 attributes(enum map_kind kind)
{
	u64 normal = DESC_VALID | DESC_AF | DESC_SH_INNER | DESC_UXN | ATTR_NORMAL << 2;

	switch (kind) {
	case MAP_CODE:
		return normal | DESC_RO;
	case MAP_CONST:
		return normal | DESC_RO | DESC_PXN;
	case MAP_NOTHING:
		return DESC_NOTHING;
	case MAP_DEVICE:
		return DESC_VALID | DESC_AF | DESC_UXN | DESC_PXN | ATTR_DEVICE << 2;
	case MAP_DATA:
	default:
		return normal | DESC_PXN;
	}
}

/* A leaf of `level`, or a page that must stay empty. */
static bool is_taken(u64 entry, unsigned int level)
{
	return entry && (level == 3 || !(entry & DESC_VALID && entry & DESC_TABLE));
}

/*
 * On within one table, from `entry` on: writes leaves where nothing is, passes over
 * those that are there. Gives the bytes it dealt with; 0: the first one is none of both.
 */
static u64 map_leaves(u64 *entry, const u64 *end, u64 addr, u64 bytes, u64 attr, unsigned int level)
{
	u64 size = BIT(39 - 9 * level), done = 0;

	for (; entry < end && done < bytes; entry++) {
		u64 at = addr + done;

		if (is_taken(*entry, level)) {
			done += size - (at & (size - 1));
		} else if (!*entry && level && IS_ALIGNED(at, size) && bytes - done >= size) {
			*entry = at | attr | (level == 3 && attr & DESC_VALID ? DESC_TABLE : 0);
			done += size;
		} else {
			break;
		}
	}
	return done;
}

/* As far as one table goes; the bytes it dealt with, 0: no room for tables. */
static u64 map_some(u64 *table, u64 addr, u64 bytes, u64 attr)
{
	unsigned int level;

	for (level = 0; ; level++) {
		unsigned int shift = 39 - 9 * level;
		u64 *entry = &table[FIELD(addr, shift + 8, shift)];
		u64 done = map_leaves(entry, table + 512, addr, bytes, attr, level);

		if (done)
			return done;
		if (!*entry) {
			if (nr_tables == NR_TABLES)
				return 0;
			*entry = (u64)tables[nr_tables++] | DESC_VALID | DESC_TABLE;
		}
		table = (u64 *)(*entry & DESC_ADDR);
	}
}

static bool map(u64 *root, u64 addr, u64 bytes, u64 attr)
{
	u64 end = ALIGN_UP(addr + bytes, PAGE_SIZE);

	addr = ALIGN_DOWN(addr, PAGE_SIZE);
	while (addr < end) {
		u64 done = map_some(root, addr, end - addr, attr);

		if (!done)
			return false;
		addr += done;
	}
	return true;
}

bool mmu_map_realm(u64 pa, u64 bytes, enum map_kind kind)
{
	return map(realm_root, pa, bytes, attributes(kind));
}

bool mmu_map_ns(u64 pa, u64 bytes)
{
	return map(ns_root, pa, bytes, attributes(MAP_DATA) | DESC_NS);
}

void mmu_publish(void)
{
	dsb(ishst);
	isb();
}

/*
 * With the MMU off, on the boot CPU: what is needed to go on with it on. Takes
 * the load address and the shared buffer; gives 0 or the error of BOOT_COMPLETE.
 */
s64 mmu_build(u64 base, u64 buffer);
s64 mmu_build(u64 base, u64 buffer)
{
	u64 stack = (u64)_stacks_start;
	bool ok;
	unsigned int i;

	if (!buffer || !IS_ALIGNED(buffer, PAGE_SIZE) || buffer >> 48)
		return RMM_BOOT_SHARED_BUFFER;

	ok = mmu_map_realm(base, (u64)_rodata_start - base, MAP_CODE) &&
	     mmu_map_realm((u64)_rodata_start, (u64)(_data_start - _rodata_start), MAP_CONST) &&
	     mmu_map_realm((u64)_data_start, (u64)(_stacks_start - _data_start), MAP_DATA) &&
	     mmu_map_realm(buffer, GRANULE_SIZE, MAP_DATA);
	for (i = 0; i < MAX_CPUS && ok; i++, stack += STACK_STRIDE)
		ok = mmu_map_realm(stack, STACK_GUARD, MAP_NOTHING) &&
		     mmu_map_realm(stack + STACK_GUARD, STACK_BYTES, MAP_DATA);
	dsb(sy);
	return ok ? RMM_BOOT_OK : RMM_BOOT_NO_MEMORY;
}
