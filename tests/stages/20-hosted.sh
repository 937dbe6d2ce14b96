# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# the monitor on the paper machine, the VMM's parts, the door: no machine needed
# limit: 300 s

cd "$FIEF_ROOT" || exit
for f in tools/lib/{options,archive,deps,qemu,progress} tools/lib/build; do
	# shellcheck source=/dev/null
	. "$FIEF_ROOT/$f.sh"
done

# count NAME COMMAND...: a runner whose last line is `N passed, N failed` counts
# with all its tests, any other as one.
count()
{
	local name=$1 log=$STAGE_LOGS/$1.log rc=0 p f

	shift
	"$@" >"$log" 2>&1 || rc=$?
	if read -r p f < <(sed -nE 's/^(.*: )?([0-9]+) passed, ([0-9]+) failed.*/\2 \3/p' "$log" |
		awk '{ p += $1; f += $2 } END { if (NR) print p, f }'); then
		((p == 0)) || for ((i = 0; i < p; i++)); do echo "PASS $name $i"; done >>"$STAGE_LOGS/results"
		((f == 0)) || for ((i = 0; i < f; i++)); do echo "FAIL $name: see $log"; done >>"$STAGE_LOGS/results"
		((rc == 0 || f > 0)) || fail "$name: ended with $rc, see $log"
	elif ((rc == 0)); then
		pass "$name"
	else
		fail "$name: ended with $rc, see $log"
	fi
	((rc == 0)) || tail -n 15 "$log"
}

count monitor make -C tests -j"$(nproc)" check MBEDTLS="$(mbedtls_tree)" O="$FIEF_BUILD/tests"
[[ ! -x tests/el3/run.sh ]] || count firmware tests/el3/run.sh
count vmm make -C vmm -j"$(nproc)" check O="$FIEF_BUILD/vmm-tests"
for t in tests/launch/*.sh; do
	count "$(basename "$t" .sh)" bash "$t"
done
