/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "mem/vmid.h"
#include "realm/rd.h"
#include "rmi/rmi.h"

/*
 * A walk that started before holds one of the roots: holding them all waits for
 * it. Entries of unprotected memory do not keep a table alive.
 */
static bool roots_are_live(struct call *c, const struct s2 *s2, struct granule *g[S2_MAX_ROOTS])
{
	bool live = false;

	for (unsigned int i = 0; i < s2->nr_roots; i++) {
		g[i] = hold_sure(c, pa_add(s2->root, i * GRANULE_SIZE), RTT);
		live |= granule_refs(g[i]) != 0;
	}
	return live;
}

/* RMI_REALM_DESTROY: RD and starting RTTs become DELEGATED, wiped; the VMID is free. */
status_t rmi_realm_destroy(struct call *c, const struct realm_destroy_args *a)
{
	struct granule *g_rd, *g_roots[S2_MAX_ROOTS];
	struct s2 s2;
	struct rd *rd;
	unsigned int vmid;

	if (!is_granule(a->rd.raw))
		return refuse(c, REALM_DESTROY_rd_align);
	g_rd = hold(c, a->rd, RD);
	if (!g_rd)
		return refuse(c, REALM_DESTROY_rd_state);
	rd = view_rd(c, g_rd);
	if (rd->nr_operations)
		return blocked(c);
	if (realm_state(rd) != REALM_ZOMBIE)
		return refuse(c, REALM_DESTROY_realm_state);
	s2 = rd->s2;
	vmid = rd->vmid;
	if (granule_refs(g_rd) || roots_are_live(c, &s2, g_roots))
		return refuse(c, REALM_DESTROY_live);
	commit(c);

	for (unsigned int i = 0; i < s2.nr_roots; i++)
		arch_wipe(pa_of(c, g_roots[i]));
	arch_tlb_flush_vmid(s2.vttbr, s2.vtcr);
	vmid_give(vmid);
	for (unsigned int i = 0; i < s2.nr_roots; i++)
		become(c, g_roots[i], DELEGATED);
	arch_wipe(a->rd);
	become(c, g_rd, DELEGATED);
	return done(c);
}
