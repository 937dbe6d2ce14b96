/* SPDX-License-Identifier: BSD-2-Clause */
#define CMD VERSION
#define CMD_LOWER version
#include "harness/command.h"

#undef REFUSED_OUTS
#define REFUSED_OUTS (BIT(1) | BIT(2))

GOOD { a->requested = RMI_VERSION_2_0; }

CHANGED
{
	check_eq(res.x[1], 0x20000);
	check_eq(res.x[2], 0x20000);
}

SPOIL(version) { a->requested = 0x20001; }

static void asks(u64 requested)
{
	struct rmi_result r = rmi(FID_VERSION, requested);

	test_note("version 0x%llx", (unsigned long long)requested);
	check_status(r, RMI_ERROR_INPUT);
	check_eq(r.x[1], 0x20000);
	check_eq(r.x[2], 0x20000);
}

TEST(other_versions)
{
	struct world w;

	world_make_init(&w);
	asks(0);
	asks(0x10000);
	asks(0x10001);
	asks(0x1FFFF);
	asks(0x20001);
	asks(0x30000);
	asks(0x7FFFFFFF);
	asks(0x80020000);		/* bit 31 must be zero */
	asks(0x100020000);
	asks(~0ULL);
}

#include "harness/command_end.h"
