#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# tests/mutate/run.sh [-n COUNT] [--seed SEED] [--jobs N] [--least PERCENT] [--only N] [--quick] [FILE...]
#
# Small seeded changes to the monitor, one at a time; the hosted tests must catch
# each. Prints a line for every change and a sum; status 1 when fewer than PERCENT
# (90) were caught. Survivors that nobody could catch stand in tests/mutate/survivors,
# with the reason: they are printed with it, and count as survivors all the same.
# --only tries the N-th change of the seed alone, again.
#
# A change meets the tests of the same name, then all, in a build without sanitizers
# (a third of the time); what survives these meets `make check`: sanitizers, the other
# granules. That costs more than all the rest and seldom shows more: --quick leaves it out.
# Objects are kept from run to run.
#   MBEDTLS   mbedTLS source tree     O   where it builds (build/mutate)

set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
top=$PWD
: "${MBEDTLS:?the mbedTLS source tree}"
O=${O:-$top/build/mutate}
count=40 seed=$((RANDOM * 32768 + RANDOM)) jobs=$(nproc) least=90 only=0 quick=0

while [[ $# -gt 0 && $1 == -* ]]; do
	if [[ $1 == --quick ]]; then
		quick=1
		shift
		continue
	fi
	[[ $# -ge 2 && $2 =~ ^[0-9]+$ ]] || { echo "mutate: $1 needs a number" >&2; exit 2; }
	case $1 in
	-n) count=$2 ;;
	--seed) seed=$2 ;;
	--jobs) jobs=$2 ;;
	--least) least=$2 ;;
	--only) only=$2 ;;
	*) echo "mutate: unknown option '$1'" >&2; exit 2 ;;
	esac
	shift 2
done
files=("$@")
if [[ ${#files[@]} -eq 0 ]]; then
	files=(rmm/{mem,realm,rmi,rsi,run}/*.c rmm/base/hash.c)
fi
for f in "${files[@]}"; do
	[[ $f == rmm/*.c && -f $f ]] || { echo "mutate: '$f' is no source of the monitor (rmm/ROOM/NAME.c)" >&2; exit 2; }
done
((count >= only && jobs > 0)) || { echo "mutate: nothing to do" >&2; exit 2; }

# Whatever fails here rather than in a test says so. What runs is a group of its own
# (set -m), so that the end of this script is the end of all it started.
trap 'echo "mutate: line $LINENO: status $?: $BASH_COMMAND" >&2' ERR
groups=()
stop()
{
	local group

	for group in "${groups[@]+"${groups[@]}"}"; do
		kill -KILL -- "-$group" 2>/dev/null || true
	done
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
set -m

rm -rf "$O/changes"
mkdir -p "$O/changes"
cc -O1 -Wall -o "$O/mutate" tests/mutate/mutate.c
possible=$("$O/mutate" "$seed" "$count" "$O/changes" "${files[@]}")
echo "seed $seed: $possible possible changes"

# -w: a variable that nobody uses any more is no reason not to try
build() { make -s -C "$O/$1/tests" MBEDTLS="$MBEDTLS" O="$O/$1/$2" CFLAGS="-O1 -g -w" "${@:3}"; }
plain() { build "$1" plain SAN=; }
# Walks and races but for a moment; --foreground: stop() must reach them. What a test may
# take is work, not time: this machine may be busy.
tests() { (ulimit -t 40; timeout --foreground -k 5 1500 "$O/$1/plain/run" -x -j 1 --seed 7 --seconds 0 "${@:2}"); }
checked() { timeout --foreground -k 5 3000 make -s -C "$O/$1/tests" MBEDTLS="$MBEDTLS" O="$O/$1/checked" CFLAGS="-O1 -g -w" check; }

# or_say LOG WHAT COMMAND...: run it; if it fails, say what and why, and end
or_say()
{
	"${@:3}" >"$1" 2>&1 && return
	echo "mutate: $2 (status $?; $1):" >&2
	tail "$1" >&2
	exit 1
}

# A tree and objects for each job, built once; then one object is built for each change.
prepare()
{
	local j

	for ((j = 0; j < jobs; j++)); do
		mkdir -p "$O/$j"
		(cd "$O/$j" && rm -rf abi attest el3 rmm sim tests tools)
		cp -a abi attest el3 rmm sim tests tools "$O/$j/"
		rm -rf "$O/$j/tests/host" "$O/$j/tests/machine"
		# a run that was stopped left an object of a changed file
		[[ ! -f $O/$j/changed ]] || touch "$O/$j/$(<"$O/$j/changed")"
		or_say "$O/build.log" "the tests do not build" plain "$j"
	done
	or_say "$O/tests.log" "the tests fail without any change" tests 0
}

# explained FILE WHAT LINE: the reason, from the table of survivors
explained()
{
	awk -F '\t+' -v f="$1" -v w="$2" -v l="$3" \
		'!/^#/ && $1 == f && $2 == w && $3 == l { print $4; exit }' tests/mutate/survivors
}

# fate JOB FILE LOG: what became of the change in the job's tree
fate()
{
	local rc=0

	if ! plain "$1" >"$3" 2>&1; then
		REPLY="none: it does not compile"
		return
	fi
	tests "$1" "$(basename "$2" .c)" >"$3" 2>&1 || rc=$?
	((rc)) || tests "$1" >"$3" 2>&1 || rc=$?
	((rc || quick)) || checked "$1" >"$3" 2>&1 || rc=$?
	case $rc in
	0) REPLY=SURVIVED ;;
	124 | 137) REPLY="caught: it hangs" ;;
	*) REPLY="caught: $(awk '/^FAIL/ { print $2; exit }' "$3")" ;;
	esac
}

# one JOB N: try the n-th change
one()
{
	local n=$2 file line what text

	{ read -r file; read -r line; read -r what; IFS= read -r text; } <"$O/changes/$n.txt"
	echo "$file" >"$O/$1/changed"
	cp "$O/$1/$file" "$O/$1/original"
	cp "$O/changes/$n.c" "$O/$1/$file"
	fate "$1" "$file" "$O/changes/$n.log"
	cp "$O/$1/original" "$O/$1/$file"
	[[ $REPLY != SURVIVED ]] || REPLY+=" $(explained "$file" "$what" "$text")"
	printf '%s\t%s:%s: %s: %s\n' "$REPLY" "$file" "$line" "$what" "$text" >>"$O/results"
	printf '%3d of %d, change %d: %s\n' "$(wc -l <"$O/results")" "$count" "$n" "$(tail -n 1 "$O/results")"
}

# start COMMAND...: in a group of its own, that stop() ends; all_well: wait for them
start()
{
	"$@" &
	groups+=($!)
}
all_well()
{
	local pid

	for pid in "${groups[@]}"; do
		wait "$pid" || { echo "mutate: stopped: status $?" >&2; exit 1; }
	done
}

share()
{
	local n

	for ((n = only ? only : $1 + 1; n <= (only ? only : count); n += jobs)); do
		one "$1" "$n"
	done
}

count=${possible%% *}
: >"$O/results"
start prepare
all_well
groups=()
((only == 0)) || jobs=1
for ((j = 0; j < jobs; j++)); do
	start share "$j"
done
all_well
caught=$(awk '/^caught/ { n++ } END { print n + 0 }' "$O/results")
survived=$(awk '/^SURVIVED/ { n++ } END { print n + 0 }' "$O/results")
tried=$((caught + survived))
echo "seed $seed: $caught of $tried caught ($((caught * 100 / (tried ? tried : 1))) %), $survived survived"
((caught * 100 >= tried * least)) || { echo "mutate: fewer than $least % were caught"; exit 1; }
