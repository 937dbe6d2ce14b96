#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# How long an interrupt of the host waits for the monitor, at most: long commands with a
# timer that fires in the middle of them, counted in instructions (docs/latency.md).
#
#	latency.sh BUILD_DIR	(lib.sh says what may be set for it)
#
# Prints a line for each scene and "N passed, M failed".
set -euo pipefail

# shellcheck source=tests/machine/lib.sh
. "$(dirname "$0")/lib.sh"
bound=$(awk '$2 == "LATENCY_BOUND_4K" { print $3; exit }' "$root/rmm/mem/slice.h")
host_program latency machine/latency.c "-DLATENCY_BOUND=$bound"
flash latency_flash "$rmm" "${more_flash[@]+"${more_flash[@]}"}"
mem=3G smp=1
emulate "${TIMEOUT:-120}" latency_ latency_flash latency -icount shift=0,sleep=off -seed 1

grep -a -E '^(not )?ok |passed' "$out/latency_host.log" | tr -d '\r'
grep -a -q '^[0-9]* passed, 0 failed' "$out/latency_host.log"
