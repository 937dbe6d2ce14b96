/* SPDX-License-Identifier: BSD-2-Clause */
/* What the ghost remembers. Between its files only. */
#ifndef TESTS_GHOST_STATE_H
#define TESTS_GHOST_STATE_H

#include "abi/rmi.h"
#include "base/types.h"
#include "ghost.h"

enum state {
	FOREIGN,		/* the monitor's own, EL3's: never the host's */
	UNDELEGATED, DELEGATED, RD, REC, RTT, DATA, INTERNAL,
	BETWEEN,		/* an operation works on it: BLOCKED */
	WHOLE,			/* its region is not FINE: none of its own */
};

struct page { u8 state; };

struct table;

struct entry {
	u8 kind;		/* RMI_ENTRY_*; in the unprotected half DATA is MAPPED_NS */
	u8 ripas;
	u8 memattr, s2ap;	/* MAPPED_NS */
	u64 oa;			/* DATA, TABLE */
	struct table *table;
};

struct table {
	struct table *next;	/* of all */
	struct realm *realm;
	u64 pa, base;
	int level;
	u64 *seen;		/* descriptors that were compared with e[] */
	bool changed;		/* e[] has changed since */
	struct entry e[];
};

enum { NEW, ACTIVE, SYSTEM_OFF, ZOMBIE };

#define MAX_ROOTS	16
#define MAX_AUX		64

struct realm {
	bool used;
	u64 rd, root;
	unsigned int s2sz, nr_roots;
	int start, state;
	struct table *roots[MAX_ROOTS];
	u64 next_index, nr_recs;
	u64 hash;
	u8 rpv[64];
	unsigned int operations;	/* that work on it */
};

enum { NOTHING, PSCI, HOST_CALL };

struct vcpu {
	bool used;
	u64 pa;
	struct realm *realm;
	u64 mpidr, index;
	bool runnable;
	int pending;
	struct { bool active; u64 addr, top; u8 value; bool destroyed; } ripas;
	bool emulatable, unprotected, sysreg_read;
	u64 esr, host_call;
	u64 x[31], pc;
	bool known;		/* x and pc are */
	u64 aux[MAX_AUX];
	unsigned int nr_aux;
};

enum { CONTINUE, DONATE, RECLAIM, FAILED };

#define MAX_GIVEN 2048

struct given { u64 pa; u8 was; };

struct op {
	bool used;
	u64 handle;
	u64 in[8];		/* the call that began it */
	int phase;
	bool can_cancel;
	u64 end;		/* failed, cancelled: RMI_ERROR_INPUT, _GLOBAL; else 0 */
	bool end_unsure;	/* or another error */
	u64 wanted, size, mem_state;
	bool contig;
	struct given given[MAX_GIVEN];
	unsigned int nr_given;
	struct given masked[MAX_GIVEN];
	unsigned int nr_masked;
	struct realm *realm;
	struct region *region;	/* that it converts or moves */
	bool refused;		/* it may have met a reason to fail, which may be gone */
	u64 at, block;		/* of a map: done as far as that, so many blocks; of an unmap: out_top */
	u64 oa;			/* of an unmap: the block, and its level */
	int level;
	struct vcpu vcpu;	/* the REC it makes or ends */
	u8 page[4096];		/* parameters, list: as the first call saw them */
};

#define MAX_METADATA	64

/* A tracking region that holds DRAM. */
struct region {
	u64 base, from, to;	/* from, to: its first granule of DRAM, and behind the last */
	u64 kind;		/* RMI_TRACKING_NONE, FINE, COARSE */
	bool delegated;		/* COARSE, all of it */
	bool reserved;		/* EL3 gave its metadata: none is asked for */
	bool converting;	/* an operation is at it */
	struct given metadata[MAX_METADATA];	/* the host's; was: how it goes back */
	unsigned int nr_metadata;
};

#define MAX_REALMS	64
#define MAX_REGIONS	32
#define MAX_VCPUS	256
#define MAX_OPS		64
#define MAX_L0		8

struct ghost {
	int rmm_state;
	unsigned int shift;	/* of a granule */
	unsigned int tracking;	/* RmiRmmConfig.tracking_region_size */
	struct realm realm[MAX_REALMS];
	struct vcpu vcpu[MAX_VCPUS];
	struct op op[MAX_OPS];
	struct table *tables;
	struct { u64 base; int kind; struct given table[MAX_GIVEN]; unsigned int nr; } l0[MAX_L0];
	unsigned int nr_l0;			/* regions that hold DRAM; kind: RMI_GPT_* */
	struct region region[MAX_REGIONS];
	unsigned int nr_regions;
	u64 feature[2];
};
extern struct ghost ghost;

/* ---- geometry ------------------------------------------------------------------ */

static inline u64 granule_bytes(void) { return 1ULL << ghost.shift; }
static inline unsigned int table_entries(void) { return 1U << (ghost.shift - 3); }
static inline u64 entry_bytes(int level)
{
	return 1ULL << (ghost.shift + (ghost.shift - 3) * (unsigned int)(3 - level));
}
static inline bool aligned(u64 v, u64 to) { return !(v & (to - 1)); }
static inline bool is_aligned(u64 v) { return aligned(v, granule_bytes()); }
/* Entries of a list that are looked at: up to 512, none beyond the first one's granule. */
static inline u64 list_room(u64 at)
{
	u64 room = (granule_bytes() - at % granule_bytes()) / 8;

	return room < 512 ? room : 512;
}
static inline u64 ipa_end(const struct realm *r) { return 1ULL << r->s2sz; }
static inline bool is_protected(const struct realm *r, u64 ipa) { return ipa < ipa_end(r) / 2; }

/* ---- finding ------------------------------------------------------------------- */

u64 pps_end(void);
/* Null: no DRAM of the protected space. */
struct page *page_at(u64 pa);
u64 nr_pages(void);
struct page *page_number(u64 n);
u64 page_address(u64 n);
static inline bool is(u64 pa, enum state s)
{
	return page_at(pa) && page_at(pa)->state == s;
}
void set_state(u64 pa, enum state s);

/* The tracking region around it; null: it holds no DRAM. */
struct region *region_around(u64 pa);
/* No state of its own is kept there. */
static inline bool is_untracked(u64 pa) { return !page_at(pa) || is(pa, WHOLE); }

struct realm *realm_at(u64 rd);
struct vcpu *vcpu_at(u64 rec);
struct vcpu *vcpu_of(const struct realm *r, u64 mpidr);
struct op *op_of(u64 handle);

struct realm *realm_new(void);
struct vcpu *vcpu_new(void);
struct table *table_new(struct realm *r, u64 pa, int level, u64 base);
void table_free(struct table *t);	/* none hangs below it */

struct walk { struct table *t; struct entry *e; unsigned int i; int level; };
struct walk walk_to(const struct realm *r, u64 ipa, int level);
/* In entries of this table that lie within the IPA space. */
unsigned int entries_in(const struct realm *r, const struct table *t);
/* Of DATA and TABLE; MAPPED_NS does not count for a table's life. */
bool is_live(const struct realm *r, const struct table *t);
u64 next_live(const struct realm *r, const struct walk *w);

/* Index of an MPIDR; ~0: bits that may not be set. */
u64 index_of(u64 mpidr);

/* ---- what the monitor saw ---------------------------------------------------------- */

bool host_may_be_read(u64 pa);
/* The same but for a race with another agent, which only an access shows. */
bool host_has(u64 pa);
/* `bytes` of host memory as the monitor saw them in this call. */
void host_seen(u64 pa, void *dst, size_t bytes);
u64 host_word(u64 pa);
void host_forget(void);

/* ---- one call ------------------------------------------------------------------------ */

struct judged {
	const u64 *in, *out;
	u64 status;
	struct op *op;			/* it ends this one, begun by in[] */
	bool interrupt;
	struct { u64 word; const char *why; int tier; } no[40];
	unsigned int nr_no, nr_maybe;	/* the latter may be overlooked */
	unsigned int nr_late;		/* of them: an operation may meet it later */
	bool may_block, must_block;
};

enum verdict { REFUSED, DONE, LATER };

/*
 * A condition for a refusal holds. Lower tiers come first where the specification
 * orders them; within one any may be answered.
 */
void no(struct judged *j, int tier, u64 status, const char *why);
/* One that lies deep in what is worked on: the operation may begin, and end with it. */
void no_late(struct judged *j, int tier, u64 status, const char *why);
/* A list at `pa`; whether the monitor looks depends on how much there is to read or write. */
void need_list(struct judged *j, int tier, u64 pa, bool looks);
/* A reason that holds only if the monitor has to look. */
void maybe(struct judged *j, int tier, u64 status, const char *why);
void no_rtt(struct judged *j, int tier, int level, const char *why);
/* The granule must be in this state. */
void need_state(struct judged *j, int tier, u64 pa, enum state want, const char *why);
/* A realm by its RD; null: there is none (said). */
struct realm *need_realm(struct judged *j, int tier, u64 rd);
/* x0 against all that was said; x1 to x3 of a refusal; progress: it reports x1 = base. */
enum verdict verdict(struct judged *j, bool stateful, int progress);

_Noreturn void ghost_fault(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
#define must_be(a, b, what)						\
	do {								\
		u64 a_ = (a), b_ = (b);					\
		if (a_ != b_)						\
			ghost_fault("%s is 0x%llx, not 0x%llx", what,	\
				    (unsigned long long)a_, (unsigned long long)b_); \
	} while (0)

/* An operation begins with this answer. */
struct op *op_new(struct judged *j);
/* Its answer asks for memory, gives some back, or only wants to go on. */
void op_phase(struct op *o, u64 x0, u64 x2);
/* It works on this granule: any state until it has ended. */
void op_mask(struct op *o, u64 pa, enum state as);
void op_unmask(struct op *o);
bool op_masks(const struct op *o, u64 pa);
/* No longer this one. */
void op_release(struct op *o, u64 pa, enum state to);
/* Its command goes on only in ways that docs/spec does not know. */
_Noreturn void op_none(void);
/* How far an operation on blocks is, by what can be seen of it. */
void blocks_go_on(struct op *o);

/* It may want a context, and there may be none left. */
void may_want_context(struct judged *j);

/* By command. */
void tracking_set(struct judged *j);
/* RANGE_DELEGATE and _UNDELEGATE in a region that is not FINE. */
void whole_range(struct judged *j, struct region *r, bool delegate);
void realm_call(struct judged *j);
void rtt_call(struct judged *j);
void map_call(struct judged *j);
void op_call(struct judged *j);
void enter_call(struct judged *j);
void stay_begin(const u64 in[8]);
void judge(struct judged *j);

/* The donation for a table of granules is complete: it is there. */
void l1_is_made(struct op *o);
bool l1_is_there(u64 base);
/* Below a block of level 0 nothing can be delegated. */
bool is_below_block(u64 pa);

/* track.c */
u64 tracking_bytes(void);
void regions_adopt(void);
void regions_compare(void);
/* What TRACKING_GET says of the region there. */
u64 tracking_of(u64 pa);
/* Its metadata goes back: it is not FINE any more, whatever comes. */
void region_is_left(struct op *o);
/* EL3 may be refusing some of its region. */
void may_be_refused(struct op *o);
/* The host's, in a region that is not FINE: no table of granules lies there. */
bool is_free_whole(u64 pa);
/* May this granule become metadata of the region? */
bool may_describe(const struct region *r, u64 pa);
bool region_converts(u64 pa);

/* see.c */
void see_adopt(void);
void see_adopt_tables(struct realm *r);
/* The entry as the monitor's table has it. */
void see_entry(const struct walk *w, struct entry *e);
void see_compare(void);

#endif
