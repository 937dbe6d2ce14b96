/* SPDX-License-Identifier: BSD-2-Clause */
/* The ring holds what happened, and no register of a realm but what it may (abi/trace.h). */
#include <string.h>

#include "abi/rmi/commands.h"
#include "abi/rsi.h"
#include "abi/trace.h"
#include "harness/play.h"
#include "harness/world.h"

/* The n-th event from the end; 0: the last one. */
static const struct trace_event *event(u64 n)
{
	const struct trace_ring *r = sim_trace(0);

	return &r->event[(r->next - 1 - n) % TRACE_EVENTS];
}

static void is(const struct trace_event *e, unsigned int kind, unsigned int number,
	       unsigned int label, u64 status)
{
	check_eq(TRACE_KIND(e->what), kind);
	check_eq(TRACE_NUMBER(e->what), number);
	check_eq(TRACE_LABEL(e->what), label);
	check_eq(TRACE_STATUS(e->what), (u32)status);
}

TEST(trace_of_calls)
{
	struct world w;
	u64 next;

	world_make(&w);
	next = sim_trace(0)->next;
	rmi(FID_RTT_CREATE, w.r.rd, w.delegated + 1, NO_TABLE, 2, 5, 6, 7);
	check_eq(sim_trace(0)->next, next + 1);
	is(event(0), TRACE_RMI, CMD_RTT_CREATE, RTT_CREATE_rtt_align, RMI_ERROR_INPUT);
	check_eq(event(0)->arg[0], w.r.rd);
	check_eq(event(0)->arg[1], w.delegated + 1);
	check_eq(event(0)->arg[2], NO_TABLE);
	check_eq(event(0)->arg[5], 6);

	/* results do not stand where the arguments were */
	rmi(FID_RTT_READ_ENTRY, w.r.rd, RAM, 3);
	is(event(0), TRACE_RMI, CMD_RTT_READ_ENTRY, REFUSED_NOT, RMI_SUCCESS);
	check_eq(event(0)->arg[0], w.r.rd);
	check_eq(event(0)->arg[1], RAM);

	rmi(0xC4000150 + 1, 1, 2);
	is(event(0), TRACE_RMI_UNKNOWN, 0, 0, RMI_UNKNOWN_FID);
	check_eq(event(0)->arg[0], 0xC4000151);
	check_eq(event(0)->arg[1], 1);
}

TEST(trace_of_a_realm)
{
	const struct trace_ring *r = sim_trace(0);
	struct world w;
	u64 from;

	world_make_active(&w);
	from = r->next;
	play_call(&w.r, RSI_FID_VERSION, 0x20000);
	is(event(2), TRACE_REALM, 0, 0, RSI_ERROR_INPUT);
	check_eq(event(2)->arg[0], w.r.rec[0]);
	check_eq(event(2)->arg[1], RSI_FID_VERSION);
	is(event(1), TRACE_EXIT, RMI_EXIT_IRQ, 0, 0);
	check_eq(event(1)->arg[0], w.r.rec[0]);
	is(event(0), TRACE_RMI, CMD_REC_ENTER, REFUSED_NOT, RMI_SUCCESS);

	play_call(&w.r, RSI_FID_IPA_STATE_GET, secret(1), secret(2));
	play_call(&w.r, 0xC4000004, secret(1), 0);			/* AFFINITY_INFO */
	play_call(&w.r, secret(0) | 0x12345678, secret(1));		/* nobody's */
	check(r->next > from + 8 && r->next - from < TRACE_EVENTS);
	for (u64 i = from; i < r->next; i++) {
		const struct trace_event *e = &r->event[i % TRACE_EVENTS];

		for (unsigned int k = 0; k < TRACE_ARGS; k++)
			check((e->arg[k] & MASK(63, 40)) != (SECRET & MASK(63, 40)));
	}
}

TEST(trace_goes_round)
{
	const struct trace_ring *r = sim_trace(0);

	world_make_bare(&(struct world){ 0 });
	for (u64 i = 0; i < 3 * TRACE_EVENTS; i++)
		rmi(FID_FEATURES, i);
	check(r->next >= 3 * TRACE_EVENTS);
	for (u64 i = 0; i < TRACE_EVENTS; i++) {
		is(event(i), TRACE_RMI, CMD_FEATURES, REFUSED_NOT, RMI_SUCCESS);
		check_eq(event(i)->arg[0], 3 * TRACE_EVENTS - 1 - i);
		check(!i || event(i)->time < event(i - 1)->time);
	}
}
