# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Options that every command which may fetch or build takes.

# common_option ARGUMENTS...: status 0 and the number of words eaten in REPLY if
# the first is one of them.
common_option()
{
	case $1 in
	--qemu)
		need_value "$1" $#
		fief_qemu=$2
		REPLY=2
		;;
	--mirror)
		need_value "$1" $#
		[[ $2 =~ ^(https?|file|copy): ]] || usage_error "--mirror takes an address like http://HOST/debian, not '$2'"
		fief_mirror=$2
		REPLY=2
		;;
	--source)
		need_value "$1" $#
		need_file "$1" "$2"
		fief_source=$(readlink -f "$2")
		REPLY=2
		;;
	--qemu=* | --mirror=* | --source=*)
		common_option "${1%%=*}" "${1#*=}"
		REPLY=1
		;;
	*)
		return 1
		;;
	esac
}
