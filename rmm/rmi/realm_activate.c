/* SPDX-License-Identifier: BSD-2-Clause */
#include "realm/rd.h"
#include "rmi/rmi.h"

/* RMI_REALM_ACTIVATE: from here on the RIM is fixed and RECs may be entered. */
status_t rmi_realm_activate(struct call *c, const struct realm_activate_args *a)
{
	struct granule *g_rd;
	struct rd *rd;

	if (!is_granule(a->rd.raw))
		return refuse(c, REALM_ACTIVATE_rd_align);
	g_rd = hold(c, a->rd, RD);
	if (!g_rd)
		return refuse(c, REALM_ACTIVATE_rd_state);
	rd = view_rd(c, g_rd);
	if (rd->nr_operations)
		return blocked(c);
	if (!realm_change_idle(rd, REALM_NEW, REALM_ACTIVE))
		return refuse(c, REALM_ACTIVATE_realm_state);
	return done(c);
}
