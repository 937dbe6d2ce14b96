/* SPDX-License-Identifier: BSD-2-Clause */
/* The tree of a realm: its tables and RIPAS (rmi-commands.md 8, 9.4, 9.5; rmi-memory.md 7). */
#include "harness/fids.h"
#include "state.h"

/* Level of a table to be, and the IPA it covers. False: said. */
static bool need_place(struct judged *j, const struct realm *r, u64 ipa, u64 level)
{
	unsigned int before = j->nr_no;

	if ((s64)level <= r->start || (s64)level > 3) {
		no(j, 1, RMI_ERROR_INPUT, "level");
		return false;
	}
	if (!aligned(ipa, entry_bytes((int)level - 1)))
		no(j, 1, RMI_ERROR_INPUT, "alignment of the IPA");
	if (ipa >= ipa_end(r))
		no(j, 1, RMI_ERROR_INPUT, "beyond the IPA space");
	return j->nr_no == before;
}

/* ---- create ------------------------------------------------------------------------------ */

static void hang(struct walk *w, u64 pa)
{
	struct entry parent = *w->e;
	struct table *t = table_new(w->t->realm, pa, w->level + 1,
				    w->t->base + w->i * entry_bytes(w->level));

	for (unsigned int i = 0; i < table_entries(); i++) {
		t->e[i] = parent;
		t->e[i].oa = parent.kind == RMI_ENTRY_DATA ?
			     parent.oa + i * entry_bytes(t->level) : 0;
	}
	*w->e = (struct entry){ .kind = RMI_ENTRY_TABLE, .oa = pa, .table = t };
	w->t->changed = true;
}

static void create(struct judged *j)
{
	struct realm *r = need_realm(j, 0, j->in[1]);
	u64 rtt = j->in[2], ipa = j->in[3], level = j->in[4];
	struct walk w = { 0 };

	need_state(j, 2, rtt, DELEGATED, "RTT not DELEGATED");
	if (rtt >= BIT(FIELD(ghost.feature[0], 40, 33)))
		no(j, 2, RMI_ERROR_INPUT, "RTT beyond the output width");
	if (r && need_place(j, r, ipa, level)) {
		w = walk_to(r, ipa, (int)level - 1);
		if (w.level < (int)level - 1)
			no_rtt(j, 2, w.level, "walk");
		else if (w.e->kind == RMI_ENTRY_TABLE)
			no_rtt(j, 2, w.level, "a table already");
	}
	switch (verdict(j, true, -1)) {
	case DONE:
		hang(&w, rtt);
		set_state(rtt, RTT);
		break;
	case LATER:
		op_none();
	default:
		break;
	}
}

/* ---- destroy and fold ----------------------------------------------------------------------- */

static void unhang(struct walk *w, struct entry instead)
{
	struct table *t = w->e->table;

	set_state(t->pa, DELEGATED);
	*w->e = instead;
	w->t->changed = true;
	table_free(t);
}

static void destroy(struct judged *j)
{
	struct realm *r = need_realm(j, 0, j->in[1]);
	u64 ipa = j->in[2], level = j->in[3], x2 = 0;
	struct walk w = { 0 };

	if (r && need_place(j, r, ipa, level)) {
		w = walk_to(r, ipa, (int)level - 1);
		if (w.level < (int)level - 1 || w.e->kind != RMI_ENTRY_TABLE) {
			no_rtt(j, 2, w.level, "no table");
			x2 = next_live(r, &w);
		} else if (is_live(r, w.e->table)) {
			no_rtt(j, 2, (int)level, "live");
			x2 = ipa;
		}
	}
	switch (verdict(j, true, -2)) {
	case DONE:
		must_be(j->out[1], w.e->oa, "the table");
		unhang(&w, is_protected(r, ipa) ? (struct entry){ .ripas = RMI_RIPAS_DESTROYED } :
						  (struct entry){ 0 });
		must_be(j->out[2], next_live(r, &w), "top");
		break;
	case LATER:
		op_none();
	default:
		if (j->status == RMI_ERROR_RTT)
			must_be(j->out[2], x2, "top");
		must_be(j->out[1], 0, "x1 of a refusal");
	}
}

/* rmi-memory.md 7.6. */
static bool homogeneous(const struct table *t)
{
	const struct entry *first = &t->e[0];
	bool address = first->kind == RMI_ENTRY_DATA;

	if (first->kind == RMI_ENTRY_TABLE)
		return false;
	if (address && (t->level < 2 || !aligned(first->oa, entry_bytes(t->level - 1))))
		return false;
	for (unsigned int i = 1; i < table_entries(); i++) {
		const struct entry *e = &t->e[i];

		if (e->kind != first->kind || e->ripas != first->ripas ||
		    e->memattr != first->memattr || e->s2ap != first->s2ap)
			return false;
		if (address && e->oa != first->oa + i * entry_bytes(t->level))
			return false;
	}
	return true;
}

static void fold(struct judged *j)
{
	struct realm *r = need_realm(j, 0, j->in[1]);
	u64 ipa = j->in[2], level = j->in[3];
	struct walk w = { 0 };

	if (r && need_place(j, r, ipa, level)) {
		w = walk_to(r, ipa, (int)level - 1);
		if (w.level < (int)level - 1 || w.e->kind != RMI_ENTRY_TABLE)
			no_rtt(j, 2, w.level, "no table");
		else if (!homogeneous(w.e->table))
			no_rtt(j, 2, (int)level, "not homogeneous");
	}
	switch (verdict(j, true, -1)) {
	case DONE:
		must_be(j->out[1], w.e->oa, "the table");
		unhang(&w, w.e->table->e[0]);
		break;
	case LATER:
		op_none();
	default:
		break;
	}
}

/* ---- look --------------------------------------------------------------------------------------- */

static u64 descriptor(const struct entry *e)
{
	u64 d;

	if (e->kind == RMI_ENTRY_VOID)
		return 0;
	d = e->oa;
	if (ghost.shift == 16)
		d = (e->oa & MASK(47, 16)) | FIELD(e->oa, 51, 48) << 12;
	else if (ghost.feature[0] & RMI_F0_LPA2)
		d = (e->oa & MASK(49, 12)) | FIELD(e->oa, 51, 50) << 8;
	return d | (u64)e->memattr << 2 | (u64)e->s2ap << 6;
}

static void read_entry(struct judged *j)
{
	struct realm *r = need_realm(j, 0, j->in[1]);
	u64 ipa = j->in[2], level = j->in[3];
	struct walk w = { 0 };

	if (r && ((s64)level < r->start || (s64)level > 3))
		no(j, 1, RMI_ERROR_INPUT, "level");
	else if (r && !aligned(ipa, entry_bytes((int)level)))
		no(j, 1, RMI_ERROR_INPUT, "alignment");
	if (r && ipa >= ipa_end(r))
		no(j, 1, RMI_ERROR_INPUT, "beyond the IPA space");
	if (verdict(j, false, -1) != DONE)
		return;
	w = walk_to(r, ipa, (int)level);
	must_be(j->out[1], (u64)(s64)w.level, "the level");
	must_be(j->out[2], w.e->kind, "the state");
	must_be(j->out[3], descriptor(w.e), "the descriptor");
	must_be(j->out[4], w.e->ripas, "the RIPAS");
}

/* ---- RIPAS ----------------------------------------------------------------------------------------- */

/* How one entry takes the change; false: the sweep stops in front of it. */
typedef bool change_fn(struct entry *e, const struct vcpu *v, bool really);

static bool init_one(struct entry *e, const struct vcpu *v, bool really)
{
	(void)v;
	if (e->kind == RMI_ENTRY_TABLE || e->ripas == RMI_RIPAS_DESTROYED)
		return false;
	if (really)
		e->ripas = RMI_RIPAS_RAM;
	return true;
}

static bool set_one(struct entry *e, const struct vcpu *v, bool really)
{
	if (e->kind == RMI_ENTRY_TABLE)
		return false;
	if (v->ripas.value == RMI_RIPAS_RAM && e->ripas == RMI_RIPAS_DESTROYED &&
	    !v->ripas.destroyed)
		return false;
	if (really)
		e->ripas = v->ripas.value;
	return true;
}

/*
 * From base, leaf after leaf, as far as `top`: how far it could go at most. A stop may
 * be anywhere in between; really: up to there it is done.
 */
static u64 sweep(struct realm *r, u64 base, u64 top, change_fn *change, const struct vcpu *v,
		 bool really)
{
	u64 at = base;

	while (at < top) {
		struct walk w = walk_to(r, at, 3);
		u64 size = entry_bytes(w.level);

		if (!aligned(at, size) || at + size > top || !change(w.e, v, really))
			break;
		if (really)
			w.t->changed = true;
		at += size;
	}
	return at;
}

static void range_done(struct judged *j, struct realm *r, u64 base, u64 limit, change_fn *change,
		       const struct vcpu *v)
{
	u64 end = j->out[1];

	if (end <= base || end > limit)
		ghost_fault("out_top 0x%llx, at most 0x%llx", (unsigned long long)end,
			    (unsigned long long)limit);
	must_be(sweep(r, base, end, change, v, true), end, "where an entry ends");
}

static void init_ripas(struct judged *j)
{
	struct realm *r = need_realm(j, 0, j->in[1]);
	u64 base = j->in[2], top = j->in[3], limit = base;

	if (!is_aligned(base) || !is_aligned(top))
		no(j, 1, RMI_ERROR_INPUT, "alignment");
	if (top <= base)
		no(j, 1, RMI_ERROR_INPUT, "order");
	else if (r && !is_protected(r, top - 1))
		no(j, 1, RMI_ERROR_INPUT, "not protected");
	if (r && r->state != NEW)
		no(j, 2, RMI_ERROR_REALM, "not NEW");
	if (r && top > base && is_protected(r, top - 1) && is_aligned(base)) {
		limit = sweep(r, base, top, init_one, NULL, false);
		if (limit == base)
			no_rtt(j, 2, walk_to(r, base, 3).level, "no progress");
	}
	switch (verdict(j, true, 2)) {
	case DONE:
		range_done(j, r, base, limit, init_one, NULL);
		break;
	case LATER:
		op_none();
	default:
		break;
	}
}

static void set_ripas(struct judged *j)
{
	struct realm *r = need_realm(j, 0, j->in[1]);
	u64 base = j->in[3], top = j->in[4], limit = base;
	struct vcpu *v = NULL;

	if (!is_aligned(top) || top <= base)
		no(j, 0, RMI_ERROR_INPUT, "top");
	need_state(j, 0, j->in[2], REC, "no REC");
	if (is_aligned(j->in[2]) && is(j->in[2], REC))
		v = vcpu_at(j->in[2]);
	if (v && v->realm != r)
		no(j, 1, RMI_ERROR_REC, "of another realm");
	if (v && (!v->ripas.active || base != v->ripas.addr))
		no(j, 1, RMI_ERROR_INPUT, "base is not where it is");
	if (v && top > v->ripas.top)
		no(j, 1, RMI_ERROR_INPUT, "top is beyond the request");
	if (v && v->realm == r && v->ripas.active && base == v->ripas.addr && !j->nr_no) {
		limit = sweep(r, base, top, set_one, v, false);
		if (limit == base)
			no_rtt(j, 2, walk_to(r, base, 3).level, "no progress");
	}
	switch (verdict(j, true, 3)) {
	case DONE:
		range_done(j, r, base, limit, set_one, v);
		v->ripas.addr = j->out[1];
		break;
	case LATER:
		op_none();
	default:
		break;
	}
}

void rtt_call(struct judged *j)
{
	may_want_context(j);
	switch (j->in[0]) {
	case FID_RTT_CREATE: create(j); break;
	case FID_RTT_DESTROY: destroy(j); break;
	case FID_RTT_FOLD: fold(j); break;
	case FID_RTT_READ_ENTRY: read_entry(j); break;
	case FID_RTT_INIT_RIPAS: init_ripas(j); break;
	default: set_ripas(j);
	}
}
