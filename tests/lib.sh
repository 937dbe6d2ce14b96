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
	timeout -k 5 "${door_limit:-240}" "$FIEF" "$@" >"$n.out" 2>"$n.err" </dev/null || rc=$?
	out=$(<"$n.out")
	err=$(<"$n.err")
	out_file=$n.out
	echo "+ fief $* -> $rc, $((SECONDS - t)) s"
}

# lanes FUNCTION...: each in a shell of its own, all at once: one machine seldom keeps two cores busy
lanes()
{
	local f pids=() i

	for f in "$@"; do
		(
			door_nr=$((100 * (${#pids[@]} + 1)))
			"$f"
		) &
		pids+=("$!")
	done
	for ((i = 0; i < $#; i++)); do
		wait "${pids[i]}" || fail "${*:i+1:1}: it ended with status $?"
	done
}

# host_batch NAME SCRIPT [run options...]: boot one machine whose host runs
# SCRIPT (busybox sh), after tests/host/lib.sh. The script's results are ours; a
# test that it planned and did not report has failed.
host_batch()
{
	local name=$1 script=$2 layer=$STAGE_LOGS/$1.layer t

	shift 2
	mkdir -p "$layer"
	cp "$FIEF_ROOT/tests/host/lib.sh" "$layer/lib.sh"
	cp "$script" "$layer/script.sh"
	door run --host --host-layer "$layer" --logs "$STAGE_LOGS/$name" "$@" -- \
		sh -c '. /fief/test/lib.sh; . /fief/test/script.sh'
	rm -rf "$layer"
	cat "$out_file"
	t=$STAGE_LOGS/$name/share/results
	[[ -f $t ]] || : >"$t"
	tr -d '\r' <"$t" | tee -a "$STAGE_LOGS/results"
	# a planned name without a result
	while read -r p; do
		grep -qE "^(PASS|FAIL|SKIP) $p(:|\$)" "$t" || fail "$p: not reached (the host's script ended with $rc)"
	done < <(sed -n 's/^plan //p' "$script" | tr ' ' '\n')
}
