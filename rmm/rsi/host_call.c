/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RSI_HOST_CALL: 31 registers out to the host, and on the next entry back
 * into the realm's structure (rsi.md 7).
 */
#include "base/string.h"
#include "rsi/rsi.h"

static struct rsi_host_call *structure(void *view, u64 at, u64 bytes)
{
	return (struct rsi_host_call *)((u8 *)view + (at & (bytes - 1)));
}

enum outcome rsi_host_call(struct stay *s)
{
	u64 at = s->rec->gprs[1];
	const struct rsi_host_call *call;
	struct rsi_page page;
	enum outcome next;
	void *view;

	if (!IS_ALIGNED(at, RSI_HOST_CALL_BYTES))
		return rsi_return(s, RSI_ERROR_INPUT);
	view = rsi_get_page(s, at, &page, &next);
	if (!view)
		return next;

	call = structure(view, at, RSI_GRANULE_SIZE);
	s->exit->exit_reason = RMI_EXIT_HOST_CALL;
	s->exit->imm = call->imm;
	memcpy(s->exit->gprs, call->gprs, sizeof(call->gprs));
	rsi_put_page(s, &page);

	s->rec->pending = PENDING_HOST_CALL;
	s->rec->host_call_ipa = at;
	return LEAVE;
}

enum outcome rsi_host_call_complete(struct stay *s)
{
	u64 at = s->rec->host_call_ipa;
	u64 base = ALIGN_DOWN(at, RSI_GRANULE_SIZE);
	struct s2_walk w;
	pa_t page;
	int level;

	switch (s2_touch_page(s->c, &s->rd->s2, ipa(base), &s->rec->hint, &w, &page, &level)) {
	case S2_TOUCH_ABORT:
		abort_synthetic(s, base, level);
		return LEAVE;
	case S2_TOUCH_OK: {
		void *view = arch_view(page);

		memcpy(structure(view, at, GRANULE_SIZE)->gprs, s->gprs,
		       sizeof(((struct rsi_host_call *)0)->gprs));
		arch_unview(view);
		s2_let_go(s->c, &w);
		break;
	}
	case S2_TOUCH_EMPTY:		/* given up meanwhile: there is nowhere to put it */
		break;
	}
	s->rec->pending = PENDING_NONE;
	rsi_return(s, RSI_SUCCESS);
	return RESUME;
}
