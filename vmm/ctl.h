/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control channel: what the guest's /init says on the second PL011
 * (decisions-kvm K84). One line counts: "exit N".
 */
#ifndef VMM_CTL_H
#define VMM_CTL_H

#include "util.h"

struct ctl {
	char line[32];
	size_t len;
	bool too_long;
	int status;		/* -1: not said yet */
};

void ctl_init(struct ctl *c);
void ctl_take(struct ctl *c, const u8 *data, size_t n);

#endif
