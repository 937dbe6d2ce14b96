/* SPDX-License-Identifier: BSD-2-Clause */
#include "rmi/rmi.h"

/* RMI_VERSION: 2.0 is all there is; the outputs hold on failure too (rmi.md 2.1). */
status_t rmi_version(struct call *c, const struct version_args *a)
{
	give(c, 1, RMI_VERSION_2_0);
	give(c, 2, RMI_VERSION_2_0);
	if (a->requested != RMI_VERSION_2_0)
		return refuse(c, VERSION_version);
	return done(c);
}
