#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The monitor on EL3s that offer less than ours: what run.sh does, on each.
#
#	other.sh BUILD_DIR	(after run.sh BUILD_DIR, whose payload it uses)
#
# LIBFDT is the tree of Debian's libfdt-dev for arm64, MBEDTLS that of mbedTLS.
set -euo pipefail

# shellcheck source=tests/machine/lib.sh
. "$(dirname "$0")/lib.sh"
passed=0 failed=0

# NAME OTHER LINES...: the console must hold each of them
on()
{
	local name=$1 other=$2 build=$out/other line

	shift 2
	mkdir -p "$build/el3"
	rm -f "$build/el3/el3.elf"		# all but other.o is the same each time
	"${cross}gcc" -std=gnu11 -O2 -march=armv8.5-a -mgeneral-regs-only -mstrict-align -ffreestanding \
		-fno-builtin -fno-stack-protector -fno-pie "-DOTHER=$other" -c -o "$build/other.o" "$tests/machine/other.c"
	make -s -j2 -C "$root/el3" O="$build/el3" CROSS_COMPILE="$cross" MORE_OBJS="$build/other.o" \
		MORE_LDFLAGS=-Wl,--wrap=firme,--wrap=monitor_service \
		MBEDTLS="$MBEDTLS" LIBFDT="$LIBFDT" >"$build/log"
	flash other_flash "$rmm"
	emulate 60 "other/$name." other_flash host
	for line in '^[1-9][0-9]* passed, 0 failed' "$@"; do
		if grep -a -q -e "$line" "$build/$name.host.log"; then
			echo "ok $name: $line"
			passed=$((passed + 1))
		else
			echo "not ok $name: $line"
			grep -a -E '^not ok|^RMM|passed' "$build/$name.host.log" || tail -n 5 "$build/$name.el3.log"
			failed=$((failed + 1))
		fi
	done
}

on old 13 'granules by GTSI' 'EL3 reserves no memory for granule states: 512 KiB must come from the host'
on single 2 'granules by FIRME'

echo "$passed passed, $failed failed"
((!failed))
