/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL3's own translation: 4 KiB granule, 41 bits of address.
 *
 *	0 ..		flash, devices, secure RAM (Root), DRAM (Non-secure), all identity
 *	512 GiB ..	DRAM through the Realm PAS
 *	1 TiB ..	DRAM through the Root PAS
 *
 * Once granule protection is on, a granule answers only the view that its GPI
 * names. spec/decisions.md 9.
 */
#include "el3.h"

#define DESC_BLOCK	BIT(0)
#define DESC_TABLE	3
#define DESC_DEVICE	(0ULL << 2)
#define DESC_NORMAL	(1ULL << 2)
#define DESC_NS		BIT(5)
#define DESC_AP1	BIT(6)		/* RES1 in a regime with one level */
#define DESC_RO		BIT(7)
#define DESC_ISH	(3ULL << 8)
#define DESC_AF		BIT(10)
#define DESC_NSE	BIT(11)
#define DESC_XN		BIT(54)

#define PAS_NS		DESC_NS
#define PAS_REALM	(DESC_NSE | DESC_NS)
#define PAS_ROOT	DESC_NSE

#define BLOCK		(DESC_BLOCK | DESC_AP1 | DESC_AF)
#define ROOT_CODE	(BLOCK | PAS_ROOT | DESC_NORMAL | DESC_ISH | DESC_RO)
#define ROOT_RODATA	(ROOT_CODE | DESC_XN)
#define ROOT_DATA	(BLOCK | PAS_ROOT | DESC_NORMAL | DESC_ISH | DESC_XN)
#define ROOT_DEVICE	(BLOCK | PAS_ROOT | DESC_DEVICE | DESC_XN)
#define DRAM(pas)	(BLOCK | (pas) | DESC_NORMAL | DESC_ISH | DESC_XN)

#define ENTRIES		512

typedef u64 table_t[ENTRIES] __attribute__((aligned(4096)));

table_t mmu_l0;
u64 mmu_tcr;
static table_t l1_identity, l1_realm, l1_root, l2_low;

static void map_low(u64 base, u64 bytes, u64 attributes)
{
	for (u64 pa = base; pa < base + bytes; pa += MIB2)
		l2_low[pa / MIB2] = pa | attributes;
}

void mmu_build(void)
{
	u64 parange = field(read_sysreg(ID_AA64MMFR0), 0);

	mmu_l0[0] = (u64)l1_identity | DESC_TABLE;
	mmu_l0[1] = (u64)l1_realm | DESC_TABLE;
	mmu_l0[2] = (u64)l1_root | DESC_TABLE;
	l1_identity[0] = (u64)l2_low | DESC_TABLE;

	map_low(FLASH_BASE, FLASH_BYTES, ROOT_RODATA);
	map_low(FLASH_BASE, MIB2, ROOT_CODE);
	map_low(GICD_BASE, UART0_BASE - GICD_BASE, ROOT_DEVICE);
	map_low(UART0_BASE, MIB2, ROOT_DEVICE);		/* UART1, secure GPIO */
	map_low(SECRAM_BASE, SECRAM_BYTES, ROOT_DATA);

	/* The first GiB is needed to read how much there is. */
	mmu_add_dram(&(struct bank){ DRAM_BASE, GIB });

	if (parange > 5)
		parange = 5;				/* 48 bits are enough for us */
	mmu_tcr = BIT(31) | BIT(23) | parange << 16 | 3 << 12 | 1 << 10 | 1 << 8 | (64 - 41);
	dsb(sy);
}

/* Whole GiBs: what lies behind the end of DRAM is never touched. */
void mmu_add_dram(const struct bank *b)
{
	u64 pa;

	for (pa = ALIGN_DOWN(b->base, GIB); pa < b->base + b->size && pa < VIEW_BYTES; pa += GIB) {
		l1_identity[pa / GIB] = pa | DRAM(PAS_NS);
		l1_realm[pa / GIB] = pa | DRAM(PAS_REALM);
		l1_root[pa / GIB] = pa | DRAM(PAS_ROOT);
	}
	dsb(sy);
	isb();
}
