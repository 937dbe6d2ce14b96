/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Included before each file of the monitor (tests/Makefile): its atomic loads and
 * stores are places where another PE may go on, as its locks are. No line of the
 * monitor knows.
 */
#ifndef SIM_ATOMICS_H
#define SIM_ATOMICS_H

void sim_atomic(void);

#define __atomic_load_n(p, order)	(sim_atomic(), __atomic_load_n(p, order))
#define __atomic_store_n(p, v, order)	(sim_atomic(), __atomic_store_n(p, v, order))

#endif
