#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# A monitor in which RMI_FEATURES is an undefined instruction: how the rest of the
# machine fares when one CPU panics.
#
#	panic.sh BUILD_DIR
set -euo pipefail

# shellcheck source=tests/machine/lib.sh
. "$(dirname "$0")/lib.sh"
host_program panic machine/panic.c

at=$("${cross}nm" "$build/rmm/rmm.elf" | awk '$3 == "call_features" { print $1 }')
cp "$rmm" "$out/panics.bin"
chmod u+w "$out/panics.bin"
head -c 4 /dev/zero | dd of="$out/panics.bin" bs=1 seek=$((16#$at)) conv=notrunc status=none
flash panic_flash "$out/panics.bin"
emulate 30 panic_ panic_flash panic

grep -a -E '^(not )?ok |passed' "$out/panic_host.log" | tr -d '\r'
grep -a -q 'panic: synchronous' "$out/panic_host.log" ||
	{ echo "not ok the monitor did not panic"; exit 1; }
grep -a -q '^[0-9]* passed, 0 failed' "$out/panic_host.log"
