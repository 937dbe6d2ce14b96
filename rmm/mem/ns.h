/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Host memory (decisions 28): read once into a copy, then only the copy is
 * looked at. False: not DRAM, delegated, or the access faulted.
 */
#ifndef RMM_MEM_NS_H
#define RMM_MEM_NS_H

#include "base/types.h"

/* DRAM below the PPS limit, and not known to be anything but the host's. */
bool ns_accessible(ns_t p);

/* bytes: at most 4096, not crossing a granule. dst is unspecified on failure. */
bool ns_read(void *dst, ns_t src, size_t bytes);
bool ns_write(ns_t dst, const void *src, size_t bytes);

#endif
