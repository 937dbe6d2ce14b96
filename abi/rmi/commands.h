/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of commands, their function identifiers and their refusals, made from
 * the .def files:
 *   CMD_RTT_CREATE		index of the command, 0 .. NR_COMMANDS - 1
 *   RMI_FID_RTT_CREATE		its function identifier
 *   RTT_CREATE_rd_align	a refusal; REFUSED_NOT (0) is none
 */
#ifndef ABI_RMI_COMMANDS_H
#define ABI_RMI_COMMANDS_H

enum rmi_command {
#define BEGIN DEF_CAT(CMD_, CMD),
#include "every.def"
	NR_COMMANDS
};

enum rmi_fid {
#define COMMAND(fid, gate) DEF_CAT(RMI_FID_, CMD) = fid,
#include "every.def"
	RMI_FID_FIRST = 0xC4000150,
	RMI_FID_LAST = 0xC40002CF
};

enum refusal {
	REFUSED_NOT,
#define FAIL(label, status) DEF_CAT(DEF_CAT(CMD, _), label),
#include "every.def"
	NR_REFUSALS
};

#endif
