# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# What the scripts share that run a bare-metal host on firmware and monitor, here and in
# tests/bench: each is called with BUILD_DIR, which holds el3/el3.{bin,elf}, el3/mkflash and
# rmm/rmm.{bin,elf}. QEMU, CROSS_COMPILE, MEM (1G), SMP (2) and MKFLASH_FLAGS may be set; O says
# where products go.

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
root=$(dirname "$tests")
build=$(cd "${1:?usage: $(basename "$0") BUILD_DIR}" && pwd)
out=${O:-$build/tests/$(basename "$(cd "$(dirname "$0")" && pwd)")}
cross=${CROSS_COMPILE:-aarch64-linux-gnu-}
qemu=${QEMU:-qemu-system-aarch64}
mem=${MEM:-1G} smp=${SMP:-2}
rmm=$build/rmm/rmm.bin
read -ra more_flash <<<"${MKFLASH_FLAGS:-}"
mkdir -p "$out"

# shellcheck disable=SC2054 # commas belong to -Wl
payload_flags=(-std=gnu11 -O2 -g -ffreestanding -fno-pic -mgeneral-regs-only -mstrict-align
	-march=armv8.6-a -mno-outline-atomics -fno-stack-protector -fno-tree-loop-distribute-patterns
	-Wall -Wextra "-I$tests" "-I$root"
	-nostdlib -static -Wl,--build-id=none -Wl,--no-warn-rwx-segments)

# program NAME LDS SOURCES... -- [FLAGS...]: $out/NAME.elf and .bin; files are named from tests/
program()
{
	local name=$1 script=$2 sources=()

	shift 2
	while [[ $1 != -- ]]; do
		sources+=("$tests/$1")
		shift
	done
	shift
	"${cross}gcc" "${payload_flags[@]}" -Wl,-T,"$tests/$script" -o "$out/$name.elf" "${sources[@]}" "$@"
	"${cross}objcopy" -O binary "$out/$name.elf" "$out/$name.bin"
}

# host_program NAME SOURCE [FLAGS...]: the same for what runs at NS-EL2, at 0x40400000
host_program() { program "$1" machine/host.lds machine/host_entry.S "$2" -- "${@:3}"; }

# flash NAME MONITOR OPTIONS...: $out/NAME.bin, of our EL3 and that monitor
flash()
{
	"$build/el3/mkflash" --el3 "$build/el3/el3.bin" --rmm "$2" --ns-entry 0x40400000 "${@:3}" \
		-o "$out/$1.bin"
}

# emulate SECONDS LOG FLASH HOST [QEMU'S...]: a machine, until it goes down; LOGhost.log is the
# host's line and LOGel3.log EL3's
emulate()
{
	timeout --foreground "$1" "$qemu" -M virt,secure=on,virtualization=on,gic-version=3,acpi=off -cpu max,x-rme=on \
		-m "$mem" -smp "$smp" -nodefaults -display none -monitor none -no-reboot \
		-bios "$out/$3.bin" -device "loader,file=$out/$4.bin,addr=0x40400000,force-raw=on" \
		-serial "file:$out/$2host.log" -serial "file:$out/$2el3.log" "${@:5}" || true
}
