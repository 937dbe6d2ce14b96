/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "abi/rsi.h"
#include "harness/inside.h"
#include "harness/play.h"
#include "harness/world.h"

#define FID	0xC4000199
#define AT	(RAM + 0x1F00)		/* the last 256 bytes of a page */

static struct world w;
static struct play p;
static struct rmi_rec_exit *e;
static u64 *structure;

static void call(void)
{
	world_make_active(&w);
	structure = (u64 *)((u8 *)sim_ram(w.data_page) + 0xF00);
	structure[0] = 0xFFFFFFFFFFFF1234;	/* imm is 16 bits */
	for (unsigned int i = 0; i < 31; i++)
		structure[1 + i] = 0x1000 + i;
	e = play_exit(&w.r, &p, FID, AT);
	check_eq(e->exit_reason, RMI_EXIT_HOST_CALL);
	for (unsigned int i = 0; i < 31; i++)
		realm_run(&w.r, 0)->enter.gprs[i] = 0x2000 + i;
}

TEST(host_call_and_back)
{
	call();
	check_eq(e->imm, 0x1234);
	check_eq(e->plane, 0);
	for (unsigned int i = 0; i < 31; i++)
		check_eq(e->gprs[i], 0x1000 + i);
	need_eq(play_enter(&w.r, 0).x[0], 0);
	check_eq(p.step[0].after[0], RSI_SUCCESS);
	check_eq(p.step[0].pc, PLAY_PC + 4);
	check_kept(&p.step[0], 1);
	check_eq(structure[0], 0xFFFFFFFFFFFF1234);
	for (unsigned int i = 0; i < 31; i++)
		check_eq(structure[1 + i], 0x2000 + i);
	/* only once */
	realm_run(&w.r, 0)->enter.gprs[5] = 0;
	need_eq(play_enter(&w.r, 0).x[0], 0);
	check_eq(structure[6], 0x2005);
}

/* The page is gone when the results come: the call stays pending. */
TEST(host_call_page_unmapped)
{
	u64 page;

	call();
	need_eq(rmi(FID_RTT_DATA_UNMAP, w.r.rd, RAM + 0x1000, RAM + 0x2000, 0, 0).x[0], 0);
	need_eq(play_enter(&w.r, 0).x[0], 0);
	check_eq(e->exit_reason, RMI_EXIT_SYNC);
	check_eq(e->esr, 0x24ULL << 26 | 7);
	check_eq(e->hpfar, (RAM + 0x1000) >> 8);
	check_eq(sim_pe()->runs, 1);		/* the realm has not run again */
	check(!p.step[0].seen);
	/* destroyed memory never comes back; it stays so */
	page = realm_data(&w.r, RAM + 0x1000, 1);
	need_eq(play_enter(&w.r, 0).x[0], 0);
	check_eq(e->exit_reason, RMI_EXIT_SYNC);
	check(page);
}

/* The results are for the realm's memory, never for what the host put in its place. */
TEST(host_call_results_need_ram)
{
	struct play q = { 0 };

	call();
	/* another REC of the realm makes the page EMPTY meanwhile: nothing is written */
	inside_set_runnable(w.r.rec[1], true);
	play_smc(&q, 0xC4000197, RAM + 0x1000, RAM + 0x2000, RSI_RIPAS_EMPTY, 0);
	play_start(&q);
	need_eq(play_enter(&w.r, 1).x[0], 0);
	need_eq(rmi(FID_RTT_SET_RIPAS, w.r.rd, w.r.rec[1], RAM + 0x1000, RAM + 0x2000).x[0], 0);
	sim_realm_is(NULL, NULL);
	play_start(&p);
	p.at = 1;
	need_eq(play_enter(&w.r, 0).x[0], 0);
	check_eq(e->exit_reason, RMI_EXIT_IRQ);
	check_eq(structure[1], 0x1000);
}

/*
 * The table that led to the page is another realm's when the results come, with a page
 * of that realm where ours was.
 */
TEST(host_call_table_is_another_realms)
{
	struct rmi_result res;
	u64 page;

	call();
	for (u64 at = RAM; at < RAM + 0x3000; at += 0x1000)
		need_eq(rmi(FID_RTT_DATA_UNMAP, w.r.rd, at, at + 0x1000, 0, 0).x[0], 0);
	res = rmi(FID_RTT_DESTROY, w.r.rd, RAM, 3);
	need_eq(res.x[0], 0);
	need_eq(res.x[1], w.rtt);
	realm_table(&w.o, RAM, 2);
	need_eq(rmi(FID_RTT_CREATE, w.o.rd, w.rtt, RAM, 3).x[0], 0);
	page = host_delegated(1, GRANULE_SIZE);
	need_eq(rmi(FID_RTT_DATA_MAP, w.o.rd, RAM + 0x1000, RAM + 0x2000, RMI_OADDR_SINGLE,
		    desc(page, 1, RMI_BLOCK_L3, 0)).x[0], 0);
	need_eq(rmi(FID_RTT_INIT_RIPAS, w.o.rd, RAM + 0x1000, RAM + 0x2000).x[0], 0);
	need_eq(play_enter(&w.r, 0).x[0], 0);
	check_eq(e->exit_reason, RMI_EXIT_SYNC);
	check_eq(e->hpfar, (RAM + 0x1000) >> 8);
	check(is_wiped(page));
}
