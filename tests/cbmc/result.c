/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Result words and handles (rmi.md 3.3, decisions 36, 51).
 * with: mem/call.c
 */
#include "cbmc.h"
#include "mem/call.h"
#include "mem/sro.c"

static enum refusal any_refusal(void)
{
	unsigned int why = any_uint();

	given(why && why < NR_REFUSALS);
	return (enum refusal)why;
}

/* The level is in its field, signed, and the status is what the label's line says. */
PROOF(refusal_with_a_level)
{
	struct call c = { .blocked = any_bool() };
	enum refusal why = any_refusal();
	int level = any_int();
	status_t s;

	given(level >= -1 && level <= 3);
	s = refuse_at(&c, why, level);
	claim(c.refused == why);
	claim(so(c.blocked, s == RMI_BLOCKED));
	claim(so(!c.blocked, RMI_STATUS(s) == refusal_status(why)));
	claim(so(!c.blocked, (int8_t)(s >> RMI_LEVEL_SHIFT) == level));
	claim(s >> 16 == 0);
	reached();
}

/* The address is whole below 2^52, and nothing else of the word is touched. */
PROOF(refusal_with_an_address)
{
	struct call c = { .blocked = any_bool() };
	enum refusal why = any_refusal();
	pa_t p = pa(any_u64());
	status_t s;

	given(p.raw < 1ULL << 52);
	s = refuse_for(&c, why, 0, p);
	claim(so(c.blocked, s == RMI_BLOCKED));
	claim(so(!c.blocked, RMI_STATUS(s) == refusal_status(why)));
#if RMI_ERROR_HAS_ADDRESS
	claim(so(!c.blocked, (s >> RMI_ADDRESS_SHIFT) << 12 == ALIGN_DOWN(p.raw, 4096)));
#endif
	claim(s >> 56 == 0);
	reached();
}

/* Every refusal is an error: never SUCCESS, BUSY, INCOMPLETE or BLOCKED. */
PROOF(refusals_are_errors)
{
	u64 s = refusal_status(any_refusal());

	claim(s != RMI_SUCCESS && s != RMI_BUSY && s != RMI_INCOMPLETE && s != RMI_BLOCKED);
	claim(s <= RMI_ERROR_GRANULE);
	reached();
}

/* Index and generation survive in a handle, and no handle is 0 or 1. */
PROOF(handles)
{
	u64 generation = any_u64(), index = any_u64(), other = any_u64(), handle;

	given(generation < 1ULL << 48 && index < NR_OPS && other < NR_OPS);
	handle = HANDLE(generation, index);
	claim(handle > 1);
	claim(HANDLE_INDEX(handle) == index && HANDLE_GENERATION(handle) == generation);
	claim(so(index != other, handle != HANDLE(generation, other)));
	claim(op_handle_of(handle, any_u64()) == handle);
	reached();
}

/* A request says what is wanted in the fields of rmi-sro.md 2.2. */
PROOF(request)
{
	struct op *op = &ops[NR_OPS - 1];
	struct call c = { .op = op };
	u64 granules = any_u64(), state = any_u64(), x0, x2;
	bool contig = any_bool();

	given(granules && granules <= RMI_DONATE_COUNT_MASK && state <= RMI_MEMSTATE_CONDITIONAL);
	c.command = op->command = CMD_REC_CREATE;
	op->word = WORD(any_uint(), AT_WORK);
	x0 = op_ask(&c, op, granules, contig, state);
	x2 = c.out[2];
	claim(RMI_STATUS(x0) == RMI_INCOMPLETE && RMI_MEM(x0) == RMI_MEM_DONATE && (x0 & RMI_CAN_CANCEL));
	claim(x0 >> 11 == 0 && c.out[1] == handle_of(op));
	claim((x2 & 3) == RMI_BLOCK_L3 && FIELD(x2, 15, 2) == granules);
	claim(((x2 >> 16) & 1) == contig && FIELD(x2, 18, 17) == state && x2 >> 19 == 0);
	reached();
}

/* ---- what these files call and the proofs do not -------------------------- */

struct granule *granule_find(pa_t p) { (void)p; return NULL; }
bool granule_move(pa_t p, enum granule_type from, enum granule_type to)
{
	(void)p; (void)from; (void)to;
	return any_bool();
}
void granule_move_sure(pa_t p, enum granule_type from, enum granule_type to)
{
	(void)p; (void)from; (void)to;
}
bool arch_cas64(u64 *p, u64 from, u64 to)
{
	if (*p != from)
		return false;
	*p = to;
	return true;
}
