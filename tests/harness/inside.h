/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What tests know of the monitor's insides. Only inside.c includes its headers
 * for this; everything else looks through the interface.
 */
#ifndef TESTS_INSIDE_H
#define TESTS_INSIDE_H

#include "base/types.h"

u64 inside_vttbr(u64 rd);
u64 inside_vtcr(u64 rd);

/* Name of the state of a granule ("DELEGATED", ...); "-" when nothing is kept of it. */
const char *inside_state(u64 pa);
bool inside_is(u64 pa, const char *state);
u64 inside_refs(u64 pa);

/* Changes behind the monitor's back, for states that a single PE cannot reach. */
void inside_pretend_running(u64 rd, u64 rec);
u64 inside_next_index(u64 rd);
void inside_set_next_index(u64 rd, u64 index);
void inside_set_runnable(u64 rec, bool runnable);
void inside_set_psci_pending(u64 rec);
unsigned int inside_take_all_vmids(void);

u64 inside_token_page(u64 rec);
void inside_instance_id(u64 rd, u8 id[33]);

/* Label of the last refusal on this CPU, "" when none. */
const char *inside_refusal(void);

void inside_forget_refusal(void);

/* Sets up what must not be judged in snapshots, and lock ranks. After power-on. */
void inside_power_on(void);

/*
 * What must hold between calls: worlds fit the states, counts fit the tables, no
 * lock bit set. Null, or what does not.
 */
const char *inside_invariants(void);

#endif
