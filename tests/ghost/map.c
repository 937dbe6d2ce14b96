/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages under a realm's tree: its own, and the host's (rmi-commands.md 9, 10). */
#include <string.h>

#include "harness/fids.h"
#include "harness/inside.h"
#include "sim/sim.h"
#include "state.h"

static u64 desc_count(u64 d) { return FIELD(d, ghost.shift - 1, 2); }
static int desc_level(u64 d) { return 3 - (int)FIELD(d, 1, 0); }
static u64 desc_base(u64 d) { return d & MASK(51, ghost.shift); }
static u64 desc_state(u64 d) { return d >> RMI_DESC_STATE_SHIFT & RMI_DESC_STATE_MASK; }

static u64 output_end(void) { return BIT(FIELD(ghost.feature[0], 40, 33)); }

/* Ends the call's realm and range: [base, top) in one half. Null: said. */
static struct realm *need_range(struct judged *j, bool shared)
{
	struct realm *r = need_realm(j, 0, j->in[1]);
	u64 base = j->in[2], top = j->in[3];
	unsigned int before = j->nr_no;

	if (!is_aligned(base) || !is_aligned(top))
		no(j, 1, RMI_ERROR_INPUT, "alignment");
	if (top <= base)
		no(j, 1, RMI_ERROR_INPUT, "order");
	else if (r && !shared && top > ipa_end(r) / 2)
		no(j, 1, RMI_ERROR_INPUT, "not protected");
	else if (r && shared && (base < ipa_end(r) / 2 || top > ipa_end(r)))
		no(j, 1, RMI_ERROR_INPUT, "not unprotected");
	return j->nr_no == before ? r : NULL;
}

/* ---- the addresses to map -------------------------------------------------------------------- */

#define MAX_LIST 8192
static u64 list[MAX_LIST];	/* without the empty ones */
static unsigned int nr_list;

/* False: they cannot be had (said). */
static bool need_addresses(struct judged *j)
{
	u64 type = j->in[4] & 3, n = FIELD(j->in[4], 15, 2), at = j->in[5], room = list_room(at);

	nr_list = 0;
	if (type != RMI_OADDR_SINGLE && type != RMI_OADDR_LIST) {
		no(j, 1, RMI_ERROR_INPUT, "type of the addresses");
		return false;
	}
	if (type == RMI_OADDR_SINGLE) {
		list[0] = at;
		nr_list = desc_count(at) != 0;
		return true;
	}
	if (!aligned(at, 8))
		no(j, 1, RMI_ERROR_INPUT, "alignment of the list");
	if (!j->op && !host_may_be_read(at))
		no(j, 1, RMI_ERROR_INPUT, "the list is not the host's");
	if (!n)
		no(j, 1, RMI_ERROR_INPUT, "an empty list");
	if (!aligned(at, 8) || !n || (!j->op && !host_may_be_read(at)))
		return false;
	for (u64 i = 0; i < n && i < room; i++) {
		u64 d;

		if (j->op)
			memcpy(&d, j->op->page + 8 * i, 8);
		else
			d = host_word(at + 8 * i);
		if (desc_count(d))
			list[nr_list++] = d;
	}
	return true;
}

static void keep_list(struct judged *j, struct op *o)
{
	if ((j->in[4] & 3) == RMI_OADDR_LIST)
		host_seen(j->in[5], o->page, list_room(j->in[5]) * 8);
}

/* The n-th block of the list: its address and descriptor. False: there are fewer. */
static bool block(u64 n, u64 *pa, u64 *d)
{
	for (unsigned int i = 0; i < nr_list; i++) {
		if (n < desc_count(list[i])) {
			*d = list[i];
			*pa = desc_base(list[i]) + n * entry_bytes(desc_level(list[i]));
			return true;
		}
		n -= desc_count(list[i]);
	}
	return false;
}

static bool may_be_mapped(u64 pa, u64 d, bool shared)
{
	return (shared || desc_state(d) == RMI_MEMSTATE_DELEGATED) && desc_level(d) >= 1 &&
	       aligned(pa, entry_bytes(desc_level(d))) &&
	       pa + entry_bytes(desc_level(d)) <= output_end();
}

/* ---- map ------------------------------------------------------------------------------------------ */

struct mapping { bool shared; u8 memattr, s2ap; };

static bool is_there(const struct entry *e, u64 pa, const struct mapping *m)
{
	return e->kind == RMI_ENTRY_DATA && e->oa == pa &&
	       (!m->shared || (e->memattr == m->memattr && e->s2ap == m->s2ap));
}

static bool all_delegated(u64 pa, u64 bytes, bool *between)
{
	bool all = true;

	for (u64 p = pa; p < pa + bytes; p += granule_bytes()) {
		all &= is(p, DELEGATED);
		*between |= is(p, BETWEEN);
	}
	return all;
}

static void put(struct realm *r, struct walk *w, u64 pa, const struct mapping *m)
{
	(void)r;
	if (is_there(w->e, pa, m))
		return;
	w->e->kind = RMI_ENTRY_DATA;
	w->e->oa = pa;
	w->e->memattr = m->memattr;
	w->e->s2ap = m->s2ap;
	w->t->changed = true;
	for (u64 p = pa; !m->shared && p < pa + entry_bytes(w->level); p += granule_bytes())
		set_state(p, DATA);
}

/* Why the first block cannot be mapped at base. */
static void judge_first(struct judged *j, struct realm *r, u64 base, u64 top,
			const struct mapping *m)
{
	struct walk w = { 0 };
	bool between = false, all;
	u64 pa = 0, d = 0;
	int level;

	if (!block(0, &pa, &d) || !may_be_mapped(pa, d, m->shared)) {
		no(j, 2, RMI_ERROR_INPUT, "the first descriptor");
		return;
	}
	level = desc_level(d);
	if (level < r->start) {
		no_rtt(j, 2, r->start, "no entries of that size");
		return;
	}
	w = walk_to(r, base, level);
	if (w.level != level)
		no_rtt(j, 2, w.level, "walk");
	if (!aligned(base, entry_bytes(level)) || base + entry_bytes(level) > top)
		no_rtt(j, 2, w.level, "base or top within an entry");
	if (w.level == level && !is_there(w.e, pa, m) && w.e->kind != RMI_ENTRY_VOID)
		no_rtt(j, 2, level, "the entry is not VOID");
	if (m->shared || (w.level == level && is_there(w.e, pa, m)))
		return;
	all = all_delegated(pa, entry_bytes(level), &between);
	if (!all && is(pa, DELEGATED))
		no_late(j, 2, RMI_ERROR_INPUT, "not all DELEGATED");
	else if (!all)
		no(j, 2, RMI_ERROR_INPUT, "not DELEGATED");
	if (is_untracked(pa))
		no(j, 2, RMI_ERROR_TRACKING, "not tracked");
	j->may_block |= between;
}

/* Maps block after block, from the n-th on, up to `end`: what was answered must be possible. */
static void map_until(struct realm *r, u64 n, u64 base, u64 end, const struct mapping *m)
{
	u64 pa, d, at = base;
	bool between = false;

	for (; at < end; n++) {
		struct walk w;

		if (!block(n, &pa, &d) || !may_be_mapped(pa, d, m->shared))
			ghost_fault("0x%llx is mapped, and no address was left for it",
				    (unsigned long long)at);
		w = walk_to(r, at, desc_level(d));
		if (w.level != desc_level(d) || !aligned(at, entry_bytes(w.level)) ||
		    at + entry_bytes(w.level) > end ||
		    (w.e->kind != RMI_ENTRY_VOID && !is_there(w.e, pa, m)))
			ghost_fault("0x%llx cannot have been mapped", (unsigned long long)at);
		if (!m->shared && w.e->kind == RMI_ENTRY_VOID &&
		    !all_delegated(pa, entry_bytes(w.level), &between))
			ghost_fault("0x%llx was not DELEGATED", (unsigned long long)pa);
		put(r, &w, pa, m);
		at += entry_bytes(w.level);
	}
}

/* What the operation has of this block now. False: some of it was not DELEGATED. */
static bool claim(struct op *o, u64 pa, u64 bytes)
{
	bool all = true;

	for (u64 p = pa; p < pa + bytes; p += granule_bytes()) {
		bool free = inside_is(p, "DELEGATED");

		if (is(p, DELEGATED) && !free)
			op_mask(o, p, BETWEEN);
		else if (op_masks(o, p) && free)
			op_release(o, p, DELEGATED);
		all &= is(p, DELEGATED) || op_masks(o, p);
	}
	return all;
}

static bool is_mapped(const struct walk *w, u64 pa)
{
	struct entry e;

	see_entry(w, &e);
	return w->e->kind == RMI_ENTRY_VOID && e.kind == RMI_ENTRY_DATA && e.oa == pa;
}

/*
 * A DATA_MAP of blocks: each is claimed granule by granule, then it is there at once.
 * Another command may have taken the granules, the entry or the realm away meanwhile.
 */
static void map_goes_on(struct op *o)
{
	static const struct mapping m = { .shared = false };
	struct judged j = { .in = o->in, .op = o };
	struct realm *r = is(o->in[1], RD) ? realm_at(o->in[1]) : NULL;
	u64 pa, d;

	need_addresses(&j);
	while (block(o->block, &pa, &d)) {
		u64 bytes = entry_bytes(desc_level(d));
		bool all = claim(o, pa, bytes);
		struct walk w = { .level = -2 };

		if (r)
			w = walk_to(r, o->at, desc_level(d));
		if (w.level != desc_level(d) || !is_mapped(&w, pa)) {
			o->refused |= !all || w.level != desc_level(d) || w.e->kind != RMI_ENTRY_VOID ||
				      (r->state != NEW && r->state != ACTIVE);
			return;
		}
		while (o->nr_masked)
			op_release(o, o->masked[0].pa, DELEGATED);
		map_until(r, o->block, o->at, o->at + bytes, &m);
		o->at += bytes;
		o->block++;
	}
}

/* Its last answer: the blocks that are there are progress, else why the first is not. */
static void judge_last(struct judged *j)
{
	const struct op *o = j->op;
	bool error = j->status == RMI_ERROR_INPUT || j->status == RMI_ERROR_RTT ||
		     j->status == RMI_ERROR_REALM || j->status == RMI_ERROR_TRACKING;

	if (!o->refused && o->at == j->in[2])
		return;
	j->nr_no = j->nr_maybe = j->nr_late = 0;
	j->may_block = j->must_block = false;
	if (o->at == j->in[2])
		maybe(j, 0, error ? j->out[0] : RMI_ERROR_INPUT, "it met something else");
}

static void map(struct judged *j, bool shared)
{
	struct mapping m = { .shared = shared };
	struct realm *r = need_range(j, shared);
	u64 base = j->in[2], top = j->in[3], at = j->op ? j->op->at : base;
	struct op *o;

	if (shared) {
		m.memattr = FIELD(j->in[4], 18, 16);
		m.s2ap = (u8)(FIELD(j->in[4], 20, 20) | FIELD(j->in[4], 19, 19) << 1);
		if (m.memattr == 4)
			no(j, 1, RMI_ERROR_INPUT, "memory attribute");
		if (FIELD(j->in[4], 22, 21))
			no(j, 1, RMI_ERROR_INPUT, "S2AP");
	}
	if (need_addresses(j) && r) {
		if (r->state != NEW && r->state != ACTIVE)
			no(j, 2, RMI_ERROR_REALM, "not NEW or ACTIVE");
		judge_first(j, r, base, top, &m);
	}
	if (j->op)
		judge_last(j);
	switch (verdict(j, true, 2)) {
	case DONE:
		if (j->out[1] <= base || j->out[1] > top || j->out[1] < at)
			ghost_fault("out_top 0x%llx", (unsigned long long)j->out[1]);
		if (j->out[1] > at && !r)
			ghost_fault("mapped, and there is no realm");
		map_until(r, j->op ? j->op->block : 0, at, j->out[1], &m);
		break;
	case LATER:
		if (shared || desc_level(list[0]) == 3)
			op_none();
		o = op_new(j);
		keep_list(j, o);
		o->at = base;
		map_goes_on(o);
		break;
	default:
		break;
	}
}

static void map_init(struct judged *j)
{
	static const struct mapping m = { .shared = false };
	u64 data = j->in[2], ipa = j->in[3], src = j->in[4], flags = j->in[5];
	struct realm *r = need_realm(j, 0, j->in[1]);
	static u8 seen[65536];
	struct walk w = { 0 };

	need_state(j, 1, data, DELEGATED, "data not DELEGATED");
	if (!j->op && (!is_aligned(src) || !host_may_be_read(src)))
		no(j, 1, RMI_ERROR_INPUT, "the source is not the host's");
	if (flags > 1)
		no(j, 1, RMI_ERROR_INPUT, "flags");
	if (!is_aligned(ipa))
		no(j, 1, RMI_ERROR_INPUT, "alignment of the IPA");
	else if (r && !is_protected(r, ipa))
		no(j, 1, RMI_ERROR_INPUT, "not protected");
	else if (r) {
		w = walk_to(r, ipa, 3);
		if (w.level != 3)
			no_rtt(j, 1, w.level, "walk");
		else if (w.e->kind != RMI_ENTRY_VOID)
			no_rtt(j, 1, 3, "the entry is not VOID");
	}
	if (r && r->state != NEW)
		no(j, 1, RMI_ERROR_REALM, "not NEW");
	if (is_aligned(data) && is_untracked(data))
		no(j, 1, RMI_ERROR_TRACKING, "not tracked");
	switch (verdict(j, true, -1)) {
	case DONE:
		put(r, &w, data, &m);
		w.e->ripas = RMI_RIPAS_RAM;
		if (j->op)
			break;
		host_seen(src, seen, granule_bytes());
		if (memcmp(seen, sim_ram(data), granule_bytes()))
			ghost_fault("the page is not what its source was");
		break;
	case LATER: {
		struct op *o = op_new(j);

		o->realm = r;
		r->operations++;
		op_mask(o, data, BETWEEN);
		break;
	}
	default:
		break;
	}
}

/* ---- unmap ------------------------------------------------------------------------------------------ */

/* What it says of the blocks that were freed, in the order of their IPA. */
static struct { u64 d[512]; u64 nr, next, in; bool told; u64 state; } told;

static void told_open(struct judged *j, bool shared)
{
	u64 type = j->in[4] & 3;

	memset(&told, 0, sizeof(told));
	/* an operation may have written its list long ago: it is the host's again */
	told.told = type != RMI_OADDR_NONE && !(type == RMI_OADDR_LIST && j->op);
	told.state = shared ? RMI_MEMSTATE_UNDELEGATED : RMI_MEMSTATE_DELEGATED;
	if (type == RMI_OADDR_SINGLE && j->out[2])
		told.d[told.nr++] = j->out[2];
	if (type != RMI_OADDR_SINGLE)
		must_be(j->out[2], 0, "out_range");
	if (type != RMI_OADDR_LIST)
		must_be(j->out[3], 0, "out_count");
	if (type != RMI_OADDR_LIST || j->op)
		return;
	if (j->out[3] > FIELD(j->in[4], 15, 2) || j->out[3] > 512)
		ghost_fault("%llu descriptors", (unsigned long long)j->out[3]);
	for (; told.nr < j->out[3]; told.nr++)
		told.d[told.nr] = *(const u64 *)sim_ram(j->in[5] + 8 * told.nr);
}

static void told_next(u64 pa, int level)
{
	u64 d = told.d[told.next];

	if (!told.told)
		return;
	if (told.next == told.nr)
		ghost_fault("0x%llx was freed, and not told", (unsigned long long)pa);
	must_be(desc_base(d) + told.in * entry_bytes(level), pa, "the block told");
	must_be((u64)desc_level(d), (u64)level, "the size told");
	must_be(desc_state(d), told.state, "the state told");
	if (++told.in == desc_count(d)) {
		told.next++;
		told.in = 0;
	}
}

/*
 * One leaf at `at`: how far that goes. No further than top: holes may be left half done.
 * at itself: an entry that holds an address and is larger than the range.
 */
static u64 step(struct realm *r, u64 at, u64 top, bool shared, bool really)
{
	struct walk w = walk_to(r, at, 3);
	u64 size = entry_bytes(w.level), start = ALIGN_DOWN(at, size);

	if (w.e->kind == RMI_ENTRY_VOID)
		return start + size < top ? start + size : top;
	if (start < at || at + size > top)
		return at;
	if (!really)
		return at + size;
	told_next(w.e->oa, w.level);
	for (u64 p = w.e->oa; !shared && p < w.e->oa + size; p += granule_bytes())
		set_state(p, DELEGATED);
	*w.e = (struct entry){
		.ripas = shared || w.e->ripas != RMI_RIPAS_RAM ? w.e->ripas : RMI_RIPAS_DESTROYED,
	};
	w.t->changed = true;
	return at + size;
}

/* A block is no longer mapped when its DATA_UNMAP begins; its granules are in between. */
static void unmap_begins(struct judged *j, struct realm *r, bool shared)
{
	u64 at = j->in[2], top = j->in[3];
	struct op *o = op_new(j);
	struct walk w;

	for (w = walk_to(r, at, 3); w.e->kind == RMI_ENTRY_VOID && at < top; w = walk_to(r, at, 3))
		at = step(r, at, top, shared, false);
	if (shared || w.level == 3 || step(r, at, top, shared, false) != at + entry_bytes(w.level))
		op_none();
	o->oa = w.e->oa;
	o->level = w.level;
	memset(&told, 0, sizeof(told));	/* it is told at the end */
	o->at = step(r, at, top, shared, true);
	for (u64 p = o->oa; p < o->oa + entry_bytes(o->level); p += granule_bytes())
		op_mask(o, p, BETWEEN);		/* was DELEGATED: that it becomes */
	blocks_go_on(o);
}

static void unmap_goes_on(struct op *o)
{
	for (u64 p = o->oa; p < o->oa + entry_bytes(o->level); p += granule_bytes())
		if (op_masks(o, p) && inside_is(p, "DELEGATED"))
			op_release(o, p, DELEGATED);
}

static void unmap_ends(struct judged *j)
{
	must_be(j->out[0], RMI_SUCCESS, "the last status");
	must_be(j->out[1], j->op->at, "out_top");
	told_open(j, false);
	if ((j->in[4] & 3) == RMI_OADDR_LIST)
		must_be(j->out[3], 1, "out_count");
	told_next(j->op->oa, j->op->level);
	if (told.next != told.nr)
		ghost_fault("more was told than freed");
}

void blocks_go_on(struct op *o)
{
	if (o->in[0] == FID_RTT_DATA_MAP)
		map_goes_on(o);
	else if (o->in[0] == FID_RTT_DATA_UNMAP)
		unmap_goes_on(o);
}

static void unmap(struct judged *j, bool shared)
{
	struct realm *r;
	u64 base = j->in[2], top = j->in[3], type = j->in[4] & 3, end = j->out[1], at;

	if (j->op) {
		unmap_ends(j);
		return;
	}
	r = need_range(j, shared);
	if (type > RMI_OADDR_LIST)
		no(j, 1, RMI_ERROR_INPUT, "type of the addresses");
	if (type == RMI_OADDR_LIST)
		need_list(j, 1, j->in[5], false);
	if (type == RMI_OADDR_LIST && !FIELD(j->in[4], 15, 2))
		no(j, 1, RMI_ERROR_INPUT, "an empty list");
	if (r && step(r, base, top, shared, false) == base)
		no_rtt(j, 2, walk_to(r, base, 3).level, "an entry larger than the range");
	switch (verdict(j, true, 2)) {
	case DONE:
		if (end <= base || end > top)
			ghost_fault("out_top 0x%llx", (unsigned long long)end);
		told_open(j, shared);
		for (at = base; at < end;) {
			u64 next = step(r, at, end, shared, true);

			if (next == at)
				ghost_fault("out_top 0x%llx lies within an entry",
					    (unsigned long long)end);
			at = next;
		}
		if (told.next != told.nr)
			ghost_fault("more was told than freed");
		break;
	case LATER:
		unmap_begins(j, r, shared);
		break;
	default:
		break;
	}
}

void map_call(struct judged *j)
{
	may_want_context(j);
	switch (j->in[0]) {
	case FID_RTT_DATA_MAP_INIT: map_init(j); break;
	case FID_RTT_DATA_MAP: map(j, false); break;
	case FID_RTT_UNPROT_MAP: map(j, true); break;
	case FID_RTT_DATA_UNMAP: unmap(j, false); break;
	default: unmap(j, true);
	}
}
