/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RSI_ATTESTATION_TOKEN_CONTINUE: works on the token until it is ready or an interrupt
 * waits, or gives bytes of a ready one (rsi.md 9). Working gives none.
 */
#include "realm/token.h"
#include "rsi/rsi.h"

static enum outcome gave(struct stay *s, u64 status, u64 bytes)
{
	s->rec->gprs[1] = bytes;
	return rsi_return(s, status);
}

/*
 * The interrupt is taken on the way back into the realm: the host serves it, and the
 * realm then reads INCOMPLETE. STEP_BUSY: so that nobody waits here for another CPU.
 */
static u64 work(struct token *t, const struct rd *rd)
{
	enum step step;

	do {
		step = token_step(t, rd);
	} while (step == STEP_MORE && !arch_interrupt_pending());
	return step == STEP_FAILED ? RSI_ERROR_UNKNOWN : RSI_INCOMPLETE;
}

static enum outcome go_on(struct stay *s, struct token *t, struct rsi_page *page, u8 *to, u64 room)
{
	u64 status = RSI_ERROR_STATE, bytes = 0;

	if (t->phase == TOKEN_READY) {
		bytes = token_deliver(t, to, room);
		status = t->phase == TOKEN_NONE ? RSI_SUCCESS : RSI_INCOMPLETE;
	}
	rsi_put_page(s, page);		/* not held while it is worked: that takes long */
	if (status == RSI_ERROR_STATE && t->phase != TOKEN_NONE)
		status = work(t, s->rd);
	return gave(s, status, bytes);
}

enum outcome rsi_attestation_token_continue(struct stay *s)
{
	u64 at = s->rec->gprs[1], offset = s->rec->gprs[2], size = s->rec->gprs[3];
	struct rsi_page page;
	enum outcome next;
	struct token *t;
	u8 *to;

	if (!IS_ALIGNED(at, RSI_GRANULE_SIZE) || offset >= RSI_GRANULE_SIZE ||
	    size > RSI_GRANULE_SIZE - offset)
		return gave(s, RSI_ERROR_INPUT, 0);
	to = rsi_get_page(s, at, &page, &next);
	if (!to) {
		if (next == RESUME)
			s->rec->gprs[1] = 0;	/* refused, not replayed */
		return next;
	}
	t = arch_view(s->rec->token);
	next = go_on(s, t, &page, to + offset, size);
	arch_unview(t);
	return next;
}
