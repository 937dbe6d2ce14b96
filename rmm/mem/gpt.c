/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "base/trace.h"
#include "mem/gpt.h"
#include "mem/region.h"

/* What was ours a moment ago goes back, in as many steps as EL3 likes. False: it does not. */
static bool undo(u64 (*move)(pa_t base, u64 pages), pa_t base, u64 pages)
{
	u64 done = 0, n = 1;

	for (; n && done < pages; done += n)
		n = move(pa_add(base, done * PAGE_SIZE), pages - done);
	return done == pages;
}

/*
 * EL3 may stop anywhere. Within a granule it is asked to go on; when it does not,
 * the pages of that granule go back.
 */
static u64 move_all(u64 (*move)(pa_t base, u64 pages), u64 (*back)(pa_t base, u64 pages),
		    pa_t base, u64 granules, bool *mixed)
{
	unsigned int order = GRANULE_SHIFT - PAGE_SHIFT;
	u64 pages = granules << order, done = move(base, pages), n = done;

	while (n && done & (BIT(order) - 1)) {
		n = move(pa_add(base, done * PAGE_SIZE), pages - done);
		done += n;
	}
	n = done & (BIT(order) - 1);
	*mixed = !undo(back, pa_add(base, (done - n) * PAGE_SIZE), n);
	return done >> order;
}

u64 gpt_move_large(bool to_realm, pa_t base, u64 n, bool *mixed)
{
	if (to_realm)
		return move_all(arch_gpt_to_realm, arch_gpt_to_ns, base, n, mixed);
	return move_all(arch_gpt_to_ns, arch_gpt_to_realm, base, n, mixed);
}

void gpt_keep(pa_t granule)
{
	static u64 kept;

	trace(TRACE_KEPT, 0, 0, granule.raw, arch_fetch_add64(&kept, 1) + 1);
}

/* ---- level 1 tables ----------------------------------------------------------- */

#define MAX_TABLES	512

static spinlock_t lock;
/* Made by the host. One that is gone leaves a hole: others go through them by number. */
static struct { pa_t region, memory; } tables[MAX_TABLES];
static unsigned int nr_tables;

#define HOLE	pa(~0ULL)		/* of region; memory is 0 */

u64 gpt_region_bytes(void)
{
	return 1ULL << arch_features.l0gpt_shift;
}

u64 gpt_table_bytes(void)
{
	return gpt_region_bytes() / PAGE_SIZE / 2;	/* four bits for each page */
}

/* With the lock; nr_tables: made by EL3, or none. */
static unsigned int find(pa_t region)
{
	unsigned int n = 0;

	while (n < nr_tables && tables[n].region.raw != region.raw)
		n++;
	return n;
}

static bool is_of_host(pa_t region)
{
	bool found;

	arch_spin_lock(&lock);
	found = find(region) < nr_tables;
	arch_spin_unlock(&lock);
	return found;
}

u64 gpt_state(u64 region)
{
	unsigned int n = region_from(region);

	if (n == region_count() || region_at(n)->base >= region + gpt_region_bytes())
		return RMI_GPT_RESERVED;
	if (!arch_l1_is_table(pa(region)))
		return RMI_GPT_HOST_NOT_CREATED;
	return is_of_host(pa(region)) ? RMI_GPT_HOST_CREATED : RMI_GPT_PLAT;
}

bool gpt_is_block(pa_t p)
{
	return !arch_l1_is_table(pa(ALIGN_DOWN(p.raw, gpt_region_bytes())));
}

enum l1_answer gpt_table_create(pa_t region, pa_t memory)
{
	enum l1_answer answer = L1_REFUSED;
	unsigned int n;

	arch_spin_lock(&lock);
	n = find(HOLE);
	if (n < MAX_TABLES)
		answer = arch_l1_create(region, memory);
	if (answer == L1_DONE) {
		tables[n].region = region;
		tables[n].memory = memory;
		nr_tables += n == nr_tables;
	}
	arch_spin_unlock(&lock);
	return answer;
}

enum l1_answer gpt_table_destroy(pa_t region, pa_t *memory)
{
	enum l1_answer answer = L1_REFUSED;
	unsigned int n;

	arch_spin_lock(&lock);
	n = find(region);
	if (n < nr_tables)
		answer = arch_l1_destroy(region, memory);
	if (answer == L1_DONE) {
		require(memory->raw == tables[n].memory.raw);
		tables[n].region = HOLE;
		tables[n].memory = pa(0);
	}
	arch_spin_unlock(&lock);
	return answer;
}

bool gpt_table_memory(unsigned int n, pa_t *memory)
{
	bool is;

	arch_spin_lock(&lock);
	is = n < nr_tables;
	if (is)
		*memory = tables[n].memory;
	arch_spin_unlock(&lock);
	return is;
}
