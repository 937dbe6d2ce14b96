/* SPDX-License-Identifier: BSD-2-Clause */
/* Realms, RECs and the host's word on PSCI (rmi-commands.md 6 and 7). */
#include <string.h>

#include "harness/fids.h"
#include "sim/sim.h"
#include "state.h"

/* A page of parameters: of this call, or what the call that began the operation saw. */
static const void *parameters(struct judged *j, unsigned int arg)
{
	static u8 page[4096];

	if (j->op)
		return j->op->page;
	host_seen(j->in[arg], page, sizeof(page));
	return page;
}

static const void *need_parameters(struct judged *j, int tier, unsigned int arg)
{
	if (!j->op && (!is_aligned(j->in[arg]) || !host_may_be_read(j->in[arg]))) {
		no(j, tier, RMI_ERROR_INPUT, "parameters are not the host's");
		return NULL;
	}
	return parameters(j, arg);
}

static struct op *begin(struct judged *j, struct realm *r, const void *page)
{
	struct op *o = op_new(j);

	if (page)
		memcpy(o->page, page, sizeof(o->page));
	o->realm = r;
	if (r)
		r->operations++;
	return o;
}

/* ---- REALM_CREATE -------------------------------------------------------------------- */

/* rmi-memory.md 6: the table, 4 KiB granules; 9 bits a level in general. */
static bool geometry(u64 s2sz, s64 start, u64 roots)
{
	bool lpa2 = ghost.feature[0] & RMI_F0_LPA2;
	unsigned int stride = ghost.shift - 3;
	u64 least, most, one;

	if (start < (lpa2 ? -1 : 0) || start > 2)
		return false;
	one = stride * (u64)(3 - start + 1) + ghost.shift;	/* what one table serves */
	least = one - stride + 1;
	most = start > 0 || (start == 0 && lpa2) ? one + 4 : one;
	if (start == -1)
		most = 52;
	if (s2sz < least || s2sz > most)
		return false;
	return roots == (s2sz > one ? BIT(s2sz - one) : 1);
}

static void judge_params(struct judged *j, const struct rmi_realm_params *p)
{
	u64 f = ghost.feature[0];

	if (p->s2sz < 32 || p->s2sz > FIELD(f, 7, 0))
		no(j, 0, RMI_ERROR_INPUT, "s2sz");
	if (!p->num_bps || p->num_bps > FIELD(f, 19, 14))
		no(j, 0, RMI_ERROR_INPUT, "breakpoints");
	if (!p->num_wps || p->num_wps > FIELD(f, 25, 20))
		no(j, 0, RMI_ERROR_INPUT, "watchpoints");
	if (p->flags0 & RMI_REALM_SVE && (!(f & RMI_F0_SVE) || p->sve_vl > FIELD(f, 13, 10)))
		no(j, 0, RMI_ERROR_INPUT, "SVE");
	if (p->flags0 & RMI_REALM_PMU && (!(f & RMI_F0_PMU) || p->pmu_num_ctrs > FIELD(f, 31, 27)))
		no(j, 0, RMI_ERROR_INPUT, "PMU");
	if (p->flags0 & RMI_REALM_DA)
		no(j, 0, RMI_ERROR_INPUT, "device assignment");
	if (FIELD(p->flags0, 8, 7) > 1)
		no(j, 0, RMI_ERROR_INPUT, "encryption policy");
	if (p->num_aux_planes || p->ats_plane)
		no(j, 0, RMI_ERROR_INPUT, "planes");
	if (p->flags1 & (RMI_REALM1_S2AP_INDIRECT | RMI_REALM1_ATS))
		no(j, 0, RMI_ERROR_INPUT, "flags1");
	if (p->hash_algo > RMI_HASH_SHA384)
		no(j, 0, RMI_ERROR_INPUT, "hash");
}

static void realm_create(struct judged *j)
{
	const struct rmi_realm_params *p = need_parameters(j, 0, 2);
	u64 rd = j->in[1], size = 0;
	struct realm *r;

	need_state(j, 0, rd, DELEGATED, "RD not DELEGATED");
	if (p) {
		judge_params(j, p);
		if (geometry(p->s2sz, p->rtt_level_start, p->rtt_num_start))
			size = p->rtt_num_start * granule_bytes();
		else
			no(j, 0, RMI_ERROR_INPUT, "geometry");
	}
	if (size && !aligned(p->rtt_base, size))
		no(j, 0, RMI_ERROR_INPUT, "alignment of the roots");
	if (size && rd - p->rtt_base < size)
		no(j, 0, RMI_ERROR_INPUT, "RD among the roots");
	for (u64 at = 0; at < size; at += granule_bytes())
		need_state(j, 0, p->rtt_base + at, DELEGATED, "root not DELEGATED");
	may_want_context(j);
	switch (verdict(j, true, -1)) {
	case DONE:
		r = realm_new();
		r->rd = rd;
		r->root = p->rtt_base;
		r->s2sz = p->s2sz;
		r->start = (int)p->rtt_level_start;
		r->nr_roots = p->rtt_num_start;
		r->hash = p->hash_algo;
		memcpy(r->rpv, p->rpv, sizeof(r->rpv));
		set_state(rd, RD);
		for (unsigned int i = 0; i < r->nr_roots; i++) {
			u64 at = r->root + i * granule_bytes();

			set_state(at, RTT);
			r->roots[i] = table_new(r, at, r->start, i * table_entries() *
						entry_bytes(r->start));
		}
		break;
	case LATER: {
		struct op *o = begin(j, NULL, p);

		op_mask(o, rd, BETWEEN);
		for (u64 at = 0; at < size; at += granule_bytes())
			op_mask(o, p->rtt_base + at, BETWEEN);
		break;
	}
	default:
		break;
	}
}

/* ---- its life --------------------------------------------------------------------------- */

static void realm_activate(struct judged *j)
{
	struct realm *r = need_realm(j, 0, j->in[1]);

	if (r && r->state != NEW)
		no(j, 1, RMI_ERROR_REALM, "not NEW");
	if (verdict(j, false, -1) == DONE)
		r->state = ACTIVE;
}

static void realm_terminate(struct judged *j)
{
	struct realm *r = need_realm(j, 0, j->in[1]);

	may_want_context(j);
	switch (verdict(j, true, -1)) {
	case DONE:
		r->state = ZOMBIE;
		break;
	case LATER:
		begin(j, r, NULL);
		break;
	default:
		break;
	}
}

static void realm_destroy(struct judged *j)
{
	struct realm *r = need_realm(j, 0, j->in[1]);
	bool live = r && r->nr_recs;

	for (unsigned int i = 0; r && i < r->nr_roots; i++)
		live |= is_live(r, r->roots[i]);
	if (r && r->state != ZOMBIE)
		no(j, 1, RMI_ERROR_REALM, "not ZOMBIE");
	if (live)
		no(j, 1, RMI_ERROR_REALM, "live");
	may_want_context(j);
	switch (verdict(j, true, -1)) {
	case DONE:
		for (unsigned int i = 0; i < r->nr_roots; i++) {
			set_state(r->roots[i]->pa, DELEGATED);
			table_free(r->roots[i]);
		}
		set_state(r->rd, DELEGATED);
		r->used = false;
		break;
	case LATER: {
		struct op *o = begin(j, r, NULL);

		op_mask(o, r->rd, BETWEEN);
		for (unsigned int i = 0; i < r->nr_roots; i++)
			op_mask(o, r->roots[i]->pa, BETWEEN);
		break;
	}
	default:
		break;
	}
}

/* ---- RECs --------------------------------------------------------------------------------- */

static void rec_create(struct judged *j)
{
	const struct rmi_rec_params *p = need_parameters(j, 1, 3);
	struct realm *r;
	struct vcpu *v;

	r = need_realm(j, 0, j->in[1]);
	need_state(j, 1, j->in[2], DELEGATED, "REC not DELEGATED");
	if (r && r->state != NEW)
		no(j, 1, RMI_ERROR_REALM, "not NEW");
	if (r && (r->nr_recs >= BIT(RMI_MAX_RECS_ORDER) - 1 ||
		  r->next_index >= BIT(RMI_MAX_RECS_ORDER) - 1))
		no(j, 1, RMI_ERROR_REALM, "too many");
	if (r && p && index_of(p->mpidr) != r->next_index)
		no(j, 1, RMI_ERROR_INPUT, "MPIDR");
	may_want_context(j);
	switch (verdict(j, true, -1)) {
	case DONE:
		v = vcpu_new();
		v->pa = j->in[2];
		v->realm = r;
		v->mpidr = p->mpidr;
		v->index = r->next_index++;
		v->runnable = p->flags & RMI_REC_RUNNABLE;
		v->pc = p->pc;
		v->known = true;
		memcpy(v->x, p->gprs, sizeof(p->gprs));
		for (unsigned int i = 0; j->op && i < j->op->nr_given; i++)
			v->aux[v->nr_aux++] = j->op->given[i].pa;
		r->nr_recs++;
		set_state(v->pa, REC);
		break;
	case LATER:
		op_mask(begin(j, r, p), j->in[2], BETWEEN);
		break;
	default:
		break;
	}
}

static void rec_destroy(struct judged *j)
{
	struct vcpu *v;
	struct op *o;

	if (j->op) {		/* its memory is back */
		must_be(j->out[0], RMI_SUCCESS, "the last status");
		if (j->op->nr_given)
			ghost_fault("a REC is gone, its memory is not back");
		set_state(j->in[1], DELEGATED);
		j->op->vcpu.realm->nr_recs--;
		return;
	}
	need_state(j, 0, j->in[1], REC, "no REC");
	v = vcpu_at(j->in[1]);
	may_want_context(j);
	switch (verdict(j, true, -1)) {
	case DONE:
		if (v->nr_aux)
			ghost_fault("a REC is gone, its memory is not back");
		v->realm->nr_recs--;
		v->used = false;
		set_state(j->in[1], DELEGATED);
		break;
	case LATER:
		o = begin(j, v->realm, NULL);
		op_mask(o, v->pa, BETWEEN);
		o->vcpu = *v;
		for (unsigned int i = 0; i < v->nr_aux; i++) {
			o->given[o->nr_given].pa = v->aux[i];
			o->given[o->nr_given++].was = DELEGATED;
		}
		v->used = false;
		break;
	default:
		break;
	}
}

/* ---- PSCI_COMPLETE (decisions 73) ------------------------------------------------------------ */

static void reset_to(struct vcpu *v, u64 pc, u64 x0)
{
	memset(v->x, 0, sizeof(v->x));
	v->x[0] = x0;
	v->pc = pc;
	v->runnable = true;
	v->known = true;
}

static void psci_complete(struct judged *j)
{
	bool old = j->in[2] && is_aligned(j->in[2]) && page_at(j->in[2]);
	u32 status = (u32)(old ? j->in[3] : j->in[2]);
	struct vcpu *v, *target = NULL;

	need_state(j, 0, j->in[1], REC, "no REC");
	v = is_aligned(j->in[1]) && is(j->in[1], REC) ? vcpu_at(j->in[1]) : NULL;
	if (v && v->pending != PSCI)
		no(j, 0, RMI_ERROR_INPUT, "no request");
	if (v && v->pending == PSCI) {
		target = vcpu_of(v->realm, v->x[1]);
		if (!target)
			no(j, 0, RMI_ERROR_INPUT, "no target");
		/* in between: it is named by nobody any more */
		j->may_block |= v->realm->operations != 0;
	}
	if (old)
		need_state(j, 0, j->in[2], REC, "the target named is none");
	if (old && target && target->pa != j->in[2])
		no(j, 0, RMI_ERROR_INPUT, "another target");
	if (status && status != (u32)-3)
		no(j, 0, RMI_ERROR_INPUT, "status");
	if (target && status == (u32)-3 && target->runnable)
		no(j, 0, RMI_ERROR_INPUT, "denied, and it runs");
	if (verdict(j, false, -1) != DONE)
		return;
	if (status) {
		v->x[0] = (u64)-3;
	} else if (target->runnable) {
		v->x[0] = (u64)-4;
	} else {
		reset_to(target, v->x[2], v->x[3]);
		v->x[0] = 0;
	}
	v->x[1] = v->x[2] = v->x[3] = 0;
	v->pending = NOTHING;
}

void realm_call(struct judged *j)
{
	switch (j->in[0]) {
	case FID_REALM_CREATE: realm_create(j); break;
	case FID_REALM_ACTIVATE: realm_activate(j); break;
	case FID_REALM_TERMINATE: realm_terminate(j); break;
	case FID_REALM_DESTROY: realm_destroy(j); break;
	case FID_REC_CREATE: rec_create(j); break;
	case FID_REC_DESTROY: rec_destroy(j); break;
	default: psci_complete(j);
	}
}
