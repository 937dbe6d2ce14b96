/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RSI_ATTESTATION_TOKEN_INIT: no tokens yet, as a monitor without its key
 * answers (decisions 83).
 */
#include "rsi/rsi.h"

enum outcome rsi_attestation_token_init(struct stay *s)
{
	s->rec->gprs[1] = 0;		/* upper bound of the token's size */
	return rsi_return(s, RSI_ERROR_UNKNOWN);
}
