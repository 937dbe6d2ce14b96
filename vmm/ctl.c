// SPDX-License-Identifier: BSD-2-Clause
/*
 * Lines of the control channel. Anything but "exit N", N from 0 to 255, is
 * ignored; the last one said counts.
 */
#include <string.h>

#include "ctl.h"

void ctl_init(struct ctl *c)
{
	memset(c, 0, sizeof(*c));
	c->status = -1;
}

static void line_ends(struct ctl *c)
{
	const char *p = c->line + 5;
	int n = 0;

	if (c->too_long || strncmp(c->line, "exit ", 5) || !*p)
		return;
	for (; *p; p++) {
		if (*p < '0' || *p > '9')
			return;
		n = n * 10 + *p - '0';
		if (n > 255)
			return;
	}
	c->status = n;
}

void ctl_take(struct ctl *c, const u8 *data, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (data[i] == '\r')
			continue;
		if (data[i] == '\n') {
			c->line[c->len] = '\0';
			line_ends(c);
			c->len = 0;
			c->too_long = false;
		} else if (c->len < sizeof(c->line) - 1) {
			c->line[c->len++] = data[i];
		} else {
			c->too_long = true;
		}
	}
}
