/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RSI_ATTESTATION_TOKEN_CONTINUE: nothing was ever begun (decisions 83).
 */
#include "rsi/rsi.h"

enum outcome rsi_attestation_token_continue(struct stay *s)
{
	s->rec->gprs[1] = 0;		/* bytes written */
	return rsi_return(s, RSI_ERROR_STATE);
}
