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

# look_machine [LOGS]: of a running machine the socket, the ELF files and the reader that was built
# with them in look_talk, look_rmm, look_el3, look_state: the one with these logs, else the newest
# that runs.
look_machine()
{
	local f

	for f in $(ls -t "${1:-$FIEF_BUILD}"/{,logs/*/}machine 2>/dev/null || true); do
		{ read -r look_talk && read -r look_rmm && read -r look_el3 && read -r look_state; } <"$f" ||
			continue
		[[ ! -S $look_talk ]] || return 0
	done
	die "no machine runs${1:+ with its logs in $1}: './fief run' or './fief boot' starts one"
}

cmd_state()
{
	local logs='' args=()

	while [[ $# -gt 0 ]]; do
		case $1 in
		--logs)
			need_value "$1" $#
			logs=$2
			shift 2
			;;
		--rmm)
			need_value "$1" $#
			need_file "$1" "$2"
			args+=("$1" "$2")
			shift 2
			;;
		-*)
			common_option "$@" || usage_error "state: unknown option '$1'"
			shift "$REPLY"
			;;
		*) break ;;
		esac
	done
	case "${1:-} $#" in
	' 0' | granule\ 2 | gpt\ 2 | rec\ 2 | rtt\ [23] | trace\ [12]) ;;
	*) usage_error "state takes granule ADDR, gpt ADDR, rec ADDR, rtt RD [IPA], trace [N], or nothing" ;;
	esac
	look_machine "$logs"
	exec "$look_state" "$look_talk" --el3 "$look_el3" --rmm "$look_rmm" "${args[@]+"${args[@]}"}" "$@"
}
