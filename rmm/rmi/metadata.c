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

bool host_memory_keep(pa_t base, u64 granules)
{
	if (!is_host_dram(base, granules))
		return false;
	for (u64 i = 0; i < granules; i++) {
		pa_t p = pa_add(base, i * GRANULE_SIZE);

		if (memory_is_untracked(p) ? op_covers(p) :
					     !granule_move(p, UNDELEGATED, INTERNAL)) {
			host_memory_release(base, i);
			return false;
		}
	}
	return true;
}

void host_memory_release(pa_t base, u64 granules)
{
	for (u64 i = 0; i < granules; i++)
		granule_move(pa_add(base, i * GRANULE_SIZE), INTERNAL, UNDELEGATED);
}

void metadata_wipe(pa_t base, u64 granules)
{
	for (u64 i = 0; i < granules; i++)
		arch_wipe(pa_add(base, i * GRANULE_SIZE));
}

static void make_ns(pa_t base, u64 granules)
{
	for (u64 done = 0, n; done < granules; done += n) {
		n = gpt_to_ns(pa_add(base, done * GRANULE_SIZE), granules - done);
		require(n > 0);
	}
}

void metadata_to_host(pa_t base, u64 granules)
{
	metadata_wipe(base, granules);
	make_ns(base, granules);
}

bool metadata_make_realm(pa_t base, u64 granules)
{
	for (u64 done = 0, n; done < granules; done += n) {
		n = gpt_to_realm(pa_add(base, done * GRANULE_SIZE), granules - done);
		if (!n) {
			metadata_to_host(base, done);
			return false;
		}
	}
	return true;
}

static u64 slice_of(u64 granules)
{
	return granules < SLICE_GRANULES ? granules : SLICE_GRANULES;
}

/* ---- on its way in ---------------------------------------------------------------- */

/* Up to n granules more become Realm, and are wiped; EL3 refuses what is not Non-secure. */
static bool make_realm(struct op *op, u64 n)
{
	pa_t at = pa_add(op->meta.base, op->meta.realm * GRANULE_SIZE);

	n = gpt_to_realm(at, n);
	metadata_wipe(at, n);
	op->meta.realm += n;
	return n;
}

bool metadata_take(struct op *op, pa_t base, u64 granules)
{
	if (!is_host_dram(base, granules))
		return false;
	op->meta.base = base;
	op->meta.granules = granules;
	op->meta.realm = 0;
	if (make_realm(op, 1))
		return true;
	op->meta.granules = 0;
	return false;
}

enum metadata_state metadata_go_on(struct op *op, struct region *r)
{
	while (op->meta.realm < op->meta.granules) {
		if (!make_realm(op, slice_of(op->meta.granules - op->meta.realm)))
			return METADATA_REFUSED;
		if (arch_interrupt_pending())
			return METADATA_LATER;
	}
	op->meta.granules = 0;
	region_attach(r, op->meta.base, RMI_MEMSTATE_UNDELEGATED);
	return METADATA_DONE;
}

/* ---- on its way out --------------------------------------------------------------- */

static struct region *first_donated(void)
{
	for (unsigned int i = 0; i < region_count(); i++)
		if (region_at(i)->donated)
			return region_at(i);
	return NULL;
}

/* What is the operation's own, then region by region; a slice each time. */
bool metadata_peek(const struct op *op, unsigned int n, pa_t *base, u64 *granules)
{
	struct region *r = first_donated();

	if (n || (!op->meta.granules && !r))
		return false;
	*base = op->meta.granules ? op->meta.base : r->memory;
	*granules = slice_of(op->meta.granules ? op->meta.granules : region_metadata_granules(r));
	return true;
}

static void take_apart(struct op *op, struct region *r)
{
	op->meta.granules = op->meta.realm = region_metadata_granules(r);
	op->meta.base = region_detach(r, r->granules);
}

void metadata_gone(struct call *c, struct op *op, unsigned int nr)
{
	u64 n, realm;

	(void)c;
	if (!nr)
		return;
	if (!op->meta.granules)
		take_apart(op, first_donated());
	n = slice_of(op->meta.granules);
	realm = n < op->meta.realm ? n : op->meta.realm;
	host_memory_release(op->meta.base, n);	/* where its region has other metadata */
	metadata_to_host(op->meta.base, realm);	/* nothing of what the monitor kept there is left */
	op->meta.base = pa_add(op->meta.base, n * GRANULE_SIZE);
	op->meta.granules -= n;
	op->meta.realm -= realm;
}
