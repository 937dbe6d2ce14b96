#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# host-kill.sh [FROM [TO [TIMES]]]: the VMM is killed before its FROMth to TOth
# call of KVM (1 to 60: past the first entries), then TIMES (12) times from
# outside at moments of the run that grow by a quarter of a second. Each time
# everything comes back.

# shellcheck shell=dash disable=SC1091,SC2046,SC2086,SC2012 # words split on purpose
. "${0%/*}/lib.sh"
from=${1:-1} to=${2:-60} times=${3:-12}
dd if=/dev/zero of="$work/disk" bs=1M count=5 2>/dev/null
guest realmcheck disk /dev/vda rng
before=$(counts)
n=$from
while [ "$n" -le "$to" ]; do
	status=0
	vm -c 2 -m 128 --die-at "$n" 2>/dev/null || status=$?
	[ $status = 137 ] || bad "call $n: status $status"
	[ "$(counts)" = "$before" ] || bad "call $n: $(counts)"
	n=$((n + 1))
done
ok "killed before each of the calls $from to $to"

n=1
while [ "$n" -le "$times" ]; do
	vm -c 2 -m 128 -d "$work/disk" &
	sleep 0.2
	pid=$(pidof realmvm)
	usleep $((n * 250000))
	[ -z "$pid" ] || kill -9 $pid 2>/dev/null
	wait
	[ "$(counts)" = "$before" ] || bad "killed after $n quarters of a second: $(counts)"
	n=$((n + 1))
done
ok "killed at $times moments of the run"
same "granule counts" "$before" "$(counts)"
checked "and then a guest runs to its end" 0 -m 128 -d "$work/disk"
finish
