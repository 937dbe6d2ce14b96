/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RMI_RMM_ACTIVATE (rmi-commands.md 3.3, decisions 29, 30): regions that have no
 * metadata from EL3 get it from the host, one request per region, lowest first.
 * Nothing can be delegated yet, so the memory comes UNDELEGATED and is made
 * Realm here.
 */
#include "base/require.h"
#include "mem/region.h"
#include "mem/sro.h"
#include "rmi/rmi.h"

static struct region *first_untracked(void)
{
	for (unsigned int i = 0; i < region_count(); i++)
		if (!region_at(i)->granules)
			return region_at(i);
	return NULL;
}

static void finish(void)
{
	region_mark_own();
	require(rmm_state_change(RMI_STATE_INTERMEDIATE, RMI_STATE_ACTIVE));
}

static status_t ask(struct call *c, struct op *op, const struct region *r)
{
	return op_ask(c, op, region_metadata_granules(r), true, RMI_MEMSTATE_UNDELEGATED);
}

static status_t step(struct call *c, struct op *op)
{
	struct region *r = first_untracked();

	if (r)
		return ask(c, op, r);
	finish();
	return op_end(c, op, RMI_SUCCESS);
}

static void undo(struct call *c, struct op *op)
{
	(void)c;
	(void)op;
	require(rmm_state_change(RMI_STATE_INTERMEDIATE, RMI_STATE_INIT));
}

/* ---- memory ------------------------------------------------------------------- */

static bool is_host_dram(pa_t base, u64 granules)
{
	for (u64 i = 0; i < granules; i++) {
		u64 p = base.raw + i * GRANULE_SIZE;

		if (!memory_is_dram(p) || memory_is_own(p))
			return false;
	}
	return true;
}

/* Nothing of what the monitor kept there is left in it. */
static void wipe(pa_t base, u64 granules)
{
	for (u64 i = 0; i < granules; i++)
		arch_wipe(pa_add(base, i * GRANULE_SIZE));
}

static void give_back(pa_t base, u64 granules)
{
	wipe(base, granules);
	for (u64 done = 0, n; done < granules; done += n) {
		n = arch_gpt_to_ns(pa_add(base, done * GRANULE_SIZE), granules - done);
		require(n > 0);
	}
}

/* EL3 refuses what is not Non-secure, and so a second donation of the same memory. */
static bool make_realm(pa_t base, u64 granules)
{
	for (u64 done = 0, n; done < granules; done += n) {
		n = arch_gpt_to_realm(pa_add(base, done * GRANULE_SIZE), granules - done);
		if (!n) {
			give_back(base, done);
			return false;
		}
	}
	return true;
}

static bool take(struct call *c, struct op *op, pa_t base, u64 granules)
{
	struct region *r = first_untracked();

	(void)c;
	(void)op;
	if (!is_host_dram(base, granules) || !make_realm(base, granules))
		return false;
	wipe(base, granules);
	region_attach(r, base, true);
	return true;
}

static struct region *donated(unsigned int n)
{
	for (unsigned int i = 0; i < region_count(); i++)
		if (region_at(i)->donated && n-- == 0)
			return region_at(i);
	return NULL;
}

static bool peek(const struct op *op, unsigned int n, pa_t *base, u64 *granules)
{
	struct region *r = donated(n);

	(void)op;
	if (!r)
		return false;
	*base = r->memory;
	*granules = region_metadata_granules(r);
	return true;
}

static void gone(struct call *c, struct op *op, unsigned int nr)
{
	(void)c;
	(void)op;
	while (nr--) {
		struct region *r = donated(0);
		pa_t base = region_detach(r);

		give_back(base, region_metadata_granules(r));
	}
}

static const struct op_kind kind = {
	.name = "RMM_ACTIVATE", .step = step, .undo = undo,
	.take = take, .peek = peek, .gone = gone,
};

/* ---- the command ---------------------------------------------------------------- */

status_t rmi_rmm_activate(struct call *c, const struct rmm_activate_args *a)
{
	struct region *r;
	struct op *op;
	status_t status;

	(void)a;
	if (!rmm_state_change(RMI_STATE_INIT, RMI_STATE_INTERMEDIATE))
		return RMI_ERROR_GLOBAL;	/* another CPU was faster */
	r = first_untracked();
	if (!r) {
		finish();
		return done(c);
	}
	op = op_begin(c, &kind, &status);
	if (!op) {
		require(rmm_state_change(RMI_STATE_INTERMEDIATE, RMI_STATE_INIT));
		return status;
	}
	commit(c);
	return ask(c, op, r);
}
