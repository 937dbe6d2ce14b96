/* SPDX-License-Identifier: BSD-2-Clause */
#include "ghost/ghost.h"
#include "inside.h"
#include "watch.h"

static struct sim_snapshot *snapshot;
static bool was_active;

static bool is_refusal(u64 x0)
{
	u64 s = x0 & 0xFF;

	return s != RMI_SUCCESS && s != RMI_INCOMPLETE;
}

/* Answers that remember something although they say no; a block that was wiped in part. */
static bool may_remember(const u64 in[8])
{
	if (in[0] == FID_RTT_DATA_MAP && (in[4] & RMI_MAP_OADDR_MASK) == RMI_OADDR_SINGLE &&
	    in[5] & RMI_DESC_SIZE_MASK)
		return true;
	return in[0] == FID_OP_MEM_DONATE || in[0] == FID_OP_CONTINUE || in[0] == FID_REC_ENTER ||
	       in[0] == FID_RTT_DATA_MAP_INIT;
}

static void fill_tlbs(void)
{
	for (u64 p = sim_machine()->bank[0].base; sim_is_dram(p); p += GRANULE_SIZE)
		if (inside_is(p, "RD"))
			sim_tlb_fill(inside_vttbr(p), inside_vtcr(p));
}

static void before(struct chaos *c, const u64 regs[8])
{
	if (rng_below(&c->rng, 4) == 0)
		fill_tlbs();
	snapshot = !may_remember(regs) && rng_below(&c->rng, 6) == 0 ? sim_snapshot() : NULL;
	was_active = inside_rmm_state() == RMI_STATE_ACTIVE;
	sim_call_begin();
	ghost_before(regs);
}

static bool moves_metadata(const u64 in[8])
{
	return chaos_blocks && (in[0] == FID_OP_MEM_DONATE || in[0] == FID_OP_MEM_RECLAIM ||
				in[0] == FID_OP_CONTINUE || in[0] == FID_GRANULE_TRACKING_SET);
}

static void compare(const u64 out[8])
{
	const char *diff = is_refusal(out[0]) ? sim_snapshot_differs(snapshot) : NULL;

	if (diff)
		sim_fault("refused with 0x%llx, and changed %s", (unsigned long long)out[0], diff);
	if (is_refusal(out[0]) && sim_ns_written())
		sim_fault("refused, and wrote to the host");
	sim_snapshot_free(snapshot);
}

static void after(struct chaos *c, const u64 in[8], const u64 out[8])
{
	/* metadata that the host gives are viewed until they go back */
	sim_call_end(!was_active || inside_rmm_state() != RMI_STATE_ACTIVE || moves_metadata(in));
	if (snapshot)
		compare(out);
	snapshot = NULL;
	if (rng_below(&c->rng, 32) == 0 && inside_invariants())
		sim_fault("%s", inside_invariants());
	ghost_after(in, out);
}

void watch(struct chaos *c)
{
	c->before = before;
	c->after = after;
	c->ghost = c->hostile = true;
	snapshot = NULL;
	ghost_start();
}

void watch_begin(struct chaos *c, u64 seed)
{
	chaos_large(seed % 8 == 5);
	chaos_blocks = seed % 3 == 1 && test_granule() == 12;
	chaos_world(seed % 4 == 3);
	chaos_init(c, 0, seed);
	watch(c);
}

void watch_world(struct chaos *c, u64 steps)
{
	while (steps-- && (!c->bytes || c->nr_bytes))
		chaos_step(c);
	c->bytes = NULL;
	chaos_clean_up(c);
	chaos_live_again(c);
	test_check(!inside_invariants(), __FILE__, __LINE__, "%s", inside_invariants() ?: "");
}
