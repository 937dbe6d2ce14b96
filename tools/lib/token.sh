# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# ./fief token: what is in a realm's attestation token, and whether it is valid.

# token_tool FILE: builds tools/token into FILE
token_tool()
{
	FIEF_MORE_PACKAGES=$FIEF_ROOT/deps/packages-token deps_ensure
	gcc -O2 -Wall -o "$1" "$FIEF_ROOT"/tools/token/*.c -lcrypto
}

cmd_token()
{
	local words=() key=$FIEF_ROOT/el3/cpak-public.pem tmp

	while [[ $# -gt 0 ]]; do
		case $1 in
		--key)
			need_value "$1" $#
			need_file "$1" "$2"
			key=$2
			shift 2
			;;
		--challenge)
			need_value "$1" $#
			words+=("$1" "$2")
			shift 2
			;;
		-)
			shift
			;;
		*)
			if common_option "$@"; then
				shift "$REPLY"
			elif [[ $1 == -* ]]; then
				usage_error "token: unknown option '$1'"
			else
				need_file token "$1"
				words+=("$1")
				shift
			fi
			;;
		esac
	done
	scratch
	tmp=$REPLY
	token_tool "$tmp/cca-token" || die "tools/token does not build"
	"$tmp/cca-token" --key "$key" "${words[@]+"${words[@]}"}" || exit
}
