/* SPDX-License-Identifier: BSD-2-Clause */
#include "mem/region.h"
#include "rmi/rmi.h"

status_t rmi_rmm_state_get(struct call *c, const struct rmm_state_get_args *a)
{
	(void)a;
	give(c, 1, rmm_state());
	return done(c);
}
