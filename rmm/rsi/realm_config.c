/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RSI_REALM_CONFIG: one page that says what realm this is (rsi.md 4).
 */
#include "base/string.h"
#include "rsi/rsi.h"

enum outcome rsi_realm_config(struct stay *s)
{
	u64 at = s->rec->gprs[1];
	struct rsi_realm_config *config;
	struct rsi_page page;
	enum outcome next;

	if (!IS_ALIGNED(at, RSI_GRANULE_SIZE))
		return rsi_return(s, RSI_ERROR_INPUT);
	config = rsi_get_page(s, at, &page, &next);
	if (!config)
		return next;

	memset(config, 0, sizeof(*config));
	config->ipa_width = s->rd->s2.ipa_bits;
	config->hash_algo = s->rd->hash_algo;
	config->gicv3_vtr = arch_features.ich_vtr;
	memcpy(config->rpv, s->rd->rpv, sizeof(config->rpv));
	rsi_put_page(s, &page);
	return rsi_return(s, RSI_SUCCESS);
}
