/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RSI_IPA_STATE_GET: the RIPAS at base, and how far it goes within one table
 * (rsi.md 6).
 */
#include "rsi/rsi.h"

/* First address after the entry found that has another RIPAS, or whose entry is a table. */
static u64 same_until(const struct s2_walk *w, u64 top)
{
	unsigned int i = w->index + 1;

	for (; i < w->nr_entries && s2_entry_ipa(w, i).raw < top; i++) {
		struct s2_entry e = s2_entry_at(w, i);

		if (e.state == S2_TABLE || e.ripas != w->entry.ripas)
			break;
	}
	return w->base.raw + i * s2_size(w->level);
}

enum outcome rsi_ipa_state_get(struct stay *s)
{
	u64 *x = s->rec->gprs;
	u64 base = x[1], top = x[2], end;
	struct s2_walk w;

	if (!IS_ALIGNED(base | top, RSI_GRANULE_SIZE) || top <= base)
		return rsi_return(s, RSI_ERROR_INPUT);
	if (!s2_is_protected(&s->rd->s2, base) || !s2_is_protected(&s->rd->s2, top - 1))
		return rsi_return(s, RSI_ERROR_INPUT);

	s2_walk(s->c, &s->rd->s2, ipa(base), S2_LAST_LEVEL, &w);
	end = same_until(&w, top);
	x[1] = end < top ? end : top;
	x[2] = w.entry.ripas;
	s2_let_go(s->c, &w);
	return rsi_return(s, RSI_SUCCESS);
}
