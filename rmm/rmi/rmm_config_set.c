/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "mem/calls.h"
#include "mem/ns.h"
#include "mem/region.h"
#include "rmi/rmi.h"

/* The two fields that mean something; the rest of the page is not judged (decisions 30a). */
#define CONFIG_BYTES	16

/*
 * Takes effect at once. No other CPU may be inside a call: one that came before the
 * gate closed would see two sizes. What is open in every state may still come in and
 * then speaks of the old configuration or the new.
 */
static status_t configure(struct call *c, struct region_config want)
{
	status_t status = RMI_SUCCESS;

	if (!rmm_state_change(RMI_STATE_INIT, RMI_STATE_INTERMEDIATE))
		return RMI_ERROR_GLOBAL;	/* another CPU was faster */
	if (calls_others_idle())
		region_configure(want);
	else
		status = busy(c);
	require(rmm_state_change(RMI_STATE_INTERMEDIATE, RMI_STATE_INIT));
	return status;
}

/* RMI_RMM_CONFIG_SET: the RMI granule and the size of tracking regions, kept until set again. */
status_t rmi_rmm_config_set(struct call *c, const struct rmm_config_set_args *a)
{
	struct rmi_rmm_config *config = call_page(c);
	struct region_config want, now = region_config();

	if (!is_granule(a->config.raw))
		return refuse(c, RMM_CONFIG_SET_config_align);
	if (!ns_read(config, a->config, CONFIG_BYTES))
		return refuse(c, RMM_CONFIG_SET_config_ns);
	want = (struct region_config){ config->rmi_granule_size, config->tracking_region_size };
	if (!region_config_known((struct region_config){ want.granule, 0 }))
		return refuse(c, RMM_CONFIG_SET_granule_size);
	if (!region_config_known(want))
		return refuse(c, RMM_CONFIG_SET_tracking_size);
	if (want.granule == now.granule && want.tracking == now.tracking)
		return done(c);
	return configure(c, want);
}
