/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RSI_ATTESTATION_TOKEN_INIT: challenge and measurements are those of now; whatever takes
 * long is left to TOKEN_CONTINUE (rsi.md 9, docs/decisions/attestation.md).
 */
#include "realm/token.h"
#include "rsi/rsi.h"

enum outcome rsi_attestation_token_init(struct stay *s)
{
	struct token *t = arch_view(s->rec->token);
	struct granule *g_rd = hold_sure(s->c, s->rec->rd, RD);

	token_begin(t, view_rd(s->c, g_rd), (const u8 *)&s->rec->gprs[1]);
	let_go(s->c, g_rd);
	arch_unview(t);
	s->rec->gprs[1] = TOKEN_MAX;
	return rsi_return(s, RSI_SUCCESS);
}
