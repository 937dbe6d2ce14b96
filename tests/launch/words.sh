#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Consoles in words (tools/decode.c), without symbols: a recorded log, what it must
# say, and what it must leave alone. Crashes with symbols: the stage `machine`.

set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
passed=0 failed=0
make -s -C "$root/tools" O="$t" >"$t/log" 2>&1 || { cat "$t/log"; exit 1; }

says()	# NAME LINE WANTED: one of the lines that LINE becomes
{
	if printf '%s\n' "$2" | "$t/decode" | grep -qxF -e "$3"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$1: no '$3' in:"
		printf '%s\n' "$2" | "$t/decode"
	fi
}

same()	# NAME FILE: passes as it is
{
	if "$t/decode" "$2" | cmp -s - "$2"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$1: changed"
	fi
}

# numbers as they stand in abi/, a second time
cat >"$t/numbers.c" <<'C'
#include <stdio.h>
#include "abi/rmi.h"
#include "abi/rmi/commands.h"
#include "abi/trace.h"
int main(void)
{
	printf("refused=%llx\nwrong=%u\n", TRACE_WHAT(TRACE_RMI, CMD_RTT_CREATE, RTT_CREATE_rtt_walk, 0x204), NR_REFUSALS + 1);
	printf("incomplete=%llx\n", TRACE_WHAT(TRACE_RMI, CMD_REC_CREATE, 0, 13 | 1 << 8 | 1 << 10));
	printf("unknown=%llx\n", TRACE_WHAT(TRACE_RMI_UNKNOWN, 0, 0, -1));
	printf("realm=%llx\nleaves=%llx\n", TRACE_WHAT(TRACE_REALM, 0, 0, 1), TRACE_WHAT(TRACE_REALM, 1, 0, 0));
	printf("exit=%llx\n", TRACE_WHAT(TRACE_EXIT, 0, 0, 0x92000046));
	printf("kept=%llx\n", TRACE_WHAT(TRACE_KEPT, 0, 0, 0));
	printf("smc=%llx\ntrap=%llx\n", TRACE_WHAT(TRACE_SMC, 1, 0, 0), TRACE_WHAT(TRACE_TRAP, 0, 0, 0x62300801));
	return 0;
}
C
gcc -I"$root" -o "$t/numbers" "$t/numbers.c"
# shellcheck disable=SC1090 # made above
. <("$t/numbers")
# shellcheck disable=SC2154 # refused, incomplete, ...: from there
{
says 'a refusal' "RMM: trace 3: a $refused 1000 2000 40000000 2" \
	'RMM CPU 3           10  RMI_RTT_CREATE rd 0x1000 rtt 0x2000 ipa 0x40000000 level 2: RMI_ERROR_RTT, level 2 (rtt_walk)'
says 'carriage returns' "RMM: trace 3: a $refused 1000 2000 40000000 ffffffffffffffff"$'\r' \
	'RMM CPU 3           10  RMI_RTT_CREATE rd 0x1000 rtt 0x2000 ipa 0x40000000 level -1: RMI_ERROR_RTT, level 2 (rtt_walk)'
says 'an operation' "RMM: trace 0: 1 $incomplete 1000 2000 3000" \
	'RMM CPU 0            1  RMI_REC_CREATE rd 0x1000 rec 0x2000 params 0x3000: RMI_INCOMPLETE, wants memory, can be cancelled'
says 'time since the one before' "RMM: trace 0: 1 $incomplete"$'\n'"RMM: trace 0: 11 $unknown c400018e" \
	'RMM CPU 0          +16  function 0xc400018e: no such call'
says 'a realm' "RMM: trace 0: 1 $realm 5000 c4000190" 'RMM CPU 0            1  REC 0x5000: RSI_VERSION: 1'
says 'a realm that leaves' "RMM: trace 0: 1 $leaves 5000 c4000003" \
	'RMM CPU 0            1  REC 0x5000: PSCI_CPU_ON: leaves to the host'
says 'an exit' "RMM: trace 0: 1 $exit 5000 90000" \
	'RMM CPU 0            1  REC 0x5000: exit RMI_EXIT_SYNC: data abort from below, write, translation fault, level 2, IPA 0x9000000'
says 'what EL3 keeps' "RMM: trace 0: 1 $kept 50000000 2" \
	'RMM CPU 0            1  EL3 refuses to move 0x50000000: the monitor keeps it, 2 so far'
says 'EL3' "EL3: trace 1: 0x1 $smc 0xc4000402 0x50000000 0x10 0xb 0x10" \
	'EL3 CPU 1            1  realm world: FIRME_GM_GPI_SET base 0x50000000 count 16 to Realm: 16 changed'
says 'a trap' "EL3: trace 1: 0x1 $trap" \
	'EL3 CPU 1            1  host: trap: system register S3_0_C2_C0_0, read'
says 'inside' 'RMM: in call 1: c4000165 2' 'RMM CPU 1 is inside RMI_FEATURES index 0x2'
says 'other sources' "RMM: trace of 1 commands, $wrong refusals" 'RMM: trace of 1 commands, '"$wrong refusals"
says 'a fault' "RMM: panic: synchronous exception at R-EL2, image at 7fc00000
  ESR 96000028 FAR ffff000040001000 ELR 7fc04200 (image + 4200) SPSR 800003c9" \
	'    ESR: data abort, read, granule protection fault'
says 'host memory' "RMM: panic: synchronous exception at R-EL2, image at 7fc00000
  ESR 96000028 FAR ffff000040001000 ELR 7fc04200 (image + 4200) SPSR 800003c9" \
	'    FAR: host memory at 0x40001000'
says 'KVM' '[    5.1] kvm [88]: realm of pid 88: RMI call 0xc400015d: unexpected result 0x304' \
	'    RMI_RTT_CREATE: RMI_ERROR_RTT, level 3'
says 'a crash of EL3' "EL3: CRASH in EL3: synchronous exception (vector 4)
EL3:   PC 0x1234  FAR 0x0  SPSR 0x3cd
EL3:   ESR 0x96000045: EC 0x25, data abort" '    ESR: data abort, write, translation fault, level 1'
}
printf '%s\n' 'RMM: trace' 'RMM: trace 0' 'RMM: trace 0:' 'RMM: trace 99: 1 2 3' 'RMM: trace 0: x y' 'RMM: trace 0: 5' \
	'RMM: in call' 'RMM: in call 7:' '  ESR 5 (image + 5' '  lr 5' 'EL3: monitor of 5' 'RMM: image' '' '%s%n' \
	'[    0.000000] Linux version' >"$t/plain"
same 'lines that only look like it' "$t/plain"
{ head -c 20000 /dev/urandom; echo; } >"$t/bytes"
same 'bytes' "$t/bytes"
{ head -c 300000 /dev/zero | tr '\0' f; echo; } >"$t/long"
same 'a long line' "$t/long"
if "$t/decode" "$t/none" 2>"$t/err" || ! grep -q 'cannot read' "$t/err"; then
	failed=$((failed + 1))
else
	passed=$((passed + 1))
fi

echo "$passed passed, $failed failed"
((failed == 0))
