#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What the monitor says of a boot that is not as it should be: each line of the
# table spoils one thing and names the result of BOOT_COMPLETE (el3.md 2.2). The
# host must come up all the same.
#
#	boot.sh BUILD_DIR	(after run.sh BUILD_DIR, whose host payload it uses)
set -euo pipefail

# shellcheck source=tests/machine/lib.sh
. "$(dirname "$0")/lib.sh"
wanted=$(($(od -An -tu8 -j16 -N8 "$rmm") + 4096))
passed=0 failed=0

# NAME RESULT ASSEMBLY
spoil() {
	local name=$1 result=$2 code=$3

	"${cross}gcc" -nostdlib -static -Wl,-Ttext=0 -Wl,--build-id=none -march=armv8.5-a \
		-DBYTES="$wanted" -DSPOIL="$code" -o "$out/boot.elf" "$tests/machine/boot_case.S"
	"${cross}objcopy" -O binary -j .text "$out/boot.elf" "$out/boot.bin"
	cat "$rmm" >>"$out/boot.bin"
	flash boot_flash "$out/boot.bin"
	emulate 20 boot_ boot_flash host
	if grep -a -q -- "failed to start on CPU [0-9]*: $result " "$out/boot_el3.log" &&
		grep -a -q 'the host is up' "$out/boot_host.log"; then
		echo "ok boot: $name"
		passed=$((passed + 1))
	else
		echo "not ok boot: $name"
		cat "$out/boot_el3.log"
		failed=$((failed + 1))
	fi
}

spoil "interface 1.0"			-2 "mov x1, #0x10000"
spoil "interface 3.0"			-2 "mov x1, #0x30000"
spoil "no CPUs"				-3 "mov x2, #0"
spoil "33 CPUs"				-3 "mov x2, #33"
spoil "CPU 2 of 2"			-4 "mov x0, #2"
spoil "no shared buffer"		-5 "mov x3, #0"
spoil "shared buffer not aligned"	-5 "add x3, x3, #8"
spoil "shared buffer beyond 48 bits"	-5 "orr x3, x3, #(1 << 48)"
spoil "manifest 1.0"			-6 "mov w9, #0x10000; str w9, [x3]"
spoil "manifest 0.2"			-6 "mov w9, #2; str w9, [x3]"
spoil "DRAM checksum"			-7 "ldr x9, [x3, 32]; add x9, x9, 1; str x9, [x3, 32]"
spoil "no DRAM bank"			-7 "str xzr, [x3, 16]; ldr x9, [x3, 24]; neg x9, x9; str x9, [x3, 32]"
spoil "banks outside the buffer"	-7 "ldr x9, [x3, 24]; add x9, x9, 4096; str x9, [x3, 24]; ldr x9, [x3, 32]; sub x9, x9, 4096; str x9, [x3, 32]"
spoil "a huge count"			-7 "orr x9, xzr, #(1 << 62); ldr x10, [x3, 16]; add x10, x10, x9; str x10, [x3, 16]; ldr x10, [x3, 32]; sub x10, x10, x9; str x10, [x3, 32]"
spoil "a bank that is not aligned"	-7 "ldr x10, [x3, 24]; ldr x9, [x10]; add x9, x9, 8; str x9, [x10]; ldr x9, [x3, 32]; sub x9, x9, 8; str x9, [x3, 32]"
spoil "console checksum"		-7 "ldr x9, [x3, 56]; add x9, x9, 1; str x9, [x3, 56]"

echo "$passed passed, $failed failed"
((!failed))
