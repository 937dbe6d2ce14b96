#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# tests/cbmc/run.sh [-v] [NAME...]: every PROOF() of this folder, or those whose
# "file.proof" begins with NAME. CBMC is $CBMC, or `cbmc`. The monitor's own
# sources, as they are; "with:" in the head of a file names them.
# A proof passes when all its claims hold, all loops ended within their bound,
# and its end can be reached.

set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
cbmc=${CBMC:-cbmc}
unwind=20
limit=${CBMC_LIMIT:-60}	# seconds for one proof; they take one or two
verbose=0
[[ ${1:-} != -v ]] || { verbose=1; shift; }
command -v "$cbmc" >/dev/null || { echo "there is no '$cbmc': Debian's package cbmc, or CBMC=PATH" >&2; exit 2; }
tmp=$(mktemp -d "${TMPDIR:-/tmp}/cbmc.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

prove()
{
	local file=$1 proof=$2 bits=$3 log=$tmp/$1.$2.$3 with bad name

	with=$(sed -n 's/^ \* with: //p' "tests/cbmc/$file.c" | sed 's#[^ ]*#rmm/&#g')
	name=$file.$proof
	((bits == 12)) || name+=" ($((1 << (bits - 10))) KiB)"
	# shellcheck disable=SC2086
	timeout "$limit" "$cbmc" "-DGRANULE_BITS=$bits" -I . -I rmm -I tests/cbmc -DRMM_EXPECT --function "proof_$proof" --unwind $unwind \
		--unwinding-assertions --slice-formula --no-array-field-sensitivity --no-pointer-primitive-check --drop-unused-functions \
		"tests/cbmc/$file.c" tests/cbmc/machine.c $with >"$log" 2>&1
	bad=$(grep ': FAILURE$' "$log" | grep -v '\] line [0-9]* reached: FAILURE$')
	if ! grep -q 'VERIFICATION FAILED$' "$log" || ! grep -q 'reached: FAILURE$' "$log"; then
		bad+=$'\n'"its end is not reached, or CBMC did not run: $(tail -n 3 "$log" | tr '\n' ' ')"
	fi
	if [[ -z $bad ]]; then
		echo "ok $name"
	else
		echo "not ok $name"
		echo "    ${bad//$'\n'/$'\n'    }"
	fi
	((!verbose)) || sed 's/^/    | /' "$log"
}

# What does not look at the RMI granule is proved once.
granules()
{
	case $1 in
	donate | entry | range) echo 12 14 16 ;;
	*) echo 12 ;;
	esac
}

wanted()
{
	local n

	[[ $# -gt 1 ]] || return 0
	for n in "${@:2}"; do
		[[ $1 != "$n"* ]] || return 0
	done
	return 1
}

while read -r file proof; do
	! wanted "$file.$proof" "$@" || for bits in $(granules "$file"); do
		prove "$file" "$proof" "$bits"
	done
done < <(for f in tests/cbmc/*.c; do
		sed -nE "s#^PROOF\((.*)\)\$#$(basename "$f" .c) \1#p" "$f"
	done) | tee "$tmp/results"

passed=$(grep -c '^ok ' "$tmp/results")
failed=$(grep -c '^not ok ' "$tmp/results")
echo "$passed passed, $failed failed"
((failed == 0 && passed > 0))
