/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "mem/gpt.h"

/* What was ours a moment ago: EL3 takes it back, in as many steps as it likes. */
static void undo(u64 (*move)(pa_t base, u64 pages), pa_t base, u64 pages)
{
	for (u64 done = 0, n; done < pages; done += n) {
		n = move(pa_add(base, done * PAGE_SIZE), pages - done);
		require(n > 0);
	}
}

/*
 * EL3 may stop anywhere. Within a granule it is asked to go on; when it does not,
 * the pages of that granule go back.
 */
static u64 move_all(u64 (*move)(pa_t base, u64 pages), u64 (*back)(pa_t base, u64 pages),
		    pa_t base, u64 granules)
{
	unsigned int order = GRANULE_SHIFT - PAGE_SHIFT;
	u64 pages = granules << order, done = move(base, pages), n = done;

	while (n && done & (BIT(order) - 1)) {
		n = move(pa_add(base, done * PAGE_SIZE), pages - done);
		done += n;
	}
	n = done & (BIT(order) - 1);
	undo(back, pa_add(base, (done - n) * PAGE_SIZE), n);
	return done >> order;
}

u64 gpt_to_realm(pa_t base, u64 n)
{
	if (GRANULE_SHIFT == PAGE_SHIFT)
		return arch_gpt_to_realm(base, n);
	return move_all(arch_gpt_to_realm, arch_gpt_to_ns, base, n);
}

u64 gpt_to_ns(pa_t base, u64 n)
{
	if (GRANULE_SHIFT == PAGE_SHIFT)
		return arch_gpt_to_ns(base, n);
	return move_all(arch_gpt_to_ns, arch_gpt_to_realm, base, n);
}
