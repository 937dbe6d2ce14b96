#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# How long an interrupt of the host waits for the monitor, at most: long commands with a
# timer that fires in the middle of them, counted in instructions (docs/latency.md).
#
#	latency.sh BUILD_DIR	(holds el3/el3.bin, rmm/rmm.bin, el3/mkflash)
#
# Variables as for run.sh. Prints a line for each scene and "N passed, M failed".
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:?usage: latency.sh BUILD_DIR}" && pwd)
out=${O:-$build/tests/machine}
cross=${CROSS_COMPILE:-aarch64-linux-gnu-}
qemu=${QEMU:-qemu-system-aarch64}
read -ra more_flash <<<"${MKFLASH_FLAGS:-}"
bound=$(awk '$2 == "LATENCY_BOUND_4K" { print $3; exit }' "$here/../../rmm/mem/slice.h")
mkdir -p "$out"

"${cross}gcc" -std=gnu11 -O2 -ffreestanding -fno-pic -mgeneral-regs-only -mstrict-align \
	-march=armv8.6-a -mno-outline-atomics -fno-stack-protector \
	-fno-tree-loop-distribute-patterns -Wall -Wextra "-I$here" "-I$here/../.." \
	-nostdlib -static -Wl,--build-id=none -Wl,--no-warn-rwx-segments -Wl,-T,"$here/host.lds" \
	-DLATENCY_BOUND="$bound" -o "$out/latency.elf" "$here/host_entry.S" "$here/latency.c"
"${cross}objcopy" -O binary "$out/latency.elf" "$out/latency.bin"
"$build/el3/mkflash" --el3 "$build/el3/el3.bin" --rmm "$build/rmm/rmm.bin" \
	--ns-entry 0x40400000 "${more_flash[@]+"${more_flash[@]}"}" -o "$out/latency_flash.bin"
timeout "${TIMEOUT:-120}" "$qemu" -M virt,secure=on,virtualization=on,gic-version=3,acpi=off \
	-cpu max,x-rme=on -m 3G -smp 1 -nodefaults -display none -monitor none -no-reboot \
	-icount shift=0,sleep=off -seed 1 -bios "$out/latency_flash.bin" \
	-device "loader,file=$out/latency.bin,addr=0x40400000,force-raw=on" \
	-serial "file:$out/latency_host.log" -serial "file:$out/latency_el3.log" || true

grep -a -E '^(not )?ok |passed' "$out/latency_host.log" | tr -d '\r'
grep -a -q '^[0-9]* passed, 0 failed' "$out/latency_host.log"
