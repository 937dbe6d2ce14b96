# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# What a test stage may use. FIEF is the door, STAGE_LOGS a folder of the stage's own.

pass() { echo "PASS $*" | tee -a "$STAGE_LOGS/results"; }
fail() { echo "FAIL $*" | tee -a "$STAGE_LOGS/results"; }
skip() { echo "SKIP $*" | tee -a "$STAGE_LOGS/results"; }

# check NAME COMMAND...: passes when the command does
check()
{
	local name=$1

	shift
	if "$@"; then
		pass "$name"
	else
		fail "$name"
	fi
}

# same NAME WANT GOT
same()
{
	if [[ $2 == "$3" ]]; then
		pass "$1"
	else
		fail "$1: '$3' instead of '$2'"
	fi
}

# holds NAME TEXT PATTERN: an extended regular expression
holds()
{
	if grep -qE -e "$3" <<<"$2"; then
		pass "$1"
	else
		fail "$1: no '$3' in '${2:0:300}'"
	fi
}

# count NAME COMMAND...: a runner whose last such line says `N passed, N failed`
# counts with all its tests, any other as one.
count()
{
	local name=$1 log=$STAGE_LOGS/$1.log rc=0 p f

	shift
	"$@" >"$log" 2>&1 || rc=$?
	if read -r p f < <(sed -nE 's/^(.*[: ])?([0-9]+) passed, ([0-9]+) failed.*/\2 \3/p' "$log" | tail -n 1); then
		echo "COUNT $p $f $name" | tee -a "$STAGE_LOGS/results"
		((f == 0)) || echo "FAIL $name: $f, see $log" >>"$STAGE_LOGS/results"
		((rc == 0 || f > 0)) || fail "$name: ended with $rc, see $log"
	elif ((rc == 0)); then
		pass "$name"
	else
		fail "$name: ended with $rc, see $log"
	fi
	((rc == 0)) || tail -n 15 "$log"
}

# door WORDS...: run the door; output in $out, standard error in $err, status in $rc
door()
{
	local n t=$SECONDS

	door_nr=$((${door_nr:-0} + 1))
	n=$STAGE_LOGS/run-$door_nr
	rc=0
	# in the stage's own process group: what ends the stage ends this
	timeout --foreground -k 5 "${door_limit:-240}" "$FIEF" "$@" >"$n.out" 2>"$n.err" </dev/null || rc=$?
	out=$(tr -d "\0" <"$n.out")	# a token has bytes of 0
	err=$(tr -d "\0" <"$n.err")
	out_file=$n.out
	echo "+ fief $* -> $rc, $((SECONDS - t)) s"
}

# lanes COMMAND...: each in a shell of its own, in this order; one more at a time than there
# are cores, as an emulated machine often waits, where 2 GiB of memory are free for each.
# What takes longest stands first.
lanes()
{
	local -A lane=()
	local at_once f n=0

	at_once=$(awk -v n="$(($(nproc) + 1))" '/^MemAvailable:/ { m = int($2 / 2097152); print m < 1 ? 1 : m < n ? m : n }' \
		/proc/meminfo)
	for f in "$@"; do
		((${#lane[@]} < at_once)) || lane_ends
		n=$((n + 1))
		(
			door_nr=$((100 * n))
			eval "$f"
		) &
		lane[$!]=$f
	done
	while ((${#lane[@]})); do
		lane_ends
	done
}

lane_ends()
{
	local pid

	wait -n -p pid "${!lane[@]}" || fail "${lane[$pid]}: it ended with status $?"
	unset "lane[$pid]"
}
