/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every value of every enumeration in a register, a descriptor or a page that means
 * nothing: RMI_ERROR_INPUT, and nothing changed (rmi.md 1; rmi-structs.md 5 and 6).
 * Realm parameters: realm_create.c; statuses of PSCI: psci_complete.c.
 */
#include "harness/inside.h"
#include "harness/world.h"

#define DESC(size, state)	(w->delegated | 1 << RMI_DESC_COUNT_SHIFT | (size) | \
				 (u64)(state) << RMI_DESC_STATE_SHIFT)

typedef struct rmi_result call_with(struct world *w, u64 v);

/* All values of [from, to] but those that are known. */
static void reserved(const char *what, call_with *call, u64 from, u64 to, u64 known)
{
	struct sim_snapshot *before;
	struct rmi_result r;
	struct world w;

	world_make(&w);
	before = sim_snapshot();
	for (u64 v = from; v <= to; v++) {
		if (v < 64 && known & BIT(v))
			continue;
		test_note("%s = %llu", what, (unsigned long long)v);
		r = call(&w, v);
		check_status(r, RMI_ERROR_INPUT);
		check_eq(sim_ns_written(), 0);
	}
	test_note("%s", what);
	test_check(!sim_snapshot_differs(before), __FILE__, __LINE__, "changed %s",
		   sim_snapshot_differs(before) ?: "");
	sim_snapshot_free(before);
}

/* ---- the type of the addresses --------------------------------------------------------- */

static struct rmi_result map_type(struct world *w, u64 v)
{
	return rmi(FID_RTT_DATA_MAP, w->r.rd, RAM_VOID, RAM_VOID + GRANULE_SIZE, v, DESC(0, 0));
}

static struct rmi_result unprot_type(struct world *w, u64 v)
{
	return rmi(FID_RTT_UNPROT_MAP, w->r.rd, w->shared + GRANULE_SIZE,
		   w->shared + 2 * GRANULE_SIZE, v, w->ns | 4);
}

static struct rmi_result unmap_type(struct world *w, u64 v)
{
	return rmi(FID_RTT_DATA_UNMAP, w->r.rd, RAM, RAM + GRANULE_SIZE, v, 0);
}

static struct rmi_result unprot_unmap_type(struct world *w, u64 v)
{
	return rmi(FID_RTT_UNPROT_UNMAP, w->r.rd, w->shared, w->shared + GRANULE_SIZE, v, 0);
}

TEST(reserved_address_types)
{
	reserved("oaddr_type of DATA_MAP", map_type, 0, 3, BIT(RMI_OADDR_SINGLE) | BIT(RMI_OADDR_LIST));
	reserved("oaddr_type of UNPROT_MAP", unprot_type, 0, 3,
		 BIT(RMI_OADDR_SINGLE) | BIT(RMI_OADDR_LIST));
	reserved("oaddr_type of DATA_UNMAP", unmap_type, 3, 3, 0);
	reserved("oaddr_type of UNPROT_UNMAP", unprot_unmap_type, 3, 3, 0);
}

/* ---- descriptors -------------------------------------------------------------------------- */

static struct rmi_result map_state(struct world *w, u64 v)
{
	return rmi(FID_RTT_DATA_MAP, w->r.rd, RAM_VOID, RAM_VOID + GRANULE_SIZE, RMI_OADDR_SINGLE,
		   DESC(0, v));
}

static struct rmi_result map_size(struct world *w, u64 v)
{
	return rmi(FID_RTT_DATA_MAP, w->r.rd, 0, 1ULL << 39, RMI_OADDR_SINGLE,
		   1 << RMI_DESC_COUNT_SHIFT | v);
}

static struct rmi_result unprot_size(struct world *w, u64 v)
{
	return rmi(FID_RTT_UNPROT_MAP, w->o.rd, realm_shared(&w->o), 1ULL << w->o.s2sz,
		   6 << 16 | 3 << 19 | RMI_OADDR_SINGLE, 1 << RMI_DESC_COUNT_SHIFT | v);
}

TEST(reserved_in_descriptors)
{
	reserved("state of a DATA_MAP descriptor", map_state, 0, 3, BIT(RMI_MEMSTATE_DELEGATED));
	reserved("size of a DATA_MAP descriptor", map_size, RMI_BLOCK_L0, RMI_BLOCK_L0, 0);
	reserved("size of an UNPROT_MAP descriptor", unprot_size, RMI_BLOCK_L0, RMI_BLOCK_L0, 0);
}

/* A list that is not what was asked for fails the operation, so each has one of its own. */
static void donate(u64 d)
{
	struct rmi_rec_params *p;
	struct rmi_result r;
	struct world w;
	struct sro s;
	u64 page;

	world_make(&w);
	page = host_page();
	p = sim_ram(page);
	p->mpidr = w.o.nr_recs;
	need(sro_begin(&s, rmi(FID_REC_CREATE, w.o.rd, w.delegated2, page)));
	*(u64 *)sim_ram(s.list) = w.delegated | 1 << RMI_DESC_COUNT_SHIFT | d;
	r = rmi(FID_OP_MEM_DONATE, s.handle, s.list, 1, 0);
	check_status(r, RMI_ERROR_INPUT);
	check_eq(r.x[1], 0);
	check(inside_is(w.delegated, "DELEGATED"));
}

TEST(reserved_in_donations)
{
	for (u64 state = 1; state < 4; state++)
		donate(state << RMI_DESC_STATE_SHIFT);
	for (u64 size = 1; size < 4; size++)
		donate(size);
}

/* ---- attributes and flags --------------------------------------------------------------------- */

/* What UNPROT_MAP says to these flags. */
static u64 unprot_flags(u64 flags)
{
	struct world w;

	world_make(&w);
	return status_of(unprot_type(&w, RMI_OADDR_SINGLE | flags));
}

static struct rmi_result data_flag(struct world *w, u64 v)
{
	return rmi(FID_RTT_DATA_MAP_INIT, w->r.rd, w->delegated, RAM_VOID, w->ns, BIT(v));
}

TEST(reserved_attributes)
{
	for (u64 v = 0; v < 8; v++) {
		test_note("memattr %llu", (unsigned long long)v);
		check_eq(unprot_flags(v << 16 | 3 << 19), v == 4 ? RMI_ERROR_INPUT : RMI_SUCCESS);
	}
	for (u64 v = 0; v < 16; v++) {
		test_note("s2ap %llu", (unsigned long long)v);
		check_eq(unprot_flags(6 << 16 | v << 19), v > 3 ? RMI_ERROR_INPUT : RMI_SUCCESS);
	}
	reserved("a flag of DATA_MAP_INIT, bit", data_flag, 1, 63, 0);
}

/* ---- MPIDR, configuration ------------------------------------------------------------------- */

static struct rmi_result mpidr_bit(struct world *w, u64 v)
{
	struct rmi_rec_params *p = sim_ram(w->ns2);

	p->mpidr = w->r.nr_recs | BIT(v);
	return rmi(FID_REC_CREATE, w->r.rd, w->delegated, w->ns2);
}

static void config(u64 granule, u64 tracking)
{
	struct rmi_rmm_config *c;
	struct world w;

	world_make_init(&w);
	c = sim_ram(w.ns);
	c->rmi_granule_size = (u8)granule;
	c->tracking_region_size = (u8)tracking;
	test_note("granule size %llu, tracking size %llu", (unsigned long long)granule,
		  (unsigned long long)tracking);
	check_status(rmi(FID_RMM_CONFIG_SET, w.ns), RMI_ERROR_INPUT);
	check_status(rmi(FID_RMM_CONFIG_GET, w.ns2), RMI_SUCCESS);
	check_eq(*(u64 *)sim_ram(w.ns2), 0);
	check_eq(*((u64 *)sim_ram(w.ns2) + 1), 0);
}

TEST(reserved_elsewhere)
{
	reserved("a reserved bit of MPIDR", mpidr_bit, 32, 63, 0);
	reserved("a reserved bit of MPIDR", mpidr_bit, 4, 7, 0);
	for (u64 v = RMI_GRANULE_64K + 1; v < 256; v++)
		config(v, 0);
	for (u64 v = 2; v < 256; v++)
		config(0, v);
}
