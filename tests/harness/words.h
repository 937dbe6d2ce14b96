/* SPDX-License-Identifier: BSD-2-Clause */
/* RMI calls in words, from abi/rmi/ (every.def): names, arguments, results, refusals. */
#ifndef TESTS_WORDS_H
#define TESTS_WORDS_H

#include "base/types.h"

/* "RTT_CREATE"; null: no such command. */
const char *words_command(u64 fid);
/* "INPUT", "RTT at level 2", "INCOMPLETE, donate, may be cancelled"... */
void words_result(char *text, size_t room, u64 x0);
/*
 * "RTT_CREATE(rd 0x..., ...) = SUCCESS: out_top 0x..."; out null: not answered yet;
 * label: of the refusal, null when there is none to tell.
 */
void words_call(char *text, size_t room, const u64 in[8], const u64 out[8], const char *label);

#endif
