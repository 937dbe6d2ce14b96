/* SPDX-License-Identifier: BSD-2-Clause */
#include "realm/rd.h"
#include "rmi/rmi.h"

/*
 * RMI_REALM_TERMINATE: from any state, once no REC runs. REC_ENTER counts itself
 * in by the same word, so it either came before, or finds a ZOMBIE. A realm that
 * turns itself off meanwhile was running: the host asks again.
 */
status_t rmi_realm_terminate(struct call *c, const struct realm_terminate_args *a)
{
	struct granule *g_rd;
	struct rd *rd;

	if (!is_granule(a->rd.raw))
		return refuse(c, REALM_TERMINATE_rd_align);
	g_rd = hold(c, a->rd, RD);
	if (!g_rd)
		return refuse(c, REALM_TERMINATE_rd_state);
	rd = view_rd(c, g_rd);
	if (rd->nr_operations)
		return blocked(c);
	if (!realm_change_idle(rd, realm_state(rd), REALM_ZOMBIE))
		return refuse(c, REALM_TERMINATE_rec_running);
	return done(c);
}
