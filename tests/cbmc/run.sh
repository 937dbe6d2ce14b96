#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# tests/cbmc/run.sh [-v] [NAME...]: every PROOF() of this folder, or those whose
# "file.proof" begins with NAME. CBMC is $CBMC, or `cbmc`. The monitor's own
# sources, as they are; "with:" in the head of a file names them.
# A proof passes when all its claims hold, all loops ended within their bound,
# and its end can be reached. With a folder CBMC_PROVEN, what passed is not proven
# again while all that goes into it is the same to the byte: this script, CBMC, the
# compiler that preprocesses, each file that is read.

set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
cbmc=${CBMC:-cbmc}
unwind=20
limit=${CBMC_LIMIT:-150}	# seconds for one proof; the longest take ten
proven=${CBMC_PROVEN:-}
verbose=0
[[ ${1:-} != -v ]] || { verbose=1; shift; }
command -v "$cbmc" >/dev/null || { echo "there is no '$cbmc': Debian's package cbmc, or CBMC=PATH" >&2; exit 2; }
tmp=$(mktemp -d "${TMPDIR:-/tmp}/cbmc.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

# what_for FILE BITS: sets `sources` and `defines`
what_for()
{
	read -ra sources < <(sed -n 's/^ \* with: //p' "tests/cbmc/$1.c" | sed 's#[^ ]*#rmm/&#g')
	sources=("tests/cbmc/$1.c" tests/cbmc/machine.c "${sources[@]}")
	defines=("-DGRANULE_BITS=$2" -I . -I rmm -I tests/cbmc -DRMM_EXPECT)
}

# key_of FILE BITS: a hash of all that goes into its proofs. The compiler names the files; should
# one be read only under CBMC, __CPROVER__ is set as it is there.
key_of()
{
	local sources defines files

	what_for "$1" "$2"
	files=$(gcc -M "${defines[@]}" -D__CPROVER__ "${sources[@]}") || return
	{
		echo "$2" "${sources[@]}"
		"$cbmc" --version
		gcc --version
		grep -oE '[^ \\]+' <<<"$files" | grep -v ':$' | sort -u | xargs sha256sum "$0" "$(command -v "$cbmc")"
	} | sha256sum | cut -c1-32
}

prove()
{
	local file=$1 proof=$2 bits=$3 mark=${4:+$proven/$4-$1.$2} log=$tmp/$1.$2.$3 sources defines bad name

	name=$file.$proof
	((bits == 12)) || name+=" ($((1 << (bits - 10))) KiB)"
	if [[ -n $mark && -e $mark ]]; then
		touch "$mark"
		echo "ok $name, as proven before"
		return
	fi
	what_for "$file" "$bits"
	timeout --foreground "$limit" "$cbmc" "${defines[@]}" --function "proof_$proof" --unwind $unwind \
		--unwinding-assertions --slice-formula --no-array-field-sensitivity --no-pointer-primitive-check --drop-unused-functions \
		"${sources[@]}" >"$log" 2>&1
	bad=$(grep ': FAILURE$' "$log" | grep -v '\] line [0-9]* reached: FAILURE$')
	if ! grep -q 'VERIFICATION FAILED$' "$log" || ! grep -q 'reached: FAILURE$' "$log"; then
		bad+=$'\n'"its end is not reached, or CBMC did not run: $(tail -n 3 "$log" | tr '\n' ' ')"
	fi
	if [[ -z $bad ]]; then
		echo "ok $name"
		# unless somebody wrote while it ran
		[[ -z $mark || $(key_of "$file" "$bits") != "$4" ]] || : >"$mark"
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

mapfile -t proofs < <(for f in tests/cbmc/*.c; do
	sed -nE "s#^PROOF\((.*)\)\$#$(basename "$f" .c) \1#p" "$f"
done)
if [[ -n $proven ]]; then
	mkdir -p "$proven" || exit
	find "$proven" -type f -mtime +30 -delete
fi

# As many at once as there are cores; told in their order.
n=0
declare -A keys=()
for p in "${proofs[@]}"; do
	read -r file proof <<<"$p"
	wanted "$file.$proof" "$@" || continue
	for bits in $(granules "$file"); do
		if [[ -n $proven && -z ${keys[$file.$bits]:-} ]]; then
			keys[$file.$bits]=$(key_of "$file" "$bits") || exit
		fi
		while (($(jobs -rp | wc -l) >= $(nproc))); do
			wait -n
		done
		prove "$file" "$proof" "$bits" "${keys[$file.$bits]:-}" >"$tmp/said.$n" &
		n=$((n + 1))
	done
done
wait
for ((i = 0; i < n; i++)); do
	cat "$tmp/said.$i"
done | tee "$tmp/results"

passed=$(grep -c '^ok ' "$tmp/results")
failed=$(grep -c '^not ok ' "$tmp/results")
before=$(grep -c ', as proven before$' "$tmp/results")
((before == 0)) || echo "$before of them as proven before: nothing that goes into them has changed"
echo "$passed passed, $failed failed"
((failed == 0 && passed == n && n > 0))
