/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Types that carry meaning: three kinds of address never mix by accident.
 */
#ifndef RMM_BASE_TYPES_H
#define RMM_BASE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

typedef struct { u64 raw; } pa_t;	/* physical                                 */
typedef struct { u64 raw; } ipa_t;	/* as the realm sees it                     */
typedef struct { u64 raw; } ns_t;	/* host memory: may change while we look    */

static inline pa_t pa(u64 raw) { return (pa_t){ raw }; }
static inline ipa_t ipa(u64 raw) { return (ipa_t){ raw }; }
static inline ns_t ns(u64 raw) { return (ns_t){ raw }; }

static inline pa_t pa_add(pa_t p, u64 bytes) { return pa(p.raw + bytes); }
static inline ipa_t ipa_add(ipa_t i, u64 bytes) { return ipa(i.raw + bytes); }
static inline ns_t ns_add(ns_t n, u64 bytes) { return ns(n.raw + bytes); }

#define GRANULE_SHIFT	12
#define GRANULE_SIZE	(1ULL << GRANULE_SHIFT)

#define MAX_CPUS	32

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define BIT(n)		(1ULL << (n))
#define MASK(hi, lo)	(((~0ULL) >> (63 - (hi))) & ((~0ULL) << (lo)))
/* The field [hi:lo] of a word, moved down to bit 0. */
#define FIELD(word, hi, lo)	(((word) & MASK(hi, lo)) >> (lo))
#define ALIGN_DOWN(v, a)	((v) & ~((u64)(a) - 1))
#define ALIGN_UP(v, a)		ALIGN_DOWN((v) + (u64)(a) - 1, a)
#define IS_ALIGNED(v, a)	(((v) & ((u64)(a) - 1)) == 0)

#endif
