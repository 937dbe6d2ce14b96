/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "abi/rsi.h"
#include "harness/play.h"
#include "harness/world.h"

TEST(realm_config)
{
	struct world w;
	struct step *s;
	const u8 *page;

	world_make_active(&w);
	memset(sim_ram(w.data_page), 0xDD, GRANULE_SIZE);
	s = play_call(&w.r, 0xC4000196, RAM + 0x1000);
	check_eq(s->after[0], RSI_SUCCESS);
	check_kept(s, 1);
	page = sim_ram(w.data_page);
	check_eq(*(const u64 *)(page + 0x000), 33);
	check_eq(*(const u64 *)(page + 0x008), 0);		/* SHA-256 */
	check_eq(*(const u64 *)(page + 0x010), 0);
	check_eq(*(const u64 *)(page + 0x018), 0x90B80003);	/* ICH_VTR */
	for (unsigned int i = 0x20; i < 0x1000; i++)
		if (!check_eq(page[i], i >= 0x200 && i < 0x240 ? 0x42 : 0))
			break;
}
