#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# tests/mutate/run.sh [-n COUNT] [--seed SEED] [--jobs N] [--least PERCENT] [FILE...]
#
# Small seeded changes to the monitor, one at a time; the hosted tests must catch
# each. Prints a line for every change and a sum; status 1 when fewer than PERCENT
# (90) were caught. Survivors that nobody could catch stand in tests/mutate/survivors,
# with the reason: they are printed with it, and count as survivors all the same.
#   MBEDTLS   mbedTLS source tree     O   where it builds (build/mutate)

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
top=$PWD
: "${MBEDTLS:?the mbedTLS source tree}"
O=${O:-$top/build/mutate}
count=40 seed=$((RANDOM * 32768 + RANDOM)) jobs=$(nproc) least=90

while [[ $# -gt 0 && $1 == -* ]]; do
	[[ $# -ge 2 && $2 =~ ^[0-9]+$ ]] || { echo "mutate: $1 needs a number" >&2; exit 2; }
	case $1 in
	-n) count=$2 ;;
	--seed) seed=$2 ;;
	--jobs) jobs=$2 ;;
	--least) least=$2 ;;
	*) echo "mutate: unknown option '$1'" >&2; exit 2 ;;
	esac
	shift 2
done
files=("$@")
if [[ ${#files[@]} -eq 0 ]]; then
	files=(rmm/{mem,realm,rmi,rsi,run}/*.c)
fi
for f in "${files[@]}"; do
	[[ $f == rmm/*.c && -f $f ]] || { echo "mutate: '$f' is no source of the monitor (rmm/ROOM/NAME.c)" >&2; exit 2; }
done

trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
rm -rf "$O"
mkdir -p "$O/changes"
cc -O1 -Wall -o "$O/mutate" tests/mutate/mutate.c
echo "seed $seed: $("$O/mutate" "$seed" "$count" "$O/changes" "${files[@]}") possible changes"

# A tree and objects for each job, built once; then one object is built for each change.
for ((j = 0; j < jobs; j++)); do
	mkdir -p "$O/$j"
	cp -a abi attest el3 rmm sim tests tools "$O/$j/"
	rm -rf "$O/$j/tests/host" "$O/$j/tests/machine"
done
# -w: a variable that nobody uses any more is no reason not to try
hosted() { make -s -C "$O/$1/tests" MBEDTLS="$MBEDTLS" O="$O/$1/obj" CFLAGS="-O1 -g -w"; }
tests() { ASAN_OPTIONS=detect_leaks=0 timeout 150 "$O/$1/obj/run" -x --seed 7 --seconds 2 "${@:2}"; }
hosted 0 >"$O/build.log" 2>&1 || { tail "$O/build.log"; exit 1; }
tests 0 >"$O/plain.log" 2>&1 || { echo "mutate: the tests fail without any change"; tail "$O/plain.log"; exit 1; }
for ((j = 1; j < jobs; j++)); do
	hosted "$j" >>"$O/build.log" 2>&1
done

# explained FILE WHAT LINE: the reason, from the table of survivors
explained()
{
	awk -F '\t+' -v f="$1" -v w="$2" -v l="$3" \
		'!/^#/ && $1 == f && $2 == w && $3 == l { print $4; exit }' tests/mutate/survivors
}

# one JOB N: try the n-th change
one()
{
	local j=$1 n=$2 file line what text log=$O/changes/$2.log rc=0 why

	{ read -r file; read -r line; read -r what; IFS= read -r text; } <"$O/changes/$n.txt"
	cp "$O/changes/$n.c" "$O/$j/$file"
	if ! hosted "$j" >"$log" 2>&1; then
		why="none: it does not compile"
	else
		# first the tests of the same name, then all
		tests "$j" "$(basename "$file" .c)" >"$log" 2>&1 || rc=$?
		((rc != 0)) || tests "$j" >"$log" 2>&1 || rc=$?
		if ((rc == 124)); then
			why="caught: it hangs"
		elif ((rc)); then
			why="caught: $(sed -n 's/^FAIL \([^ :]*\).*/\1/p' "$log" | head -n 1)"
		else
			why="SURVIVED $(explained "$file" "$what" "$text")"
		fi
	fi
	cp -p "$file" "$O/$j/$file"
	touch "$O/$j/$file"
	printf '%s\t%s:%s: %s: %s\n' "$why" "$file" "$line" "$what" "$text" | tee -a "$O/results"
}

: >"$O/results"
for ((j = 0; j < jobs; j++)); do
	for ((n = j + 1; n <= count; n += jobs)); do
		[[ ! -f $O/changes/$n.txt ]] || one "$j" "$n"
	done &
done
wait
caught=$(grep -c '^caught' "$O/results" || true)
survived=$(grep -c '^SURVIVED' "$O/results" || true)
echo "seed $seed: $caught of $((caught + survived)) caught ($(((caught * 1000 / (caught + survived + !(caught + survived))) / 10)) %), $survived survived"
((caught * 100 >= (caught + survived) * least))
