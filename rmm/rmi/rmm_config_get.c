/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/string.h"
#include "mem/ns.h"
#include "mem/region.h"
#include "rmi/rmi.h"

/* RMI_RMM_CONFIG_GET: the configuration in force, in any state. */
status_t rmi_rmm_config_get(struct call *c, const struct rmm_config_get_args *a)
{
	struct rmi_rmm_config *config = call_page(c);

	if (!is_granule(a->config.raw))
		return refuse(c, RMM_CONFIG_GET_config_align);
	memset(config, 0, sizeof(*config));
	config->rmi_granule_size = region_config().granule;
	config->tracking_region_size = region_config().tracking;
	if (!ns_write(a->config, config, sizeof(*config)))
		return refuse(c, RMM_CONFIG_GET_config_ns);
	return done(c);
}
