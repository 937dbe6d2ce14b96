/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD RTT_SET_RIPAS
#define CMD_LOWER rtt_set_ripas
#include <string.h>

#include "abi/rsi.h"
#include "harness/play.h"
#include "harness/command.h"

static struct play play;

/* The realm asks for a change; the exit to the host. */
static void ask(struct world *w, u64 base, u64 top, u64 value, u64 flags)
{
	struct rmi_rec_run *run = realm_run(&w->r, 0);

	memset(&play, 0, sizeof(play));
	play_smc(&play, RSI_FID_IPA_STATE_SET, base, top, value, flags);
	play_start(&play);
	need_eq(play_enter(&w->r, 0).x[0], 0);
	need_eq(run->exit.exit_reason, RMI_EXIT_RIPAS_CHANGE);
}

GOOD
{
	realm_activate(&w->r);
	ask(w, RAM, RAM + 4 * GRANULE_SIZE, RMI_RIPAS_EMPTY, 0);
	a->rd = pa(w->r.rd);
	a->rec = pa(w->r.rec[0]);
	a->base = ipa(RAM);
	a->top = ipa(RAM + 4 * GRANULE_SIZE);
}

CHANGED
{
	check_eq(res.x[1], a->top.raw);
	for (u64 at = RAM; at < RAM + 4 * GRANULE_SIZE; at += GRANULE_SIZE) {
		struct rmi_result e = rmi(FID_RTT_READ_ENTRY, w->r.rd, at, 3);

		check_eq(e.x[2], at < RAM + 3 * GRANULE_SIZE ? RMI_ENTRY_DATA : RMI_ENTRY_VOID);
		check_eq(e.x[4], RMI_RIPAS_EMPTY);
	}
	check(inside_is(w->data, "DATA"));		/* the content stays (7.3) */
	check_eq(sim_realm_access(realm_vttbr(&w->r), realm_vtcr(&w->r), RAM, SIM_READ).fault,
		 SIM_S2_TRANSLATION);
	need_eq(play_enter(&w->r, 0).x[0], 0);
	check(play.step[0].seen);
	check_eq(play.step[0].after[0], RSI_SUCCESS);
	check_eq(play.step[0].after[1], RAM + 4 * GRANULE_SIZE);
	check_eq(play.step[0].after[2], RSI_RESPONSE_ACCEPT);
}

SPOIL(top_align)	{ a->top = ipa_add(a->top, 0x800); }
SPOIL(top_order)	{ a->top = a->base; }
SPOIL(rd_align)		{ a->rd = pa_add(a->rd, 1); }
SPOIL(rd_state)		{ a->rd = pa(w->data); }
SPOIL(rec_align)	{ a->rec = pa_add(a->rec, 8); }
SPOIL(rec_state)	{ a->rec = pa(w->data_page); }
SPOIL(rec_running)
{
	inside_pretend_running(w->r.rd, w->r.rec[0]);
	inside_pretend_running(w->o.rd, w->o.rec[0]);
}
SPOIL(rec_owner)	{ a->rec = pa(w->o.rec[0]); }
SPOIL(base)		{ a->base = ipa_add(a->base, GRANULE_SIZE); }
SPOIL(top_bound)	{ a->top = ipa_add(a->top, GRANULE_SIZE); }
static bool is_running(const struct world *w)
{
	if (((struct rec *)sim_ram(w->r.rec[0]))->running)
		command_not_spoiled = "a REC that runs cannot be made to ask";
	return command_not_spoiled;
}

SPOIL(entry_align)
{
	if (is_running(w))
		return;
	ask(w, FLAT + GRANULE_SIZE, FLAT + 2 * level_bytes(2), RMI_RIPAS_RAM, 0);
	a->base = ipa(FLAT + GRANULE_SIZE);
	a->top = ipa(FLAT + 2 * level_bytes(2));
	w->level = 2;
}
SPOIL(progress)
{
	if (is_running(w))
		return;
	ask(w, FLAT, FLAT + GRANULE_SIZE, RMI_RIPAS_RAM, 0);
	a->base = ipa(FLAT);
	a->top = ipa(FLAT + GRANULE_SIZE);
	w->level = 2;
}

static struct rmi_result set(const struct world *w, u64 base, u64 top)
{
	return rmi(FID_RTT_SET_RIPAS, w->r.rd, w->r.rec[0], base, top);
}

static void make_active(struct world *w)
{
	world_make(w);
	realm_activate(&w->r);
}

/* In pieces: each call starts where the last one ended, and nowhere else. */
TEST(in_pieces)
{
	struct world w;
	struct rmi_result r;

	make_active(&w);
	ask(&w, RAM, RAM + 4 * GRANULE_SIZE, RMI_RIPAS_EMPTY, 0);
	r = set(&w, RAM, RAM + GRANULE_SIZE);
	check_eq(r.x[1], RAM + GRANULE_SIZE);
	check_status(set(&w, RAM, RAM + 4 * GRANULE_SIZE), RMI_ERROR_INPUT);
	r = set(&w, RAM + GRANULE_SIZE, RAM + 2 * GRANULE_SIZE);
	check_eq(r.x[1], RAM + 2 * GRANULE_SIZE);
	need_eq(play_enter(&w.r, 0).x[0], 0);		/* enough for the host */
	check_eq(play.step[0].after[1], RAM + 2 * GRANULE_SIZE);
	check_eq(play.step[0].after[2], RSI_RESPONSE_ACCEPT);
	check_status(set(&w, RAM + 2 * GRANULE_SIZE, RAM + 4 * GRANULE_SIZE),
		     RMI_ERROR_INPUT); /* the request is gone */
}

/* RAM over EMPTY data: the old content is back (rmi-commands.md 9.5). */
TEST(empty_and_ram_again)
{
	struct world w;
	u64 word = 0;

	make_active(&w);
	ask(&w, RAM, RAM + GRANULE_SIZE, RMI_RIPAS_EMPTY, 0);
	check_status(set(&w, RAM, RAM + GRANULE_SIZE), RMI_SUCCESS);
	ask(&w, RAM, RAM + GRANULE_SIZE, RMI_RIPAS_RAM, 0);
	check_status(set(&w, RAM, RAM + GRANULE_SIZE), RMI_SUCCESS);
	check(sim_realm_read(realm_vttbr(&w.r), realm_vtcr(&w.r), RAM, &word, 8));
	check_eq(word, 0x7777777777777777);
	/* to what is there already: progress (decisions 62) */
	ask(&w, RAM, RAM + 2 * GRANULE_SIZE, RMI_RIPAS_RAM, 0);
	check_eq(set(&w, RAM, RAM + 2 * GRANULE_SIZE).x[1], RAM + 2 * GRANULE_SIZE);
	check(!inside_invariants());
}

/* DESTROYED pages only if the realm said so. */
TEST(destroyed)
{
	struct world w;
	struct rmi_result r;

	make_active(&w);
	need_eq(rmi(FID_RTT_DATA_UNMAP, w.r.rd, RAM + GRANULE_SIZE, RAM + 2 * GRANULE_SIZE, 0, 0).x[0], 0);
	ask(&w, RAM, RAM + 3 * GRANULE_SIZE, RMI_RIPAS_RAM, 0);
	r = set(&w, RAM, RAM + 3 * GRANULE_SIZE);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], RAM + GRANULE_SIZE);
	r = set(&w, RAM + GRANULE_SIZE, RAM + 3 * GRANULE_SIZE);
	check_status(r, RMI_ERROR_RTT);
	check_eq(level_of(r), 3);
	realm_run(&w.r, 0)->enter.flags = RMI_ENTER_RIPAS_REJECT;
	need_eq(play_enter(&w.r, 0).x[0], 0);
	check_eq(play.step[0].after[1], RAM + GRANULE_SIZE);
	check_eq(play.step[0].after[2], RSI_RESPONSE_REJECT);
	realm_run(&w.r, 0)->enter.flags = 0;
	ask(&w, RAM + GRANULE_SIZE, RAM + 3 * GRANULE_SIZE, RMI_RIPAS_RAM, RSI_CHANGE_DESTROYED);
	r = set(&w, RAM + GRANULE_SIZE, RAM + 3 * GRANULE_SIZE);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], RAM + 3 * GRANULE_SIZE);
	check_eq(rmi(FID_RTT_READ_ENTRY, w.r.rd, RAM + GRANULE_SIZE, 3).x[4], RMI_RIPAS_RAM);
	check(!inside_invariants());
}

/* To EMPTY cannot be rejected; a finished one neither. */
TEST(rejections)
{
	struct world w;

	make_active(&w);
	ask(&w, RAM, RAM + GRANULE_SIZE, RMI_RIPAS_EMPTY, 0);
	realm_run(&w.r, 0)->enter.flags = RMI_ENTER_RIPAS_REJECT;
	need_eq(play_enter(&w.r, 0).x[0], 0);
	check_eq(play.step[0].after[0], RSI_SUCCESS);
	check_eq(play.step[0].after[1], RAM);
	check_eq(play.step[0].after[2], RSI_RESPONSE_ACCEPT);
	realm_run(&w.r, 0)->enter.flags = 0;
	ask(&w, RAM, RAM + GRANULE_SIZE, RMI_RIPAS_RAM, 0);
	check_status(set(&w, RAM, RAM + GRANULE_SIZE), RMI_SUCCESS);
	realm_run(&w.r, 0)->enter.flags = RMI_ENTER_RIPAS_REJECT;
	need_eq(play_enter(&w.r, 0).x[0], 0);
	check_eq(play.step[0].after[2], RSI_RESPONSE_ACCEPT);
}

/* Whole blocks and voids of every level. */
TEST(large_entries)
{
	NEEDS_BLOCKS;
	struct world w;
	struct rmi_result r;

	make_active(&w);
	ask(&w, FLAT, NO_TABLE, RMI_RIPAS_RAM, 0);
	r = set(&w, FLAT, NO_TABLE);
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], NO_TABLE);
	check_eq(rmi(FID_RTT_READ_ENTRY, w.r.rd, NO_TABLE - level_bytes(2), 2).x[4], RMI_RIPAS_RAM);
	realm_data_block(&w.r, FLAT);
	check_eq(sim_realm_access(realm_vttbr(&w.r), realm_vtcr(&w.r), FLAT, SIM_WRITE).fault,
		 SIM_S2_OK);
	ask(&w, FLAT, FLAT + level_bytes(2), RMI_RIPAS_EMPTY, 0);
	check_status(set(&w, FLAT, FLAT + level_bytes(2)), RMI_SUCCESS);
	check_eq(sim_realm_access(realm_vttbr(&w.r), realm_vtcr(&w.r), FLAT, SIM_WRITE).fault,
		 SIM_S2_TRANSLATION);
	check(!inside_invariants());
}

/* A table in the way stops the sweep; the host calls again from there. */
TEST(stops_at_a_table)
{
	struct world w;
	struct rmi_result r;

	make_active(&w);
	realm_table(&w.r, FLAT, 3);
	ask(&w, RAM + level_bytes(2), FLAT + level_bytes(2), RMI_RIPAS_RAM, 0);
	r = set(&w, RAM + level_bytes(2), FLAT + level_bytes(2));
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], FLAT);
	r = set(&w, FLAT, FLAT + level_bytes(2));
	check_status(r, RMI_SUCCESS);
	check_eq(r.x[1], FLAT + level_bytes(2));
	check(!inside_invariants());
}

#include "harness/command_end.h"
