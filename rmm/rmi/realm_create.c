/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RMI_REALM_CREATE (rmi-commands.md 6.1). The parameters are copied before they
 * are looked at: the page is the host's and may change meanwhile.
 */
#include "base/hash.h"
#include "base/require.h"
#include "base/string.h"
#include "mem/ns.h"
#include "mem/vmid.h"
#include "realm/features.h"
#include "realm/platform.h"
#include "realm/rd.h"
#include "rmi/rmi.h"

#define MIN_S2SZ	32

/* "Minus one" values, of which zero is reserved. */
static bool count_fits(u64 minus_one, unsigned int machine)
{
	return minus_one != 0 && minus_one < machine;
}

/* A PMU without event counters exists with FEAT_HPMN0 only. */
static bool pmu_fits(u64 counters)
{
	return arch_features.pmu_for_realms && counters <= arch_features.nr_pmu_counters &&
	       (counters || arch_features.hpmn0);
}

/* The rules of rmi-structs.md 2.3, as far as they are about values alone. */
static enum refusal judge(const struct rmi_realm_params *p)
{
	if (p->s2sz < MIN_S2SZ || p->s2sz > feature_s2sz())
		return REALM_CREATE_params_s2sz;
	if (!count_fits(p->num_bps, arch_features.nr_breakpoints))
		return REALM_CREATE_params_bps;
	if (!count_fits(p->num_wps, arch_features.nr_watchpoints))
		return REALM_CREATE_params_wps;
	if (p->flags0 & RMI_REALM_SVE && p->sve_vl >= arch_features.sve_max_vq)
		return REALM_CREATE_params_sve;
	if (p->flags0 & RMI_REALM_PMU && !pmu_fits(p->pmu_num_ctrs))
		return REALM_CREATE_params_pmu;
	if (p->flags0 & RMI_REALM_DA)
		return REALM_CREATE_params_da;
	if (FIELD(p->flags0, 8, 7) > 1)
		return REALM_CREATE_params_mec;
	if (p->num_aux_planes != 0 || p->ats_plane > p->num_aux_planes)
		return REALM_CREATE_params_planes;
	if (p->flags1 & (RMI_REALM1_S2AP_INDIRECT | RMI_REALM1_ATS))
		return REALM_CREATE_params_flags1;
	if (!hash_known(p->hash_algo))
		return REALM_CREATE_params_hash;
	if (!s2_geometry_fits(p->s2sz, p->rtt_level_start, p->rtt_num_start, feature_wide(),
			      arch_features.pa_bits))
		return REALM_CREATE_rtt_geometry;
	if (!IS_ALIGNED(p->rtt_base, p->rtt_num_start * GRANULE_SIZE))
		return REALM_CREATE_rtt_align;
	return REFUSED_NOT;
}

static bool roots_are_delegated(struct call *c, const struct rmi_realm_params *p)
{
	for (u64 i = 0; i < p->rtt_num_start; i++)
		if (!granule_is(c, pa(p->rtt_base + i * GRANULE_SIZE), DELEGATED))
			return false;
	return true;
}

static bool hold_roots(struct call *c, const struct rmi_realm_params *p,
		       struct granule *g_roots[S2_MAX_ROOTS])
{
	for (u64 i = 0; i < p->rtt_num_start; i++) {
		g_roots[i] = hold(c, pa(p->rtt_base + i * GRANULE_SIZE), DELEGATED);
		if (!g_roots[i])
			return false;
	}
	return true;
}

/* One type, so by address: the RD lies below or above all of the roots. */
static enum refusal hold_all(struct call *c, pa_t rd, const struct rmi_realm_params *p,
			     struct granule **g_rd, struct granule *g_roots[S2_MAX_ROOTS])
{
	bool rd_first = rd.raw < p->rtt_base;

	if (rd_first)
		*g_rd = hold(c, rd, DELEGATED);
	if (rd_first && !*g_rd)
		return REALM_CREATE_rd_state;
	if (!hold_roots(c, p, g_roots))
		return REALM_CREATE_rtt_state;
	if (!rd_first)
		*g_rd = hold(c, rd, DELEGATED);
	return *g_rd ? REFUSED_NOT : REALM_CREATE_rd_state;
}

static void fill(struct rd *rd, pa_t self, const struct rmi_realm_params *p, unsigned int vmid)
{
	rd->self = self;
	rd->s2 = (struct s2){
		.root = pa(p->rtt_base),
		.nr_roots = p->rtt_num_start,
		.start_level = (int)p->rtt_level_start,
		.ipa_bits = p->s2sz,
		.oa_bits = feature_s2oasz(),
	};
	s2_set_form(&rd->s2, feature_wide());
	rd->s2.vttbr = arch_vttbr(rd->s2.root, vmid);
	rd->s2.vtcr = arch_vtcr(rd->s2.ipa_bits, rd->s2.start_level, rd->s2.lpa2);
	rd->vmid = vmid;
	rd->hash_algo = p->hash_algo;
	rd->nr_breakpoints = p->num_bps + 1U;
	rd->nr_watchpoints = p->num_wps + 1U;
	rd->has_pmu = p->flags0 & RMI_REALM_PMU;
	rd->pmu_counters = rd->has_pmu ? p->pmu_num_ctrs : 0;
	rd->sve_vq = p->flags0 & RMI_REALM_SVE ? p->sve_vl + 1U : 0;
	rd->flags0 = p->flags0;
	memcpy(rd->rpv, p->rpv, sizeof(rd->rpv));
	rd->instance_id[0] = 1;
	random_bytes(&rd->instance_id[1]);
	/* REALM_NEW, no RECs, measurements zero: as wiped */
}

status_t rmi_realm_create(struct call *c, const struct realm_create_args *a)
{
	struct rmi_realm_params *p = call_page(c);
	struct granule *g_rd = NULL, *g_roots[S2_MAX_ROOTS];
	enum refusal why;
	unsigned int vmid;

	if (!is_granule(a->params.raw))
		return refuse(c, REALM_CREATE_params_align);
	if (!ns_read(p, a->params, sizeof(*p)))
		return refuse(c, REALM_CREATE_params_ns);
	why = judge(p);
	if (why)
		return refuse(c, why);
	if (!is_granule(a->rd.raw))
		return refuse(c, REALM_CREATE_rd_align);
	if (a->rd.raw >= p->rtt_base &&
	    a->rd.raw - p->rtt_base < p->rtt_num_start * GRANULE_SIZE)
		return refuse(c, REALM_CREATE_rd_in_rtt);
	if (!roots_are_delegated(c, p))
		return refuse(c, REALM_CREATE_rtt_state);
	if (!granule_is(c, a->rd, DELEGATED))
		return refuse(c, REALM_CREATE_rd_state);
	why = hold_all(c, a->rd, p, &g_rd, g_roots);
	if (why)
		return refuse(c, why);
	vmid = vmid_take();
	if (!vmid)
		return refuse(c, REALM_CREATE_vmid);
	commit(c);

	for (u64 i = 0; i < p->rtt_num_start; i++) {
		arch_wipe(pa_of(c, g_roots[i]));
		become(c, g_roots[i], RTT);
	}
	arch_wipe(a->rd);
	fill(view_rd(c, g_rd), a->rd, p, vmid);
	become(c, g_rd, RD);
	return done(c);
}
