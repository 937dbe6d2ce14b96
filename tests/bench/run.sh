#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Measures: boots the bare-metal host of this folder on the product's firmware
# and monitor, under icount, with the plugin that counts by world.
#
#	run.sh BUILD_DIR	(tests/machine/lib.sh says what may be set for it)
#
# Prints one line a figure: NAME TOTAL EL3 MONITOR HOST REALM, instructions; for
# what is no number of instructions NAME TOTAL. WHERE=NAME prints instead which
# functions those of one figure are in. HOSTCC may be set too. Without a plugin the four last columns are "-".
set -euo pipefail

# shellcheck source=tests/machine/lib.sh
. "$(dirname "$0")/../machine/lib.sh"
mem=2G smp=1
program realm bench/realm.lds bench/realm_entry.S bench/realm.c --
host_program host bench/host.c "-DREALM_BIN=\"$out/realm.bin\""
flash flash "$rmm"

# address ELF SYMBOL: hexadecimal
address() { "${cross}nm" "$1" | awk -v s="$2" '$3 == s { print $1; exit }'; }
range() { printf '%x:%x' "$1" $(($1 + $2)); }

# What the monitor's headers say of themselves, as the sizes of symbols.
"${cross}gcc" -I"$root" -I"$root/rmm" -ffreestanding -x c -c -o "$out/sizes.o" - <<-'C'
	#include "arch/cpu.h"
	#include "mem/granule.h"
	char stack[STACK_STRIDE], granule[sizeof(struct granule)];
C
size_of() { echo $((0x$("${cross}nm" -S "$out/sizes.o" | awk -v s="$1" '$4 == s { print $2 }'))); }

words=(host=40400000:40800000 realm=80000000:80010000
	"el3stack=$(range "0x$(address "$build/el3/el3.elf" stacks)" 0x2000)"
	"stack=$(range "0x$(address "$build/rmm/rmm.elf" _stacks_start)" "$(size_of stack)")"
	"begin=$(address "$out/host.elf" bench_begin)" "begin=$(address "$out/realm.elf" bench_begin)"
	"end=$(address "$out/host.elf" _start)" "end=$(address "$out/host.elf" bench_end)"
	"end=$(address "$out/realm.elf" bench_end)" "end=$(address "$out/realm.elf" bench_irq)")

# The number of the plugin interface is 2 in QEMU 9.0 and 4 in 10.0; what is used of it is the
# same in both. A QEMU that does not take it gets none.
version=$("$qemu" --version | awk '{ print ($4 + 0 < 10) ? 2 : 4; exit }')
plugin=()
if "${HOSTCC:-gcc}" -O2 -Wall -Wextra -shared -fPIC -nostdlib -fvisibility=hidden -fno-stack-protector \
	-fno-tree-loop-distribute-patterns -DPLUGIN_VERSION="$version" -o "$out/count.so" "$tests/bench/count.c" &&
	echo quit | timeout 20 "$qemu" -plugin "file=$out/count.so" -M none -nodefaults -display none \
		-monitor stdio >/dev/null 2>&1; then
	plugin=(-d plugin -D "$out/count.log")
fi

# measure [WORD]: host.log, el3.log, count.log
measure()
{
	local words_now

	words_now=$(printf ',%s' "${words[@]}" "$@")
	rm -f "$out"/{host,el3,count}.log
	emulate "${TIMEOUT:-60}" '' flash host \
		-icount shift=0,sleep=off -seed 1 -rtc base=2026-01-01,clock=vm \
		${plugin[@]+-plugin "file=$out/count.so$words_now" "${plugin[@]}"} 2>"$out/qemu.log"
	if ! grep -a -q '^[1-9][0-9]* passed, 0 failed' "$out/host.log"; then
		{
			echo "the payload did not end well; it and EL3 said:"
			tail -n 5 "$out/host.log"
			tail -n 5 "$out/el3.log"
		} >&2
		exit 1
	fi
}

# figures: NAME TICKS of the payload beside the plugin's counts, in the order measured
figures()
{
	touch "$out/count.log"
	paste -d' ' <(tr -d '\r' <"$out/host.log" | sed -n 's/^bench: //p') \
		<(sed -n 's/^count //p' "$out/count.log") |
		awk '$1 == "first" { next }
			NF == 2 && $1 != "reset_to_host" { print $1, $2, "- - - -" }
			NF == 6 { print $1, $3 + $4 + $5 + $6, $3, $4, $5, $6 }'
}

# functions WORLD ELF: of the counts of one measurement, most first
functions()
{
	awk -v w="$1" 'NR == FNR { if ($2 ~ /[tT]/) { at[++n] = $1 + 0; name[n] = $3 } next }
		$1 == "at" && $2 == w { while (k < n && at[k + 1] <= $3) k++; sum[name[k]] += $4 }
		END { for (f in sum) printf "%9d  %-7s  %s\n", sum[f], w, f }' \
		<("${cross}nm" -t d -n "$2") "$out/count.log"
}

if [[ -n ${WHERE:-} ]]; then
	[[ ${#plugin[@]} -gt 0 ]] || { echo "this QEMU takes no plugin" >&2; exit 1; }
	measure
	n=$(tr -d '\r' <"$out/host.log" | sed -n 's/^bench: //p' | awk -v w="$WHERE" '$1 == w { print NR - 1; exit }')
	[[ -n $n ]] || { echo "nothing called '$WHERE' is measured" >&2; exit 1; }
	measure "where=$(printf %x "$n")"
	{
		functions el3 "$build/el3/el3.elf"
		functions monitor "$build/rmm/rmm.elf"
	} | sort -rn
	exit
fi

measure
figures
if [[ ${#plugin[@]} -gt 0 ]]; then
	awk '$1 == "stack" { el3 = $2; monitor = $3 }
		END { print "el3_stack", el3; print "monitor_stack", monitor }' "$out/count.log"
fi
echo "el3_image $(stat -c %s "$build/el3/el3.bin")"
echo "monitor_image $(stat -c %s "$build/rmm/rmm.bin")"
granule=$(size_of granule)
# 2 GiB of DRAM in whole regions of 1 GiB
metadata=$(((2 << 30) * granule / 4096))
sed -n 's/.*monitor of .* at \(0x[0-9a-f]*\), its memory ends at \(0x[0-9a-f]*\).*/\1 \2/p' "$out/el3.log" | {
	read -r from to
	echo "set_aside $((to - from - metadata))"
}
echo "metadata_per_granule $granule"
