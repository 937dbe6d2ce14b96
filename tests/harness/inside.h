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

/* What the monitor keeps of a realm, a REC, an entry: for the ghost. */
struct inside_realm {
	int state;			/* in the order NEW, ACTIVE, SYSTEM_OFF, ZOMBIE */
	u64 root, next_index, nr_running, hash;
	unsigned int s2sz, nr_roots;
	int start_level;
	u8 rpv[64];
};
void inside_realm(u64 rd, struct inside_realm *is);

struct inside_rec {
	u64 rd, mpidr, runnable, running, pending;
	u64 ripas_active, ripas_addr, ripas_top, ripas_value, ripas_destroyed;
	bool emulatable, unprotected, sysreg_read;
	u64 esr, host_call, gprs[31], pc, aux[16];
	unsigned int nr_aux;
};
void inside_rec(u64 rec, struct inside_rec *is);

struct inside_entry { unsigned int state, ripas; u64 oa, attributes; };
void inside_entry(u64 rd, u64 descriptor, int level, bool ns, struct inside_entry *is);
u64 inside_rmm_state(void);
/* The tracking region there: its kind, and the metadata that the host gave. */
struct inside_region { u64 kind, memory; bool reserved, donated, was_delegated; };
void inside_region(u64 address, struct inside_region *is);

/* Name of the state of a granule ("DELEGATED", ...); "-" when nothing is kept of it. */
const char *inside_state(u64 pa);
bool inside_is(u64 pa, const char *state);
/* The same, and of a COARSE region all granules are what it is. */
bool inside_belongs(u64 p, const char *state);
u64 inside_refs(u64 pa);

/* Changes behind the monitor's back, for states that a single PE cannot reach. */
void inside_pretend_running(u64 rd, u64 rec);
u64 inside_next_index(u64 rd);
/* The realm's initial measurement. */
void inside_rim(u64 rd, u8 rim[64]);
void inside_set_next_index(u64 rd, u64 index);
void inside_set_runnable(u64 rec, bool runnable);
void inside_set_psci_pending(u64 rec);
unsigned int inside_take_all_vmids(void);
/* Every context that was free belongs to an operation that waits; at_work: the last one to one that works. */
void inside_use_all_operations(bool at_work);

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
