/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "mem/granule.h"
#include "mem/ns.h"
#include "mem/region.h"

/*
 * Only while ACTIVE is a granule's state looked at (decisions 28): metadata that
 * the host donated comes and goes in the other states, while calls that are
 * open in every state run on other CPUs.
 */
bool ns_accessible(ns_t p)
{
	struct granule *g = rmm_state() == RMI_STATE_ACTIVE ? granule_find(pa(p.raw)) : NULL;

	if (g)
		return (granule_type(g) == UNDELEGATED || granule_type(g) == CLAIMED) &&
		       memory_is_dram(p.raw);
	return memory_is_dram(p.raw) && !memory_is_own(p.raw);
}

/*
 * Another PE may delegate the granule between the look and the access: then
 * granule protection faults and arch answers false.
 */
bool ns_read(void *dst, ns_t src, size_t bytes)
{
	expect((src.raw & (GRANULE_SIZE - 1)) + bytes <= GRANULE_SIZE);
	return ns_accessible(src) && arch_ns_read(dst, src, bytes);
}

bool ns_write(ns_t dst, const void *src, size_t bytes)
{
	expect((dst.raw & (GRANULE_SIZE - 1)) + bytes <= GRANULE_SIZE);
	return ns_accessible(dst) && arch_ns_write(dst, src, bytes);
}
