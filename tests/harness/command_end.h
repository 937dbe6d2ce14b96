/* SPDX-License-Identifier: BSD-2-Clause */
/* Closes what command.h opened: the table, and the test that runs it. */
#ifndef MAKE
#define MAKE world_make
#endif
#ifndef GOOD_STATUS
#define GOOD_STATUS RMI_SUCCESS
#endif

#undef FAIL
#define ARG(name, type)
#define FAIL(label, status) \
	{ #label, RMI_ERROR_##status, (void (*)(struct world *, void *))spoil_##label },
static const struct command_spoil spoils[] = {
#include C_DEF
	{ 0, 0, 0 }
};

#define TEST_OF(lower) TEST(lower)
TEST_OF(CMD_LOWER)
{
	static const struct command_table t = {
		.name = C_STR(CMD), .fid = C_CAT(FID_, CMD),
		.nr_args = sizeof(struct args) / 8, .arg = arg_kinds,
		.make = MAKE, .good = (void (*)(struct world *, void *))good,
		.changed = (void (*)(struct world *, const void *, struct rmi_result))changed,
		.good_status = GOOD_STATUS, .refused_outs = REFUSED_OUTS,
		.spoil = spoils, .nr_spoils = ARRAY_SIZE(spoils) - 1,
	};

	command_test(&t);
}
