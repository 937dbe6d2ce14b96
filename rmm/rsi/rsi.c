/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From function identifier to command, and how commands reach realm memory.
 */
#include "rsi/rsi.h"

typedef enum outcome (*rsi_command)(struct stay *s);

#define AT(name)	[RSI_FID_##name - RSI_FID_VERSION]

static const rsi_command commands[] = {
	AT(VERSION)			= rsi_version,
	AT(FEATURES)			= rsi_features,
	AT(MEASUREMENT_READ)		= rsi_measurement_read,
	AT(MEASUREMENT_EXTEND)		= rsi_measurement_extend,
	AT(ATTEST_TOKEN_INIT)		= rsi_attestation_token_init,
	AT(ATTEST_TOKEN_CONTINUE)	= rsi_attestation_token_continue,
	AT(REALM_CONFIG)		= rsi_realm_config,
	AT(IPA_STATE_SET)		= rsi_ipa_state_set,
	AT(IPA_STATE_GET)		= rsi_ipa_state_get,
	AT(HOST_CALL)			= rsi_host_call,
	AT(VSMMU_GET_INFO)		= rsi_no_device,
	AT(ARCH_DEV_ACTIVATE)		= rsi_no_device,
	AT(VDEV_DMA_ENABLE)		= rsi_no_device,
	AT(VDEV_GET_INFO)		= rsi_no_device,
	AT(VDEV_P2P_BIND)		= rsi_no_device,
	AT(VDEV_VALIDATE_MAPPING)	= rsi_no_device,
	AT(MEM_GET_PERM_VALUE)		= rsi_no_plane,
	AT(MEM_SET_PERM_INDEX)		= rsi_no_plane,
	AT(MEM_SET_PERM_VALUE)		= rsi_no_plane,
	AT(PLANE_ENTER)			= rsi_no_plane,
	AT(VDEV_DMA_DISABLE)		= rsi_no_device,
	AT(PLANE_SYSREG_READ)		= rsi_no_plane,
	AT(PLANE_SYSREG_WRITE)		= rsi_no_plane,
};

enum outcome rsi_handle(struct stay *s, u64 fid)
{
	rsi_command command = commands[fid - RSI_FID_VERSION];

	return command ? command(s) : rsi_return(s, RSI_UNKNOWN_FID);
}

enum outcome rsi_return(struct stay *s, u64 status)
{
	s->rec->gprs[0] = status;
	trap_skip(s);
	return RESUME;
}

void *rsi_get_page(struct stay *s, u64 address, struct rsi_page *p, enum outcome *next)
{
	u64 page = ALIGN_DOWN(address, RSI_GRANULE_SIZE);
	pa_t at;
	int level;

	if (!s2_is_protected(&s->rd->s2, page)) {
		*next = rsi_return(s, RSI_ERROR_INPUT);
		return NULL;
	}
	switch (s2_touch_page(s->c, &s->rd->s2, ipa(page), &s->rec->hint, &p->walk, &at, &level)) {
	case S2_TOUCH_OK:
		p->view = arch_view(at);
		return (u8 *)p->view + (page & (GRANULE_SIZE - 1));
	case S2_TOUCH_EMPTY:
		*next = rsi_return(s, RSI_ERROR_INPUT);
		return NULL;
	case S2_TOUCH_ABORT:
	default:
		abort_synthetic(s, page, level);
		*next = LEAVE;
		return NULL;
	}
}

void rsi_put_page(struct stay *s, struct rsi_page *p)
{
	arch_unview(p->view);
	s2_let_go(s->c, &p->walk);
}

enum outcome rsi_no_plane(struct stay *s)
{
	return rsi_return(s, RSI_ERROR_INPUT);
}

enum outcome rsi_no_device(struct stay *s)
{
	return rsi_return(s, RSI_ERROR_STATE);
}
