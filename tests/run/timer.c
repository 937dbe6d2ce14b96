/* SPDX-License-Identifier: BSD-2-Clause */
/* EL1 timers (realm-exec.md 7): reported at every exit, masked when asserted, no endless loop. */
#include <string.h>

#include "harness/play.h"
#include "harness/world.h"

#define ENABLE	1
#define IMASK	2
#define ISTATUS	4

static struct world w;
static struct play p;
static struct rmi_rec_exit *e;

static void begin(void)
{
	world_make_active(&w);
	memset(&p, 0, sizeof(p));
	e = &realm_run(&w.r, 0)->exit;
}

static void enter(void)
{
	need_eq(play_enter(&w.r, 0).x[0], RMI_SUCCESS);
}

static void virt_fires(struct rec *rec, void *arg)
{
	(void)rec;
	(void)arg;
	sim_pe()->cntv_ctl = ENABLE | ISTATUS;
	sim_pe()->cntv_cval = 0x1111;
}

static void phys_fires(struct rec *rec, void *arg)
{
	(void)rec;
	(void)arg;
	sim_pe()->cntp_ctl = ENABLE | ISTATUS;
	sim_pe()->cntp_cval = 0x2222;
}

static void virt_stops(struct rec *rec, void *arg)
{
	(void)rec;
	(void)arg;
	sim_pe()->cntv_ctl = ENABLE;
}

TEST(timer_fires_by_interrupt)
{
	begin();
	play_irq(&p)->also = virt_fires;
	play_irq(&p)->also = phys_fires;
	play_start(&p);
	enter();
	check_eq(e->exit_reason, RMI_EXIT_IRQ);
	check_eq(e->cntv_ctl, ENABLE | ISTATUS);
	check_eq(e->cntv_cval, 0x1111);
	check_eq(e->cntp_ctl, 0);
	/* the host knows: masked, so that the realm can run and handle it */
	enter();
	check(sim_pe()->mask_virt);
	check(!sim_pe()->mask_phys);
	check_eq(e->cntp_cval, 0x2222);
	enter();
	check(sim_pe()->mask_virt && sim_pe()->mask_phys);
}

/* The output changed while a trap was served inside: the host must hear of it. */
TEST(timer_changes_inside)
{
	begin();
	play_smc(&p, 0xC4000191, 0)->also = virt_fires;
	play_smc(&p, 0xC4000191, 0)->also = virt_stops;
	play_start(&p);
	enter();
	check_eq(e->exit_reason, RMI_EXIT_IRQ);
	check_eq(sim_pe()->runs, 1);
	check_eq(e->cntv_ctl, ENABLE | ISTATUS);
	enter();
	check(sim_pe()->mask_virt == true);
	check_eq(sim_pe()->runs, 2);
	check_eq(e->cntv_ctl, ENABLE);
	enter();
	check(!sim_pe()->mask_virt);
	check_eq(sim_pe()->runs, 3);
}

static void phys_stops(struct rec *rec, void *arg)
{
	(void)rec;
	(void)arg;
	sim_pe()->cntp_ctl = ENABLE;
}

TEST(the_other_timer_changes_inside)
{
	begin();
	play_smc(&p, 0xC4000191, 0)->also = phys_fires;
	play_smc(&p, 0xC4000191, 0)->also = phys_stops;
	play_start(&p);
	enter();
	check_eq(sim_pe()->runs, 1);
	check_eq(e->cntp_ctl, ENABLE | ISTATUS);
	enter();
	check(sim_pe()->mask_phys && !sim_pe()->mask_virt);
	check_eq(sim_pe()->runs, 2);
	check_eq(e->cntp_ctl, ENABLE);
}

static void masked_by_realm(struct rec *rec, void *arg)
{
	(void)rec;
	(void)arg;
	sim_pe()->cntv_ctl = ENABLE | IMASK | ISTATUS;
	sim_pe()->cntp_ctl = ISTATUS;
}

TEST(no_output_no_exit)
{
	begin();
	play_smc(&p, 0xC4000191, 0)->also = masked_by_realm;
	play_smc(&p, 0xC4000191, 0);
	play_start(&p);
	enter();
	check_eq(sim_pe()->runs, 3);
	check_eq(e->cntv_ctl, ENABLE | IMASK | ISTATUS);
	enter();
	check(!sim_pe()->mask_virt && !sim_pe()->mask_phys);
}

/* Also when the realm does not run at all (rmi-gaps.md 4). */
TEST(timers_without_running)
{
	u64 *structure;

	begin();
	structure = sim_ram(w.data_page);
	structure[0] = 0;
	play_smc(&p, 0xC4000199, RAM + 0x1000)->also = virt_fires;
	play_start(&p);
	enter();
	check_eq(e->exit_reason, RMI_EXIT_HOST_CALL);
	need_eq(rmi(FID_RTT_DATA_UNMAP, w.r.rd, RAM + 0x1000, RAM + 0x2000, 0, 0).x[0], 0);
	enter();
	check_eq(e->exit_reason, RMI_EXIT_SYNC);
	check_eq(sim_pe()->runs, 1);
	check_eq(e->cntv_ctl, ENABLE | ISTATUS);
	check_eq(e->cntv_cval, 0x1111);
}
