#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# host-gpf.sh: the host cannot look into a realm: loads from a realm's pages by
# /dev/mem end in SIGBUS for a process and in EFAULT for the kernel; the host
# lives on; pages given back read as zero.

# shellcheck shell=dash disable=SC1091,SC2046,SC2086,SC2012 # words split on purpose
. "${0%/*}/lib.sh"
guest sh -c 'echo up; sleep 6; exit 3'
begun up -m 128
rtt=$(ls /sys/kernel/debug/kvm/*/rtt 2>/dev/null | head -1)
# of DATA pages: some at the start, in the middle and at the end
pages=$(awk '$3 == "DATA" { p[n++] = $5 }
	END { for (i = 0; i < 8 && n; i++) print p[int(i * (n - 1) / 7)] }' "$rtt")
if [ -z "$pages" ]; then
	bad "no private pages in $rtt"
	finish
fi
if "$here/gpfprobe" $pages >"$work/probe"; then
	ok "$(grep -c sigbus "$work/probe") loads by a process, $(grep -c EFAULT "$work/probe") by the kernel refused"
else
	bad "the host could look"
	sed 's/^/  /' "$work/probe"
fi
status=0
wait $! || status=$?
same "the realm did not notice" 3 $status
if "$here/gpfprobe" -v $pages >"$work/probe"; then
	ok "given back, they read as zero"
else
	bad "given back, they are not zero"
	sed 's/^/  /' "$work/probe"
fi
finish
