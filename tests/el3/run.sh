#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh [BUILD_DIR [QEMU]]: EL3 against a stub monitor and a payload at NS-EL2.
# BUILD_DIR has el3.bin and mkflash (make -C el3 O=BUILD_DIR); default is where
# ./fief build puts them. Prints one line a machine and "N passed, N failed";
# status 1 when anything failed. Nothing built: says so and counts nothing.
set -u

here=$(cd "$(dirname "$0")" && pwd)
build=${1:-${FIEF_BUILD:-$here/../../build}/out/el3}
qemu=${2:-${QEMU:-${FIEF_QEMU:-qemu-system-aarch64}}}
cross=${CROSS_COMPILE:-aarch64-linux-gnu-}
out=${FIEF_BUILD:-$build}/el3-tests
passed=0 failed=0
if [[ $# -eq 0 ]] && ! { [[ -r $build/el3.bin ]] && command -v "$qemu" > /dev/null; }; then
	echo "EL3 is not tested: no $build/el3.bin (./fief build) or no $qemu"
	echo "0 passed, 0 failed"
	exit 0
fi
mkdir -p "$out" || exit 1

cflags=(-std=gnu11 -O2 -g -Wall -Wextra -march=armv8.5-a -mgeneral-regs-only -mstrict-align
	-mbranch-protection=none -ffreestanding -fno-builtin -fno-stack-protector -fno-pie
	-nostdlib -static -fno-asynchronous-unwind-tables -fno-jump-tables
	-fno-tree-loop-distribute-patterns
	"-Wl,--build-id=none" "-Wl,--no-warn-rwx-segments" "-Wl,-z,max-page-size=4096")

build_one()	# NAME SCRIPT SOURCES... -- FLAGS...
{
	local name=$1 script=$2 sources=()

	shift 2
	while [[ $# -gt 0 && $1 != -- ]]; do
		sources+=("$here/$1")
		shift
	done
	shift
	"${cross}gcc" "${cflags[@]}" "$@" -Wl,-T,"$here/$script" \
		-o "$out/$name.elf" "${sources[@]}" &&
		"${cross}objcopy" -O binary "$out/$name.elf" "$out/$name.bin" || exit 1
}

build_one host host.lds host.S host.c --
build_one stub stub.lds stub.S stub.c --
build_one stub-refuses stub.lds stub.S stub.c -- -DBOOT_ERROR=-6
build_one stub-refuses-cpu1 stub.lds stub.S stub.c -- -DBOOT_ERROR=-4 -DERROR_CPU=1
build_one stub-version9 stub.lds stub.S stub.c -- -DHEADER_VERSION=9

flash()		# NAME ARGS MKFLASH_OPTIONS...
{
	local name=$1 args=$2

	shift 2
	"$build/mkflash" --el3 "$build/el3.bin" --initrd 0x44000000:0x44001000 --args "$args" "$@" \
		-o "$out/$name.flash"
}

machine()	# NAME FLASH CPUS MEMORY OPTIONS...
{
	local name=$1 flash=$2 cpus=$3 memory=$4 sum

	shift 4
	rm -f "$out/$name".*.log
	timeout 30 "$qemu" -M virt,secure=on,virtualization=on,gic-version=3,acpi=off \
		-cpu max,x-rme=on -m "$memory" -smp "$cpus" -display none -nic none -monitor none \
		-bios "$out/$flash.flash" \
		-device loader,file="$out/host.bin",addr=0x40400000,force-raw=on \
		-serial file:"$out/$name.host.log" -serial file:"$out/$name.el3.log" \
		"$@" < /dev/null > "$out/$name.qemu.log" 2>&1
	sum=$(grep -aE '^[0-9]+ passed, [0-9]+ failed' "$out/$name.host.log" | tr -d '\r' | tail -1)
	printf '%-22s %s\n' "$name" "${sum:-no sum: see $out/$name.*.log}"
	grep -aE 'FAIL|got 0x|SURPRISE' "$out/$name.host.log" | head -20
	if [[ -z $sum ]]; then
		failed=$((failed + 1))
		tail -n 5 "$out/$name.el3.log"
		return
	fi
	passed=$((passed + ${sum%% *}))
	sum=${sum#*, }
	failed=$((failed + ${sum%% *}))
	if grep -aq CRASH "$out/$name.el3.log"; then
		failed=$((failed + 1))
		grep -a -A6 CRASH "$out/$name.el3.log"
	fi
}

says()		# NAME PATTERN: EL3 said so
{
	if grep -aqE -e "$2" "$out/$1.el3.log"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $1: EL3 did not say '$2'"
	fi
}

# dies NAME PATTERN MKFLASH_OPTIONS...: EL3 says why, and turns the machine off
dies()
{
	local name=$1 pattern=$2

	shift 2
	"$build/mkflash" --el3 "$build/el3.bin" --rmm "$out/stub.bin" "$@" -o "$out/$name.flash"
	timeout 30 "$qemu" -M virt,secure=on,virtualization=on,gic-version=3,acpi=off \
		-cpu max,x-rme=on -m 1G -display none -nic none -monitor none -no-reboot \
		-bios "$out/$name.flash" -serial null -serial file:"$out/$name.el3.log" \
		< /dev/null > "$out/$name.qemu.log" 2>&1 ||
		{ failed=$((failed + 1)); echo "FAIL: $name: the machine stays on"; }
	says "$name" "$pattern"
}

refuses()	# PATTERN MKFLASH_ARGUMENTS...: status 1, one line, no file
{
	local pattern=$1 text

	shift
	rm -f "$out/refused.flash"
	text=$("$build/mkflash" "$@" -o "$out/refused.flash" 2>&1)
	if [[ $? -eq 1 && ! -e $out/refused.flash && $text =~ $pattern ]]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: mkflash $*: '$text' instead of '$pattern'"
	fi
}

flash main main --rmm "$out/stub.bin"
flash nometa "main nometa" --rmm "$out/stub.bin" --flags 2
flash signs "main signs" --rmm "$out/stub.bin" --flags 0x10
flash none dead
flash refuses dead --rmm "$out/stub-refuses.bin"
flash refuses1 dead1 --rmm "$out/stub-refuses-cpu1.bin"
flash version9 dead --rmm "$out/stub.bin"	# mkflash would refuse it: change it afterwards
printf '\011' | dd of="$out/version9.flash" bs=1 seek=$((0x80018)) conv=notrunc status=none
flash reset reset --rmm "$out/stub.bin"
flash tables tables --rmm "$out/stub.bin" --flags 1
flash tablesreset l1reset --rmm "$out/stub.bin" --flags 1
flash count count --rmm "$out/stub.bin"

# An EL3 to which no CPU is new enough for SCXTNUM (SCR_EL3 bit 25): it keeps these registers.
flash traps traps
at=$((16#$("${cross}nm" "$build/el3.elf" | awk '$3 == "enables" { print $1 }')))
for n in $(od -An -v -tx1 -w6 -j "$at" -N 180 "$build/el3.bin" | awk '$4 == "19" { print NR - 1 }'); do
	printf '\020' | dd of="$out/traps.flash" bs=1 seek=$((at + 6 * n + 2)) conv=notrunc status=none
done

# what RESERVE_MEMORY must not give as it is: of 1 GiB, the end of what is for metadata
head -c $((0x60000)) /dev/zero | tr '\0' '\377' >"$out/ones"
for cpus in 1 2 4; do
	machine "cpus$cpus-1G" main "$cpus" 1G -no-reboot -device "loader,file=$out/ones,addr=0x7ff90000,force-raw=on"
	machine "cpus$cpus-4G" main "$cpus" 4G -no-reboot
done
says cpus4-4G 'monitor started'
says cpus4-4G '4 CPUs, 4096 MiB'
machine cpus8 main 8 3G -no-reboot
machine nometa nometa 2 2G -no-reboot
machine signs signs 2 1G -no-reboot
machine no-monitor none 2 1G -no-reboot
says no-monitor 'no monitor in this flash image'
says no-monitor 'NO REALM WORLD'
machine refused refuses 2 1G -no-reboot
says refused 'failed to start on CPU 0: -6 \(manifest version\)'
says refused 'NO REALM WORLD'
machine refused-cpu1 refuses1 2 1G -no-reboot
says refused-cpu1 'monitor started'
says refused-cpu1 'failed to start on CPU 1: -4 \(CPU id\)'
machine version9 version9 1 1G -no-reboot
says version9 'monitor refused: header version 9'
dies entry 'entry point 0x90000000 is not in DRAM' --ns-entry 0x90000000
dies image "image of 0x40000000 bytes at 0x40400000 does not fit" --ns-entry 0x40400000:0x40000000
dies monitors "image at 0x7fff0000 lies in the monitor's memory" --ns-entry 0x7fff0000
dies initrd 'initrd 0x90000000 - 0x90001000 is not in DRAM' --initrd 0x90000000:0x90001000
dies initrd-end 'initrd 0x7ffff000 - 0x80001000 is not in DRAM' --initrd 0x7ffff000:0x80001000
dies monitors-initrd "initrd 0x7fff0000 - 0x7fff1000 lies in the monitor's memory" --initrd 0x7fff0000:0x7fff1000
machine traps traps 1 1G -no-reboot
says traps 'register S3_3_C13_C0_7 is not enabled here: read from EL2 of the host'
machine reset reset 2 1G
says reset 'EL3: reset'
machine tables tables 2 4G -no-reboot
machine tables-reset tablesreset 1 4G
machine count count 2 2G -no-reboot -icount shift=0,sleep=off -seed 1 -rtc base=2026-01-01,clock=vm
grep -a COUNT "$out/count.host.log"

# The keys that EL3 has and the public halves in the repository belong together.
for key in rak cpak; do
	if command -v openssl > /dev/null && [[ -r $build/obj/$key.inc ]]; then
		hex=303e0201010430$(tr -d ' ,\n' < "$build/obj/$key.inc" | sed 's/0x//g')a00706052b81040022
		if printf '%s' "$hex" | sed 's/../\\x&/g' | xargs -0 printf '%b' |
			openssl ec -inform DER -pubout 2> /dev/null |
			cmp -s - <(grep -v '^#' "$here/../../el3/$key-public.pem"); then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "FAIL: el3/$key-public.pem is not the public half of EL3's key"
		fi
	fi
done

head -c 600000 /dev/zero > "$out/big"
: > "$out/empty"
refuses 'at most' --el3 "$out/big"
refuses 'is empty' --el3 "$out/empty"
refuses 'cannot open' --el3 "$out/none"
refuses 'ELF file' --el3 "$build/el3.elf"
refuses 'too short' --el3 "$build/el3.bin" --rmm <(echo x)
refuses 'header version 9' --el3 "$build/el3.bin" --rmm "$out/stub-version9.bin"
refuses 'not an instruction address' --el3 "$build/el3.bin" --ns-entry 0x1000
refuses 'wants a number' --el3 "$build/el3.bin" --ns-entry x
refuses 'START:END' --el3 "$build/el3.bin" --initrd 5
refuses 'not a range' --el3 "$build/el3.bin" --initrd 0x50000000:0x40000000
refuses 'without a meaning' --el3 "$build/el3.bin" --flags 0x800
refuses 'longer than' --el3 "$build/el3.bin" --args "$(head -c 3000 /dev/zero | tr '\0' x)"

echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
