/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine of stateful operations. A context belongs to whoever moved its
 * word to AT_WORK; everything else in it is then his alone.
 */
#include "base/require.h"
#include "base/string.h"
#include "mem/sro.h"

#define NR_OPS		(2 * MAX_CPUS)

enum { FREE, PARKED, AT_WORK };

#define WORD(generation, use)	((u64)(generation) << 8 | (use))
#define USE(word)		((word) & 0xFF)
#define GENERATION(word)	((word) >> 8)
#define GENERATION_MASK		MASK(47, 0)	/* what a handle holds of it */

/* Never 0 or 1 (decisions 51). */
#define HANDLE(generation, index)	((generation) << 16 | ((index) + 2))
#define HANDLE_INDEX(handle)		(((handle) & 0xFFFF) - 2)
#define HANDLE_GENERATION(handle)	((handle) >> 16)

const struct op_phase_facts op_phase_facts[NR_OP_PHASES] = {
	[OP_NEED_CONTINUE]	= { "NEED_CONTINUE", CMD_OP_CONTINUE },
	[OP_NEED_DONATE]	= { "NEED_DONATE",   CMD_OP_MEM_DONATE },
	[OP_FAILED]		= { "FAILED",	     CMD_OP_CONTINUE },
	[OP_NEED_RECLAIM]	= { "NEED_RECLAIM",  CMD_OP_MEM_RECLAIM },
};

static struct op ops[NR_OPS];

static u64 handle_of(const struct op *op)
{
	return HANDLE(GENERATION(op->word), (u64)(op - ops));
}

/* ---- begin, resume, park, free ---------------------------------------------- */

struct op *op_begin(struct call *c, const struct op_kind *kind, status_t *status)
{
	bool at_work = false;

	for (unsigned int i = 0; i < NR_OPS; i++) {
		struct op *op = &ops[i];
		u64 word = arch_load_acquire64(&op->word);

		if (USE(word) == FREE && arch_cas64(&op->word, word, WORD(GENERATION(word), AT_WORK))) {
			op->kind = kind;
			op->command = c->command;
			c->op = op;
			return op;
		}
		at_work |= USE(arch_load_acquire64(&op->word)) == AT_WORK;
	}
	*status = at_work ? busy(c) : blocked(c);
	return NULL;
}

struct op *op_resume(struct call *c, u64 handle, enum refusal why, status_t *status)
{
	u64 index = HANDLE_INDEX(handle);
	u64 parked = WORD(HANDLE_GENERATION(handle), PARKED);
	u64 word = index < NR_OPS ? arch_load_acquire64(&ops[index].word) : 0;

	if (USE(word) == FREE || GENERATION(word) != HANDLE_GENERATION(handle)) {
		*status = refuse(c, why);
		return NULL;
	}
	if (!arch_cas64(&ops[index].word, parked, WORD(HANDLE_GENERATION(handle), AT_WORK))) {
		*status = busy(c);		/* at work on another CPU */
		return NULL;
	}
	c->op = &ops[index];
	return c->op;
}

bool op_all_free(void)
{
	for (unsigned int i = 0; i < NR_OPS; i++)
		if (USE(__atomic_load_n(&ops[i].word, __ATOMIC_SEQ_CST)) != FREE)
			return false;
	return true;
}

void op_cover(struct op *op, pa_t block, u64 bytes)
{
	arch_store_release64(&op->block, block.raw);
	arch_store_release64(&op->bytes, bytes);
}

/*
 * For refusals only, which are rare. A look without a lock: next to an operation
 * that moves on, a granule may be taken for covered a moment longer.
 */
bool op_covers(pa_t p)
{
	for (unsigned int i = 0; i < NR_OPS; i++) {
		u64 bytes = arch_load_acquire64(&ops[i].bytes);

		if (bytes && p.raw - arch_load_acquire64(&ops[i].block) < bytes)
			return true;
	}
	return false;
}

void op_mark_covered(u64 base, u64 top)
{
	for (unsigned int i = 0; i < NR_OPS; i++) {
		u64 bytes = arch_load_acquire64(&ops[i].bytes);
		u64 p = arch_load_acquire64(&ops[i].block), end = p + bytes;

		for (p = p > base ? p : base; p < end && p < top; p += GRANULE_SIZE)
			granule_move(pa(p), UNDELEGATED, INTERNAL);
	}
}

u64 op_handle_of(u64 handle, u64 flags)
{
	return handle <= 1 ? flags : handle;
}

static void hand_over(struct call *c, u64 word)
{
	struct op *op = c->op;

	c->op = NULL;
	arch_store_release64(&op->word, word);
}

void op_park(struct call *c)
{
	hand_over(c, WORD(GENERATION(c->op->word), PARKED));
}

/* Nothing is left of it; a handle that nobody was told of is used again. */
status_t op_end(struct call *c, struct op *op, status_t status)
{
	u64 next = GENERATION(op->word) + (c->command != op->command);

	expect(c->op == op);
	op_cover(op, pa(0), 0);
	/* all but what other PEs look at meanwhile */
	memset(&op->kind, 0, sizeof(*op) - offsetof(struct op, kind));
	hand_over(c, WORD(next & GENERATION_MASK, FREE));
	return status;
}

/* ---- what the host is to do next -------------------------------------------- */

static status_t incomplete(struct call *c, struct op *op, u64 mem)
{
	if (c->command == op->command)
		give(c, 1, handle_of(op));
	return RMI_INCOMPLETE | mem << RMI_MEM_SHIFT | (op->can_cancel ? RMI_CAN_CANCEL : 0);
}

status_t op_ask(struct call *c, struct op *op, u64 granules, bool contig, u64 mem_state)
{
	require(granules && granules <= RMI_DONATE_COUNT_MASK);
	op->phase = OP_NEED_DONATE;
	op->wanted = granules;
	op->contig = contig;
	op->mem_state = mem_state;
	op->can_cancel = true;
	give(c, 2, (u64)RMI_BLOCK_L3 << RMI_DONATE_SIZE_SHIFT | granules << RMI_DONATE_COUNT_SHIFT |
		   (contig ? RMI_DONATE_CONTIG : 0) | mem_state << RMI_DONATE_STATE_SHIFT);
	return incomplete(c, op, RMI_MEM_DONATE);
}

status_t op_pause(struct call *c, struct op *op)
{
	op->phase = OP_NEED_CONTINUE;
	return incomplete(c, op, RMI_MEM_NONE);
}

status_t op_return(struct call *c, struct op *op)
{
	u64 granules;
	pa_t base;

	if (!op_peek(op, 0, &base, &granules))
		return op_pause(c, op);
	op->phase = OP_NEED_RECLAIM;
	return incomplete(c, op, RMI_MEM_RECLAIM);
}

void op_fail(struct op *op, status_t end)
{
	if (!op->end)
		op->end = end;
	op->phase = OP_FAILED;
}

/* ---- memory that changes hands ------------------------------------------------ */

bool op_take(struct call *c, struct op *op, pa_t base, u64 granules)
{
	if (op->kind->take)
		return op->kind->take(c, op, base, granules);
	require(granules == 1 && op->nr_taken < OP_MAX_TAKEN);
	if (!granule_move(base, DELEGATED, INTERNAL))
		return false;
	op->taken[op->nr_taken++] = base;
	return true;
}

bool op_peek(const struct op *op, unsigned int n, pa_t *base, u64 *granules)
{
	if (op->kind->peek)
		return op->kind->peek(op, n, base, granules);
	if (n >= op->nr_taken)
		return false;
	*base = op->taken[n];
	*granules = 1;
	return true;
}

void op_gone(struct call *c, struct op *op, unsigned int nr)
{
	if (op->kind->gone) {
		op->kind->gone(c, op, nr);
		return;
	}
	require(nr <= op->nr_taken);
	for (unsigned int i = 0; i < nr; i++) {
		arch_wipe(op->taken[i]);
		granule_move_sure(op->taken[i], INTERNAL, DELEGATED);
	}
	op->nr_taken -= nr;
	for (unsigned int i = 0; i < op->nr_taken; i++)
		op->taken[i] = op->taken[i + nr];
}
