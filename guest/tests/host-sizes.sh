#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# host-sizes.sh: 1, 2 and 4 CPUs, 128 MiB to 1 GiB, odd sizes, IPA widths; in
# each guest: realm, CPUs, disk, rng, timer.

# shellcheck shell=dash disable=SC1091,SC2046,SC2086,SC2012 # words split on purpose
. "${0%/*}/lib.sh"
dd if=/dev/zero of="$work/disk" bs=1M count=5 2>/dev/null
what=realm
[ -n "$kind" ] || what=
before=$(counts)
for size in "1 128" "2 256" "4 512" "2 1024" "1 129"; do
	cpus=${size% *}
	guest realmcheck $what cpus "$cpus" disk /dev/vda rng timer
	checked "$cpus CPUs, ${size#* } MiB" 0 -c "$cpus" -m "${size#* }" -d "$work/disk"
done
guest realmcheck $what
for bits in 32 40 48; do
	checked "$bits bits of IPA" 0 -m 128 --ipa-bits $bits
done
same "granule counts" "$before" "$(counts)"
finish
