/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD REALM_CREATE
#define CMD_LOWER realm_create
#include "arch/arch.h"
#include "harness/command.h"

static struct rmi_realm_params *params;
static u64 root;

/* Four roots: alignment and concatenation matter. */
GOOD
{
	struct realm r = realm_of_four();

	r.root = root = host_delegated(4, 4 * GRANULE_SIZE);
	host_fill_params(&r, w->ns);
	params = sim_ram(w->ns);
	a->rd = pa(w->delegated);
	a->params = ns(w->ns);
}

CHANGED
{
	u64 level = (u64)realm_of_four().start_level;
	struct rmi_result e;

	check(inside_is(a->rd.raw, "RD"));
	check_eq(inside_refs(a->rd.raw), 0);
	for (u64 i = 0; i < 4; i++) {
		const u64 *t = sim_ram(root + i * GRANULE_SIZE);

		check(inside_is(root + i * GRANULE_SIZE, "RTT"));
		check_eq(inside_refs(root + i * GRANULE_SIZE), 0);
		for (unsigned int k = 0; k < table_entries(); k++)
			if (!check_eq(t[k], 0))
				break;
	}
	e = rmi(FID_RTT_READ_ENTRY, a->rd.raw, 0, level);
	check_status(e, RMI_SUCCESS);
	check_eq(e.x[1], level);
	check_eq(e.x[2], RMI_ENTRY_VOID);
	check_eq(e.x[3], 0);
	check_eq(e.x[4], RMI_RIPAS_EMPTY);
	e = rmi(FID_RTT_READ_ENTRY, a->rd.raw,
		(1ULL << realm_of_four().s2sz) - level_bytes((int)level), level);
	check_status(e, RMI_SUCCESS);
	check_eq(e.x[2], RMI_ENTRY_VOID);
	check_status(rmi(FID_REALM_CREATE, a->rd.raw, a->params.raw), RMI_ERROR_INPUT);
}

SPOIL(params_align)	{ a->params = ns_add(a->params, 8); }
SPOIL(params_ns)	{ a->params = ns(w->delegated2); }
SPOIL(params_s2sz)	{ params->s2sz = 53; }
SPOIL(params_bps)	{ params->num_bps = 0; }
SPOIL(params_wps)	{ params->num_wps = 0; }
SPOIL(params_sve)	{ params->flags0 |= RMI_REALM_SVE; params->sve_vl = 16; }
SPOIL(params_pmu)	{ params->flags0 |= RMI_REALM_PMU; params->pmu_num_ctrs = 7; }
SPOIL(params_da)	{ params->flags0 |= RMI_REALM_DA; }
SPOIL(params_mec)	{ params->flags0 |= 2ULL << RMI_REALM_MEC_SHIFT; }
SPOIL(params_planes)	{ params->num_aux_planes = 1; }
SPOIL(params_flags1)	{ params->flags1 |= RMI_REALM1_S2AP_INDIRECT; }
SPOIL(params_hash)	{ params->hash_algo = 3; }
SPOIL(rtt_geometry)	{ params->rtt_num_start = 2; }
SPOIL(rtt_align)	{ params->rtt_base += GRANULE_SIZE; }
SPOIL(rd_align)		{ a->rd = pa_add(a->rd, 0x800); }
SPOIL(rd_in_rtt)	{ a->rd = pa(root + 3 * GRANULE_SIZE); }
SPOIL(rtt_state)	{ need_eq(host_undelegate(root + 3 * GRANULE_SIZE, 1), 0); }
SPOIL(rd_state)		{ a->rd = pa(w->data); }
SPOIL(vmid)		{ arch_features.vmid16 = false; inside_take_all_vmids(); }

/* Values that public hosts set and that mean nothing here (decisions 56, 59). */
TEST(params_not_judged)
{
	struct world w;
	struct args a;

	world_make_bare(&w);
	good(&w, &a);
	params->flags0 =
		RMI_REALM_LPA2 | 3ULL << 5 | 1ULL << RMI_REALM_MEC_SHIFT | BIT(4) | BIT(40);
	params->sve_vl = 15;			/* only with SVE */
	params->pmu_num_ctrs = 31;		/* only with PMU */
	params->max_num_vdevs = 7;
	params->aux_rtt_base[0] = 1;
	params->sbz0[3] = 9;
	check_status(rmi(FID_REALM_CREATE, a.rd.raw, a.params.raw), RMI_SUCCESS);
}

static u64 with(void (*set)(struct rmi_realm_params *p, u64 v), u64 v)
{
	struct world w;
	struct args a;

	world_make_bare(&w);
	good(&w, &a);
	set(params, v);
	test_note("params value 0x%llx", (unsigned long long)v);
	return status_of(rmi(FID_REALM_CREATE, a.rd.raw, a.params.raw));
}

static void set_s2sz(struct rmi_realm_params *p, u64 v) { p->s2sz = (u8)v; }
static void set_bps(struct rmi_realm_params *p, u64 v) { p->num_bps = (u8)v; }
static void set_wps(struct rmi_realm_params *p, u64 v) { p->num_wps = (u8)v; }
static void set_hash(struct rmi_realm_params *p, u64 v) { p->hash_algo = (u8)v; }
static void set_level(struct rmi_realm_params *p, u64 v) { p->rtt_level_start = (s64)v; }
static void set_roots(struct rmi_realm_params *p, u64 v) { p->rtt_num_start = (u32)v; }
static void set_base(struct rmi_realm_params *p, u64 v) { p->rtt_base = v; }
static void set_mec(struct rmi_realm_params *p, u64 v) { p->flags0 = v << RMI_REALM_MEC_SHIFT; }
static void set_sve(struct rmi_realm_params *p, u64 v)
{
	p->flags0 = RMI_REALM_SVE;
	p->sve_vl = (u8)v;
}
static void set_pmu(struct rmi_realm_params *p, u64 v)
{
	p->flags0 = RMI_REALM_PMU;
	p->pmu_num_ctrs = (u8)v;
}
static void set_ats(struct rmi_realm_params *p, u64 v) { p->ats_plane = v; }

TEST(every_value_of_params)
{
	for (u64 v = 0; v < 256; v++) {
		check_eq(with(set_s2sz, v), v == realm_of_four().s2sz ? RMI_SUCCESS : RMI_ERROR_INPUT);
		check_eq(with(set_bps, v), v >= 1 && v <= 5 ? RMI_SUCCESS : RMI_ERROR_INPUT);
		check_eq(with(set_wps, v), v >= 1 && v <= 3 ? RMI_SUCCESS : RMI_ERROR_INPUT);
		check_eq(with(set_sve, v), v <= 15 ? RMI_SUCCESS : RMI_ERROR_INPUT);
		check_eq(with(set_pmu, v), v <= 6 ? RMI_SUCCESS : RMI_ERROR_INPUT);
		check_eq(with(set_hash, v), v <= 2 ? RMI_SUCCESS : RMI_ERROR_INPUT);
		check_eq(with(set_roots, v), v == 4 ? RMI_SUCCESS : RMI_ERROR_INPUT);
	}
	for (u64 v = 0; v < 4; v++)
		check_eq(with(set_mec, v), v < 2 ? RMI_SUCCESS : RMI_ERROR_INPUT);
	for (s64 v = -130; v < 130; v++)
		check_eq(with(set_level, (u64)v), v == realm_of_four().start_level ? RMI_SUCCESS :
			 RMI_ERROR_INPUT);
	check_eq(with(set_level, BIT(32) + 1), RMI_ERROR_INPUT);
	check_eq(with(set_roots, BIT(31) + 4), RMI_ERROR_INPUT);
	check_eq(with(set_ats, 1), RMI_ERROR_INPUT);
	const u64 bases[] = { 0, ~0ULL, 0xFFFFFFFFFFFFC000, BIT(52), BIT(40), BIT(48), 0x60000000,
			      0x41600000 };
	for (unsigned int i = 0; i < ARRAY_SIZE(bases); i++)
		check_eq(with(set_base, bases[i]), RMI_ERROR_INPUT);
}

static void no_sve(struct rmi_realm_params *p, u64 v)
{
	arch_features.sve_max_vq = 0;
	set_sve(p, v);
}

static void short_sve(struct rmi_realm_params *p, u64 v)
{
	arch_features.sve_max_vq = 4;
	set_sve(p, v);
}

TEST(sve_of_the_machine)
{
	check_eq(with(no_sve, 0), RMI_ERROR_INPUT);
	check_eq(with(short_sve, 3), RMI_SUCCESS);
	check_eq(with(short_sve, 4), RMI_ERROR_INPUT);
}

static void no_pmu(struct rmi_realm_params *p, u64 v)
{
	arch_features.pmu_for_realms = false;
	set_pmu(p, v);
}

static void no_hpmn0(struct rmi_realm_params *p, u64 v)
{
	arch_features.hpmn0 = false;
	set_pmu(p, v);
}

TEST(pmu_of_the_machine)
{
	check_eq(with(no_pmu, 1), RMI_ERROR_INPUT);
	check_eq(with(no_hpmn0, 1), RMI_SUCCESS);
	check_eq(with(no_hpmn0, 0), RMI_ERROR_INPUT);
}

/* Made, used at all four ends, destroyed. */
static void live(unsigned int bits, int level, unsigned int roots)
{
	struct realm r = realm_default;
	u64 free_before, src;
	struct world w;

	test_note("%u bits from level %d, %u roots", bits, level, roots);
	world_make_bare(&w);
	free_before = host_count(PAGE_FREE);
	r.s2sz = bits;
	r.start_level = level;
	r.nr_roots = roots;
	realm_create(&r);
	src = host_page();
	realm_data_init(&r, 0, src, true);
	realm_data_init(&r, realm_shared(&r) - GRANULE_SIZE, src, true);
	realm_unprot(&r, realm_shared(&r), src, 1);
	realm_unprot(&r, 2 * realm_shared(&r) - GRANULE_SIZE, src, 1);
	check_eq(sim_realm_access(realm_vttbr(&r), realm_vtcr(&r), 0, SIM_READ).fault, SIM_S2_OK);
	check_eq(sim_realm_access(realm_vttbr(&r), realm_vtcr(&r), realm_shared(&r) - 8,
				  SIM_FETCH).fault, SIM_S2_OK);
	check_eq(sim_realm_access(realm_vttbr(&r), realm_vtcr(&r), 2 * realm_shared(&r) - 8,
				  SIM_WRITE).pa, src + GRANULE_SIZE - 8);
	check(!inside_invariants());
	host_free(src, 1);
	realm_destroy(&r);
	check_eq(host_count(PAGE_FREE), free_before);
}

/* Widths that one root at a level covers; up to four more with concatenated roots. */
struct row { int level; unsigned int narrow, wide; };
static const struct row rows[3][4] = {
	{ { 2, 22, 30 }, { 1, 31, 39 }, { 0, 40, 48 }, { -1, 49, 57 } },
	{ { 3, 15, 25 }, { 2, 26, 36 }, { 1, 37, 47 }, { 0, 48, 58 } },
	{ { 3, 17, 29 }, { 2, 30, 42 }, { 1, 43, 55 }, { 0, 99, 99 } },
};

/* Every shape of every width can be had, and destroyed again. */
TEST(every_shape)
{
	const struct row *row = rows[(test_granule() - 12) / 2];
	unsigned int shapes = 0;

	for (unsigned int bits = 32; bits <= 52; bits++)
		for (unsigned int i = 0; i < 4; i++) {
			if (bits < row[i].narrow || bits > row[i].wide + 4)
				continue;
			live(bits, row[i].level, bits <= row[i].wide ? 1 : 1U << (bits - row[i].wide));
			shapes++;
		}
	check_eq(shapes, test_granule() == 12 ? 32 : test_granule() == 14 ? 29 : 27);
}

#include "harness/command_end.h"
