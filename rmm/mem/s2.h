/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage 2 of realms: the RTT tree, its entries and the walk (rmi-memory.md 6
 * and 7, realm-exec.md 10).
 *
 * One walk holds one table at a time, hand over hand, and keeps the last one.
 * Whoever holds a table keeps everything its entries name from going away.
 */
#ifndef RMM_MEM_S2_H
#define RMM_MEM_S2_H

#include "base/types.h"
#include "mem/call.h"
#include "mem/hint.h"

#define S2_STRIDE	(GRANULE_SHIFT - 3)	/* bits translated per level */
#define S2_ENTRIES	(1U << S2_STRIDE)
#define S2_MAX_ENTRIES	8192			/* of 64 KiB granules */
#define S2_LAST_LEVEL	3
#define S2_MAX_ROOTS	16

/* Shape of one realm's tree; never changes after REALM_CREATE. */
struct s2 {
	pa_t root;			/* first of nr_roots tables in a row */
	u64 vttbr, vtcr;
	unsigned int nr_roots;
	int start_level;
	unsigned int ipa_bits;		/* s2sz */
	unsigned int oa_bits;		/* S2OASZ: no output address reaches beyond */
	/* by the granule: s2_set_form() */
	bool lpa2;			/* VTCR_EL2.DS: 4 and 16 KiB only */
	int block_level;		/* highest level with blocks */
	u64 oa_mask, oa_high;		/* descriptor bits that are as in the address; that are */
	unsigned int oa_move;		/*   the address's top bits, moved down by so many */
};

/* `wide`: stage 2 of the granule in force takes and gives 52 bits. */
void s2_set_form(struct s2 *s2, bool wide);

/* HIPAS, named as in RMI_ENTRY_*; unprotected: UNMAPPED_NS, MAPPED_NS. */
enum s2_state { S2_VOID, S2_DATA, S2_TABLE };

struct s2_entry {
	enum s2_state state;
	u8 ripas;			/* RMI_RIPAS_*, protected entries that are no table */
	bool ns;			/* of the unprotected half */
	pa_t oa;			/* DATA, MAPPED_NS, TABLE */
	u64 attributes;			/* MAPPED_NS: MemAttr [4:2], S2AP [7:6] as in the descriptor */
};

u64 s2_encode(const struct s2 *s2, const struct s2_entry *e, int level);
struct s2_entry s2_decode(const struct s2 *s2, u64 descriptor, int level, bool ns);
/*
 * By how much the descriptors of one table rise that map a whole block, of which
 * `first` is the first part: aligned to the block, so no carry meets OA[51:50].
 */
u64 s2_step(const struct s2_entry *first, int level);
/* What RTT_READ_ENTRY shows of it (rmi-memory.md 7.7). */
u64 s2_describe(const struct s2 *s2, const struct s2_entry *e);
/* The hardware uses it: DATA with RIPAS RAM, or MAPPED_NS. */
bool s2_is_valid(const struct s2_entry *e);
/* Holds an address: DATA, MAPPED_NS, TABLE. */
bool s2_is_live(const struct s2_entry *e);
/* The same of a descriptor, without decoding it. */
bool s2_holds_address(u64 descriptor);

/* Geometry. Bytes that one entry of a level maps. */
static inline unsigned int s2_shift(int level)
{
	return GRANULE_SHIFT + S2_STRIDE * (unsigned int)(S2_LAST_LEVEL - level);
}
static inline u64 s2_size(int level)
{
	return 1ULL << s2_shift(level);
}
static inline u64 s2_ipa_top(const struct s2 *s2)
{
	return 1ULL << s2->ipa_bits;
}
/* In the protected half: what the realm calls its own. */
static inline bool s2_is_protected(const struct s2 *s2, u64 ipa)
{
	return ipa < s2_ipa_top(s2) / 2;
}
/*
 * s2sz, start level and number of roots fit each other (rmi-memory.md 6). `wide`:
 * stage 2 of this granule takes and gives 52 bits (LPA2; 64 KiB: LPA).
 */
bool s2_geometry_fits(u64 ipa_bits, s64 start_level, u64 nr_roots, bool wide, unsigned int pa_bits);

struct s2_walk {
	const struct s2 *s2;
	struct granule *g;		/* the table where it ended, held by the call */
	u64 *table;			/* its view */
	int level;			/* of that table's entries */
	unsigned int shift;		/* s2_shift(level) */
	unsigned int index;
	ipa_t base;			/* IPA of its entry 0 */
	unsigned int nr_entries;	/* of this table within the IPA space */
	struct s2_entry entry;		/* what was found */
	struct s2 copy;			/* s2 points here: the RD may be let go */
};

/*
 * Towards `level`, until there or at an entry that is no table. The caller
 * holds what keeps the realm alive (its RD, or one of its RECs runs); once the
 * walk is under way the RD is no longer needed. ipa < 2^ipa_bits.
 */
void s2_walk(struct call *c, const struct s2 *s2, ipa_t ipa, int level, struct s2_walk *w);
/* The same; true: it got there. */
bool s2_walk_to(struct call *c, const struct s2 *s2, ipa_t ipa, int level, struct s2_walk *w);
void s2_let_go(struct call *c, struct s2_walk *w);

/* Entries of the held table. */
ipa_t s2_entry_ipa(const struct s2_walk *w, unsigned int index);
struct s2_entry s2_entry_at(const struct s2_walk *w, unsigned int index);
/*
 * Writes an entry: the references of the table follow. A valid entry may only
 * become an invalid one (then the caller flushes), never another valid one.
 */
void s2_set(struct s2_walk *w, unsigned int index, const struct s2_entry *e);
/* New valid entries become visible to the realm. */
void s2_publish(void);
/* Nothing of [base, base + bytes) is cached by any PE after this. */
void s2_flush(const struct s2_walk *w, ipa_t base, u64 bytes);

/* IPA of the first live entry from index on, or the end of the table. */
u64 s2_next_live(const struct s2_walk *w, unsigned int index);

/* g_rtt (RTT already, held) becomes the table under the entry found: break, fill, make. */
void s2_unfold(struct call *c, struct s2_walk *w, struct granule *g_rtt);
/* The entry found, TABLE, becomes e; its table g_rtt counts nothing any more: break, make. */
void s2_fold(struct call *c, struct s2_walk *w, struct granule *g_rtt, const struct s2_entry *e);
/* All entries of a child alike: the entry that can take its place (rmi-memory.md 7.6). */
bool s2_is_homogeneous(const struct s2 *s2, const u64 *table, unsigned int nr_entries, int level,
		       bool ns, struct s2_entry *parent);

/* ---- for the realm's own requests (R-EL1 asked, the monitor looks) ------ */

enum s2_touch {
	S2_TOUCH_OK,		/* RAM and mapped: *pa is the granule, the leaf table is held */
	S2_TOUCH_EMPTY,		/* RIPAS EMPTY (or DEV): the realm's own mistake */
	S2_TOUCH_ABORT,		/* RAM but VOID, or DESTROYED: data abort exit at *level */
};

/*
 * One protected page of the realm, for RSI buffers (rsi.md 1.2). With OK the
 * page cannot be unmapped until s2_let_go(c, w); look at it with
 * arch_view(*page) .. arch_unview(). In the other cases nothing stays held. hint: the
 * caller's, kept from one touch to the next.
 */
enum s2_touch s2_touch_page(struct call *c, const struct s2 *s2, ipa_t ipa, struct s2_hint *hint,
			    struct s2_walk *w, pa_t *page, int *level);

#endif
