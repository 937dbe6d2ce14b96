/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "mem/ns.h"
#include "realm/data.h"
#include "rmi/rtt.h"

enum refusal list_judge(u64 flags, u64 oaddr, const struct list_refusals *why)
{
	if (oaddr_type(flags) != RMI_OADDR_LIST)
		return REFUSED_NOT;
	if (!IS_ALIGNED(oaddr, sizeof(u64)))
		return why->align;
	if (!ns_accessible(ns(oaddr)))
		return why->ns;
	return oaddr_count(flags) ? REFUSED_NOT : why->count;
}

bool input_open(struct call *c, u64 flags, u64 oaddr, struct range_input *in)
{
	const u64 *list;

	if (oaddr_type(flags) == RMI_OADDR_SINGLE) {
		input_single(in, oaddr);
		return true;
	}
	list = list_read(c, ns(oaddr), oaddr_count(flags));
	if (list)
		input_list(in, list, list_entries(ns(oaddr), oaddr_count(flags)));
	return list;
}

void output_open(struct call *c, u64 flags, u64 oaddr, struct range_output *out)
{
	*out = (struct range_output){ .max = 1 };
	if (oaddr_type(flags) == RMI_OADDR_NONE)
		return;
	out->descriptors = call_page(c);
	out->descriptors[0] = 0;
	if (oaddr_type(flags) == RMI_OADDR_LIST)
		out->max = list_entries(ns(oaddr), oaddr_count(flags));
}

/* ---- unmapping ------------------------------------------------------------------ */

static unsigned int size_code(int level)
{
	return (unsigned int)(S2_LAST_LEVEL - level);
}

static void widen(struct unmap *u, const struct s2_entry *e, u64 ipa)
{
	if (!s2_is_valid(e))
		return;
	if (u->first > u->last)
		u->first = ipa;
	u->last = ipa + s2_size(u->w->level);
}

bool unmap_plan(struct unmap *u)
{
	struct s2_walk *w = u->w;
	u64 size = s2_size(w->level);

	u->first = 1;
	u->last = 0;
	u->out_top = u->base;
	for (u->end = w->index; u->end < w->nr_entries && u->out_top < u->top; u->end++) {
		struct s2_entry e = s2_entry_at(w, u->end);
		u64 ipa = s2_entry_ipa(w, u->end).raw;

		if (e.state == S2_TABLE)
			break;
		if (e.state == S2_DATA) {
			if (ipa < u->base || ipa + size > u->top)
				break;
			if (!output_add(&u->out, e.oa, size_code(w->level),
					e.ns ? RMI_MEMSTATE_UNDELEGATED : RMI_MEMSTATE_DELEGATED))
				break;
			widen(u, &e, ipa);
		}
		u->out_top = ipa + size < u->top ? ipa + size : u->top;
	}
	return u->out_top > u->base;
}

/* Out of the hardware's sight; what was RAM can only be DESTROYED from here on. */
static void invalidate(struct unmap *u, unsigned int i)
{
	struct s2_entry e = s2_entry_at(u->w, i);

	if (!s2_is_valid(&e))
		return;
	if (e.ns)
		e = (struct s2_entry){ .state = S2_VOID, .ns = true };
	else
		e.ripas = RMI_RIPAS_DESTROYED;
	s2_set(u->w, i, &e);
}

static void release(struct unmap *u, unsigned int i)
{
	struct s2_entry e = s2_entry_at(u->w, i);
	struct s2_entry gone = { .state = S2_VOID, .ns = e.ns, .ripas = e.ripas };

	if (e.state != S2_DATA)
		return;
	s2_set(u->w, i, &gone);
	data_release(e.oa, s2_size(u->w->level));
}

/* One flush for all: no granule changes hands before it is complete. */
void unmap_do(struct unmap *u)
{
	for (unsigned int i = u->w->index; i < u->end; i++)
		invalidate(u, i);
	if (u->first < u->last)
		s2_flush(u->w, ipa(u->first), u->last - u->first);
	for (unsigned int i = u->w->index; i < u->end; i++)
		release(u, i);
}
