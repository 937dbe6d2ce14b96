#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# host-series.sh [N]: N realms (10) one after another, then two at once; after
# that the granule counts and the free memory are what they were.

# shellcheck shell=dash disable=SC1091,SC2046,SC2086,SC2012 # words split on purpose
. "${0%/*}/lib.sh"
n=${1:-10}
guest sh -c 'realmcheck realm rng >/dev/null; exit 3'
vm -m 128 && :	# the first fills caches of the host's kernel
before=$(counts) free=$(free_mib)
i=0
while [ $i -lt "$n" ]; do
	i=$((i + 1))
	status=0
	vm -m 128 || status=$?
	[ $status = 3 ] || bad "realm $i: status $status"
	[ "$(counts)" = "$before" ] || bad "realm $i: $(counts)"
done
ok "$n realms one after another"

for i in a b; do
	realmvm $kind -k $kernel $layers -i "$work/run.cpio" --status -p quiet -c 2 -m 128 \
		</dev/null >/dev/null 2>"$work/err.$i" &
	eval "pid_$i=\$!"
done
status=0
wait "$pid_a" || status=$?
same "two at once, the first" 3 $status
status=0
wait "$pid_b" || status=$?
same "two at once, the second" 3 $status
cat "$work"/err.?

same "granule counts" "$before" "$(counts)"
now=$(free_mib)
if [ $((free - now)) -le 16 ]; then
	ok "free memory: $free MiB before, $now MiB after"
else
	bad "free memory: $free MiB before, $now MiB after"
fi
finish
