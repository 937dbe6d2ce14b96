/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world most tests start in: an ACTIVE monitor, two NEW realms with RECs,
 * tables and pages, and one address of every kind.
 */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include "host.h"
#include "sim/sim.h"

#define RAM		0x80000000ULL	/* IPA; a level 3 table is there      */
#define RAM_VOID	(RAM + 3 * GRANULE_SIZE)	/* first page that is RAM and unmapped */
#define RAM_TOP		(RAM + 256 * GRANULE_SIZE)	/* from here on EMPTY          */
#define NO_TABLE	(ALIGN_DOWN(RAM, level_bytes(1)) + level_bytes(1))	/* IPA; the walk ends at level 1      */
#define FLAT		(RAM + 2 * level_bytes(2))	/* IPA; the walk ends at level 2      */
#define BLOCK_PA	ALIGN_UP(0x40800000, level_bytes(2))	/* for shared blocks */
#define NO_LEVEL	99

/* The test counts slices or bytes as they are with 4 KiB granules. */
#define NEEDS_4K	do { if (test_granule() != 12) return; } while (0)
/* A block of DATA: with 64 KiB granules it is 512 MiB, more than the paper machine has. */
#define NEEDS_BLOCKS	do { if (test_granule() == 16) return; } while (0)

struct world {
	struct realm r;		/* NEW; 33 bits; two RECs, the first runnable         */
	struct realm o;		/* NEW; 41 bits, four roots at level 1; one REC     */
	u64 shared;		/* unprotected IPA with a table; its first page maps ns */
	u64 ns;			/* pages of the host, all zero */
	u64 ns2;
	u64 delegated;		/* DELEGATED and in no use */
	u64 delegated2;
	u64 data, data_page;	/* DATA at RAM (measured); DATA at RAM + 0x1000 and 0x2000 */
	u64 rtt;		/* the level 3 table over RAM */
	u64 rtt_shared;
	u64 monitor;		/* memory of the monitor itself */
	u64 root;		/* memory of EL3 in a DRAM bank */
	u64 hole;		/* no DRAM, below the PPS limit */
	u64 beyond;		/* first address that is not protected physical space */

	/* what a spoil says of its refusal */
	int level;		/* an RTT error must name it */
	bool may_change;	/* it is remembered (a failed donation) */
	u64 scribbled;		/* a DELEGATED granule whose content may change */
};

/* Power-on and all of the above. */
void world_make(struct world *w);
/* As above, the first realm ACTIVE. */
void world_make_active(struct world *w);
/* The same, the first realm as chosen. */
void world_make_active_of(struct world *w, const struct realm *chosen);
/* Power-on, the monitor in state INIT, pages only. */
void world_make_init(struct world *w);
/* Power-on and an ACTIVE monitor, pages only, no realm. */
void world_make_bare(struct world *w);

/* Of a tracking region of size 0. */
u64 world_region_bytes(void);
/* The region of the second bank is NONE from now on; gives its first granule. */
u64 world_untracked(void);

#endif
