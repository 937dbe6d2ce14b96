/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "base/string.h"
#include "mem/ns.h"
#include "mem/region.h"
#include "mem/sro.h"
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

/*
 * Entries are dealt with batch by batch: planned, told to the host, out of the
 * hardware's sight, flushed, and then given up. A block of many granules is a batch
 * of its own and the last one of its call.
 */
struct unmap {
	struct s2_walk *w;
	u64 base, top;			/* asked for */
	unsigned int begin, end;	/* entries of the batch */
	bool large;			/* it is one block, released by an operation */
	u64 out_top;
	pa_t of_region;			/* a part of a COARSE region: not this way */
	u64 first, last;		/* IPA range of valid entries; first > last: none */
	struct range_output out;
};

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

/* Entry u->end joins the batch; false: it cannot. */
static bool plan_one(struct unmap *u)
{
	struct s2_entry e = s2_entry_at(u->w, u->end);
	u64 ipa = s2_entry_ipa(u->w, u->end).raw, top = ipa + s2_size(u->w->level);

	if (e.state == S2_TABLE)
		return false;
	if (e.state == S2_DATA) {
		bool large = !e.ns && u->w->level < S2_LAST_LEVEL;

		if (ipa < u->base || top > u->top || (large && u->out_top > u->base))
			return false;
		if (!e.ns && s2_size(u->w->level) < REGION_SIZE && region_coarse(e.oa.raw)) {
			u->of_region = e.oa;
			return false;
		}
		if (!output_add(&u->out, e.oa, size_code(u->w->level),
				e.ns ? RMI_MEMSTATE_UNDELEGATED : RMI_MEMSTATE_DELEGATED))
			return false;
		widen(u, &e, ipa);
		u->large = large;
	}
	u->out_top = top < u->top ? top : u->top;
	return true;
}

/* False: nothing to do. Nothing is changed yet. */
HOT static bool plan(struct unmap *u)
{
	u->begin = u->end;
	u->first = 1;
	u->last = 0;
	u->large = false;
	while (u->end < u->w->nr_entries && u->out_top < u->top &&
	       u->end - u->begin < SLICE_UNMAP && !u->large && plan_one(u))
		u->end++;
	return u->end > u->begin;
}

/* What the batch freed, and the range before it, which may have grown, into the host's list. */
static bool tell(const struct unmap *u, u64 flags, u64 oaddr, u64 nr_before)
{
	u64 from = nr_before ? nr_before - 1 : 0;

	if (oaddr_type(flags) != RMI_OADDR_LIST || u->out.nr == 0)
		return true;
	return ns_write(ns(oaddr + from * sizeof(u64)), &u->out.descriptors[from],
			(u->out.nr - from) * sizeof(u64));
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

static void forget(struct unmap *u, unsigned int i)
{
	struct s2_entry e = s2_entry_at(u->w, i);
	struct s2_entry gone = { .state = S2_VOID, .ns = e.ns, .ripas = e.ripas };

	if (e.state != S2_DATA)
		return;
	s2_set(u->w, i, &gone);
	if (!u->large)
		data_release_page(e.oa);
}

/* One flush for all: no granule changes hands before it is complete. */
HOT static void carry_out(struct unmap *u)
{
	for (unsigned int i = u->begin; i < u->end; i++)
		invalidate(u, i);
	if (u->first < u->last)
		s2_flush(u->w, ipa(u->first), u->last - u->first);
	for (unsigned int i = u->begin; i < u->end; i++)
		forget(u, i);
}

static void answer(struct call *c, const struct unmap *u, u64 flags)
{
	give(c, 1, u->out_top);
	if (oaddr_type(flags) == RMI_OADDR_SINGLE)
		give(c, 2, u->out.descriptors[0]);
	if (oaddr_type(flags) == RMI_OADDR_LIST)
		give(c, 3, u->out.nr);
}

/* ---- a block's granules, which no table names any more ---------------------------- */

static status_t release(struct call *c, struct op *op)
{
	const u64 slice = SLICE_GRANULES * GRANULE_SIZE;

	while (op->bytes) {
		u64 bytes = data_release(pa(op->block), op->bytes < slice ? op->bytes : slice);

		op_cover(op, pa(op->block + bytes), op->bytes - bytes);
		if (op->bytes && arch_interrupt_pending())
			return op_pause(c, op);
	}
	for (unsigned int i = 1; i <= 3; i++)
		give(c, i, op->unmap.out[i]);
	return op_end(c, op, RMI_SUCCESS);
}

static const struct op_kind kind = { .name = "RTT_DATA_UNMAP", .step = release };

static status_t unmap_large(struct call *c, struct unmap *u, u64 flags, u64 oaddr,
			    enum refusal list_ns)
{
	struct s2_entry e = s2_entry_at(u->w, u->begin);
	status_t status;
	struct op *op = op_begin(c, &kind, &status);

	if (!op)
		return status;
	if (!tell(u, flags, oaddr, 0))
		return op_end(c, op, refuse(c, list_ns));
	commit(c);
	op_cover(op, e.oa, s2_size(u->w->level));
	carry_out(u);
	answer(c, u, flags);
	memcpy(op->unmap.out, c->out, sizeof(op->unmap.out));
	for (unsigned int i = 1; i <= 3; i++)
		give(c, i, 0);		/* only at the end */
	s2_let_go(c, u->w);
	return release(c, op);
}

status_t unmap(struct call *c, struct s2_walk *w, const struct unmap_args *a)
{
	struct unmap u = {
		.w = w, .base = a->base, .top = a->top, .out_top = a->base, .end = w->index,
	};
	u64 told = 0, out_top = a->base;

	output_open(c, a->flags, a->oaddr, &u.out);
	while (plan(&u) && !u.large && tell(&u, a->flags, a->oaddr, told)) {
		if (out_top == a->base)
			commit(c);
		carry_out(&u);
		told = u.out.nr;
		out_top = u.out_top;
		if (slice_end(c))
			break;
	}
	if (out_top == a->base && u.large)
		return unmap_large(c, &u, a->flags, a->oaddr, a->list_ns);
	if (out_top == a->base && u.of_region.raw)
		return refuse_for(c, a->tracking, 0, u.of_region);
	if (out_top == a->base)
		return u.out_top == a->base ? refuse_at(c, a->entry_align, w->level) :
					      refuse(c, a->list_ns);
	u.out.nr = told;
	u.out_top = out_top;
	answer(c, &u, a->flags);
	return done(c);
}
