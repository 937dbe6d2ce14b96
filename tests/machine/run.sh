#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The monitor on the machine, without Linux: a bare-metal host at NS-EL2 builds
# a realm, runs a bare-metal program in it, and both check what they see.
#
#	run.sh BUILD_DIR	(holds el3/el3.bin, rmm/rmm.bin, el3/mkflash)
#
# QEMU, CROSS_COMPILE, SMP (2), MEM (1G), SHIFT, MKFLASH_FLAGS, CFLAGS_MORE and QEMU_MORE may be
# set; PAYLOAD=storm takes storm.c and storm_realm.c instead of host.c and realm.c, PAYLOAD=granule (it brings its
# own realm) granule.c; RUN=no only builds; O says where products go. Prints "N passed, M failed". Counting instructions:
#	SMP=1 QEMU_MORE="-icount shift=0,sleep=off -seed 1" run.sh BUILD_DIR
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:?usage: run.sh BUILD_DIR}" && pwd)
out=${O:-$build/tests/machine}
cross=${CROSS_COMPILE:-aarch64-linux-gnu-}
qemu=${QEMU:-qemu-system-aarch64}
mkdir -p "$out"

flags=(-std=gnu11 -O2 -g -ffreestanding -fno-pic -mgeneral-regs-only -mstrict-align
	-march=armv8.6-a -mno-outline-atomics -fno-stack-protector -fno-tree-loop-distribute-patterns
	-Wall -Wextra "-I$here" "-I$here/../..")
read -ra more_cflags <<<"${CFLAGS_MORE:-}"
read -ra more_flash <<<"${MKFLASH_FLAGS:-}"
read -ra more_qemu <<<"${QEMU_MORE:-}"
flags+=("${more_cflags[@]+"${more_cflags[@]}"}")
# shellcheck disable=SC2054 # commas belong to -Wl
link=(-nostdlib -static -Wl,--build-id=none -Wl,--no-warn-rwx-segments)

realm=$here/${PAYLOAD:+${PAYLOAD}_}realm.c
[[ -e $realm ]] || realm=$here/realm.c
"${cross}gcc" "${flags[@]}" "${link[@]}" -Wl,-T,"$here/realm.lds" -o "$out/realm.elf" \
	"$here/realm_entry.S" "$realm"
"${cross}objcopy" -O binary "$out/realm.elf" "$out/realm.bin"
"${cross}gcc" "${flags[@]}" "${link[@]}" -Wl,-T,"$here/host.lds" -o "$out/host.elf" \
	-DREALM_BIN="\"$out/realm.bin\"" "$here/host_entry.S" "$here/${PAYLOAD:-host}.c"
"${cross}objcopy" -O binary "$out/host.elf" "$out/host.bin"

# The monitor must run at any 4 KiB boundary: with SHIFT=1 a page that branches over itself
# stands before it.
rmm=$build/rmm/rmm.bin
if [[ -n ${SHIFT:-} ]]; then
	le() { # BYTES VALUE
		local i
		for ((i = 0; i < $1; i++)); do printf '%b' "\\x$(printf %02x $(($2 >> 8 * i & 255)))"; done
	}
	bytes=$(od -An -tu8 -j16 -N8 "$rmm")
	{
		le 4 0x14000400
		le 4 0
		printf FIEF-RMM
		le 8 $((bytes + 4096))
		le 8 1
		head -c $((4096 - 32)) /dev/zero
		cat "$rmm"
	} >"$out/shifted.bin"
	rmm=$out/shifted.bin
fi

"$build/el3/mkflash" --el3 "$build/el3/el3.bin" --rmm "$rmm" \
	--ns-entry 0x40400000 "${more_flash[@]+"${more_flash[@]}"}" -o "$out/flash.bin"

[[ ${RUN:-} != no ]] || exit 0

timeout "${TIMEOUT:-60}" "$qemu" \
	-M virt,secure=on,virtualization=on,gic-version=3,acpi=off -cpu max,x-rme=on \
	-m "${MEM:-1G}" -smp "${SMP:-2}" -nodefaults -display none -monitor none -no-reboot \
	-bios "$out/flash.bin" \
	-device "loader,file=$out/host.bin,addr=0x40400000,force-raw=on" \
	-serial "file:$out/host.log" -serial "file:$out/el3.log" \
	"${more_qemu[@]+"${more_qemu[@]}"}" || true

grep -a -v -e '^ok' -e '^token' "$out/host.log" || true
if ! grep -a -q '^[0-9]* passed, [0-9]* failed' "$out/host.log"; then
	echo "the payload did not end; EL3 said:"
	tail -n 20 "$out/el3.log"
	exit 1
fi

# What the realms got for tokens, looked at by somebody else: lines of hexadecimal, and an empty one.
gcc -O1 -o "$out/cca-token" "$here"/../../tools/token/*.c -lcrypto
: >"$out/token.txt"
hex=
while read -r _ line; do
	hex+=$line
	[[ -z $line ]] || continue
	if "$out/cca-token" --key "$here/../../el3/cpak-public.pem" \
		--challenge "$(printf '3141484346494546%.0s' {1..8})" <<<"$hex" >>"$out/token.txt"; then
		echo "ok the token is valid"
	else
		echo "not ok the token is valid"
	fi >>"$out/host.log"
	hex=
done < <(tr -d '\r' <"$out/host.log" | grep -a '^token')
! grep -a -q '^not ok' "$out/host.log"
