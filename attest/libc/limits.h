/* SPDX-License-Identifier: BSD-2-Clause */
/* What the fetched library asks of its platform. */
#define CHAR_BIT	8
#define INT_MAX		__INT_MAX__
#define UINT_MAX	(INT_MAX * 2U + 1U)
