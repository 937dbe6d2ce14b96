/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every file of the VMM uses: short types, alignment, and the ways to say
 * something to the user.
 */
#ifndef VMM_UTIL_H
#define VMM_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define KIB		1024ULL
#define MIB		(1024 * KIB)
#define GIB		(1024 * MIB)
#define PAGE		4096ULL
#define BLOCK		(2 * MIB)

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define PRINTF(f, a)	__attribute__((format(printf, f, a)))

/* Exit statuses that are ours, not the guest's (decisions-kvm K84). */
#define EXIT_NO_STATUS	125	/* the guest went away without a status */
#define EXIT_BROKEN	126	/* the VM could not be made, or went wrong */

static inline u64 align_up(u64 x, u64 a)
{
	return (x + a - 1) & ~(a - 1);
}

static inline u64 align_down(u64 x, u64 a)
{
	return x & ~(a - 1);
}

static inline u64 min_u64(u64 a, u64 b)
{
	return a < b ? a : b;
}

/* One sentence to stderr, terminal restored, exit status 126. Only while setting up. */
_Noreturn void die(const char *fmt, ...) PRINTF(1, 2);

/* One line to stderr with --debug, else nothing. */
void debug(const char *fmt, ...) PRINTF(1, 2);
void debug_enable(void);

/* Called by die() before it prints: puts the terminal back. May be NULL. */
extern void (*die_hook)(void);

void *xalloc(size_t n);			/* zeroed; dies without memory */

#endif
