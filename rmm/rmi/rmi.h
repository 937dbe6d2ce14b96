/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The commands: argument structs and functions, made from abi/rmi/. Each
 * command is one file of this folder. Nothing outside includes this.
 */
#ifndef RMM_RMI_RMI_H
#define RMM_RMI_RMI_H

#include "base/types.h"
#include "mem/call.h"

/* Types of ARG() */
typedef pa_t arg_pa_t;
typedef ipa_t arg_ipa_t;
typedef ns_t arg_ns_t;
typedef s64 arg_level_t;
typedef u64 arg_u64_t;

/* struct rtt_create_args */
#define BEGIN			struct DEF_CAT(CMD_LOWER, _args) {
#define ARG(name, type)		arg_##type##_t name;
#define END			};
#include "abi/rmi/every.def"

/* status_t rmi_rtt_create(struct call *c, const struct rtt_create_args *a); */
#define BEGIN	status_t DEF_CAT(rmi_, CMD_LOWER)(struct call *c, \
						  const struct DEF_CAT(CMD_LOWER, _args) *a);
#include "abi/rmi/every.def"

#endif
