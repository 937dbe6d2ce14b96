/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RSI_MEASUREMENT_READ: RIM (0) or REM[index - 1] into X1..X8 (rsi.md 8).
 */
#include "base/string.h"
#include "rsi/rsi.h"

enum outcome rsi_measurement_read(struct stay *s)
{
	u64 *x = s->rec->gprs;
	u64 index = x[1];
	struct granule *g_rd;

	if (index >= RMI_NR_MEASUREMENTS)
		return rsi_return(s, RSI_ERROR_INPUT);

	g_rd = hold_sure(s->c, s->rec->rd, RD);
	memcpy(&x[1], view_rd(s->c, g_rd)->measurement[index], RMI_MEASURE_BYTES);
	let_go(s->c, g_rd);
	return rsi_return(s, RSI_SUCCESS);
}
