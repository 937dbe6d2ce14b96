/* SPDX-License-Identifier: BSD-2-Clause */
#include "rmi/rmi.h"
#include "rmi/rtt.h"

static u64 state_code(const struct s2_entry *e)
{
	static const u8 code[] = {
		[S2_VOID] = RMI_ENTRY_VOID, [S2_DATA] = RMI_ENTRY_DATA, [S2_TABLE] = RMI_ENTRY_TABLE,
	};
	return code[e->state];
}

/* RMI_RTT_READ_ENTRY: a walk that ends early tells so by its level. */
status_t rmi_rtt_read_entry(struct call *c, const struct rtt_read_entry_args *a)
{
	struct granule *g_rd;
	const struct s2 *s2;
	struct s2_walk w;

	if (!is_granule(a->rd.raw))
		return refuse(c, RTT_READ_ENTRY_rd_align);
	g_rd = hold(c, a->rd, RD);
	if (!g_rd)
		return refuse(c, RTT_READ_ENTRY_rd_state);
	s2 = &view_rd(c, g_rd)->s2;
	if (a->level < s2->start_level || a->level > S2_LAST_LEVEL)
		return refuse(c, RTT_READ_ENTRY_level_bound);
	if (!IS_ALIGNED(a->ipa.raw, s2_size((int)a->level)))
		return refuse(c, RTT_READ_ENTRY_ipa_align);
	if (a->ipa.raw >= s2_ipa_top(s2))
		return refuse(c, RTT_READ_ENTRY_ipa_bound);

	s2_walk(c, s2, a->ipa, (int)a->level, &w);
	give(c, 1, (u64)(s64)w.level);
	give(c, 2, state_code(&w.entry));
	give(c, 3, s2_describe(w.s2, &w.entry));
	give(c, 4, w.entry.ripas);	/* tables and unprotected entries: EMPTY */
	return done(c);
}
