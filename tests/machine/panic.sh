#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# A monitor in which RMI_FEATURES is an undefined instruction: how the rest of the
# machine fares when one CPU panics.
#
#	panic.sh BUILD_DIR	(after run.sh BUILD_DIR, whose realm it links)
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:?usage: panic.sh BUILD_DIR}" && pwd)
out=${O:-$build/tests/machine}
cross=${CROSS_COMPILE:-aarch64-linux-gnu-}
qemu=${QEMU:-qemu-system-aarch64}

"${cross}gcc" -std=gnu11 -O2 -ffreestanding -fno-pic -mgeneral-regs-only -mstrict-align \
	-march=armv8.6-a -mno-outline-atomics -fno-stack-protector \
	-fno-tree-loop-distribute-patterns -Wall -Wextra "-I$here" "-I$here/../.." \
	-nostdlib -static -Wl,--build-id=none -Wl,--no-warn-rwx-segments -Wl,-T,"$here/host.lds" \
	-DREALM_BIN="\"$out/realm.bin\"" -o "$out/panic.elf" "$here/host_entry.S" "$here/panic.c"
"${cross}objcopy" -O binary "$out/panic.elf" "$out/panic.bin"

at=$("${cross}nm" "$build/rmm/rmm.elf" | awk '$3 == "call_features" { print $1 }')
cp "$build/rmm/rmm.bin" "$out/panics.bin"
chmod u+w "$out/panics.bin"
head -c 4 /dev/zero | dd of="$out/panics.bin" bs=1 seek=$((16#$at)) conv=notrunc status=none
"$build/el3/mkflash" --el3 "$build/el3/el3.bin" --rmm "$out/panics.bin" \
	--ns-entry 0x40400000 -o "$out/panic_flash.bin"
timeout 30 "$qemu" -M virt,secure=on,virtualization=on,gic-version=3,acpi=off \
	-cpu max,x-rme=on -m 1G -smp 2 -nodefaults -display none -monitor none -no-reboot \
	-bios "$out/panic_flash.bin" \
	-device "loader,file=$out/panic.bin,addr=0x40400000,force-raw=on" \
	-serial "file:$out/panic_host.log" -serial "file:$out/panic_el3.log" || true

grep -a -E '^(not )?ok |passed' "$out/panic_host.log" | tr -d '\r'
grep -a -q 'panic: synchronous' "$out/panic_host.log" ||
	{ echo "not ok the monitor did not panic"; exit 1; }
grep -a -q '^[0-9]* passed, 0 failed' "$out/panic_host.log"
