/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers of the interfaces in words, for people: commands with their arguments by
 * name, refusals, statuses, syndromes. All names come out of abi/. Functions that
 * write fill `to` of `size` bytes and give it back; nothing is ever unknown, only
 * shown as a number.
 */
#ifndef TOOLS_WORDS_H
#define TOOLS_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "abi/trace.h"

/* An RMI command: "RTT_CREATE"; NULL: none with this index, or this function identifier. */
const char *words_command(unsigned int command);
int words_command_of(uint64_t fid);		/* its index, or -1 */
/* "rtt_align" of a refusal of that command; "" for none. */
const char *words_refusal(unsigned int refusal);
/* "RMI_RTT_CREATE rd 0x40001000 rtt 0x40002000 ipa 0x0 level 2"; args: x1, x2, ... */
char *words_call(char *to, size_t size, uint64_t fid, const uint64_t *args, unsigned int nr);
/* x1, x2, ... of an answer: " rtt 0x40002000 top 0x200000"; of an INCOMPLETE they are others. */
char *words_outputs(char *to, size_t size, uint64_t fid, const uint64_t *outs);
/* x0 of an answer: "RMI_ERROR_RTT, level 2" */
char *words_answer(char *to, size_t size, uint64_t x0);
/* Any SMC function: "RSI_VERSION", "PSCI_CPU_ON", "FIRME_GM_GPI_SET"; else its number. */
char *words_function(char *to, size_t size, uint64_t fid);
const char *words_exit(unsigned int reason);
char *words_esr(char *to, size_t size, uint64_t esr);
const char *words_gpi(unsigned int gpi);
/* One event, without its time. */
char *words_event(char *to, size_t size, const struct trace_event *e);

#endif
