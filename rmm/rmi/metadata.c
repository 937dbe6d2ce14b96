/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory of donated metadata on its way in and out. It comes UNDELEGATED, as
 * nothing can be delegated before ACTIVE, and is made Realm here.
 */
#include "base/require.h"
#include "mem/gpt.h"
#include "rmi/metadata.h"

static bool is_host_dram(pa_t base, u64 granules)
{
	for (u64 i = 0; i < granules; i++) {
		u64 p = base.raw + i * GRANULE_SIZE;

		if (!memory_is_dram(p) || memory_is_own(p))
			return false;
	}
	return true;
}

/* Nothing of what the monitor kept there is left in it. */
static void wipe(pa_t base, u64 granules)
{
	for (u64 i = 0; i < granules; i++)
		arch_wipe(pa_add(base, i * GRANULE_SIZE));
}

static void give_back(pa_t base, u64 granules)
{
	wipe(base, granules);
	for (u64 done = 0, n; done < granules; done += n) {
		n = gpt_to_ns(pa_add(base, done * GRANULE_SIZE), granules - done);
		require(n > 0);
	}
}

/* EL3 refuses what is not Non-secure, and so a second donation of the same memory. */
static bool make_realm(pa_t base, u64 granules)
{
	for (u64 done = 0, n; done < granules; done += n) {
		n = gpt_to_realm(pa_add(base, done * GRANULE_SIZE), granules - done);
		if (!n) {
			give_back(base, done);
			return false;
		}
	}
	return true;
}

bool metadata_take(struct region *r, pa_t base, u64 granules)
{
	if (!is_host_dram(base, granules) || !make_realm(base, granules))
		return false;
	wipe(base, granules);
	region_attach(r, base, true);
	return true;
}

static struct region *donated(unsigned int n)
{
	for (unsigned int i = 0; i < region_count(); i++)
		if (region_at(i)->donated && n-- == 0)
			return region_at(i);
	return NULL;
}

bool metadata_peek(const struct op *op, unsigned int n, pa_t *base, u64 *granules)
{
	struct region *r = donated(n);

	(void)op;
	if (!r)
		return false;
	*base = r->memory;
	*granules = region_metadata_granules(r);
	return true;
}

/* Undoes region_mark_own(), where the region it lay in keeps its own metadata. */
static void unmark(pa_t base, u64 granules)
{
	for (u64 i = 0; i < granules; i++)
		granule_move(pa_add(base, i * GRANULE_SIZE), INTERNAL, UNDELEGATED);
}

void metadata_gone(struct call *c, struct op *op, unsigned int nr)
{
	(void)c;
	(void)op;
	while (nr--) {
		struct region *r = donated(0);
		u64 granules = region_metadata_granules(r);
		pa_t base = region_detach(r);

		unmark(base, granules);
		give_back(base, granules);
	}
}
