/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What this process may still do once a guest runs.
 */
#ifndef VMM_PRIV_H
#define VMM_PRIV_H

/*
 * Give up root, any way of getting it back, and every system call that running
 * a VM does not need. Before any thread is made: they inherit it.
 */
void priv_drop(void);

#endif
