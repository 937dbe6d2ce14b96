#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Documents that say what the code has: tables of states as the monitor has them,
# files that are named exist.

set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
passed=0 failed=0
make -s -C "$root/tools" O="$t" "$t/machines" >"$t/log" 2>&1 || { cat "$t/log"; exit 1; }

if "$t/machines" "$root/docs/state-machines.md" | diff - "$root/docs/state-machines.md" >"$t/diff"; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo "docs/state-machines.md is not what the tables say (make -C tools doc O=/tmp/tools writes it):"
	head -n 20 "$t/diff"
fi
# shellcheck disable=SC2016 # backquotes of the text
named='`(abi|el3|rmm|sim|tests|linux|vmm|tools|launch|guest|deps|docs)/[A-Za-z0-9_./-]+`'
for doc in docs/{locks,threats,state-machines,life-of-a-realm}.md ARCHITECTURE.md README.md tests/README.md; do
	none=''
	# `room/file.c`, without the patterns that stand for many
	while read -r f; do
		[[ -e $root/$f ]] || none+=" $f"
	done < <(grep -oE "$named" "$root/$doc" |
		tr -d '`' | grep -v NAME | sort -u)
	if [[ -z $none ]]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$doc names what is not there:$none"
	fi
done

echo "$passed passed, $failed failed"
((failed == 0))
