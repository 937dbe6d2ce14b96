/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RSI_MEASUREMENT_EXTEND: REM[index - 1] with size bytes of X3..X10
 * (rsi.md 8, rmi-measure.md 4).
 */
#include "realm/measure.h"
#include "rsi/rsi.h"

enum outcome rsi_measurement_extend(struct stay *s)
{
	const u64 *x = s->rec->gprs;
	struct granule *g_rd;

	if (x[1] == 0 || x[1] >= RMI_NR_MEASUREMENTS)
		return rsi_return(s, RSI_ERROR_INPUT);
	if (x[2] > RMI_MEASURE_BYTES)
		return rsi_return(s, RSI_ERROR_INPUT);

	g_rd = hold_sure(s->c, s->rec->rd, RD);
	measure_extend(view_rd(s->c, g_rd), (unsigned int)x[1], (const u8 *)&x[3],
		       (unsigned int)x[2]);
	let_go(s->c, g_rd);
	return rsi_return(s, RSI_SUCCESS);
}
