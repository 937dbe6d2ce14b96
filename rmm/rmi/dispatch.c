/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the registers of an SMC to a command and back (rmi.md 3, decisions 25
 * and 27). Decoders and the table of commands come out of abi/rmi/.
 */
#include "base/trace.h"
#include "mem/call.h"
#include "mem/calls.h"
#include "mem/region.h"
#include "rmi/rmi.h"

/* ---- one caller per command ----------------------------------------------- */

static inline pa_t decode_pa(u64 x) { return pa(x); }
static inline ipa_t decode_ipa(u64 x) { return ipa(x); }
static inline ns_t decode_ns(u64 x) { return ns(x); }
static inline s64 decode_level(u64 x) { return (s64)x; }
static inline u64 decode_u64(u64 x) { return x; }

#define BEGIN								\
	static status_t DEF_CAT(call_, CMD_LOWER)(struct call *c, const u64 *x)	\
	{								\
		struct DEF_CAT(CMD_LOWER, _args) a;			\
		(void)x;
#define ARG(name, type)	a.name = decode_##type(*x++);
#define END								\
		return DEF_CAT(rmi_, CMD_LOWER)(c, &a);			\
	}
#include "abi/rmi/every.def"

/* ---- the table -------------------------------------------------------------- */

enum gate { GATE_ANY, GATE_INIT, GATE_ACTIVE };

struct command {
	status_t (*call)(struct call *c, const u64 *x);
	u8 gate;
	u8 nr_outs;
};

static const struct command commands[NR_COMMANDS] = {
#define BEGIN			[DEF_CAT(CMD_, CMD)] = { .call = DEF_CAT(call_, CMD_LOWER),
#define COMMAND(fid, when)	.gate = GATE_##when, .nr_outs = 0
#define OUT(name)		+ 1
#define END			},
#include "abi/rmi/every.def"
};

/* By the low bits of the FID; 0: none, else the command plus one. */
static const u8 by_fid[RMI_FID_LAST - RMI_FID_FIRST + 1] = {
#define COMMAND(fid, when)	[fid - RMI_FID_FIRST] = DEF_CAT(CMD_, CMD) + 1,
#include "abi/rmi/every.def"
};

_Static_assert(NR_COMMANDS < 255, "fits by_fid");

#define BEGIN			enum { DEF_CAT(CMD, _nr_outs) = 0
#define OUT(name)		+ 1
#define END			}; _Static_assert(DEF_CAT(CMD, _nr_outs) <= 4, "x1 to x4");
#include "abi/rmi/every.def"

/* ---- a call ------------------------------------------------------------------ */

static bool is_open(const struct command *cmd)
{
	u64 state = rmm_state();

	if (cmd->gate == GATE_ANY)
		return true;
	return state == (cmd->gate == GATE_INIT ? RMI_STATE_INIT : RMI_STATE_ACTIVE);
}

static void serve(enum rmi_command which, u64 regs[8])
{
	const struct command *cmd = &commands[which];
	const u64 **inside = calls_enter(regs);
	struct call c;

	call_begin(&c, which);
	regs[0] = is_open(cmd) ? cmd->call(&c, &regs[1]) : RMI_ERROR_GLOBAL;
	call_end(&c);
	arch_trace(TRACE_WHAT(TRACE_RMI, which, c.refused, regs[0]), &regs[1]);
	calls_leave(inside);
	regs[1] = c.out[1];
	regs[2] = c.out[2];
	regs[3] = c.out[3];
	if (cmd->nr_outs > 3)
		regs[4] = c.out[4];
}

void rmi_dispatch(u64 regs[8])
{
	u64 fid = regs[0] & 0xFFFFFFFF;
	u8 which = 0;

	if (fid >= RMI_FID_FIRST && fid <= RMI_FID_LAST)
		which = by_fid[fid - RMI_FID_FIRST];
	if (which) {
		serve((enum rmi_command)(which - 1), regs);
		return;
	}
	arch_trace(TRACE_WHAT(TRACE_RMI_UNKNOWN, 0, 0, RMI_UNKNOWN_FID), regs);
	regs[0] = RMI_UNKNOWN_FID;
}

int rmm_init(void)
{
	region_init();
	return 0;
}
