/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The monitor's state beside the ghost's. What the monitor keeps comes through the
 * tests' inside view; what a valid descriptor must say to hardware is judged here.
 */
#include <string.h>

#include "harness/inside.h"
#include "sim/sim.h"
#include "state.h"

static const char *const names[] = {
	[UNDELEGATED] = "UNDELEGATED", [DELEGATED] = "DELEGATED", [RD] = "RD", [REC] = "REC",
	[RTT] = "RTT", [DATA] = "DATA", [INTERNAL] = "INTERNAL", [BETWEEN] = "BETWEEN",
	[WHOLE] = "-",
};

/* ---- granules ------------------------------------------------------------------------ */

/* Claimed by an operation that converts its region, or not kept any more. */
static bool is_claimed(u8 s, u64 pa, const char *is)
{
	return region_converts(pa) &&
	       (!strcmp(is, "-") || !strcmp(is, s == DELEGATED ? "BETWEEN" : "CLAIMED"));
}

static void compare_pages(void)
{
	static const char *known[WHOLE + 1];	/* seen to be equal before */
	u64 nr = nr_pages();

	for (u64 n = 0; n < nr; n++) {
		u8 s = page_number(n)->state;
		u64 pa = page_address(n);
		const char *is;

		if (s == FOREIGN)
			continue;
		is = inside_state(pa);
		if (s == BETWEEN && (!strcmp(is, "DATA") || !strcmp(is, "INTERNAL")))
			continue;		/* an operation's all the same */
		if (is != known[s] && is_claimed(s, pa, is))
			continue;
		if (is != known[s] && strcmp(is, names[s]))
			ghost_fault("granule 0x%llx is %s, not %s", (unsigned long long)pa,
				    is, names[s]);
		known[s] = is;
	}
}

static void adopt_pages(void)
{
	for (u64 n = 0; n < nr_pages(); n++) {
		u64 pa = page_address(n);
		struct page *p = page_number(n);

		p->state = FOREIGN;
		if (ghost.rmm_state != RMI_STATE_ACTIVE && sim_pas(pa) == SIM_NS)
			p->state = UNDELEGATED;
		for (u8 s = UNDELEGATED; s <= BETWEEN; s++)
			if (inside_is(pa, names[s]))
				p->state = s;
		if (ghost.rmm_state == RMI_STATE_ACTIVE && region_around(pa) &&
		    region_around(pa)->kind != RMI_TRACKING_FINE)
			p->state = WHOLE;
		if (p->state == UNDELEGATED && sim_pas(pa) != SIM_NS)
			p->state = FOREIGN;
		if (p->state == BETWEEN)
			ghost_fault("an operation is under way");
	}
}

/* ---- tables ---------------------------------------------------------------------------- */

#define VALID		BIT(0)
#define PAGE		BIT(1)
#define AF		BIT(10)
#define XN		BIT(54)
#define NS		BIT(55)

/* What hardware reads in a valid leaf (realm-exec.md 10, rmi-memory.md 7.8). */
static void judge_leaf(const struct table *t, unsigned int i, u64 d, const struct entry *e,
		       bool shared)
{
	u64 at = t->base + i * entry_bytes(t->level), memattr = FIELD(d, 5, 2);
	bool valid = shared || e->ripas == RMI_RIPAS_RAM;

	if (e->kind != RMI_ENTRY_DATA || !valid) {
		if (d & VALID)
			ghost_fault("0x%llx may not be reached, its descriptor is 0x%llx",
				    (unsigned long long)at, (unsigned long long)d);
		return;
	}
	if ((d & 3) != (t->level == 3 ? VALID | PAGE : VALID) || !(d & AF) ||
	    !!(d & NS) != shared || !!(d & XN) != shared ||
	    memattr != (shared ? e->memattr : 6) || FIELD(d, 7, 6) != (shared ? e->s2ap : 3))
		ghost_fault("0x%llx: the descriptor is 0x%llx", (unsigned long long)at,
			    (unsigned long long)d);
}

static void compare_entry(const struct realm *r, const struct table *t, unsigned int i, u64 d)
{
	const struct entry *e = &t->e[i];
	u64 at = t->base + i * entry_bytes(t->level);
	struct inside_entry is;

	ghost_count.entries++;
	inside_entry(r->rd, d, t->level, !is_protected(r, t->base), &is);
	if (is.state != e->kind || (e->kind != RMI_ENTRY_TABLE && is.ripas != e->ripas) ||
	    (e->kind != RMI_ENTRY_VOID && is.oa != e->oa) ||
	    (e->kind == RMI_ENTRY_DATA &&
	     (is.attributes != ((u64)e->memattr << 2 | (u64)e->s2ap << 6))))
		ghost_fault("entry 0x%llx level %d of realm 0x%llx: state %u RIPAS %u 0x%llx 0x%llx, "
			    "not %u %u 0x%llx 0x%llx", (unsigned long long)at, t->level,
			    (unsigned long long)r->rd, is.state, is.ripas,
			    (unsigned long long)is.oa, (unsigned long long)is.attributes, e->kind,
			    e->ripas, (unsigned long long)e->oa,
			    (unsigned long long)((u64)e->memattr << 2 | (u64)e->s2ap << 6));
	if (e->kind != RMI_ENTRY_TABLE)
		judge_leaf(t, i, d, e, !is_protected(r, t->base));
}

static void compare_table(const struct realm *r, struct table *t)
{
	const u64 *d = sim_ram(t->pa);
	size_t bytes = table_entries() * sizeof(*d);

	if (!t->changed && !memcmp(t->seen, d, bytes))
		return;
	for (unsigned int i = 0; i < table_entries(); i++)
		if (t->changed || t->seen[i] != d[i])
			compare_entry(r, t, i, d[i]);
	memcpy(t->seen, d, bytes);
	t->changed = false;
}

void see_entry(const struct walk *w, struct entry *e)
{
	const struct realm *r = w->t->realm;
	struct inside_entry is;

	inside_entry(r->rd, ((const u64 *)sim_ram(w->t->pa))[w->i], w->t->level,
		     !is_protected(r, w->t->base), &is);
	e->kind = (u8)is.state;
	e->ripas = e->kind == RMI_ENTRY_TABLE ? 0 : (u8)is.ripas;
	e->oa = e->kind == RMI_ENTRY_VOID ? 0 : is.oa;
	e->memattr = e->kind == RMI_ENTRY_DATA ? FIELD(is.attributes, 4, 2) : 0;
	e->s2ap = e->kind == RMI_ENTRY_DATA ? FIELD(is.attributes, 7, 6) : 0;
}

static void adopt_table(struct realm *r, struct table *t)
{
	for (unsigned int i = 0; i < entries_in(r, t); i++) {
		struct entry *e = &t->e[i];

		see_entry(&(struct walk){ .t = t, .i = i }, e);
		if (e->kind != RMI_ENTRY_TABLE)
			continue;
		e->table = table_new(r, e->oa, t->level + 1, t->base + i * entry_bytes(t->level));
		adopt_table(r, e->table);
	}
}

/* ---- realms and RECs ---------------------------------------------------------------------- */

static void compare_realm(struct realm *r)
{
	struct inside_realm is;

	inside_realm(r->rd, &is);
	must_be(is.state, (u64)r->state, "the realm's state");
	must_be(is.next_index, r->next_index, "the next index");
	must_be(is.nr_running, 0, "the number of RECs that run");
	if (!r->operations)
		must_be(inside_refs(r->rd), r->nr_recs, "the number of RECs");
	for (struct table *t = ghost.tables; t; t = t->next)
		if (t->realm == r)
			compare_table(r, t);
}

void see_adopt_tables(struct realm *r)
{
	struct table *t = ghost.tables, *next;

	for (; t; t = next) {
		next = t->next;
		if (t->realm == r)
			table_free(t);
	}
	for (unsigned int i = 0; i < r->nr_roots; i++) {
		r->roots[i] = table_new(r, r->root + i * granule_bytes(), r->start,
					i * table_entries() * entry_bytes(r->start));
		adopt_table(r, r->roots[i]);
	}
}

static void adopt_realm(u64 rd)
{
	struct realm *r = realm_new();
	struct inside_realm is;

	inside_realm(rd, &is);
	r->rd = rd;
	r->root = is.root;
	r->s2sz = is.s2sz;
	r->start = is.start_level;
	r->nr_roots = is.nr_roots;
	r->state = is.state;
	r->next_index = is.next_index;
	r->nr_recs = inside_refs(rd);
	r->hash = is.hash;
	memcpy(r->rpv, is.rpv, sizeof(r->rpv));
	see_adopt_tables(r);
}

static void compare_vcpu(const struct vcpu *v)
{
	struct inside_rec is;

	inside_rec(v->pa, &is);
	must_be(is.rd, v->realm->rd, "the REC's realm");
	must_be(is.mpidr, v->mpidr, "the MPIDR");
	must_be(is.runnable, v->runnable, "runnable");
	must_be(is.running, 0, "running");
	must_be(is.pending, (u64)v->pending, "what is pending");
	must_be(is.ripas_active, v->ripas.active, "a RIPAS request");
	if (!v->ripas.active)
		return;
	must_be(is.ripas_addr, v->ripas.addr, "how far the RIPAS request is");
	must_be(is.ripas_top, v->ripas.top, "the end of the RIPAS request");
	must_be(is.ripas_value, v->ripas.value, "the RIPAS that is wanted");
}

static void adopt_vcpu(u64 rec)
{
	struct vcpu *v = vcpu_new();
	struct inside_rec is;

	inside_rec(rec, &is);
	v->pa = rec;
	v->realm = realm_at(is.rd);
	v->mpidr = is.mpidr;
	v->index = index_of(is.mpidr);
	v->runnable = is.runnable;
	v->pending = (int)is.pending;
	v->ripas.active = is.ripas_active;
	v->ripas.addr = is.ripas_addr;
	v->ripas.top = is.ripas_top;
	v->ripas.value = (u8)is.ripas_value;
	v->ripas.destroyed = is.ripas_destroyed;
	v->emulatable = is.emulatable;
	v->unprotected = is.unprotected;
	v->sysreg_read = is.sysreg_read;
	v->esr = is.esr;
	v->host_call = is.host_call;
	memcpy(v->x, is.gprs, sizeof(v->x));
	v->pc = is.pc;
	v->known = true;
	v->nr_aux = is.nr_aux;
	memcpy(v->aux, is.aux, is.nr_aux * sizeof(v->aux[0]));
}

/* ---- all ------------------------------------------------------------------------------------- */

void see_compare(void)
{
	if (ghost.rmm_state != RMI_STATE_ACTIVE)
		return;
	compare_pages();
	regions_compare();
	for (unsigned int i = 0; i < MAX_REALMS; i++)
		if (ghost.realm[i].used && is(ghost.realm[i].rd, RD))
			compare_realm(&ghost.realm[i]);
	for (unsigned int i = 0; i < MAX_VCPUS; i++)
		if (ghost.vcpu[i].used && is(ghost.vcpu[i].pa, REC))
			compare_vcpu(&ghost.vcpu[i]);
}

void see_adopt(void)
{
	ghost.rmm_state = (int)inside_rmm_state();
	regions_adopt();
	adopt_pages();
	if (ghost.rmm_state != RMI_STATE_ACTIVE)
		return;
	for (u64 n = 0; n < nr_pages(); n++)
		if (page_number(n)->state == RD)
			adopt_realm(page_address(n));
	for (u64 n = 0; n < nr_pages(); n++)
		if (page_number(n)->state == REC)
			adopt_vcpu(page_address(n));
}
