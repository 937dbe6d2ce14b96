/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Given to the compiler with -include: nothing is ever bound from outside the
 * image, so external data need no table of addresses.
 */
#pragma GCC visibility push(hidden)
