#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# host-console.sh: bytes to and from a guest pass unchanged and complete, by
# virtio console and by PL011 (fewer: each is an exit or two).

# shellcheck shell=dash disable=SC1091,SC2086 # words split on purpose
. "${0%/*}/lib.sh"
sum_of() { sha256sum | cut -c 1-64; }

# Input begins when the guest says so: before that its terminal is not raw yet.
feed() {
	while ! grep -q ready "$work/out"; do usleep 100000; done
	cat "$work/in"
	while ! grep -q end "$work/out"; do usleep 100000; done
}

both_ways() { # CONSOLE BYTES
	local status=0
	dd if=/dev/urandom bs=1000 count=$(($2 / 1000)) 2>/dev/null >"$work/in"
	guest sh -c "echo ready; head -c $2 | sha256sum | cut -c 1-64; echo end; exit 5"
	: >"$work/out"
	feed | realmvm $kind -k $kernel $layers -i "$work/run.cpio" --status -p quiet -m 128 \
		--console "$1" >"$work/out" 2>"$work/err" || status=$?
	same "$1: status" 5 $status
	same "$1: what went in" "ready $(sum_of <"$work/in") end" \
		"$(tr '\n' ' ' <"$work/out" | sed 's/ $//')"

	guest head -c "$2" /bin/busybox
	vm -m 128 --console "$1"
	same "$1: what came out" "$(head -c "$2" /bin/busybox | sum_of)" "$(sum_of <"$work/out")"
}

both_ways virtio 200000
both_ways serial 5000
finish
