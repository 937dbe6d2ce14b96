/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory of donated metadata on its way in and out. Before ACTIVE it comes
 * UNDELEGATED, as nothing can be delegated yet, and is made Realm here.
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

/* Where nobody keeps a state of it there is nothing to move. */
static void release_as(pa_t base, u64 granules, enum granule_type type)
{
	for (u64 i = 0; i < granules; i++)
		granule_move(pa_add(base, i * GRANULE_SIZE), INTERNAL, type);
}

void host_memory_release(pa_t base, u64 granules)
{
	release_as(base, granules, UNDELEGATED);
}

static u64 slice_of(u64 granules)
{
	return granules < SLICE_GRANULES ? granules : SLICE_GRANULES;
}

/* ---- on its way in ---------------------------------------------------------------- */

/*
 * Up to n granules more are Realm, and wiped. EL3 refuses what is not Non-secure: op->last;
 * one that it moved in part must find its way back.
 */
static void make_realm(struct op *op, u64 n)
{
	pa_t at = pa_add(op->meta.base, op->meta.realm * GRANULE_SIZE);
	bool mixed = false;

	if (op->meta.given == RMI_MEMSTATE_UNDELEGATED)
		n = gpt_to_realm(at, n, &mixed);
	wipe_granules(at, n);
	op->meta.realm += n + mixed;
	if (!n || mixed)
		op->last = RMI_ERROR_INPUT;
}

bool metadata_take(struct op *op, pa_t base, u64 granules, u8 given)
{
	bool host = given == RMI_MEMSTATE_UNDELEGATED;

	if (host && !is_host_dram(base, granules))
		return false;
	op->meta.base = base;
	op->meta.granules = granules;
	op->meta.realm = op->meta.free = 0;
	op->meta.given = given;
	if (host)
		make_realm(op, 1);
	if (!host || op->meta.realm)
		return true;
	op->meta.granules = op->last = 0;
	return false;
}

enum metadata_state metadata_go_on(struct op *op)
{
	while (!op->last && op->meta.realm < op->meta.granules) {
		make_realm(op, slice_of(op->meta.granules - op->meta.realm));
		if (arch_interrupt_pending())
			return METADATA_LATER;
	}
	return op->last ? METADATA_REFUSED : METADATA_DONE;
}

/* ---- on its way out --------------------------------------------------------------- */

void metadata_return(struct op *op, const struct region *r, pa_t base, u8 given)
{
	op->meta.base = base;
	op->meta.granules = op->meta.realm = region_metadata_granules(r);
	op->meta.free = 0;
	op->meta.given = given;
}

static struct region *first_donated(void)
{
	for (unsigned int i = 0; i < region_count(); i++)
		if (region_at(i)->donated)
			return region_at(i);
	return NULL;
}

static void pass(struct op *op, u64 n)
{
	op->meta.base = pa_add(op->meta.base, n * GRANULE_SIZE);
	op->meta.granules -= n;
	op->meta.realm -= n < op->meta.realm ? n : op->meta.realm;
}

/* As much of a slice as can go; 0: its first granule cannot, and never will. */
static u64 make_free(struct op *op)
{
	u64 n = slice_of(op->meta.granules), realm = n < op->meta.realm ? n : op->meta.realm, moved;
	bool mixed;

	/* nothing of what the monitor kept there is left */
	if (op->meta.given == RMI_MEMSTATE_DELEGATED || !realm) {
		wipe_granules(op->meta.base, realm);
		return n;
	}
	moved = gpt_to_host(op->meta.base, realm, &mixed);
	return moved < realm ? moved : n;
}

void metadata_ready(struct op *op)
{
	for (u64 i = 0; i < SLICE_GRANULES && op->meta.granules && !op->meta.free; i++) {
		op->meta.free = make_free(op);
		if (op->meta.free)
			break;
		gpt_keep(op->meta.base);
		pass(op, 1);
	}
	op_cover(op, op->meta.base, op->meta.free * GRANULE_SIZE);
}

void metadata_ready_all(struct op *op)
{
	struct region *r = op->meta.granules ? NULL : first_donated();

	if (r)
		metadata_return(op, r, region_detach(r, r->granules), RMI_MEMSTATE_UNDELEGATED);
	metadata_ready(op);
}

bool metadata_peek(const struct op *op, unsigned int n, pa_t *base, u64 *granules)
{
	*base = op->meta.base;
	*granules = op->meta.granules ? op->meta.free : 0;
	return !n && op->meta.granules;
}

bool metadata_peek_all(const struct op *op, unsigned int n, pa_t *base, u64 *granules)
{
	return metadata_peek(op, n, base, granules) || (!n && first_donated());
}

void metadata_gone(struct call *c, struct op *op, unsigned int nr)
{
	u64 n = op->meta.free;

	(void)c;
	if (!nr)
		return;
	region_own_lock();
	op_cover(op, pa(0), 0);
	release_as(op->meta.base, n, op->meta.given == RMI_MEMSTATE_UNDELEGATED ? UNDELEGATED :
										 DELEGATED);
	region_own_unlock();
	pass(op, n);
	op->meta.free = 0;
}
