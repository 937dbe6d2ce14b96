/* SPDX-License-Identifier: BSD-2-Clause */
/* Stateful operations (rmi-sro.md, decisions 41 to 55). */
#include <string.h>

#include "harness/fids.h"
#include "sim/sim.h"
#include "state.h"

struct op *op_new(struct judged *j)
{
	struct op *o = ghost.op;

	while (o->used)
		o++;
	memset(o, 0, sizeof(*o));
	o->used = true;
	memcpy(o->in, j->in, sizeof(o->in));
	o->handle = j->out[1];
	if (o->handle <= 1)
		ghost_fault("a handle of %llu", (unsigned long long)o->handle);
	for (const struct op *k = ghost.op; k < ghost.op + MAX_OPS; k++)
		if (k != o && k->used && k->handle == o->handle)
			ghost_fault("the handle 0x%llx is in use",
				    (unsigned long long)o->handle);
	op_phase(o, j->out[0], j->out[2]);
	return o;
}

void op_none(void)
{
	ghost_fault("that command is no operation (decisions 37)");
}

void op_phase(struct op *o, u64 x0, u64 x2)
{
	o->can_cancel = x0 & RMI_CAN_CANCEL;
	if (x0 >> 11 || RMI_MEM(x0) == 3)
		ghost_fault("x0 is 0x%llx", (unsigned long long)x0);
	o->phase = RMI_MEM(x0) == RMI_MEM_DONATE ? DONATE :
		   RMI_MEM(x0) == RMI_MEM_RECLAIM ? RECLAIM : CONTINUE;
	if (o->phase == DONATE) {
		if (o->end)
			ghost_fault("a failed or cancelled operation asks for memory");
		o->size = FIELD(x2, 1, 0);
		o->wanted = FIELD(x2, 15, 2);
		o->contig = x2 & RMI_DONATE_CONTIG;
		o->mem_state = FIELD(x2, 18, 17);
		if (!o->wanted || o->mem_state > RMI_MEMSTATE_CONDITIONAL || x2 >> 19)
			ghost_fault("a request of 0x%llx", (unsigned long long)x2);
		if (!o->can_cancel)
			ghost_fault("memory is asked for, and no cancel allowed");	/* 45 */
		o->wanted <<= (ghost.shift - 3) * o->size;
	} else {
		must_be(x2, 0, "the request");
	}
}

void may_want_context(struct judged *j)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < MAX_OPS; i++)
		n += ghost.op[i].used;
	j->may_block |= n >= 2 * sim_machine()->nr_cpus;
}

/* The answer of a follow-up. */
static void next_phase(struct op *o, const struct judged *j)
{
	op_phase(o, j->out[0], j->out[2]);
	region_is_left(o);
	if (o->phase == RECLAIM && !o->nr_given)
		ghost_fault("memory is offered that nobody gave");
}

void op_mask(struct op *o, u64 pa, enum state as)
{
	if (o->nr_masked == MAX_GIVEN)
		ghost_fault("too large an operation for the ghost");
	o->masked[o->nr_masked].pa = pa;
	o->masked[o->nr_masked++].was = page_at(pa)->state;
	set_state(pa, as);
}

static unsigned int masked_number(const struct op *o, u64 pa)
{
	unsigned int i = 0;

	while (i < o->nr_masked && o->masked[i].pa != pa)
		i++;
	return i;
}

bool op_masks(const struct op *o, u64 pa)
{
	return masked_number(o, pa) < o->nr_masked;
}

void op_release(struct op *o, u64 pa, enum state to)
{
	o->masked[masked_number(o, pa)] = o->masked[o->nr_masked - 1];
	o->nr_masked--;
	set_state(pa, to);
}

void op_unmask(struct op *o)
{
	while (o->nr_masked) {
		o->nr_masked--;
		set_state(o->masked[o->nr_masked].pa, o->masked[o->nr_masked].was);
	}
	if (o->realm) {
		o->realm->operations--;
		o->realm = NULL;
	}
}

/* ---- donate ----------------------------------------------------------------------------- */

static u64 desc_granules(u64 d)
{
	return FIELD(d, ghost.shift - 1, 2) << ((ghost.shift - 3) * FIELD(d, 1, 0));
}
static u64 desc_base(u64 d) { return d & MASK(51, ghost.shift); }

/* May this granule be given to the operation now? */
static bool fits(const struct op *o, u64 pa, u64 d)
{
	u64 state = d >> RMI_DESC_STATE_SHIFT & RMI_DESC_STATE_MASK;

	if (state != o->mem_state)
		return false;
	if (state == RMI_MEMSTATE_CONDITIONAL)
		return may_describe(o->region, pa);
	if (state == RMI_MEMSTATE_DELEGATED)
		return is(pa, DELEGATED);
	return is(pa, UNDELEGATED) || is_free_whole(pa);
}

static void give(struct op *o, u64 pa)
{
	u8 was = page_at(pa)->state;

	if (o->nr_given == MAX_GIVEN)
		ghost_fault("too much memory for the ghost");
	if (was != WHOLE)
		set_state(pa, INTERNAL);
	else
		was = region_around(pa)->delegated ? DELEGATED : UNDELEGATED;
	o->given[o->nr_given].pa = pa;
	o->given[o->nr_given++].was = was;
}

/*
 * What is wrong with the list before its granules are looked at; null: nothing.
 * *fit: how many granules from the start could be taken.
 */
static const char *judge_list(const struct op *o, u64 at, u64 nr, u64 *fit)
{
	u64 offered = 0, descriptors = 0;
	bool all_fit = true;

	*fit = 0;
	for (u64 i = 0; i < nr; i++)
		offered += desc_granules(host_word(at + 8 * i));
	for (u64 i = 0; i < nr; i++) {
		u64 d = host_word(at + 8 * i), n = desc_granules(d);

		if (!n)
			continue;
		descriptors++;
		if (!aligned(desc_base(d), entry_bytes(3 - (int)FIELD(d, 1, 0))))
			return "alignment";
		if (o->contig && (descriptors > 1 || n != o->wanted ||
				  !aligned(desc_base(d), o->wanted << ghost.shift)))
			return "contiguity";
		for (u64 k = 0; k < n && all_fit && *fit < o->wanted; k++) {
			u64 pa = desc_base(d) + (k << ghost.shift);

			all_fit = fits(o, pa, d);
			for (u64 e = 0; e < i && all_fit; e++) {	/* named before */
				u64 f = host_word(at + 8 * e);

				all_fit = pa - desc_base(f) >= desc_granules(f) << ghost.shift;
			}
			*fit += all_fit;
		}
	}
	return offered > o->wanted ? "more than asked for" : NULL;
}

static void take(struct op *o, u64 at, u64 nr, u64 taken)
{
	for (u64 i = 0; i < nr; i++) {
		u64 d = host_word(at + 8 * i);

		for (u64 k = 0; k < desc_granules(d); k++) {
			if (!taken--)
				return;
			give(o, desc_base(d) + (k << ghost.shift));
		}
	}
}

static void donate(struct judged *j)
{
	struct op *o = op_of(j->in[1]);
	u64 at = j->in[2], nr = j->in[3], room = list_room(at), fit = 0;
	const char *bad;

	if (!o || o->phase != DONATE) {
		no(j, 0, RMI_ERROR_INPUT, o ? "not asked for" : "no such operation");
		verdict(j, false, -1);
		return;
	}
	nr = nr < room ? nr : room;
	need_list(j, 0, at, nr);
	bad = j->nr_no ? NULL : judge_list(o, at, nr, &fit);
	if (bad) {
		no(j, 0, RMI_ERROR_INPUT, bad);
	} else if (j->out[0] == RMI_ERROR_INPUT && !j->nr_no) {
		/* the first granule: wrong state, or EL3 says no */
		u64 i = 0, first;
		bool refused = false;

		while (i < nr && !desc_granules(host_word(at + 8 * i)))
			i++;
		first = i < nr ? desc_base(host_word(at + 8 * i)) : 0;
		for (u64 k = 0; i < nr && k < desc_granules(host_word(at + 8 * i)); k++)
			refused |= sim_gpt_refused(first + (k << ghost.shift)) ||
				   is_below_block(first);
		if (o->in[0] == FID_GPT_L1_CREATE && l1_is_there(o->in[1]))
			no(j, 0, RMI_ERROR_INPUT, "another operation made the table");
		if (i < nr && (!fit || (o->contig && fit < o->wanted) || refused))
			no(j, 0, RMI_ERROR_INPUT, "the first granule");
	}
	if (j->status != RMI_INCOMPLETE || j->nr_no != j->nr_maybe) {
		verdict(j, false, -1);
		o->phase = FAILED;		/* decisions 48 */
		o->end = RMI_ERROR_INPUT;
		o->end_unsure = o->in[0] == FID_GPT_L1_CREATE;	/* by what EL3 said */
		return;
	}
	if (j->out[1] > fit)
		ghost_fault("%llu granules taken of %llu that fit", (unsigned long long)j->out[1],
			    (unsigned long long)fit);
	take(o, at, nr, j->out[1]);
	if (RMI_MEM(j->out[0]) == RMI_MEM_RECLAIM)
		ghost_fault("a donation that worked is followed by RECLAIM");
	next_phase(o, j);
	if (o->in[0] == FID_GPT_L1_CREATE && o->phase == CONTINUE)
		l1_is_made(o);
}

/* ---- reclaim ------------------------------------------------------------------------------ */

static void take_back(struct op *o, u64 pa, u64 state)
{
	u8 is_now = state == RMI_MEMSTATE_DELEGATED ? DELEGATED : UNDELEGATED;

	for (unsigned int i = 0; i < o->nr_given; i++) {
		if (o->given[i].pa != pa)
			continue;
		if (o->given[i].was != is_now)
			ghost_fault("0x%llx comes back in another state", (unsigned long long)pa);
		if (ghost.rmm_state == RMI_STATE_ACTIVE &&
		    region_around(pa)->kind != RMI_TRACKING_FINE)
			is_now = WHOLE;
		set_state(pa, is_now);
		o->given[i] = o->given[--o->nr_given];
		return;
	}
	ghost_fault("0x%llx comes back, and was never given", (unsigned long long)pa);
}

static void reclaim(struct judged *j)
{
	struct op *o = op_of(j->in[1]);
	u64 at = j->in[2], room = list_room(at);

	if (!o || o->phase != RECLAIM)
		no(j, 0, RMI_ERROR_INPUT, o ? "not offered" : "no such operation");
	else
		need_list(j, 0, at, false);
	if (!o || j->nr_no != j->nr_maybe || j->status != RMI_INCOMPLETE) {
		verdict(j, false, -1);
		return;
	}
	must_be(j->status, RMI_INCOMPLETE, "the status");
	if (j->out[1] > j->in[3] || j->out[1] > room)
		ghost_fault("%llu descriptors written", (unsigned long long)j->out[1]);
	for (u64 i = 0; i < j->out[1]; i++) {
		u64 d = *(const u64 *)sim_ram(at + 8 * i);

		for (u64 k = 0; k < desc_granules(d); k++)
			take_back(o, desc_base(d) + (k << ghost.shift),
				  d >> RMI_DESC_STATE_SHIFT & RMI_DESC_STATE_MASK);
	}
	next_phase(o, j);
}

/* ---- cancel and continue ------------------------------------------------------------------- */

static void cancel(struct judged *j)
{
	struct op *o = op_of(j->in[1] <= 1 ? j->in[2] : j->in[1]);

	if (!o || !o->can_cancel)
		no(j, 0, RMI_ERROR_INPUT, o ? "cannot be cancelled" : "no such operation");
	if (!o || j->nr_no) {
		verdict(j, false, -1);
		return;
	}
	must_be(j->status, RMI_INCOMPLETE, "the status");
	if (!o->end)
		o->end = RMI_ERROR_GLOBAL;
	next_phase(o, j);
	if (o->can_cancel)
		ghost_fault("cancelled, and may be cancelled again");
}

/* It has asked for memory and did not fail: decisions 29 knows when that goes back. */
static bool comes_back(struct op *o)
{
	bool refused = false;

	if (o->in[0] == FID_REC_CREATE)
		return true;
	if (o->in[0] != FID_RMM_ACTIVATE &&
	    (o->in[0] != FID_GRANULE_TRACKING_SET || o->in[3] != RMI_TRACKING_FINE))
		return false;
	for (unsigned int i = 0; i < o->nr_given; i++)
		refused |= sim_gpt_refused(o->given[i].pa);
	o->end = RMI_ERROR_INPUT;
	return !refused;
}

static void goes_on(struct judged *j)
{
	struct op *o = op_of(j->in[1] <= 1 ? j->in[2] : j->in[1]);
	struct judged last = { .out = j->out, .op = o, .interrupt = j->interrupt };

	if (!o || (o->phase != CONTINUE && o->phase != FAILED)) {
		no(j, 0, RMI_ERROR_INPUT, o ? "something else is wanted" : "no such operation");
		verdict(j, false, -1);
		return;
	}
	may_be_refused(o);
	if (j->status == RMI_INCOMPLETE) {
		must_be(j->out[1], 0, "x1");
		next_phase(o, j);
		if (o->phase == RECLAIM && !o->end && comes_back(o))
			ghost_fault("memory comes back without a reason");
		blocks_go_on(o);
		return;
	}
	if (j->status == RMI_BUSY && j->interrupt)
		return;
	if ((o->end || o->in[0] == FID_GPT_L1_DESTROY) && o->nr_given)
		ghost_fault("it ends with %u granules not given back", o->nr_given);
	op_unmask(o);
	if (o->region)
		o->region->converting = false;
	if (o->end) {
		if (!o->end_unsure || (j->out[0] != RMI_ERROR_GPT && j->out[0] != RMI_ERROR_GLOBAL))
			must_be(j->out[0], o->end, "the last status");
		must_be(j->out[1] | j->out[2] | j->out[3], 0, "x1 to x3");
		if (o->in[0] == FID_RMM_ACTIVATE)
			ghost.rmm_state = RMI_STATE_INIT;
	} else {
		last.in = o->in;
		judge(&last);
	}
	o->used = false;
}

void op_call(struct judged *j)
{
	switch (j->in[0]) {
	case FID_OP_MEM_DONATE: donate(j); break;
	case FID_OP_MEM_RECLAIM: reclaim(j); break;
	case FID_OP_CANCEL: cancel(j); break;
	case FID_OP_CONTINUE: goes_on(j); break;
	default:
		must_be(j->out[0], RMI_UNKNOWN_FID, "x0");
	}
}
