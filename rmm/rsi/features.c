/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RSI_FEATURES: none of the optional ones (decisions 81).
 */
#include "rsi/rsi.h"

enum outcome rsi_features(struct stay *s)
{
	s->rec->gprs[1] = 0;
	return rsi_return(s, RSI_SUCCESS);
}
