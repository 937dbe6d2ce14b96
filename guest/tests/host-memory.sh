#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# host-memory.sh: a realm that does not fit is refused before anything is
# delegated, on an idle host and beside a process that holds most of the memory;
# the host stays healthy and the realm runs when there is room again.

# shellcheck shell=dash disable=SC1091,SC2046,SC2086 # words split on purpose
. "${0%/*}/lib.sh"
available() { awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo; }
refused() { # NAME MIB
	local status=0
	vm -m "$2" || status=$?
	cat "$work/err"
	if [ $status = 126 ] && grep -q "not enough memory" "$work/err"; then
		ok "$1: refused"
	else
		bad "$1: status $status"
	fi
	same "$1: nothing delegated" "$before" "$(counts)"
}
guest true
before=$(counts)
refused "larger than the host" $(($(available) + 1))
refused "larger than the host by what it needs itself" $(($(available) - 32))

: >"$work/hog"
"$here/memhog" $(($(available) - 300)) >"$work/hog" &
hog=$!
while ! grep -q held "$work/hog"; do
	usleep 100000
	kill -0 $hog || break
done
same "memory is held" held "$(cat "$work/hog")"
refused "beside a process that holds the rest" 256
checked "a smaller realm still runs" 0 -m 128
kill $hog
wait $hog 2>/dev/null
sleep 1
checked "and with room again" 0 -m 256
same "granule counts" "$before" "$(counts)"
finish
