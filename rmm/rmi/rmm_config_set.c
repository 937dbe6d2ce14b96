/* SPDX-License-Identifier: BSD-2-Clause */
#include "mem/ns.h"
#include "rmi/rmi.h"

/* The two fields that mean something; the rest of the page is not judged (decisions 30a). */
#define CONFIG_BYTES	16

/*
 * RMI_RMM_CONFIG_SET: 4 KiB granules and 1 GiB tracking regions are what is
 * built, so there is nothing to keep (CAVEATS: other granule sizes).
 */
status_t rmi_rmm_config_set(struct call *c, const struct rmm_config_set_args *a)
{
	struct rmi_rmm_config *config = call_page(c);

	if (!is_granule(a->config.raw))
		return refuse(c, RMM_CONFIG_SET_config_align);
	if (!ns_read(config, a->config, CONFIG_BYTES))
		return refuse(c, RMM_CONFIG_SET_config_ns);
	if (config->rmi_granule_size != RMI_GRANULE_4K)
		return refuse(c, RMM_CONFIG_SET_granule_size);
	if (config->tracking_region_size != 0)
		return refuse(c, RMM_CONFIG_SET_tracking_size);
	return done(c);
}
