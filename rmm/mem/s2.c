/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Walking and changing RTTs (rmi-memory.md 7, realm-exec.md 10.1).
 *
 * Locks: the root (one of the concatenated ones), then hand over hand to the
 * leaf. Whoever wants to free a table holds its parent, so a walker that has
 * the parent may always go on to the child.
 */
#include "base/require.h"
#include "base/string.h"
#include "mem/s2.h"

/* ---- the walk --------------------------------------------------------------- */

static bool is_ns(const struct s2_walk *w, u64 ipa)
{
	return !s2_is_protected(w->s2, ipa);
}

struct s2_entry s2_entry_at(const struct s2_walk *w, unsigned int index)
{
	return s2_decode(w->s2, arch_s2_read(&w->table[index]), w->level,
			 is_ns(w, s2_entry_ipa(w, index).raw));
}

ipa_t s2_entry_ipa(const struct s2_walk *w, unsigned int index)
{
	return ipa_add(w->base, (u64)index << w->shift);
}

/* The table g, whose entries are of `level`, is held. */
static void look_into(struct call *c, struct s2_walk *w, struct granule *g, int level, ipa_t ipa)
{
	unsigned int shift = s2_shift(level);
	u64 entries = S2_ENTRIES, span = entries << shift;

	w->g = g;
	w->table = view(c, g);
	w->level = level;
	w->shift = shift;
	w->index = (unsigned int)(ipa.raw >> shift & (entries - 1));
	w->base = (ipa_t){ ALIGN_DOWN(ipa.raw, span) };
	w->nr_entries = (unsigned int)entries;
	if (w->base.raw + span > s2_ipa_top(w->s2))
		w->nr_entries = (unsigned int)((s2_ipa_top(w->s2) - w->base.raw) >> shift);
	w->entry = s2_entry_at(w, w->index);
}

/* The table at `p` is held from here on. */
static void enter_table(struct call *c, struct s2_walk *w, pa_t p, int level, ipa_t ipa)
{
	look_into(c, w, hold_sure(c, p, RTT), level, ipa);
}

static pa_t root_of(const struct s2 *s2, ipa_t ipa)
{
	u64 n = ipa.raw >> (s2_shift(s2->start_level) + S2_STRIDE);

	return pa_add(s2->root, n * GRANULE_SIZE);
}

void s2_walk(struct call *c, const struct s2 *s2, ipa_t ipa, int level, struct s2_walk *w)
{
	w->copy = *s2;
	w->s2 = &w->copy;
	expect(ipa.raw < s2_ipa_top(s2));
	enter_table(c, w, root_of(s2, ipa), s2->start_level, ipa);
	while (w->entry.state == S2_TABLE && w->level < level) {
		struct granule *above = w->g;

		enter_table(c, w, w->entry.oa, w->level + 1, ipa);
		let_go(c, above);
	}
}

bool s2_walk_to(struct call *c, const struct s2 *s2, ipa_t ipa, int level, struct s2_walk *w)
{
	s2_walk(c, s2, ipa, level, w);
	return w->level == level;
}

void s2_let_go(struct call *c, struct s2_walk *w)
{
	let_go(c, w->g);
	w->g = NULL;
	w->table = NULL;
}

/* ---- changes ------------------------------------------------------------------ */

/* What a table counts: entries that hold an address of the realm's. */
static int counts(const struct s2_entry *e)
{
	return e->state == S2_TABLE || (e->state == S2_DATA && !e->ns);
}

void s2_set(struct s2_walk *w, unsigned int index, const struct s2_entry *e)
{
	struct s2_entry old = s2_entry_at(w, index);
	int more = counts(e) - counts(&old);

	expect(!(s2_is_valid(&old) && s2_is_valid(e)));
	arch_s2_write(&w->table[index], s2_encode(w->s2, e, w->level));
	if (more)
		granule_add_refs(w->g, more);
}

void s2_publish(void)
{
	arch_s2_publish();
}

void s2_flush(const struct s2_walk *w, ipa_t base, u64 bytes)
{
	arch_tlb_flush_range(w->s2->vttbr, w->s2->vtcr, base, bytes);
}

u64 s2_next_live(const struct s2_walk *w, unsigned int index)
{
	while (index < w->nr_entries && !s2_holds_address(arch_s2_read(&w->table[index])))
		index++;
	return s2_entry_ipa(w, index).raw;
}

/* Break before make: the hardware forgets the entry, the count stays. */
static void break_entry(struct s2_walk *w, unsigned int index)
{
	arch_s2_write(&w->table[index], 0);
	s2_flush(w, s2_entry_ipa(w, index), s2_size(w->level));
}

static void fill_table(const struct s2 *s2, u64 *table, const struct s2_entry *e, int level)
{
	u64 desc = s2_encode(s2, e, level), step = s2_step(e, level);

	for (u64 *end = table + S2_ENTRIES; table < end; table++, desc += step)
		arch_s2_write(table, desc);
	arch_s2_publish();	/* before the entry that leads here */
}

void s2_unfold(struct call *c, struct s2_walk *w, struct granule *g_rtt)
{
	struct s2_entry old = w->entry;
	struct s2_entry table = { .state = S2_TABLE, .ns = old.ns, .oa = pa_of(c, g_rtt) };

	if (s2_is_valid(&old))
		break_entry(w, w->index);
	fill_table(w->s2, view(c, g_rtt), &old, w->level + 1);
	if (counts(&old))
		granule_add_refs(g_rtt, S2_ENTRIES);
	else
		granule_add_refs(w->g, 1);
	arch_s2_write(&w->table[w->index], s2_encode(w->s2, &table, w->level));
	arch_s2_publish();
}

void s2_fold(struct call *c, struct s2_walk *w, struct granule *g_rtt, const struct s2_entry *e)
{
	(void)c;
	break_entry(w, w->index);
	if (counts(e))
		granule_add_refs(g_rtt, -(int)S2_ENTRIES);
	else
		granule_add_refs(w->g, -1);
	arch_s2_write(&w->table[w->index], s2_encode(w->s2, e, w->level));
	arch_s2_publish();
}

/* ---- what the realm asks for ---------------------------------------------------- */

static bool is_ram(const struct s2_entry *e)
{
	return e->ripas == RMI_RIPAS_RAM && e->state == S2_DATA;
}

/*
 * Straight to the table of last time. Who frees a table counts before it lets go of
 * it: the same count with the table held means that it was never let go, and what
 * it maps is where it always was. What the entry says now is looked at now.
 */
static bool touch_again(struct call *c, const struct s2 *s2, ipa_t ipa, const struct s2_hint *hint,
			struct s2_walk *w)
{
	struct granule *g;

	if (!hint->table.raw || hint->rtts_gone != granule_rtts_gone() ||
	    (ipa.raw ^ hint->base.raw) >> (s2_shift(hint->level) + S2_STRIDE))
		return false;
	g = hold_again(c, hint->table, RTT);
	if (!g)
		return false;
	if (hint->rtts_gone == granule_rtts_gone()) {
		w->s2 = s2;		/* whose REC runs: it stays */
		look_into(c, w, g, hint->level, ipa);
		if (is_ram(&w->entry))
			return true;
	}
	let_go(c, g);
	return false;
}

static enum s2_touch touched(const struct s2_walk *w, ipa_t ipa, pa_t *page)
{
	u64 inside = ipa.raw & ((1ULL << w->shift) - 1);

	*page = pa_add(w->entry.oa, ALIGN_DOWN(inside, GRANULE_SIZE));
	return S2_TOUCH_OK;
}

enum s2_touch s2_touch_page(struct call *c, const struct s2 *s2, ipa_t ipa, struct s2_hint *hint,
			    struct s2_walk *w, pa_t *page, int *level)
{
	expect(s2_is_protected(s2, ipa.raw));
	if (touch_again(c, s2, ipa, hint, w))
		return touched(w, ipa, page);
	s2_walk(c, s2, ipa, S2_LAST_LEVEL, w);
	*level = w->level;
	if (is_ram(&w->entry)) {
		*hint = (struct s2_hint){ pa_of(c, w->g), w->base, w->level, granule_rtts_gone() };
		return touched(w, ipa, page);
	}
	s2_let_go(c, w);
	if (w->entry.ripas == RMI_RIPAS_RAM || w->entry.ripas == RMI_RIPAS_DESTROYED)
		return S2_TOUCH_ABORT;
	return S2_TOUCH_EMPTY;
}
