/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RSI_VERSION: 1.0 and 1.1 are both there (rsi.md 3, decisions 81).
 */
#include "rsi/rsi.h"

enum outcome rsi_version(struct stay *s)
{
	u64 *x = s->rec->gprs;
	u64 asked = x[1];
	bool known = asked == RSI_VERSION_1_0 || asked == RSI_VERSION_1_1;

	/* not known: the highest below it, which is 1.1, or else the highest there is, also 1.1 */
	x[1] = known ? asked : RSI_VERSION_1_1;
	x[2] = RSI_VERSION_1_1;
	return rsi_return(s, known ? RSI_SUCCESS : RSI_ERROR_INPUT);
}
