# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# ./fief test and ./fief check. A stage is a script in tests/stages/, run in the
# order of its number; its first line of comment after the licence says what it
# shows, "takes:" how long that is (--list), "limit:" how long it may be. It reports by pass/fail/skip of tests/lib.sh. The last line printed is
# the sum.

cmd_test()
{
	local want=() list=0 s

	while [[ $# -gt 0 ]]; do
		case $1 in
		--list)
			list=1
			shift
			;;
		*)
			if common_option "$@"; then
				shift "$REPLY"
			elif [[ $1 == -* ]]; then
				usage_error "test: unknown option '$1'"
			else
				want+=("$1")
				shift
			fi
			;;
		esac
	done
	if ((list)); then
		tests_list
		return
	fi
	tests_choose "${want[@]+"${want[@]}"}"
	test_t0=$SECONDS
	FIEF_MORE_PACKAGES=$FIEF_ROOT/deps/packages-test
	[[ ${#want[@]} -gt 0 && " ${want[*]} " != *' proofs '* ]] || FIEF_MORE_FETCHED=$cbmc_parts
	if [[ ${want[*]+${want[*]}} =~ ^(lint|hosted|proofs)(\ (lint|hosted|proofs))*$ ]]; then
		deps_ensure libfdt mbedtls busybox
	else
		build_ready debian selftests
		say "built after $(elapsed $((SECONDS - test_t0)))"
	fi
	tests_run
}

# Only what is quick and needs no machine.
cmd_check()
{
	while [[ $# -gt 0 ]]; do
		if common_option "$@"; then
			shift "$REPLY"
		else
			usage_error "check: unknown option '$1'"
		fi
	done
	tests_choose lint hosted
	test_t0=$SECONDS
	FIEF_MORE_PACKAGES=$FIEF_ROOT/deps/packages-test
	deps_ensure libfdt mbedtls busybox
	tests_run
}

tests_list()
{
	local s t file

	for s in "$FIEF_ROOT"/tests/stages/*.sh; do
		file=$FIEF_BUILD/logs/test/$(stage_title "$s").seconds
		t='~'$(elapsed "$(sed -n 's/^# takes: \([0-9]*\) s$/\1/p' "$s")")
		[[ ! -s $file ]] || t=$(elapsed "$(<"$file")")
		printf '%-10s %5s  %s\n' "$(stage_title "$s")" "$t" "$(sed -n '4s/^# //p' "$s")"
	done
	say "Times are those of the last run here; with ~, of two cores with nothing else to do, all built."
}

stage_title()
{
	local b

	b=$(basename "$1" .sh)
	echo "${b#*-}"
}

# tests_choose [NAME...]: fills test_scripts
tests_choose()
{
	local s n found

	test_scripts=()
	if [[ $# -eq 0 ]]; then
		test_scripts=("$FIEF_ROOT"/tests/stages/*.sh)
		return
	fi
	for n in "$@"; do
		found=0
		for s in "$FIEF_ROOT"/tests/stages/*.sh; do
			[[ $(stage_title "$s") == "$n" ]] || continue
			test_scripts+=("$s")
			found=1
		done
		((found)) || usage_error "there is no test stage '$n' (./fief test --list)"
	done
}

tests_run()
{
	local s title logs=$FIEF_BUILD/logs/test t rc p=0 f=0 k=0 sp sf sk

	mkdir -p "$logs"
	for s in "${test_scripts[@]}"; do
		title=$(stage_title "$s")
		rm -rf "${logs:?}/$title"
		mkdir -p "$logs/$title"
		: >"$logs/$title/results"
		t=$SECONDS
		rc=0
		[[ ! -t 2 ]] || printf '  %-12s ...' "$title" >&2
		tests_stage "$s" "$logs/$title" "$title" || rc=$?
		[[ ! -t 2 ]] || printf '\r\033[K' >&2
		if ((rc != 0)); then
			echo "FAIL $title: the stage itself ended with status $rc" >>"$logs/$title/results"
		fi
		sp=$(grep -c '^PASS ' "$logs/$title/results") || true
		sf=$(grep -c '^FAIL ' "$logs/$title/results") || true
		sk=$(grep -c '^SKIP ' "$logs/$title/results") || true
		# a runner of its own that counts; a failure in it stands as one FAIL too
		sp=$((sp + $(awk '$1 == "COUNT" { n += $2 } END { print n + 0 }' "$logs/$title/results")))
		if ((sp + sf + sk == 0)); then
			echo "FAIL $title: it reported nothing" >>"$logs/$title/results"
			sf=1
		fi
		((sf > 0)) || echo "$((SECONDS - t))" >"$logs/$title.seconds"
		p=$((p + sp)) f=$((f + sf)) k=$((k + sk))
		printf '%-12s %6s   %7d passed, %d failed%s\n' "$title" "$(elapsed $((SECONDS - t)))" \
			"$sp" "$sf" "$( ((sk == 0)) || echo ", $sk skipped")"
		grep -E '^(FAIL|SKIP) ' "$logs/$title/results" | sed 's/^/    /' || true
		if ((sf > 0)); then
			echo "    logs: $logs/$title"
			tail -n 12 "$logs/$title/output" | tr -d '\r' | cut -c1-200 | sed 's/^/    | /'
		fi
	done
	echo "total time $(elapsed $((SECONDS - test_t0)))"
	if ((k > 0)); then
		echo "$p passed, $f failed, $k skipped"
	else
		echo "$p passed, $f failed"
	fi
	((f == 0)) || exit 1
}

# tests_stage SCRIPT LOGS TITLE: in a process group of its own, with a limit.
tests_stage()
{
	local rc=0 limit

	limit=$(sed -n 's/^# limit: \([0-9]*\) s$/\1/p' "$1")
	# shellcheck disable=SC2016 # expanded by the stage's own shell
	in_group timeout -k 10 "${limit:-600}" env \
		FIEF="$FIEF_ROOT/fief" FIEF_ROOT="$FIEF_ROOT" FIEF_BUILD="$FIEF_BUILD" FIEF_CACHE="$FIEF_CACHE" \
		FIEF_QEMU="$fief_qemu" FIEF_MIRROR="$fief_mirror" FIEF_SOURCE="$fief_source" \
		STAGE_LOGS="$2" STAGE="$3" \
		bash -euo pipefail -c '. "$FIEF_ROOT/tests/lib.sh"; . "$1"' - "$1" >"$2/output" 2>&1 </dev/null
	wait "$!" || rc=$?
	end_groups
	((rc != 124)) || echo "FAIL $3: longer than ${limit:-600} s" >>"$2/results"
	return "$rc"
}
