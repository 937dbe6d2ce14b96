/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How OP_MEM_DONATE reads a list (rmi-sro.md 3.2, decisions 41 to 48).
 * with: mem/range.c
 */
#include "cbmc.h"
#include "rmi/op_mem_donate.c"

#define LIST	3

/* The sum of what a list offers is exact: it is what stops a list that offers too much. */
PROOF(sum)
{
	u64 list[LIST], nr = any_u64(), wanted = any_u64(), sum = 0;
	struct offer o;

	given(nr <= LIST && wanted <= RMI_DONATE_COUNT_MASK);
	for (unsigned int i = 0; i < LIST; i++) {
		struct range r;

		list[i] = any_u64();
		r = range_decode(list[i]);
		if (i < nr)
			sum += r.count * (range_block_bytes(r.size) / GRANULE_SIZE);
	}
	o = offer_of(list, nr, wanted);
	claim((o.granules > wanted) == (sum > wanted));
	claim(so(sum <= wanted, o.granules == sum));
	reached();
}

/* A contiguous donation is one run, aligned to its size, of just what is wanted. */
PROOF(contiguous)
{
	u64 list[LIST], nr = any_u64();
	struct op op = { .wanted = any_u64(), .contig = true };
	struct offer o;

	given(nr <= LIST);
	given(op.wanted && op.wanted <= RMI_DONATE_COUNT_MASK && (op.wanted & (op.wanted - 1)) == 0);
	for (unsigned int i = 0; i < LIST; i++)
		list[i] = any_u64();
	o = offer_of(list, nr, op.wanted);
	if (!is_contiguous(&op, &o))
		return;
	claim(range_granules(&o.last) == op.wanted);
	claim(IS_ALIGNED(o.last.base.raw, op.wanted * GRANULE_SIZE));
	reached();
}

/* Each block starts at a multiple of its size, or the list is refused. */
PROOF(aligned)
{
	u64 list[LIST], nr = any_u64(), n = any_u64(), wanted = any_u64();
	struct offer o;
	struct range r;

	given(nr <= LIST && n < nr && wanted <= RMI_DONATE_COUNT_MASK);
	for (unsigned int i = 0; i < LIST; i++)
		list[i] = any_u64();
	o = offer_of(list, nr, wanted);
	given(o.aligned && o.granules <= wanted);
	r = range_decode(list[n]);
	claim(so(r.count, IS_ALIGNED(r.base.raw, range_block_bytes(r.size))));
	reached();
}

/* ---- what the file calls and the proofs do not ------------------------------- */

u64 refusal_status(enum refusal why) { (void)why; return RMI_ERROR_INPUT; }
status_t refuse(struct call *c, enum refusal why) { (void)c; (void)why; return RMI_ERROR_INPUT; }
void give(struct call *c, unsigned int reg, u64 value) { (void)c; (void)reg; (void)value; }
void op_fail(struct op *op, status_t end) { (void)op; (void)end; }
struct op *op_resume(struct call *c, u64 handle, enum refusal why, status_t *status)
{
	(void)c; (void)handle; (void)why;
	*status = RMI_ERROR_INPUT;
	return NULL;
}
bool op_take(struct call *c, struct op *op, pa_t base, u64 granules)
{
	(void)c; (void)op; (void)base; (void)granules;
	return any_bool();
}
status_t op_ask(struct call *c, struct op *op, u64 granules, bool contig, u64 state)
{
	(void)c; (void)op; (void)granules; (void)contig; (void)state;
	return RMI_INCOMPLETE;
}
status_t op_pause(struct call *c, struct op *op) { (void)c; (void)op; return RMI_INCOMPLETE; }
bool slice_over(struct call *c, u32 pieces) { (void)c; (void)pieces; return any_bool(); }
void *call_page(struct call *c) { (void)c; return NULL; }
bool ns_read(void *to, ns_t from, size_t bytes) { (void)to; (void)from; (void)bytes; return false; }
bool ns_accessible(ns_t p) { (void)p; return false; }
