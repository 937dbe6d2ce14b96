# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Looking at a machine, or at what it said.

cmd_decode()
{
	local args=()

	while [[ $# -gt 0 ]]; do
		case $1 in
		--rmm | --el3)
			need_value "$1" $#
			need_file "$1" "$2"
			args+=("$1" "$2")
			shift 2
			;;
		-)
			args+=("$1")
			shift
			;;
		*)
			if common_option "$@"; then
				shift "$REPLY"
				continue
			fi
			[[ $1 != -* ]] || usage_error "decode: unknown option '$1'"
			[[ $# == 1 ]] || usage_error "decode takes one file"
			need_file decode "$1"
			args+=("$1")
			shift
			;;
		esac
	done
	build_some el3 rmm tools
	# what the user names comes later and is taken in place of ours
	exec "$(out tools decode)" --rmm "$(out rmm rmm.elf)" --el3 "$(out el3 el3.elf)" "${args[@]+"${args[@]}"}"
}
