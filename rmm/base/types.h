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
typedef int8_t s8;
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

/* The GPT's granule: what EL3, structures in host memory and the monitor's own tables count in. */
#define PAGE_SHIFT	12
#define PAGE_SIZE	(1ULL << PAGE_SHIFT)

/*
 * The RMI granule, 4, 16 or 64 KiB: changes in INIT only (mem/region.h), so a call
 * that works on granules sees one size. docs/decisions/granule-size.md
 */
struct granule_geometry {
	u64 size;
	unsigned int shift;
};
extern struct granule_geometry granule_geometry;

#define GRANULE_SHIFT	(granule_geometry.shift)
#define GRANULE_SIZE	(granule_geometry.size)
#define GRANULE_PAGES	(1ULL << (GRANULE_SHIFT - PAGE_SHIFT))

#define MAX_CPUS	32

/* What it calls becomes part of it: loops that run once a granule. */
#define HOT	__attribute__((flatten))

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define BIT(n)		(1ULL << (n))
#define MASK(hi, lo)	(((~0ULL) >> (63 - (hi))) & ((~0ULL) << (lo)))
/* The field [hi:lo] of a word, moved down to bit 0. */
#define FIELD(word, hi, lo)	(((word) & MASK(hi, lo)) >> (lo))
#define ALIGN_DOWN(v, a)	((v) & ~((u64)(a) - 1))
#define ALIGN_UP(v, a)		ALIGN_DOWN((v) + (u64)(a) - 1, a)
#define IS_ALIGNED(v, a)	(((v) & ((u64)(a) - 1)) == 0)

#endif
