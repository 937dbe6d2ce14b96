/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of refusals of one command. A file in tests/rmi/ says
 *
 *	#define CMD RTT_CREATE
 *	#define CMD_LOWER rtt_create
 *	#include "harness/command.h"
 *	GOOD			{ fills *a (and the world) for a call that works }
 *	CHANGED			{ checks what the good call did; res is its result }
 *	SPOIL(rd_align)		{ a->rd = pa_add(a->rd, 1); }
 *	NOT_SPOILED(vmid, "why")
 *	#include "harness/command_end.h"
 *
 * A label of the .def without a line, or a line without a label, does not compile.
 */
#include "harness/inside.h"
#include "harness/table.h"
#include "harness/world.h"

#define C_CAT_(a, b)	a##b
#define C_CAT(a, b)	C_CAT_(a, b)
#define C_STR_(a)	#a
#define C_STR(a)	C_STR_(a)
#define C_DEF		C_STR(abi/rmi/CMD_LOWER.def)

typedef pa_t arg_pa;
typedef ipa_t arg_ipa;
typedef ns_t arg_ns;
typedef u64 arg_level;
typedef u64 arg_u64;

#define COMMAND(fid, gate)
#define OUT(name)
#define FAIL(label, status)
#define ARG(name, type) arg_##type name;
struct args {
#include C_DEF
};
#undef ARG

#define ARG(name, type) { #name, #type },
static const struct command_arg arg_kinds[] = {
#include C_DEF
	{ 0, 0 }
};
#undef ARG

#define GOOD								\
	__attribute__((unused))						\
	static void good(struct world *w __attribute__((unused)),	\
			 struct args *a __attribute__((unused)))
#define CHANGED								\
	static void changed(struct world *w __attribute__((unused)),	\
			    const struct args *a __attribute__((unused)), \
			    struct rmi_result res __attribute__((unused)))
#define SPOIL(label)							\
	static void spoil_##label(struct world *w __attribute__((unused)), \
				  struct args *a __attribute__((unused)))
#define NOT_SPOILED(label, why)						\
	SPOIL(label) { command_not_spoiled = (why); }

/* May be defined before command_end.h. */
#ifndef REFUSED_OUTS
#define REFUSED_OUTS	0
#endif
