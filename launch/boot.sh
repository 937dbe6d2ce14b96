# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# ./fief boot: any normal-world payload on our firmware, or another EL3 or
# another monitor in place of ours. The payload's UART0 is the terminal.

boot_payload='' boot_pa='' boot_bytes=0 boot_qemu=()

boot_options()
{
	run_cpus=2 run_mem=1024 run_mem_most=130048
	while [[ $# -gt 0 ]]; do
		case $1 in
		--el3)
			need_value "$1" $#
			run_check_image "$1" "$2"
			! run_is_monitor "$2" || die "--el3: '$2' is a monitor: --rmm takes it" 2
			run_el3=$2
			shift 2
			;;
		--payload)
			need_value "$1" $#
			boot_payload=$2
			shift 2
			;;
		--el3=* | --payload=*)
			set -- "${1%%=*}" "${1#*=}" "${@:2}"
			;;
		--)
			shift
			boot_qemu=("$@")
			return
			;;
		-h | --help)
			FIEF_HELP=boot
			return
			;;
		*)
			machine_option "$@" || usage_error "boot: unknown option '$1'"
			shift "$REPLY"
			;;
		esac
	done
}

# The payload's file and address: what can be known before a machine is there. What
# lies in the monitor's memory EL3 says, which is who places the monitor.
boot_check_payload()
{
	local spec=$boot_payload top

	[[ $spec == *@* ]] || usage_error "--payload takes FILE@ADDRESS, not '$spec'"
	boot_payload=${spec%@*}
	[[ ${spec##*@} =~ ^(0[xX][0-9a-fA-F]{1,15}|[0-9]{1,18})$ ]] ||
		usage_error "--payload: '${spec##*@}' is no address (as in $boot_payload@$host_kernel_pa)"
	need_file --payload "$boot_payload"
	boot_pa=$(printf '0x%x' "$(boot_number "${spec##*@}")")
	boot_bytes=$(stat -L -c %s "$boot_payload")
	top=$((dram_pa + run_mem * 1048576))
	((boot_bytes)) || die "--payload: '$boot_payload' is empty" 2
	! run_is_elf "$boot_payload" ||
		die "--payload: '$boot_payload' is an ELF file; the flat binary is wanted" 2
	((boot_pa % 4 == 0)) || die "--payload: $boot_pa is not the address of an instruction" 2
	((boot_pa >= dram_pa && boot_pa < top)) ||
		die "--payload: $boot_pa is not in memory ($(printf '0x%x - 0x%x' "$dram_pa" $top))" 2
	((boot_pa >= dram_pa + tree_bytes)) ||
		die "--payload: $boot_pa lies on the device tree ($(printf '0x%x - 0x%x' "$dram_pa" $((dram_pa + tree_bytes))))" 2
	((boot_bytes <= top - boot_pa)) ||
		die "--payload: $boot_bytes bytes at $boot_pa reach beyond the end of memory ($(printf 0x%x $top)); -m gives more" 2
}

# 0644 is sixhundred and forty-four, not octal
boot_number()
{
	if [[ $1 == 0[xX]* ]]; then
		echo $(($1))
	else
		echo $((10#$1))
	fi
}

# An EL3 that does not fit before our boot table is a flash image of its own, monitor and all.
boot_is_whole_flash()
{
	[[ -n $run_el3 ]] && (($(stat -L -c %s "$run_el3") > 0x7f000))
}

cmd_boot()
{
	local rc=0

	boot_options "$@"
	if [[ ${FIEF_HELP:-} == boot ]]; then
		load tools/lib/help
		cmd_help boot
		return
	fi
	boot_ready
	run_boot boot_command
	boot_result || rc=$?
	exit "$rc"
}

# Everything but the start: checked, built, the flash image packed.
boot_ready()
{
	[[ -z $boot_payload ]] || boot_check_payload
	if boot_is_whole_flash && [[ -n $run_rmm ]]; then
		die "--rmm: '$run_el3' is a whole flash image with a monitor of its own, or none" 2
	fi
	if [[ -z $boot_payload ]]; then
		build_ready
		boot_host
	else
		build_some el3 rmm tools
		boot_prepare
	fi
	[[ -z $run_rmm ]] || ! cmp -s "$run_rmm" "$(out el3 el3.bin)" ||
		die "--rmm: '$run_rmm' is the EL3 firmware: --el3 takes it" 2
	machine_cpus=$run_cpus machine_mem=$run_mem
	boot_flash
	[[ -z $run_el3$run_rmm ]] || run_notice=boot_notice
}

# Once: what the user brought does not come up. It may still; so the machine goes on.
boot_notice()
{
	local s=${FIEF_NOTICE_SECONDS:-20}

	((SECONDS - run_t0 > s)) || return 0
	run_notice=
	if [[ -n $run_el3 && ! -s $run_logs/el3.log ]]; then
		say "fief: '$run_el3' has been EL3 for $s s and has said nothing on UART1; './fief gdb boot ...' shows where it is"
	elif grep -aq '^EL3: monitor of ' "$run_logs/el3.log" &&
		! grep -aqE '^EL3: (monitor started|NO REALM WORLD|CRASH)' "$run_logs/el3.log"; then
		say "fief: EL3 has started the monitor '$run_rmm', and it has not answered for $s s; './fief gdb boot ...' shows where it is"
	fi
}

# No payload: our host, with a shell on the terminal
boot_host()
{
	run_host=1
	run_prepare
	host_args+=${run_append:+ $run_append}
	boot_where=(--ns-entry "$host_kernel_pa:$(stat -c %s "$host_kernel_file")"
		--initrd "$(printf '0x%x:0x%x' "$host_initrd_pa" $((host_initrd_pa + host_initrd_bytes)))")
}

boot_prepare()
{
	run_logs_ready
	: >"$run_logs/share/started"	# a payload may be silent for as long as it likes
	run_firmware
	host_args=$run_append
	boot_where=(--ns-entry "$boot_pa:$boot_bytes")
	run_memory_there
}

boot_flash()
{
	if boot_is_whole_flash; then
		flash_file=$run_el3
	else
		scratch
		run_flash "$REPLY/flash.bin" "${boot_where[@]}"
	fi
}

boot_command()
{
	if [[ -z $boot_payload ]]; then
		machine_command
	else
		machine_bare
		# a comma in a file's name is written twice
		machine+=(
			-device "loader,file=${boot_payload//,/,,},addr=$boot_pa,force-raw=on"
			-chardev "$console" -serial chardev:con
			-serial "file:${run_logs//,/,,}/el3.log"
		)
	fi
	machine+=("${boot_qemu[@]+"${boot_qemu[@]}"}")
}

# 0: the machine went down by itself, or the user left. 126, and why: it could not go on.
boot_result()
{
	local said

	((!${run_unread:-0})) || return 141
	said=$(tr -d '\r' <"$run_logs/el3.log" | grep -a -B1 'this machine cannot go on' | head -1)
	if [[ -n $said ]]; then
		run_die "${said#EL3: }"
	elif [[ $run_qemu_rc != 0 ]] && ((!${run_hung:-0})); then
		run_tail "$run_logs/qemu.log"
		run_die "QEMU ended with status $run_qemu_rc"
	elif grep -aq '^EL3: CRASH' "$run_logs/el3.log" || ((${run_hung:-0})); then
		run_blame
		return 126
	fi
	return 0
}
