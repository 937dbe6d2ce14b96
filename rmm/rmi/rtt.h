/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the RTT commands ask in common (rmi-commands.md 8).
 */
#ifndef RMM_RMI_RTT_H
#define RMM_RMI_RTT_H

#include "mem/range.h"
#include "mem/s2.h"
#include "realm/rd.h"

/* A table may have this level: below the start, not below the last. */
static inline bool level_may_be_table(const struct s2 *s2, s64 level)
{
	return level > s2->start_level && level <= S2_LAST_LEVEL;
}

/* What a table left behind in its parent's entry (rmi-memory.md 7.3). */
static inline struct s2_entry entry_after_table(bool ns)
{
	return (struct s2_entry){
		.state = S2_VOID, .ns = ns, .ripas = ns ? RMI_RIPAS_EMPTY : RMI_RIPAS_DESTROYED,
	};
}

/* ---- map and unmap: flags and addresses (rmi-structs.md 5.1 to 5.3) ------ */

static inline u64 oaddr_type(u64 flags)
{
	return flags & RMI_MAP_OADDR_MASK;
}
static inline u64 oaddr_count(u64 flags)
{
	return flags >> RMI_MAP_COUNT_SHIFT & RMI_MAP_COUNT_MASK;
}

/* The list of a LIST command: aligned, readable, not empty. Each gives REFUSED_NOT or its label. */
struct list_refusals { enum refusal align, ns, count; };
enum refusal list_judge(u64 flags, u64 oaddr, const struct list_refusals *why);

/* Opens SINGLE or LIST for reading; false: the list is not readable. */
bool input_open(struct call *c, u64 flags, u64 oaddr, struct range_input *in);

/* Where a plan may write down what it frees: nowhere, one word, the host's list. */
void output_open(struct call *c, u64 flags, u64 oaddr, struct range_output *out);

/*
 * Unmapping DATA or MAPPED_NS in one table (rmi-commands.md 9.3, 10.2), to its end or
 * until an interrupt waits. The host's list is written before what it names is given
 * up, so that a fault there changes nothing.
 */
struct unmap_args {
	u64 base, top, flags, oaddr;
	enum refusal entry_align;	/* an entry is larger than the range, or base lies inside it */
	enum refusal list_ns;
	enum refusal tracking;		/* a part of a COARSE region */
};
status_t unmap(struct call *c, struct s2_walk *w, const struct unmap_args *a);

#endif
