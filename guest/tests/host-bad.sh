#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# host-bad.sh: input that cannot work ends in one sentence and status 126, and
# leaves nothing behind.

# shellcheck shell=dash disable=SC1091,SC2046,SC2086,SC2012 # words split on purpose
. "${0%/*}/lib.sh"
refused() { # SENTENCE_PART OPTIONS...
	local part=$1 status=0
	shift
	realmvm $kind "$@" </dev/null >"$work/out" 2>"$work/err" || status=$?
	if [ "$status" != 126 ] || ! grep -q "$part" "$work/err" ||
		[ "$(wc -l <"$work/err")" != 1 ] || [ -s "$work/out" ]; then
		bad "$*: status $status"
		sed 's/^/  /' "$work/err"
	else
		ok "$(cat "$work/err")"
	fi
}
before=$(counts)
k="-k $kernel"
: >"$work/empty"
gzip -c "$here/realmcheck" >"$work/gz"
refused "no kernel given"
refused "unknown option" $k --frob
refused "unexpected argument" $k more
refused "wants an argument" $k -m
refused "cannot open the kernel" -k /nowhere
refused "not an arm64 kernel" -k /bin/busybox
refused "compressed" -k "$work/gz"
refused "is empty" -k "$work/empty"
refused "not a regular file" -k /dev
refused "cannot open the initial ramdisk" $k -i /nowhere
refused "cannot open the disk" $k -d /nowhere
refused "smaller than one sector" $k -d "$work/empty"
refused "cannot write the log" $k --log /nowhere/log
for m in 0 -1 15 x 99999999999999999999 1.5; do
	refused "wants MiB of memory" $k -m "$m"
done
refused "does not fit into the guest's memory" $k -m 16 -i $kernel
refused "not enough memory" $k -m 100000 --ipa-bits 48
refused "not enough memory" $k -m 100001 --ipa-bits 48
for c in 0 33 x; do
	refused "number of CPUs" $k -c $c
done
if [ -n "$kind" ]; then
	refused "do not fit into 32 bits" $k -m 1025 --ipa-bits 32
	refused "ipa-bits wants" $k --ipa-bits 31
fi
same "granule counts" "$before" "$(counts)"

guest true
checked "and then a guest runs" 0 -m 128
finish
