/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RSI_IPA_STATE_SET: the host changes the RIPAS, the next entry tells how far
 * it came (rsi.md 5; run/complete.c).
 */
#include "rsi/rsi.h"

enum outcome rsi_ipa_state_set(struct stay *s)
{
	const u64 *x = s->rec->gprs;
	u64 base = x[1], top = x[2];
	u8 value = (u8)x[3];

	if (!IS_ALIGNED(base | top, RSI_GRANULE_SIZE) || top <= base)
		return rsi_return(s, RSI_ERROR_INPUT);
	if (!s2_is_protected(&s->rd->s2, base) || !s2_is_protected(&s->rd->s2, top - 1))
		return rsi_return(s, RSI_ERROR_INPUT);
	if (value != RSI_RIPAS_EMPTY && value != RSI_RIPAS_RAM)
		return rsi_return(s, RSI_ERROR_INPUT);

	s->rec->ripas = (struct rec_ripas_request){
		.active = true,
		.base = base,
		.addr = base,
		.top = top,
		.value = value,
		.change_destroyed = x[4] & RSI_CHANGE_DESTROYED,
	};
	s->exit->exit_reason = RMI_EXIT_RIPAS_CHANGE;
	s->exit->ripas_base = base;
	s->exit->ripas_top = top;
	s->exit->ripas_value = value;
	trap_skip(s);
	return LEAVE;
}
