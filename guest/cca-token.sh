#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# cca-token [CHALLENGE]: in a realm; this realm's attestation token, as bytes on standard
# output. CHALLENGE: 32 to 64 bytes in hexadecimal (default: 64 random ones). What it says
# is shown by `./fief token`.

reports=/sys/kernel/config/tsm/report

die() {
	echo "cca-token: $*" >&2
	exit 1
}

[ -d "$reports" ] || die "no attestation here: not a realm, or a kernel without CONFIG_ARM_CCA_GUEST"
report=$(mktemp -d "$reports/XXXXXX") || die "no report can be made"
trap 'rmdir "$report"' EXIT
if [ $# -gt 0 ]; then
	printf '%s' "$1" | xxd -r -p >"$report/inblob" || die "the challenge is not 32 to 64 bytes"
else
	head -c 64 /dev/urandom >"$report/inblob"
fi
cat "$report/outblob"
