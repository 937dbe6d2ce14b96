#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The monitor on EL3s that offer less than ours: what run.sh does, on each.
#
#	other.sh BUILD_DIR	(after run.sh BUILD_DIR, whose payload it uses)
#
# LIBFDT is the tree of Debian's libfdt-dev for arm64, MBEDTLS that of mbedTLS.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:?usage: other.sh BUILD_DIR}" && pwd)
out=${O:-$build/tests/machine}
cross=${CROSS_COMPILE:-aarch64-linux-gnu-}
qemu=${QEMU:-qemu-system-aarch64}
passed=0 failed=0

# NAME OTHER LINES...: the console must hold each of them
on()
{
	local name=$1 other=$2 o=$out/other line

	shift 2
	mkdir -p "$o"
	rm -f "$o/el3.elf"		# all but other.o is the same each time
	"${cross}gcc" -std=gnu11 -O2 -march=armv8.5-a -mgeneral-regs-only -mstrict-align -ffreestanding \
		-fno-builtin -fno-stack-protector -fno-pie "-DOTHER=$other" -c -o "$o/other.o" "$here/other.c"
	make -s -j2 -C "$here/../../el3" O="$o" CROSS_COMPILE="$cross" MORE_OBJS="$o/other.o" \
		MORE_LDFLAGS=-Wl,--wrap=firme,--wrap=monitor_service \
		MBEDTLS="$MBEDTLS" LIBFDT_A="$LIBFDT/usr/lib/aarch64-linux-gnu/libfdt.a" LIBFDT_INC="$LIBFDT/usr/include" >"$o/log"
	"$o/mkflash" --el3 "$o/el3.bin" --rmm "$build/rmm/rmm.bin" --ns-entry 0x40400000 -o "$o/flash.bin"
	timeout 60 "$qemu" -M virt,secure=on,virtualization=on,gic-version=3,acpi=off -cpu max,x-rme=on \
		-m 1G -smp 2 -nodefaults -display none -monitor none -no-reboot -bios "$o/flash.bin" \
		-device "loader,file=$out/host.bin,addr=0x40400000,force-raw=on" \
		-serial "file:$o/$name.host.log" -serial "file:$o/$name.el3.log" || true
	for line in '^[1-9][0-9]* passed, 0 failed' "$@"; do
		if grep -a -q -e "$line" "$o/$name.host.log"; then
			echo "ok $name: $line"
			passed=$((passed + 1))
		else
			echo "not ok $name: $line"
			grep -a -E '^not ok|^RMM|passed' "$o/$name.host.log" || tail -n 5 "$o/$name.el3.log"
			failed=$((failed + 1))
		fi
	done
}

on old 5 'granules by GTSI' 'EL3 reserves no memory for granule states: 512 KiB must come from the host'
on single 2 'granules by FIRME'

echo "$passed passed, $failed failed"
((!failed))
