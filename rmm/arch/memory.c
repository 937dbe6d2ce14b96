/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory as the portable code sees it: views of granules, host memory behind
 * a fixup, atomics and locks.
 */
#include "arch/cpu.h"
#include "arch/mmu.h"
#include "arch/sysreg.h"

/* ns_copy.S; false: the host's side took a fault */
bool copy_in_words(void *dst, const void *host, size_t bytes);
bool copy_in_bytes(void *dst, const void *host, size_t bytes);
bool copy_out_words(void *host, const void *src, size_t bytes);
bool copy_out_bytes(void *host, const void *src, size_t bytes);
bool zero_out_lines(void *host, size_t bytes);

void *arch_view(pa_t granule)
{
	return (void *)granule.raw;
}

void arch_unview(void *view)
{
	(void)view;
}

bool arch_ns_read(void *dst, ns_t src, size_t bytes)
{
	const void *host = (const void *)(NS_VIEW + src.raw);

	if (((u64)dst | src.raw | bytes) & 7)
		return copy_in_bytes(dst, host, bytes);
	return !bytes || copy_in_words(dst, host, bytes);
}

bool arch_ns_write(ns_t dst, const void *src, size_t bytes)
{
	void *host = (void *)(NS_VIEW + dst.raw);

	if (((u64)src | dst.raw | bytes) & 7)
		return copy_out_bytes(host, src, bytes);
	return !bytes || copy_out_words(host, src, bytes);
}

/* Bytes that DC ZVA zeroes. */
static u64 zva_bytes(void)
{
	return 4UL << (read_sysreg(dczid_el0) & 0xf);
}

bool arch_ns_zero(ns_t dst, size_t bytes)
{
	static const u64 zeroes[512 / 8];
	size_t done = 0;

	if (zva_bytes() == 64)
		return zero_out_lines((void *)(NS_VIEW + dst.raw), bytes);
	while (done < bytes && arch_ns_write(ns_add(dst, done), zeroes, sizeof(zeroes)))
		done += sizeof(zeroes);
	return done == bytes;
}

void arch_wipe(pa_t granule)
{
	u64 size = zva_bytes(), end = granule.raw + GRANULE_SIZE, p = granule.raw;

	if (size != 64) {
		for (; p < end; p += size)
			__asm__ volatile("dc zva, %0" :: "r"(p) : "memory");
		return;
	}
	do {	/* the usual one, page by page: two instructions a line */
		__asm__ volatile(".rept 64\n dc zva, %0\n add %0, %0, #64\n .endr"
				 : "+r"(p) :: "memory");
	} while (p < end);
}

bool arch_copy_from_ns(pa_t dst, ns_t src)
{
	return copy_in_words((void *)dst.raw, (const void *)(NS_VIEW + src.raw), GRANULE_SIZE);
}

void arch_sync_icache(void)
{
	if (arch_features.icache_dic)
		return;
	dsb(ish);
	__asm__ volatile("ic ialluis" ::: "memory");
	dsb(ish);
	isb();
}

/* ---- atomics and locks ------------------------------------------------- */

#define BITLOCK		((u16)0x8000)

/* Once around while waiting for another CPU, which may have stopped for good. */
static void wait_a_little(void)
{
	if (__atomic_load_n(&this_cpu()->dead, __ATOMIC_RELAXED))
		cpu_park();
	__asm__ volatile("yield");
}

bool arch_bitlock_try(u16 *word)
{
	if (!(__atomic_fetch_or(word, BITLOCK, __ATOMIC_ACQUIRE) & BITLOCK))
		return true;
	wait_a_little();		/* whoever asks again waits */
	return false;
}

void arch_bitlock_release(u16 *word)
{
	__atomic_fetch_and(word, (u16)~BITLOCK, __ATOMIC_RELEASE);
}

void arch_bitlock_release_as(u16 *word, u16 value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

void arch_spin_lock(spinlock_t *l)
{
	while (__atomic_exchange_n(&l->word, 1, __ATOMIC_ACQUIRE)) {
		while (__atomic_load_n(&l->word, __ATOMIC_RELAXED))
			wait_a_little();
	}
}

void arch_spin_unlock(spinlock_t *l)
{
	__atomic_store_n(&l->word, 0, __ATOMIC_RELEASE);
}

bool arch_cas64(u64 *p, u64 from, u64 to)
{
	return __atomic_compare_exchange_n(p, &from, to, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_ACQUIRE);
}

u64 arch_fetch_add64(u64 *p, u64 v)
{
	return __atomic_fetch_add(p, v, __ATOMIC_ACQ_REL);
}
