/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What EL3 was asked, a ring on each CPU (abi/trace.h). Calls of the RMI pass by:
 * they stand in the monitor's ring.
 */
#include "el3.h"

#define SHOWN	16

static struct trace_ring rings[MAX_CPUS] __attribute__((section(".noinit")));

void trace_init(struct cpu *c)
{
	c->trace = &rings[c->index];
	c->trace->next = 0;
}

void trace_say(void)
{
	const struct cpu *c = this_cpu();
	const struct trace_ring *r = c ? c->trace : NULL;

	if (!r)
		return;
	for (u64 i = r->next > SHOWN ? r->next - SHOWN : 0; i < r->next; i++) {
		const struct trace_event *e = &r->event[i % TRACE_EVENTS];

		say("trace %u: %x %x %x %x %x %x %x", (u64)c->index, e->time, e->what,
		    e->arg[0], e->arg[1], e->arg[2], e->arg[3], e->arg[4]);
	}
}
