#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# host-token.sh: tokens through Linux's own driver, several CPUs at once, and what the
# driver refuses. Each token goes to /share in hexadecimal, to be verified outside.

# shellcheck shell=dash disable=SC1091,SC2016,SC2046,SC2086,SC2012 # words split on purpose
. "${0%/*}/lib.sh"

one() { # NAME STATUS OPTIONS...: as checked, without the output
	local name=$1 want=$2 status=0
	shift 2
	vm "$@" || status=$?
	same "$name" "$want" "$status"
	[ "$status" = "$want" ] || tail -n 5 "$work/err" "$work/log"
}

guest sh -c "cca-token $(printf '%0128d' 0 | tr 0 c) | xxd -p"
one "a token" 0
tr -d '\r\n' <"$work/out" >/share/token-one

# the same report is the same token; a challenge that is too short is refused
guest sh -c 'cd /sys/kernel/config/tsm/report && mkdir a && cat a/provider &&
	head -c 32 /dev/zero >a/inblob && cat a/outblob >/tmp/1 && cat a/outblob >/tmp/2 &&
	cmp /tmp/1 /tmp/2 || exit 1
	echo short >a/inblob
	! cat a/outblob >/dev/null 2>&1 && rmdir a'
one "a report" 0
same "its provider" arm_cca_guest "$(tr -d '\r\n' <"$work/out")"

guest sh -c 'for i in 1 2 3 4 5 6 7 8; do cca-token >/tmp/t$i & done; wait
	for i in 1 2 3 4 5 6 7 8; do xxd -p /tmp/t$i | tr -d "\n"; echo; done'
one "eight at once" 0 -c 4
n=0
tr -d '\r' <"$work/out" | while read -r line; do
	n=$((n + 1))
	echo "$line" >"/share/token-many$n"
done

guest cca-token
kind=
one "an ordinary VM has none" 1
finish
