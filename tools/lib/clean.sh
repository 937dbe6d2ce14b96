# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash

cmd_clean()
{
	local cache=0

	while [[ $# -gt 0 ]]; do
		case $1 in
		--cache) cache=1 ;;
		*) usage_error "clean: unknown option '$1'" ;;
		esac
		shift
	done
	if [[ -d $FIEF_CACHE/lock ]]; then
		lock "checkout-$(printf %s "$FIEF_ROOT" | sha256sum | cut -c1-12)"
	fi
	rm -rf -- "${FIEF_BUILD:?}"
	say "removed $FIEF_BUILD"
	if ((cache)); then
		rm -rf -- "${FIEF_CACHE:?}"
		say "removed $FIEF_CACHE"
	fi
}
