/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine that QEMU runs, seen from outside: its memory, whatever world it belongs
 * to. The emulator's monitor (a Unix socket, HMP) says where its RAM lies; reading is
 * /proc/PID/mem, which belongs to whoever started it. Nothing is written.
 */
#ifndef TOOLS_MACHINE_H
#define TOOLS_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Connects, stops the machine if it runs. Ends the program with a sentence when it cannot. */
void machine_open(const char *socket);
/* Lets it go on if machine_open() stopped it. */
void machine_close(void);
/* Physical memory; false: there is none at [pa, pa + bytes). */
bool machine_read(uint64_t pa, void *to, size_t bytes);
/* DRAM */
uint64_t machine_dram_base(void);
uint64_t machine_dram_bytes(void);

_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
