/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "host.h"
#include "inside.h"
#include "sim/sim.h"

#define MAX_REALMS 8

/* ---- calls ------------------------------------------------------------------- */

static struct realm *realms[MAX_REALMS];

static unsigned int nr_outputs(u64 fid)
{
#define F_OUTS(name, low, outs) case FID_##name: return outs;
	switch (fid) {
	RMI_FIDS(F_OUTS)
	}
	return 1;
}

/* Operations end with the outputs of whatever began them. */
static bool follows_up(u64 fid)
{
	return fid == FID_OP_CONTINUE || fid == FID_OP_CANCEL;
}

static void check_registers(u64 fid, const u64 in[8], const u64 out[8])
{
	unsigned int outs = nr_outputs(fid);

	if (status_of((struct rmi_result){ { out[0] } }) == RMI_INCOMPLETE)
		outs = outs > 3 ? outs : 3;
	if (follows_up(fid))
		outs = 4;
	if (out[0] == ~0ULL)
		return;
	for (unsigned int i = outs; i < 8; i++)
		test_check(out[i] == (i < 4 ? 0 : in[i]), __FILE__, __LINE__,
			   "x%u is 0x%llx after FID 0x%llx", i, (unsigned long long)out[i],
			   (unsigned long long)fid);
}

static void fill_tlbs(void)
{
	for (unsigned int i = 0; i < MAX_REALMS; i++)
		if (realms[i])
			sim_tlb_fill(realm_vttbr(realms[i]), realm_vtcr(realms[i]));
}

struct rmi_result rmi_call(u64 fid, const u64 args[7])
{
	u64 regs[8] = { fid, args[0], args[1], args[2], args[3], args[4], args[5], args[6] };
	struct rmi_result r;

	for (unsigned int i = 6; i < 8; i++)
		if (!regs[i])
			regs[i] = 0xC0FFEE00 + i;	/* no command has so many: kept */
	u64 in[8];
	memcpy(in, regs, sizeof(in));
	fill_tlbs();
	inside_forget_refusal();
	sim_call_begin();
	rmi_dispatch(regs);
	/* the region's metadata, when it is donated, stays in view */
	sim_call_end(fid == FID_RMM_ACTIVATE || fid == FID_GRANULE_TRACKING_SET || fid == FID_OP_CONTINUE ||
		     fid == FID_OP_MEM_DONATE || fid == FID_OP_MEM_RECLAIM);
	check_registers(fid, in, regs);
	memcpy(r.x, regs, sizeof(r.x));
	return r;
}

/* ---- pages --------------------------------------------------------------------- */

#define MAX_PAGES 65536

static struct { u64 pa; u8 state; } page[MAX_PAGES];
static u64 nr_pages;

static void add_bank(struct sim_bank b)
{
	for (u64 p = b.base; p < b.base + b.bytes && nr_pages < MAX_PAGES; p += GRANULE_SIZE)
		page[nr_pages++] = (typeof(page[0])){ p, sim_pas(p) == SIM_NS ? PAGE_FREE : 0xFF };
}

static unsigned int granule_shift = 12;
static u8 tracking_size;

/* Its page is as it was afterwards: all of the host's memory starts as zero. */
static void configure(void)
{
	struct rmi_rmm_config *config;
	u64 at = ALIGN_UP(sim_machine()->bank[0].base, BIT(granule_shift));

	if (granule_shift == GRANULE_SHIFT && !tracking_size)
		return;
	while (sim_pas(at) != SIM_NS)
		at += BIT(granule_shift);
	config = sim_ram(at);
	config->rmi_granule_size = (u8)((granule_shift - 12) / 2);
	config->tracking_region_size = tracking_size;
	need_eq(rmi(FID_RMM_CONFIG_SET, at).x[0], RMI_SUCCESS);
	config->rmi_granule_size = config->tracking_region_size = 0;
}

void host_choose_tracking(u8 size)
{
	tracking_size = size;
}

void host_choose_granule(unsigned int shift)
{
	granule_shift = shift;
	if (shift == 14)
		sim_machine_default.bank[0].bytes = 160 << 20;	/* blocks of 32 MiB */
	/* two levels below the root */
	realm_default.s2sz = shift == 12 ? 33 : shift == 14 ? 38 : 44;
}

void host_power_on(void)
{
	need_eq(rmm_init(), 0);
	inside_power_on();
	nr_pages = 0;
	memset(realms, 0, sizeof(realms));
	configure();
	for (unsigned int i = 0; i < ARRAY_SIZE(sim_machine()->bank); i++)
		add_bank(sim_machine()->bank[i]);
}

static u64 index_of(u64 pa)
{
	for (unsigned int i = 0, before = 0; i < ARRAY_SIZE(sim_machine()->bank); i++) {
		struct sim_bank b = sim_machine()->bank[i];

		if (pa >= b.base && pa < b.base + b.bytes)
			return before + ((pa - b.base) >> GRANULE_SHIFT);
		before += b.bytes >> GRANULE_SHIFT;
	}
	sim_fault("0x%llx is no page of the host", (unsigned long long)pa);
}

static bool run_is_free(u64 i, u64 pages)
{
	if (i + pages > nr_pages)
		return false;
	for (u64 k = 0; k < pages; k++)
		if (page[i + k].state != PAGE_FREE || page[i + k].pa != page[i].pa + (k << GRANULE_SHIFT))
			return false;
	return true;
}

static void set_state(u64 pa, u64 pages, enum page_state state)
{
	u64 i = index_of(pa);

	for (u64 k = 0; k < pages; k++)
		page[i + k].state = (u8)state;
}

u64 host_alloc(u64 pages, u64 align)
{
	static const u64 from[] = { 16, 0 };	/* keep the first granules for edge tests */

	for (unsigned int pass = 0; pass < 2; pass++)
		for (u64 i = from[pass]; i < nr_pages; i++) {
			if (!IS_ALIGNED(page[i].pa, align) || !run_is_free(i, pages))
				continue;
			set_state(page[i].pa, pages, PAGE_USED);
			return page[i].pa;
		}
	return 0;
}

void host_free(u64 pa, u64 pages)
{
	set_state(pa, pages, PAGE_FREE);
}

u64 host_page(void)
{
	u64 p = host_alloc(1, GRANULE_SIZE);

	need(p);
	memset(sim_ram(p), 0, GRANULE_SIZE);
	return p;
}

enum page_state host_page_state(u64 pa)
{
	return page[index_of(pa)].state;
}

u64 host_count(enum page_state state)
{
	u64 n = 0;

	for (u64 i = 0; i < nr_pages; i++)
		n += page[i].state == state;
	return n;
}

static u64 move_range(u64 fid, u64 pa, u64 pages, enum page_state to)
{
	u64 top = pa + (pages << GRANULE_SHIFT), at = pa;

	while (at < top) {
		struct rmi_result r = rmi(fid, at, top);

		if (status_of(r) == RMI_BUSY)
			continue;
		if (r.x[0])
			return r.x[0];
		if (r.x[1] <= at || r.x[1] > top)
			sim_fault("out_top 0x%llx of [0x%llx, 0x%llx)", (unsigned long long)r.x[1],
				  (unsigned long long)at, (unsigned long long)top);
		set_state(at, (r.x[1] - at) >> GRANULE_SHIFT, to);
		at = r.x[1];
	}
	return 0;
}

u64 host_delegate(u64 pa, u64 pages)
{
	return move_range(FID_GRANULE_RANGE_DELEGATE, pa, pages, PAGE_DELEGATED);
}

u64 host_undelegate(u64 pa, u64 pages)
{
	return move_range(FID_GRANULE_RANGE_UNDELEGATE, pa, pages, PAGE_USED);
}

bool is_wiped(u64 pa)
{
	const u64 *words = sim_ram(pa);

	for (unsigned int i = 0; i < GRANULE_SIZE / 8; i++)
		if (words[i])
			return false;
	return true;
}

u64 host_delegated(u64 pages, u64 align)
{
	u64 p = host_alloc(pages, align);

	need(p);
	need_eq(host_delegate(p, pages), 0);
	return p;
}

void host_return(u64 pa, u64 pages)
{
	need_eq(host_undelegate(pa, pages), 0);
	host_free(pa, pages);
}

/* ---- stateful operations ------------------------------------------------------------ */

u64 desc(u64 pa, u64 count, u64 size, u64 state)
{
	return pa | count << RMI_DESC_COUNT_SHIFT | size | state << RMI_DESC_STATE_SHIFT;
}

bool sro_begin(struct sro *s, struct rmi_result r)
{
	*s = (struct sro){ .last = r, .handle = r.x[1] };
	if (status_of(r) != RMI_INCOMPLETE)
		return false;
	need(s->handle > 1);
	s->list = host_page();
	return true;
}

static void note_donated(const u64 *list, u64 count, u64 granules)
{
	for (u64 i = 0; i < count && granules; i++) {
		u64 n = desc_granules(list[i]);
		u64 pa = desc_pa(list[i]);
		bool delegated = FIELD(list[i], 63, 62) == RMI_MEMSTATE_DELEGATED;

		if (FIELD(list[i], 63, 62) == RMI_MEMSTATE_CONDITIONAL)
			delegated = host_page_state(pa) == PAGE_DELEGATED;
		if (n > granules)
			n = granules;
		set_state(pa, n, delegated ? PAGE_DONATED_DELEGATED : PAGE_DONATED);
		granules -= n;
	}
}

static void sro_moved(struct sro *s, struct rmi_result r)
{
	s->last = r;
	if (status_of(r) != RMI_INCOMPLETE && status_of(r) != RMI_BUSY && s->list) {
		host_free(s->list, 1);
		s->list = 0;
	}
}

struct rmi_result sro_donate(struct sro *s, u64 count)
{
	struct rmi_result r = rmi(FID_OP_MEM_DONATE, s->handle, s->list, count, 0);

	note_donated(sim_ram(s->list), count, r.x[1]);
	if (status_of(r) == RMI_INCOMPLETE)
		s->last = r;
	return r;
}

struct rmi_result sro_give(struct sro *s, u64 blocks)
{
	u64 request = s->last.x[2], *list = sim_ram(s->list), n = 0;
	u64 size = FIELD(request, 1, 0), wanted = FIELD(request, 15, 2);
	u64 state = FIELD(request, 18, 17), per = level_bytes(3 - (int)size) >> GRANULE_SHIFT;
	bool contig = request & RMI_DONATE_CONTIG;

	need(wanted && blocks);
	if (blocks > wanted)
		blocks = wanted;
	if (contig) {
		u64 left = wanted, p = host_alloc(wanted * per, wanted * per << GRANULE_SHIFT);

		need(p);
		if (state != RMI_MEMSTATE_UNDELEGATED)	/* CONDITIONAL: not of the region itself */
			need_eq(host_delegate(p, wanted * per), 0);
		for (; left; left -= left > 512 ? 512 : left, p += 512 * per << GRANULE_SHIFT)
			list[n++] = desc(p, left > 512 ? 512 : left, size, state);
		return sro_donate(s, n);
	}
	for (u64 i = 0; i < blocks && n < 512; i++) {
		u64 p = host_alloc(per, per << GRANULE_SHIFT);

		need(p);
		if (state == RMI_MEMSTATE_DELEGATED)
			need_eq(host_delegate(p, per), 0);
		list[n++] = desc(p, 1, size, state);
	}
	return sro_donate(s, n);
}

/* Every page that comes back was given, in the state it now has again. */
static void note_reclaimed(const u64 *list, u64 count)
{
	for (u64 i = 0; i < count; i++) {
		u64 n = desc_granules(list[i]);
		u64 pa = desc_pa(list[i]), state = FIELD(list[i], 63, 62);

		for (u64 k = 0; k < n; k++, pa += GRANULE_SIZE) {
			enum page_state was = host_page_state(pa);

			if (state == RMI_MEMSTATE_DELEGATED) {
				check_eq(was, PAGE_DONATED_DELEGATED);
				set_state(pa, 1, PAGE_DELEGATED);
				host_return(pa, 1);
			} else {
				/* nothing stays DELEGATED over RMM_DEACTIVATE */
				check(was == PAGE_DONATED || (was == PAGE_DONATED_DELEGATED &&
				      rmi(FID_RMM_STATE_GET).x[1] != RMI_STATE_ACTIVE));
				check_eq(sim_pas(pa), SIM_NS);
				host_free(pa, 1);
			}
		}
	}
}

struct rmi_result sro_reclaim(struct sro *s, u64 capacity)
{
	struct rmi_result r = rmi(FID_OP_MEM_RECLAIM, s->handle, s->list, capacity);

	if (status_of(r) == RMI_INCOMPLETE) {
		check(r.x[1] <= capacity);
		s->last = r;
		note_reclaimed(sim_ram(s->list), r.x[1]);
	}
	return r;
}

struct rmi_result sro_continue(struct sro *s, u64 flags)
{
	struct rmi_result r = rmi(FID_OP_CONTINUE, s->handle, flags);

	sro_moved(s, r);
	return r;
}

struct rmi_result sro_cancel(struct sro *s)
{
	struct rmi_result r = rmi(FID_OP_CANCEL, s->handle);

	if (status_of(r) == RMI_INCOMPLETE)
		s->last = r;
	return r;
}

struct rmi_result sro_finish(struct rmi_result r)
{
	struct sro s;

	if (!sro_begin(&s, r))
		return r;
	for (unsigned int rounds = 0; rounds < 10000; rounds++) {
		if (sro_wants(&s) == RMI_MEM_DONATE)
			r = sro_give(&s, 512);
		else if (sro_wants(&s) == RMI_MEM_RECLAIM)
			r = sro_reclaim(&s, 512);
		else
			r = sro_continue(&s, 0);
		if (status_of(r) != RMI_INCOMPLETE && status_of(r) != RMI_BUSY)
			return r;
	}
	sim_fault("an operation does not end");
}

void host_activate(void)
{
	need_eq(sro_finish(rmi(FID_RMM_ACTIVATE)).x[0], RMI_SUCCESS);
}

/* ---- realms ---------------------------------------------------------------------------- */

struct realm realm_default = {
	.s2sz = 33, .start_level = 1, .nr_roots = 1, .hash = RMI_HASH_SHA256,
};

struct realm realm_of_four(void)
{
	struct realm r = realm_default;

	r.s2sz = GRANULE_SHIFT == 12 ? 41 : GRANULE_SHIFT == 14 ? 49 : 44;
	r.start_level = GRANULE_SHIFT == 16 ? 2 : 1;
	r.nr_roots = 4;
	return r;
}

u64 realm_vttbr(const struct realm *r)
{
	return inside_vttbr(r->rd);
}

u64 realm_vtcr(const struct realm *r)
{
	return inside_vtcr(r->rd);
}

static void enlist(struct realm *r)
{
	for (unsigned int i = 0; i < MAX_REALMS; i++) {
		if (realms[i])
			continue;
		realms[i] = r;
		r->live = true;
		return;
	}
	sim_fault("too many realms for the harness");
}

void realm_gone(struct realm *r)
{
	for (unsigned int i = 0; i < MAX_REALMS; i++)
		if (realms[i] == r)
			realms[i] = NULL;
	r->live = false;
}

void host_fill_params(const struct realm *r, u64 at)
{
	struct rmi_realm_params *p = sim_ram(at);

	memset(p, 0, sizeof(*p));
	p->s2sz = (u8)r->s2sz;
	p->flags0 = (r->sve_vq ? RMI_REALM_SVE : 0) | (r->pmu ? RMI_REALM_PMU : 0);
	p->pmu_num_ctrs = (u8)r->pmu_counters;
	p->sve_vl = (u8)(r->sve_vq ? r->sve_vq - 1 : 0);
	p->num_bps = (u8)(r->breakpoints ? r->breakpoints - 1 : 5);
	p->num_wps = (u8)(r->watchpoints ? r->watchpoints - 1 : 3);
	p->hash_algo = r->hash;
	memset(p->rpv, 0x42, sizeof(p->rpv));
	p->rtt_base = r->root;
	p->rtt_level_start = r->start_level;
	p->rtt_num_start = r->nr_roots;
}

void realm_create(struct realm *r)
{
	struct rmi_result res;

	r->rd = host_delegated(1, GRANULE_SIZE);
	r->root = host_delegated(r->nr_roots, r->nr_roots * GRANULE_SIZE);
	r->params = host_page();
	host_fill_params(r, r->params);
	res = sro_finish(rmi(FID_REALM_CREATE, r->rd, r->params));
	need_eq(res.x[0], RMI_SUCCESS);
	enlist(r);
}

static void make_table(struct realm *r, u64 ipa, int level)
{
	u64 pa = host_delegated(1, GRANULE_SIZE), at = ALIGN_DOWN(ipa, level_bytes(level - 1));

	need(r->nr_tables < MAX_TABLES);
	need_eq(rmi(FID_RTT_CREATE, r->rd, pa, at, (u64)(s64)level).x[0], RMI_SUCCESS);
	r->table[r->nr_tables].pa = pa;
	r->table[r->nr_tables].ipa = at;
	r->table[r->nr_tables++].level = level;
}

static bool has_table(const struct realm *r, u64 ipa, int level)
{
	for (unsigned int i = 0; i < r->nr_tables; i++)
		if (r->table[i].level == level &&
		    r->table[i].ipa == ALIGN_DOWN(ipa, level_bytes(level - 1)))
			return true;
	return false;
}

void realm_table(struct realm *r, u64 ipa, int level)
{
	for (int l = r->start_level + 1; l <= level; l++)
		if (!has_table(r, ipa, l))
			make_table(r, ipa, l);
}

u64 realm_data_init(struct realm *r, u64 ipa, u64 src, bool measure)
{
	u64 pa = host_delegated(1, GRANULE_SIZE);

	realm_table(r, ipa, 3);
	need_eq(rmi(FID_RTT_DATA_MAP_INIT, r->rd, pa, ipa, src, measure).x[0], RMI_SUCCESS);
	return pa;
}

static void map_all(struct realm *r, u64 fid, u64 ipa, u64 pa, u64 pages, u64 size, u64 flags)
{
	u64 bytes = level_bytes(3 - (int)size), top = ipa + pages * bytes;

	while (ipa < top) {
		u64 n = (top - ipa) / bytes;
		struct rmi_result res = rmi(fid, r->rd, ipa, top, flags | RMI_OADDR_SINGLE,
					    desc(pa, n > 512 ? 512 : n, size, 0));

		need_eq(res.x[0], RMI_SUCCESS);
		need(res.x[1] > ipa && res.x[1] <= top);
		pa += res.x[1] - ipa;
		ipa = res.x[1];
	}
}

u64 realm_data(struct realm *r, u64 ipa, u64 pages)
{
	u64 pa = host_delegated(pages, GRANULE_SIZE);

	for (u64 at = ipa; at < ipa + (pages << GRANULE_SHIFT); at += level_bytes(2))
		realm_table(r, at, 3);
	map_all(r, FID_RTT_DATA_MAP, ipa, pa, pages, RMI_BLOCK_L3, 0);
	return pa;
}

u64 realm_data_block(struct realm *r, u64 ipa)
{
	u64 pa = host_delegated(table_entries(), level_bytes(2));

	realm_table(r, ipa, 2);
	map_all(r, FID_RTT_DATA_MAP, ipa, pa, 1, RMI_BLOCK_L2, 0);
	return pa;
}

#define UNPROT_RW_WB	(6ULL << RMI_UNPROT_MEMATTR_SHIFT | 3ULL << RMI_UNPROT_S2AP_SHIFT)

void realm_unprot(struct realm *r, u64 ipa, u64 pa, u64 pages)
{
	realm_table(r, ipa, 3);
	map_all(r, FID_RTT_UNPROT_MAP, ipa, pa, pages, RMI_BLOCK_L3, UNPROT_RW_WB);
}

void realm_rec(struct realm *r, bool runnable, u64 pc)
{
	unsigned int i = r->nr_recs;
	u64 page_pa = host_page();
	struct rmi_rec_params *p = sim_ram(page_pa);

	need(i < MAX_REALM_RECS);
	r->rec[i] = host_delegated(1, GRANULE_SIZE);
	r->run[i] = host_page();
	p->flags = runnable;
	p->mpidr = i;
	p->pc = pc;
	need_eq(sro_finish(rmi(FID_REC_CREATE, r->rd, r->rec[i], page_pa)).x[0], RMI_SUCCESS);
	host_free(page_pa, 1);
	r->nr_recs++;
}

void realm_init_ripas(struct realm *r, u64 base, u64 top)
{
	while (base < top) {
		struct rmi_result res = rmi(FID_RTT_INIT_RIPAS, r->rd, base, top);

		need_eq(res.x[0], RMI_SUCCESS);
		need(res.x[1] > base && res.x[1] <= top);
		base = res.x[1];
	}
}

void realm_activate(struct realm *r)
{
	need_eq(rmi(FID_REALM_ACTIVATE, r->rd).x[0], RMI_SUCCESS);
}

struct rmi_rec_run *realm_run(const struct realm *r, unsigned int i)
{
	return sim_ram(r->run[i]);
}

struct rmi_result realm_enter(const struct realm *r, unsigned int i)
{
	return rmi(FID_REC_ENTER, r->rec[i], r->run[i]);
}

/* ---- the end of a realm ----------------------------------------------------------------- */

static void take_back_data(struct realm *r, u64 base, u64 top)
{
	u64 list = host_page();

	while (base < top) {
		struct rmi_result res = rmi(FID_RTT_DATA_UNMAP, r->rd, base, top,
					    RMI_OADDR_LIST | 512ULL << RMI_MAP_COUNT_SHIFT, list);
		const u64 *d = sim_ram(list);

		need_eq(res.x[0], RMI_SUCCESS);
		need(res.x[1] > base && res.x[1] <= top && res.x[3] <= 512);
		for (u64 i = 0; i < res.x[3]; i++) {
			u64 n = desc_granules(d[i]);

			need_eq(FIELD(d[i], 63, 62), RMI_MEMSTATE_DELEGATED);
			host_return(desc_pa(d[i]), n);
		}
		base = res.x[1];
	}
	host_free(list, 1);
}

static void destroy_tables(struct realm *r)
{
	for (int level = 3; level > r->start_level; level--)
		for (unsigned int i = 0; i < r->nr_tables; i++) {
			struct rmi_result res;

			if (r->table[i].level != level)
				continue;
			res = rmi(FID_RTT_DESTROY, r->rd, r->table[i].ipa, (u64)level);
			need_eq(res.x[0], RMI_SUCCESS);
			need_eq(res.x[1], r->table[i].pa);
			host_return(res.x[1], 1);
		}
	r->nr_tables = 0;
}

void realm_destroy(struct realm *r)
{
	need_eq(rmi(FID_REALM_TERMINATE, r->rd).x[0], RMI_SUCCESS);
	for (unsigned int i = 0; i < r->nr_recs; i++) {
		need_eq(sro_finish(rmi(FID_REC_DESTROY, r->rec[i])).x[0], RMI_SUCCESS);
		host_return(r->rec[i], 1);
		host_free(r->run[i], 1);
	}
	take_back_data(r, 0, realm_shared(r));
	destroy_tables(r);
	realm_gone(r);
	need_eq(sro_finish(rmi(FID_REALM_DESTROY, r->rd)).x[0], RMI_SUCCESS);
	host_return(r->rd, 1);
	host_return(r->root, r->nr_roots);
	host_free(r->params, 1);
	r->nr_recs = 0;
}
