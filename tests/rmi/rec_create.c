/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD REC_CREATE
#define CMD_LOWER rec_create
#include <string.h>

#include "harness/command.h"

#define GOOD_STATUS RMI_INCOMPLETE

static struct rmi_rec_params *params;

GOOD
{
	params = sim_ram(w->ns2);
	params->mpidr = 2;
	params->flags = RMI_REC_RUNNABLE;
	a->rd = pa(w->r.rd);
	a->rec = pa(w->delegated);
	a->params = ns(w->ns2);
}

CHANGED
{
	check_eq(RMI_MEM(res.x[0]), RMI_MEM_DONATE);
	check(res.x[0] & RMI_CAN_CANCEL);
	check_eq(FIELD(res.x[2], 1, 0), RMI_BLOCK_L3);
	check(FIELD(res.x[2], 15, 2) >= 1);
	check_eq(res.x[2] >> 16, 0);		/* not contiguous, DELEGATED */
	check(inside_is(a->rec.raw, "BETWEEN"));
	check_status(sro_finish(res), RMI_SUCCESS);
	check(inside_is(a->rec.raw, "REC"));
	check_eq(inside_refs(a->rd.raw), 3);
}

SPOIL(params_align)	{ a->params = ns_add(a->params, 8); }
SPOIL(params_ns)	{ a->params = ns(w->delegated2); }
SPOIL(rec_align)	{ a->rec = pa_add(a->rec, 8); }
SPOIL(rec_state)	{ a->rec = pa(w->data); }
SPOIL(rd_align)		{ a->rd = pa_add(a->rd, 8); }
SPOIL(rd_state)		{ a->rd = pa(w->data_page); }
SPOIL(realm_state)	{ realm_activate(&w->r); }
SPOIL(rec_limit)	{ inside_set_next_index(w->r.rd, 511); }
SPOIL(mpidr)		{ params->mpidr = 3; }

TEST(mpidrs_are_indices)
{
	static const u64 bad[] = {0,	1,	     3,		  0x10, 0x100,
				  0x12, BIT(31) | 2, BIT(32) | 2, 0x42, BIT(63)};
	struct world w;
	struct args a;

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		world_make(&w);
		good(&w, &a);
		params->mpidr = bad[i];
		test_note("mpidr 0x%llx", (unsigned long long)bad[i]);
		check_status(rmi(FID_REC_CREATE, a.rd.raw, a.rec.raw, a.params.raw),
			     RMI_ERROR_INPUT);
	}
}

/* Index 16 is aff1 = 1 (rmi-structs.md 3.1). */
TEST(index_runs_over_affinity)
{
	struct world w;
	u64 list = 0;

	world_make_bare(&w);
	struct realm r = realm_default;
	realm_create(&r);
	(void)list;
	params = sim_ram(w.ns2);
	for (u64 i = 0; i < 20; i++) {
		u64 rec = host_delegated(1, GRANULE_SIZE);

		params->mpidr = (i & 15) | (i >> 4) << 8;
		test_note("index %u", (unsigned int)i);
		check_status(sro_finish(rmi(FID_REC_CREATE, r.rd, rec, w.ns2)), RMI_SUCCESS);
	}
	check_eq(inside_refs(r.rd), 20);
}

/* Memory for the vectors of the realm: as many pages as its length wants (decisions 54). */
TEST(memory_for_vectors)
{
	for (unsigned int vq = 0; vq <= 16; vq++) {
		struct realm r = realm_default;
		struct rmi_result res;
		struct world w;
		u64 free_before;

		test_note("vector length %u", vq * 128);
		world_make_bare(&w);
		free_before = host_count(PAGE_FREE);
		r.sve_vq = vq;
		realm_create(&r);
		params = sim_ram(w.ns2);
		params->mpidr = 0;
		res = rmi(FID_REC_CREATE, r.rd, w.delegated, w.ns2);
		check_eq(RMI_MEM(res.x[0]), RMI_MEM_DONATE);
		check_eq(FIELD(res.x[2], 15, 2), 16 * vq * 32 + 2 * vq * 17 <= 4096 ? 2 : 4);
		check_status(sro_finish(res), RMI_SUCCESS);
		check_status(sro_finish(rmi(FID_REC_DESTROY, w.delegated)), RMI_SUCCESS);
		realm_destroy(&r);
		check_eq(host_count(PAGE_FREE), free_before);
	}
}

/* The same granule for both, and a granule of another realm. */
TEST(rec_is_rd)
{
	struct world w;
	struct args a;

	world_make(&w);
	good(&w, &a);
	check_status(rmi(FID_REC_CREATE, a.rec.raw, a.rec.raw, a.params.raw), RMI_ERROR_INPUT);
	check_status(rmi(FID_REC_CREATE, a.rd.raw, a.rd.raw, a.params.raw), RMI_ERROR_INPUT);
	check_status(rmi(FID_REC_CREATE, a.rd.raw, w.o.rec[0], a.params.raw), RMI_ERROR_INPUT);
}

/* ---- measuring in slices ---------------------------------------------------------- */

/* On another PE at each stop; cancelled at the n-th stop (0: not). */
static struct rmi_result sliced(struct world *w, u8 hash, unsigned int cancel_at, u8 rim[64])
{
	struct rmi_result r;
	unsigned int stops = 0;
	struct sro s;

	world_make_bare(w);
	w->r = realm_default;
	w->r.hash = hash;
	realm_create(&w->r);
	params = sim_ram(w->ns2);
	params->flags = RMI_REC_RUNNABLE;
	params->pc = 0x1234;
	params->gprs[7] = 77;
	sim_interrupt_after(1);
	need(sro_begin(&s, rmi(FID_REC_CREATE, w->r.rd, w->delegated, w->ns2)));
	r = sro_give(&s, 16);
	while (status_of(r) == RMI_INCOMPLETE && stops < 100) {
		sim_be_cpu(++stops % 4);
		check(r.x[0] & RMI_CAN_CANCEL);
		check_eq(RMI_MEM(r.x[0]), RMI_MEM_NONE);
		if (stops == cancel_at) {
			r = sro_cancel(&s);
			check(!(r.x[0] & RMI_CAN_CANCEL));
			check_eq(RMI_MEM(r.x[0]), RMI_MEM_RECLAIM);
			check_status(rmi(FID_OP_CANCEL, s.handle), RMI_ERROR_INPUT);
			r = sro_reclaim(&s, 16);
			r = sro_continue(&s, 0);
			break;
		}
		sim_interrupt_after(1);
		r = sro_continue(&s, stops & 1);
	}
	sim_be_cpu(0);
	sim_interrupt_after(0);
	inside_rim(w->r.rd, rim);
	check(!inside_invariants());
	return r;
}

TEST(rec_measured_in_slices)
{
	static const u8 zero[64];
	struct world w;
	u8 rim[64], whole[64];

	for (u8 hash = 0; hash < 3; hash++) {
		test_note("hash %u", hash);
		check_status(sliced(&w, hash, 0, rim), RMI_SUCCESS);
		check(inside_is(w.delegated, "REC"));
		world_make_bare(&w);
		w.r = realm_default;
		w.r.hash = hash;
		realm_create(&w.r);
		params = sim_ram(w.ns2);
		params->flags = RMI_REC_RUNNABLE;
		params->pc = 0x1234;
		params->gprs[7] = 77;
		check_status(sro_finish(rmi(FID_REC_CREATE, w.r.rd, w.delegated, w.ns2)),
			     RMI_SUCCESS);
		inside_rim(w.r.rd, whole);
		check(!memcmp(rim, whole, 64) && memcmp(rim, zero, 64));
	}
	for (unsigned int at = 1; at < 34; at += 4) {
		test_note("cancelled at stop %u", at);
		check_status(sliced(&w, RMI_HASH_SHA256, at, rim), RMI_ERROR_GLOBAL);
		check(inside_is(w.delegated, "DELEGATED"));
		check(!memcmp(rim, zero, 64));
		check_eq(inside_refs(w.r.rd), 0);
		check_status(rmi(FID_REALM_ACTIVATE, w.r.rd), RMI_SUCCESS);
	}
}

#include "harness/command_end.h"
