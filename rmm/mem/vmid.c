/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/require.h"
#include "mem/vmid.h"

static spinlock_t lock;
static u64 used[65536 / 64];

static unsigned int count(void)
{
	return arch_features.vmid16 ? 65536 : 256;
}

unsigned int vmid_take(void)
{
	unsigned int vmid = 0;

	arch_spin_lock(&lock);
	used[0] |= 1;			/* the monitor's own and the host's, never a realm's */
	for (unsigned int i = 0; i < count() / 64 && !vmid; i++)
		if (~used[i]) {
			unsigned int bit = (unsigned int)__builtin_ctzll(~used[i]);

			used[i] |= BIT(bit);
			vmid = i * 64 + bit;
		}
	arch_spin_unlock(&lock);
	return vmid;
}

void vmid_give(unsigned int vmid)
{
	arch_spin_lock(&lock);
	require(used[vmid / 64] & BIT(vmid % 64));
	used[vmid / 64] &= ~BIT(vmid % 64);
	arch_spin_unlock(&lock);
}
