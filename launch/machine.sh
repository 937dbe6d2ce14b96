# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# The emulated machine: where things lie in its memory, its devices, its
# serial lines. Nothing here knows what the host will do once it is up.
#
#	0x40000000	device tree (QEMU's, completed by EL3), 1 MiB
#	0x40400000	host kernel
#	0x48000000	host initramfs
#	top of RAM	the monitor (EL3 puts it there)
#
# UART1 is EL3's, UART0 the monitor's while booting and then the host's: both
# go to files. The first virtio console of the host (/dev/hvc0) is the user's
# terminal. A folder is shared by 9p (tag `fief`) for results.

readonly dram_pa=0x40000000
readonly tree_bytes=0x100000
readonly host_kernel_pa=0x40400000
readonly host_initrd_pa=0x48000000

# machine_flash FILE ARGS...: pack the flash image. EL3 in $el3_file, monitor in
# $monitor_file (empty for none), kernel arguments in $host_args; ARGS say where the host is.
machine_flash()
{
	local file=$1 rmm=()

	shift
	[[ -z $monitor_file ]] || rmm=(--rmm "$monitor_file")
	"$(out el3 mkflash)" --el3 "$el3_file" "${rmm[@]+"${rmm[@]}"}" --args "$host_args" "$@" -o "$file"
}

# machine_bare: fills the array `machine` from machine_cpus, machine_mem (MiB), flash_file,
# machine_talk (a socket for the emulator's monitor; empty: none)
machine_bare()
{
	local talk=none

	[[ -z ${machine_talk:-} ]] || talk=unix:$machine_talk,server=on,wait=off
	machine=(
		"$fief_qemu"
		-M "virt,secure=on,virtualization=on,gic-version=3,acpi=off"
		-cpu "max,x-rme=on"
		-accel "tcg,thread=multi"
		-smp "$machine_cpus" -m "${machine_mem}M"
		-bios "$flash_file"
		-nodefaults -display none -monitor "$talk" -no-reboot
	)
}

# machine_command: the same with a host and its devices, from these and
#	host_kernel_file, host_initrd_file, run_logs, console (words for -chardev, id con)
machine_command()
{
	machine_bare
	machine+=(
		-device "loader,file=$host_kernel_file,addr=$host_kernel_pa,force-raw=on"
		-device "loader,file=$host_initrd_file,addr=$host_initrd_pa,force-raw=on"
		-serial "file:$run_logs/host.log"
		-serial "file:$run_logs/el3.log"
		-device virtio-serial-pci
		-chardev "$console" -device "virtconsole,chardev=con"
		-fsdev "local,id=share,path=$run_logs/share,security_model=none"
		-device "virtio-9p-pci,fsdev=share,mount_tag=share"
		-device virtio-rng-pci
	)
}
