# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# ./fief mutate: small changes to the monitor, which the hosted tests must catch.
# The work is in tests/mutate/run.sh.

cmd_mutate()
{
	local words=()

	while [[ $# -gt 0 ]]; do
		case $1 in
		-n | --seed | --jobs | --least | --only)
			need_value "$1" $#
			need_number "$1" "$2" 0 999999999
			words+=("$1" "$2")
			shift 2
			;;
		--quick)
			words+=("$1")
			shift
			;;
		-*)
			common_option "$@" || usage_error "mutate: unknown option '$1'"
			shift "$REPLY"
			;;
		*)
			words+=("$1")
			shift
			;;
		esac
	done
	FIEF_MORE_PACKAGES=$FIEF_ROOT/deps/packages-test
	deps_ensure mbedtls
	MBEDTLS=$(mbedtls_tree) O=$FIEF_BUILD/mutate "$FIEF_ROOT/tests/mutate/run.sh" "${words[@]+"${words[@]}"}"
}
