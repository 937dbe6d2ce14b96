/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A host on the paper machine: it has pages, delegates and donates them, keeps
 * count of what it gave, and calls the monitor as an SMC would.
 */
#ifndef TESTS_HOST_H
#define TESTS_HOST_H

#include "base/types.h"
#include "fids.h"
#include "test.h"

#include "abi/rmi.h"

/* ---- calls ------------------------------------------------------------------ */

struct rmi_result {
	u64 x[8];
};

/*
 * One RMI call through rmi_dispatch(), with the paper machine's checks around it:
 * every live realm's TLB is full before, x4-x7 keep their values where they are no
 * outputs, x1-x3 that are no outputs are zero.
 */
struct rmi_result rmi_call(u64 fid, const u64 args[7]);
#define rmi(fid, ...)	rmi_call(fid, (const u64[7]){ __VA_ARGS__ })

static inline u64 status_of(struct rmi_result r) { return r.x[0] & 0xFF; }
static inline int level_of(struct rmi_result r) { return (signed char)(r.x[0] >> 8); }
#define check_status(r, status)	check_eq(status_of(r), status)

/* ---- pages ------------------------------------------------------------------- */

enum page_state { PAGE_FREE, PAGE_USED, PAGE_DELEGATED, PAGE_DONATED, PAGE_DONATED_DELEGATED };

/*
 * The monitor boots on what sim_power_on() made; RMM_CONFIG_SET where it is not 4 KiB; all
 * pages are free.
 */
void host_power_on(void);
/* Pages here are RMI granules. Physically contiguous ones, aligned to `align` bytes; 0 when there are none. */
u64 host_alloc(u64 pages, u64 align);
void host_free(u64 pa, u64 pages);
u64 host_page(void);			/* one page, zeroed */
enum page_state host_page_state(u64 pa);
u64 host_count(enum page_state state);

/* Delegates / takes back a run; the status of the last call (0 = all done). */
u64 host_delegate(u64 pa, u64 pages);
u64 host_undelegate(u64 pa, u64 pages);
/* As host_alloc() and delegated. */
u64 host_delegated(u64 pages, u64 align);
/* All of its bytes are zero: no next owner sees what was there (decisions 39). */
bool is_wiped(u64 pa);
/* Undelegates and frees. */
void host_return(u64 pa, u64 pages);

/* ---- stateful operations --------------------------------------------------------- */

u64 desc(u64 pa, u64 count, u64 size, u64 state);	/* address range descriptor */

struct sro {
	u64 handle;
	struct rmi_result last;		/* of the call that made or moved it */
	u64 list;			/* host page for lists */
};

/*
 * Starts from the result of an initiating command; true: it is an operation now.
 */
bool sro_begin(struct sro *s, struct rmi_result r);
struct rmi_result sro_donate(struct sro *s, u64 count);		/* from the list page */
/* Fills the list page with `count` new blocks as the request asks, and donates. */
struct rmi_result sro_give(struct sro *s, u64 blocks);
struct rmi_result sro_reclaim(struct sro *s, u64 capacity); /* and counts the pages free again */
struct rmi_result sro_continue(struct sro *s, u64 flags);
struct rmi_result sro_cancel(struct sro *s);
static inline u64 sro_wants(const struct sro *s) { return RMI_MEM(s->last.x[0]); }

/* Drives an initiating command's result to its end as a good host does. */
struct rmi_result sro_finish(struct rmi_result r);

/* ---- realms ------------------------------------------------------------------------- */

#define MAX_REALM_RECS	4
#define MAX_TABLES	64

struct realm {
	/* chosen before realm_create() */
	unsigned int s2sz;
	int start_level;
	unsigned int nr_roots;
	u8 hash;
	unsigned int sve_vq;		/* 0: no SVE */
	bool pmu;
	unsigned int pmu_counters;
	unsigned int breakpoints, watchpoints;	/* counts; 0: all that the machine has */

	u64 rd, root, params;
	u64 rec[MAX_REALM_RECS], run[MAX_REALM_RECS];
	unsigned int nr_recs;
	struct { u64 pa, ipa; int level; } table[MAX_TABLES];
	unsigned int nr_tables;
	bool live;
};

/* A realm of 33 bits, one root at level 1, SHA-256. */
extern struct realm realm_default;

/* A realm of four roots, at level 1 where the granule allows that. */
struct realm realm_of_four(void);
void host_fill_params(const struct realm *r, u64 page);
void realm_create(struct realm *r);
/* Makes tables so that a walk to ipa reaches `level`. */
void realm_table(struct realm *r, u64 ipa, int level);
/* One measured (or not) page from src; gives its PA. */
u64 realm_data_init(struct realm *r, u64 ipa, u64 src, bool measure);
/* Zeroed pages, one after the other in one table; gives the PA of the first. */
u64 realm_data(struct realm *r, u64 ipa, u64 pages);
u64 realm_data_block(struct realm *r, u64 ipa);		/* one level 2 block */
void realm_unprot(struct realm *r, u64 ipa, u64 pa, u64 pages);
void realm_rec(struct realm *r, bool runnable, u64 pc);
void realm_init_ripas(struct realm *r, u64 base, u64 top);
void realm_activate(struct realm *r);
/* Terminates, unmaps, destroys, gives every page back. */
void realm_destroy(struct realm *r);

/* The test itself destroyed it: its tables are no more. */
void realm_gone(struct realm *r);

u64 realm_vttbr(const struct realm *r);
u64 realm_vtcr(const struct realm *r);

/* First unprotected IPA. */
static inline u64 realm_shared(const struct realm *r) { return 1ULL << (r->s2sz - 1); }

/* By the RMI granule: entries of a table, bytes that one entry of a level maps. */
static inline u64 table_entries(void) { return GRANULE_SIZE / 8; }
static inline u64 level_bytes(int level)
{
	return 1ULL << (GRANULE_SHIFT + (GRANULE_SHIFT - 3) * (unsigned int)(3 - level));
}
/* Address, blocks and bytes of a range descriptor. */
static inline u64 desc_pa(u64 d) { return d & MASK(51, GRANULE_SHIFT); }
static inline u64 desc_count(u64 d) { return FIELD(d, GRANULE_SHIFT - 1, 2); }
static inline u64 desc_granules(u64 d)
{
	return desc_count(d) << (GRANULE_SHIFT - 3) * FIELD(d, 1, 0);
}

/*
 * The RMI granule (12, 14 or 16) that host_power_on() will set. Machine and realm of
 * most tests fit it.
 */
void host_choose_granule(unsigned int shift);
/* The code of the tracking size that host_power_on() will set; back to 0 afterwards. */
void host_choose_tracking(u8 size);

/* ---- entering ------------------------------------------------------------------------- */

/* The run page of REC i, as the host sees it. */
struct rmi_rec_run *realm_run(const struct realm *r, unsigned int i);
struct rmi_result realm_enter(const struct realm *r, unsigned int i);

/* Activates the monitor; the host drives it as an SRO. */
void host_activate(void);

#endif
