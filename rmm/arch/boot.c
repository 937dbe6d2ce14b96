/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot after the MMU is on: what EL3 gave is looked at (el3.md 2.1-2.3),
 * the world is mapped, the portable monitor is started. Results are those of
 * BOOT_COMPLETE.
 */
#include "arch/console.h"
#include "arch/cpu.h"
#include "arch/el3.h"
#include "arch/mmu.h"
#include "arch/smc.h"
#include "arch/sysreg.h"

struct arch_range arch_banks[ARCH_MAX_BANKS];
unsigned int arch_nr_banks;
struct arch_range arch_own[ARCH_MAX_BANKS];
unsigned int arch_nr_own;

extern u32 nr_cpus;		/* in head.S, which looks at it with the MMU off */

unsigned int arch_nr_cpus(void)
{
	return nr_cpus;
}

/* An array of `count` elements wholly inside the buffer, checksum right; else NULL. */
static const u64 *list_array(const struct rmm_manifest_list *l, u64 buffer, u64 element_bytes)
{
	u64 sum = l->count + l->ptr + l->checksum;
	const u64 *word = (const u64 *)l->ptr;
	u64 i;

	if (l->ptr < buffer || l->ptr >= buffer + PAGE_SIZE || !IS_ALIGNED(l->ptr, 8))
		return NULL;
	if (l->count > (buffer + PAGE_SIZE - l->ptr) / element_bytes)
		return NULL;
	for (i = 0; i < l->count * element_bytes / 8; i++)
		sum += word[i];
	return sum ? NULL : word;
}

static s64 read_banks(const struct rmm_manifest *m, u64 buffer)
{
	const struct rmm_memory_bank *bank;
	u64 limit = BIT(arch_features.pa_bits < 48 ? arch_features.pa_bits : 48);
	unsigned int i, j;

	bank = (const struct rmm_memory_bank *)list_array(&m->dram, buffer, sizeof(*bank));
	if (!bank || !m->dram.count || m->dram.count > ARCH_MAX_BANKS)
		return RMM_BOOT_MANIFEST_DATA;
	for (i = 0; i < m->dram.count; i++) {
		struct arch_range r = { pa(bank[i].base), bank[i].size };

		if (!r.bytes || !IS_ALIGNED(r.base.raw | r.bytes, PAGE_SIZE) ||
		    r.base.raw >= limit || r.bytes > limit - r.base.raw)
			return RMM_BOOT_MANIFEST_DATA;
		for (j = i; j && arch_banks[j - 1].base.raw > r.base.raw; j--)
			arch_banks[j] = arch_banks[j - 1];
		arch_banks[j] = r;
	}
	arch_nr_banks = (unsigned int)m->dram.count;
	for (i = 1; i < arch_nr_banks; i++) {
		if (arch_banks[i - 1].base.raw + arch_banks[i - 1].bytes > arch_banks[i].base.raw)
			return RMM_BOOT_MANIFEST_DATA;
	}
	for (i = 0; i < arch_nr_banks; i++) {
		if (!mmu_map_realm(arch_banks[i].base.raw, arch_banks[i].bytes, MAP_DATA) ||
		    !mmu_map_ns(arch_banks[i].base.raw, arch_banks[i].bytes))
			return RMM_BOOT_NO_MEMORY;
	}
	mmu_publish();
	return RMM_BOOT_OK;
}

/* The first PL011 speaks; a machine without one is served in silence. */
static s64 read_console(const struct rmm_manifest *m, u64 buffer)
{
	const struct rmm_console *c;
	u64 i;

	if (!m->console.count && !m->console.ptr && !m->console.checksum)
		return RMM_BOOT_OK;
	c = (const struct rmm_console *)list_array(&m->console, buffer, sizeof(*c));
	if (!c)
		return RMM_BOOT_MANIFEST_DATA;
	for (i = 0; i < m->console.count; i++) {
		if (c[i].name[0] != 'p' || c[i].name[1] != 'l' || c[i].base >> 48 ||
		    !IS_ALIGNED(c[i].base, PAGE_SIZE))
			continue;
		if (!mmu_map_realm(c[i].base, PAGE_SIZE, MAP_DEVICE))
			return RMM_BOOT_NO_MEMORY;
		mmu_publish();
		console_set(c[i].base);
		break;
	}
	return RMM_BOOT_OK;
}

static bool refuses_writes(const char *at)
{
	__asm__ volatile("at s1e2w, %0" :: "r"(at));
	isb();
	return read_sysreg(par_el1) & 1;
}

/*
 * A stack that overflows must hit a page that is not there, whatever was mapped around
 * it; code and constants stay what they are.
 */
static bool is_sealed(u64 cpu)
{
	return refuses_writes(_stacks_start + cpu * STACK_STRIDE) && refuses_writes(_text_start) &&
	       refuses_writes(_rodata_start) && !refuses_writes(_data_start);
}

/* Called by head.S with the MMU on. */
s64 boot_cold(u64 cpu, u64 version, u64 max_cpus, u64 buffer);
s64 boot_cold(u64 cpu, u64 version, u64 max_cpus, u64 buffer)
{
	const struct rmm_manifest *m = (const struct rmm_manifest *)buffer;
	s64 result;

	if (version >> 16 != 2)
		return RMM_BOOT_VERSION;
	if (!max_cpus || max_cpus > MAX_CPUS)
		return RMM_BOOT_CPUS;
	if (cpu >= max_cpus)
		return RMM_BOOT_CPU_ID;
	if (m->version >> 16 || (m->version & 0xffff) < 3)
		return RMM_BOOT_MANIFEST_VERSION;
	nr_cpus = (u32)max_cpus;
	cpus_init();

	features_init();
	result = read_banks(m, buffer);
	if (!result)
		result = read_console(m, buffer);
	if (result)
		return result;
	if (!is_sealed(cpu))
		return RMM_BOOT_UNKNOWN;
	cpu_init((unsigned int)cpu);

	arch_own[arch_nr_own++] = (struct arch_range){ pa((u64)_text_start),
						       (u64)(_end - _text_start) };
	arch_own[arch_nr_own++] = (struct arch_range){ pa(buffer), PAGE_SIZE };
	el3_probe(buffer);

	arch_print("RMM: Fief monitor, RMI 2.0, RSI 1.0 and 1.1, image %lx..%lx, %u CPUs\n",
		   (u64)_text_start, (u64)_end, nr_cpus);
	arch_print("RMM: RMM-EL3 %u.%u, manifest 0.%u, granules by %s\n",
		   (unsigned int)(version >> 16), (unsigned int)version & 0xffff,
		   m->version & 0xffff, el3_granule_service());
	features_print();
	for (unsigned int i = 0; i < arch_nr_banks; i++)
		arch_print("RMM: DRAM %lx..%lx\n", arch_banks[i].base.raw,
			   arch_banks[i].base.raw + arch_banks[i].bytes);

	result = rmm_init();
	if (result)
		arch_print("RMM: not started, error %ld\n", result);
	else
		arch_print("RMM: ready\n");
	console_boot_done();
	return result;
}

s64 boot_warm(u64 cpu);
s64 boot_warm(u64 cpu)
{
	if (!is_sealed(cpu))
		return RMM_BOOT_UNKNOWN;
	cpu_init((unsigned int)cpu);
	return RMM_BOOT_OK;
}
