/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "sim/sim.h"
#include "state.h"

struct ghost ghost;

#define MAX_PAGES 65536
static struct page pages[MAX_PAGES];

u64 pps_end(void)
{
	static const unsigned int bits[] = { 32, 36, 40, 42, 44, 48, 52, 56 };

	return 1ULL << bits[ghost.feature[1] >> RMI_F1_PPS_SHIFT & 7];
}

static u64 number_of(u64 pa)
{
	u64 before = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(sim_machine()->bank); i++) {
		struct sim_bank b = sim_machine()->bank[i];

		if (pa - b.base < b.bytes && pa < pps_end())
			return before + ((pa - b.base) >> ghost.shift);
		before += b.bytes >> ghost.shift;
	}
	return ~0ULL;
}

u64 page_address(u64 n)
{
	u64 at = n << ghost.shift;

	for (unsigned int i = 0; i < ARRAY_SIZE(sim_machine()->bank); i++) {
		struct sim_bank b = sim_machine()->bank[i];

		if (at < b.bytes)
			return b.base + at;
		at -= b.bytes;
	}
	return ~0ULL;
}

u64 nr_pages(void)
{
	u64 n = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(sim_machine()->bank); i++)
		n += sim_machine()->bank[i].bytes >> ghost.shift;
	return n;
}

struct page *page_number(u64 n)
{
	return &pages[n];
}

struct page *page_at(u64 pa)
{
	u64 n = number_of(pa);

	return n < MAX_PAGES ? &pages[n] : NULL;
}

void set_state(u64 pa, enum state s)
{
	page_at(pa)->state = (u8)s;
}

/* ---- objects ------------------------------------------------------------------------ */

struct realm *realm_at(u64 rd)
{
	for (unsigned int i = 0; i < MAX_REALMS; i++)
		if (ghost.realm[i].used && ghost.realm[i].rd == rd)
			return &ghost.realm[i];
	return NULL;
}

struct vcpu *vcpu_at(u64 rec)
{
	for (unsigned int i = 0; i < MAX_VCPUS; i++)
		if (ghost.vcpu[i].used && ghost.vcpu[i].pa == rec)
			return &ghost.vcpu[i];
	return NULL;
}

u64 index_of(u64 m)
{
	if (m & ~RMI_MPIDR_MASK)
		return ~0ULL;
	return FIELD(m, 3, 0) + 16 * FIELD(m, 15, 8) + 4096 * FIELD(m, 23, 16) +
	       1048576 * FIELD(m, 31, 24);
}

struct vcpu *vcpu_of(const struct realm *r, u64 mpidr)
{
	for (unsigned int i = 0; i < MAX_VCPUS; i++)
		if (ghost.vcpu[i].used && ghost.vcpu[i].realm == r &&
		    ghost.vcpu[i].index == index_of(mpidr))
			return &ghost.vcpu[i];
	return NULL;
}

struct op *op_of(u64 handle)
{
	for (unsigned int i = 0; i < MAX_OPS; i++)
		if (ghost.op[i].used && ghost.op[i].handle == handle)
			return &ghost.op[i];
	return NULL;
}

struct realm *realm_new(void)
{
	for (unsigned int i = 0; i < MAX_REALMS; i++)
		if (!ghost.realm[i].used) {
			memset(&ghost.realm[i], 0, sizeof(ghost.realm[i]));
			ghost.realm[i].used = true;
			return &ghost.realm[i];
		}
	ghost_fault("too many realms");
}

struct vcpu *vcpu_new(void)
{
	for (unsigned int i = 0; i < MAX_VCPUS; i++)
		if (!ghost.vcpu[i].used) {
			memset(&ghost.vcpu[i], 0, sizeof(ghost.vcpu[i]));
			ghost.vcpu[i].used = true;
			return &ghost.vcpu[i];
		}
	ghost_fault("too many RECs");
}

struct table *table_new(struct realm *r, u64 pa, int level, u64 base)
{
	struct table *t = calloc(1, sizeof(*t) + table_entries() * sizeof(t->e[0]));

	t->seen = calloc(table_entries(), sizeof(t->seen[0]));
	t->next = ghost.tables;
	ghost.tables = t;
	t->realm = r;
	t->pa = pa;
	t->level = level;
	t->base = base;
	t->changed = true;
	return t;
}

void table_free(struct table *t)
{
	struct table **at = &ghost.tables;

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	free(t->seen);
	free(t);
}

/* ---- trees ----------------------------------------------------------------------------- */

struct walk walk_to(const struct realm *r, u64 ipa, int level)
{
	u64 n = ipa / entry_bytes(r->start);
	struct walk w = { .t = r->roots[n / table_entries()], .level = r->start };

	for (;;) {
		w.i = (unsigned int)(ipa / entry_bytes(w.level)) % table_entries();
		w.e = &w.t->e[w.i];
		if (w.level == level || w.e->kind != RMI_ENTRY_TABLE)
			return w;
		w.t = w.e->table;
		w.level++;
	}
}

unsigned int entries_in(const struct realm *r, const struct table *t)
{
	u64 n = (ipa_end(r) - t->base) / entry_bytes(t->level);

	return n < table_entries() ? (unsigned int)n : table_entries();
}

bool is_live(const struct realm *r, const struct table *t)
{
	for (unsigned int i = 0; i < table_entries(); i++)
		if (t->e[i].kind == RMI_ENTRY_TABLE ||
		    (t->e[i].kind == RMI_ENTRY_DATA && is_protected(r, t->base)))
			return true;
	return false;
}

u64 next_live(const struct realm *r, const struct walk *w)
{
	unsigned int i = w->i;

	while (i < entries_in(r, w->t) && w->t->e[i].kind == RMI_ENTRY_VOID)
		i++;
	return w->t->base + i * entry_bytes(w->level);
}

/* ---- what the monitor saw of the host ----------------------------------------------------- */

#define MAX_SEEN	2048
#define MAX_SEEN_BYTES	(1 << 20)

static struct { u64 pa; size_t bytes, at; } seen[MAX_SEEN];
static unsigned int nr_seen;
static u8 contents[MAX_SEEN_BYTES];
static size_t nr_contents;

void host_forget(void)
{
	nr_seen = 0;
	nr_contents = 0;
}

void ghost_saw(u64 pa, size_t bytes)
{
	if (nr_seen == MAX_SEEN || nr_contents + bytes > MAX_SEEN_BYTES)
		ghost_fault("one call reads very much of the host");
	seen[nr_seen].pa = pa;
	seen[nr_seen].bytes = bytes;
	seen[nr_seen++].at = nr_contents;
	memcpy(contents + nr_contents, sim_ram(pa), bytes);
	nr_contents += bytes;
}

/* Decisions 28. */
bool host_has(u64 pa)
{
	if (!page_at(pa) || sim_pas(pa) != SIM_NS)
		return false;
	return ghost.rmm_state != RMI_STATE_ACTIVE || is(pa, UNDELEGATED) || is(pa, WHOLE);
}

bool host_may_be_read(u64 pa)
{
	return host_has(pa) && !sim_ns_refused(pa);
}

void host_seen(u64 pa, void *dst, size_t bytes)
{
	u8 *to = dst;

	for (size_t i = 0; i < bytes; i++) {
		const u8 *from = NULL;

		for (unsigned int k = 0; k < nr_seen && !from; k++)
			if (pa + i - seen[k].pa < seen[k].bytes)
				from = contents + seen[k].at + (pa + i - seen[k].pa);
		to[i] = from ? *from : *(const u8 *)sim_ram(pa + i);
	}
}

u64 host_word(u64 pa)
{
	u64 w;

	host_seen(pa, &w, sizeof(w));
	return w;
}
