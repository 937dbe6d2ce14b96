#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# host-attack.sh [SEEDS]: guests that abuse their devices; the VMM stands it and
# the guest ends as if nothing had been.

# shellcheck shell=dash disable=SC1091,SC2046,SC2086,SC2012 # words split on purpose
. "${0%/*}/lib.sh"
dd if=/dev/zero of="$work/disk" bs=1M count=5 2>/dev/null
high=
[ -z "$kind" ] || high=8
for seed in ${1:-1 2 3}; do
	# slots: console, rng, disk
	guest sh -c "vmmattack ${high}0a001000 $seed && vmmattack ${high}0a002000 $seed"
	checked "seed $seed" 0 -c 2 -m 128 -d "$work/disk"
done
finish
