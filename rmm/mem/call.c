/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verbs of a call (mem/call.h).
 */
#include "base/require.h"
#include "mem/call.h"
#include "mem/region.h"
#include "mem/sro.h"

/* ---- refusals ------------------------------------------------------------ */

static const u8 refusal_statuses[NR_REFUSALS] = {
#define FAIL(label, status) [DEF_CAT(DEF_CAT(CMD, _), label)] = RMI_ERROR_##status,
#include "abi/rmi/every.def"
};

static const char *const refusal_names[NR_REFUSALS] = {
#define FAIL(label, status) \
	[DEF_CAT(DEF_CAT(CMD, _), label)] = DEF_STR(DEF_CAT(DEF_CAT(CMD, _), label)),
#include "abi/rmi/every.def"
};

u64 refusal_status(enum refusal why)
{
	return refusal_statuses[why];
}

const char *refusal_name(enum refusal why)
{
	return refusal_names[why] ? refusal_names[why] : "";
}

/* ---- begin and end --------------------------------------------------------- */

static u64 pages[MAX_CPUS][PAGE_SIZE / sizeof(u64)] __attribute__((aligned(PAGE_SIZE)));

void *call_page(struct call *c)
{
	(void)c;
	return pages[arch_cpu()];
}

void call_begin(struct call *c, enum rmi_command command)
{
	/* held[] beyond nr_held is never looked at: not worth the stores */
	c->command = command;
	for (unsigned int i = 0; i < ARRAY_SIZE(c->out); i++)
		c->out[i] = 0;
	c->nr_held = 0;
	c->work = 0;
	c->op = NULL;
	c->committed = false;
	c->blocked = false;
	c->refused = REFUSED_NOT;
}

static void release(struct held *h)
{
	if (h->view)
		arch_unview(h->view);
	granule_unlock(h->g);
}

void call_end(struct call *c)
{
	if (c->op)
		op_park(c);
	while (c->nr_held)
		release(&c->held[--c->nr_held]);
}

/* ---- holding --------------------------------------------------------------- */

static struct held *held_entry(const struct call *c, const struct granule *g)
{
	for (unsigned int i = c->nr_held; i-- > 0; )
		if (c->held[i].g == g)
			return (struct held *)&c->held[i];
	arch_panic(__FILE__, __LINE__, "granule is not held");
}

static bool order_is_right(const struct call *c, pa_t p, enum granule_type type)
{
	for (unsigned int i = 0; i < c->nr_held; i++) {
		const struct held *h = &c->held[i];

		if (granule_facts[h->type].lock_rank > granule_facts[type].lock_rank)
			return false;
		/* tables are taken parent before child instead */
		if (granule_facts[h->type].lock_rank == granule_facts[type].lock_rank &&
		    type != RTT && h->pa.raw >= p.raw)
			return false;
	}
	return true;
}

static struct granule *keep(struct call *c, struct granule *g, pa_t p, enum granule_type type)
{
	require(c->nr_held < MAX_HELD);
	c->held[c->nr_held++] = (struct held){ .g = g, .pa = p, .type = type };
	return g;
}

static bool looks_like(struct call *c, pa_t p, enum granule_type is, enum granule_type type)
{
	if (is == type)
		return true;
	if (is == BETWEEN || is == CLAIMED || ((is == DATA || is == INTERNAL) && op_covers(p)))
		c->blocked = true;
	return false;
}

struct granule *hold(struct call *c, pa_t p, enum granule_type type)
{
	struct granule *g = granule_find(p);

	if (!g || !looks_like(c, p, granule_type(g), type))
		return NULL;
	expect(order_is_right(c, p, type));
	if (granule_lock_as(g, type))
		return keep(c, g, p, type);
	looks_like(c, p, granule_type(g), type);	/* in between by now: BLOCKED */
	return NULL;
}

struct granule *hold_again(struct call *c, pa_t p, enum granule_type type)
{
	struct granule *g = granule_find(p);

	expect(order_is_right(c, p, type));
	return g && granule_lock_as(g, type) ? keep(c, g, p, type) : NULL;
}

struct granule *hold_sure(struct call *c, pa_t p, enum granule_type type)
{
	struct granule *g = hold(c, p, type);

	require(g);
	return g;
}

bool granule_is(struct call *c, pa_t p, enum granule_type type)
{
	const struct region *r = region_find(p.raw);
	const struct granule *g = granule_find_in(r, p);

	if (g)
		return looks_like(c, p, granule_type(g), type);
	if (r)
		region_is(c, r, type);		/* in between: BLOCKED */
	return false;
}

bool region_is(struct call *c, const struct region *r, enum granule_type type)
{
	return looks_like(c, pa(r->base), region_whole(r), type);
}

void *view(struct call *c, struct granule *g)
{
	struct held *h = held_entry(c, g);

	if (!h->view)
		h->view = arch_view(h->pa);
	return h->view;
}

pa_t pa_of(const struct call *c, const struct granule *g)
{
	return held_entry(c, g)->pa;
}

void let_go(struct call *c, struct granule *g)
{
	struct held *h = held_entry(c, g);

	release(h);
	*h = c->held[--c->nr_held];
}

/* ---- answers --------------------------------------------------------------- */

void give(struct call *c, unsigned int reg, u64 value)
{
	expect(reg >= 1 && reg < ARRAY_SIZE(c->out));
	c->out[reg] = value;
}

status_t refuse(struct call *c, enum refusal why)
{
	require(!c->committed);
	c->refused = why;
	return c->blocked ? RMI_BLOCKED : refusal_statuses[why];
}

status_t refuse_at(struct call *c, enum refusal why, int level)
{
	status_t s = refuse(c, why);

	return s == RMI_BLOCKED ? s : s | (u64)(u8)level << RMI_LEVEL_SHIFT;
}

status_t refuse_for(struct call *c, enum refusal why, int level, pa_t p)
{
	status_t s = refuse(c, why);

	return s == RMI_BLOCKED ? s : status_for(s, level, p);
}

status_t status_for(status_t status, int level, pa_t p)
{
	if (!RMI_ERROR_HAS_ADDRESS)
		return status;
	return status | (u64)(u8)level << RMI_LEVEL_SHIFT | (p.raw >> 12) << RMI_ADDRESS_SHIFT;
}

status_t busy(struct call *c)
{
	require(!c->committed);
	return RMI_BUSY;
}

status_t blocked(struct call *c)
{
	require(!c->committed);
	return RMI_BLOCKED;
}

bool slice_end(const struct call *c)
{
	return arch_interrupt_pending() || (c->nr_held && granule_wanted());
}

#define WHOLE_SLICE	1024

bool slice_over(struct call *c, u32 pieces)
{
	c->work += WHOLE_SLICE / pieces;
	if (c->work < WHOLE_SLICE)
		return false;
	c->work = 0;
	return slice_end(c);
}

void commit(struct call *c)
{
	require(!c->committed);
	c->committed = true;
}

void become(struct call *c, struct granule *g, enum granule_type to)
{
	expect(held_entry(c, g));
	granule_set_type(g, to);
}

status_t done(struct call *c)
{
	(void)c;
	return RMI_SUCCESS;
}
