/* SPDX-License-Identifier: BSD-2-Clause */
/* What command_end.h makes of a command's file, for command.c. */
#ifndef TESTS_TABLE_H
#define TESTS_TABLE_H

#include "harness/world.h"

/* Why the last spoil that ran spoils nothing; null: it did. */
extern const char *command_not_spoiled;

struct command_spoil {
	const char *label;
	u64 status;
	void (*spoil)(struct world *w, void *args);
};

struct command_arg { const char *name, *kind; };

struct command_table {
	const char *name;
	u64 fid;
	size_t nr_args;
	const struct command_arg *arg;
	void (*make)(struct world *w);
	void (*good)(struct world *w, void *args);
	void (*changed)(struct world *w, const void *args, struct rmi_result res);
	u64 good_status;
	/* which x1.. hold on a refusal: bit n for x<n>; the others are 0 */
	unsigned int refused_outs;
	const struct command_spoil *spoil;
	unsigned int nr_spoils;
};

void command_test(const struct command_table *t);

#endif
