# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Stages that run beside each other, one line each: name, what it is at, time.
# A stage is a function; what it prints goes to logs/NAME.log. While it works
# it may leave a few words in the file that note() writes.

stage_dir=
stage_logs=

# stages_begin LOGS
stages_begin()
{
	scratch
	stage_dir=$REPLY
	stage_logs=$1
	mkdir -p "$stage_logs"
	stage_names=()
	stage_said=()
	stages_t0=$SECONDS
}

# note WORDS: what the present stage is at
note()
{
	echo "$*" >"$stage_dir/$stage_name.note"
}

# stage NAME FUNCTION [ARGUMENT...]: run it here. The status is kept, not returned.
# The subshell is not part of any condition, so `set -e` holds inside.
stage()
{
	local rc

	stage_name=$1
	shift
	echo "$SECONDS" >"$stage_dir/$stage_name.start"
	set +e
	(
		set -e
		trap - EXIT
		"$@"
	) >"$stage_logs/$stage_name.log" 2>&1 </dev/null
	rc=$?
	set -e
	echo "$SECONDS" >"$stage_dir/$stage_name.end"
	echo "$rc" >"$stage_dir/$stage_name.rc.new"
	mv "$stage_dir/$stage_name.rc.new" "$stage_dir/$stage_name.rc"
	return 0
}

# stage_bg FUNCTION: a chain of stages beside this one. Runs in a process group
# of its own (set -m gives each background job one), which at_end() ends.
stage_bg()
{
	set -m
	(
		set +m
		trap - EXIT INT TERM HUP
		"$@"
	) </dev/null &
	fief_groups+=("$!")
	set +m
}

# stages_expect NAME...: in the order to show
stages_expect()
{
	stage_names+=("$@")
}

stage_ended()
{
	[[ -f $stage_dir/$1.rc ]]
}

# One finished stage, one line.
stage_line()
{
	local n=$1 rc t word

	rc=$(<"$stage_dir/$n.rc")
	t=$(($(<"$stage_dir/$n.end") - $(<"$stage_dir/$n.start")))
	word="done"
	[[ $rc == 0 ]] || word=FAILED
	[[ $rc != 0 || ! -f $stage_dir/$n.note ]] || word="$word ($(<"$stage_dir/$n.note"))"
	printf '  %-10s %5s  %s\n' "$n" "$(elapsed "$t")" "$word" >&2
}

# What is running now, for the live line.
stages_running()
{
	local n out=

	for n in "${stage_names[@]}"; do
		[[ -f $stage_dir/$n.start ]] && ! stage_ended "$n" || continue
		out+="${out:+ | }$n"
		[[ ! -f $stage_dir/$n.note ]] || out+=" $(<"$stage_dir/$n.note")"
	done
	echo "$out"
}

# stages_wait: shows progress until all expected stages have ended; status 1
# when one failed (its name in REPLY). The first failure ends the rest.
stages_wait()
{
	local n left bad='' said=' ' last=0 now line live=0

	[[ ! -t 2 ]] || live=1
	while :; do
		left=0
		for n in "${stage_names[@]}"; do
			if stage_ended "$n"; then
				[[ $said != *" $n "* ]] || continue
				said+="$n "
				[[ $live == 0 ]] || printf '\r\033[K' >&2
				stage_line "$n"
				[[ $(<"$stage_dir/$n.rc") == 0 ]] || bad=$n
			else
				left=1
			fi
		done
		[[ -z $bad ]] || break
		[[ $left == 1 ]] || break
		now=$((SECONDS - stages_t0))
		line=$(stages_running)
		if ((live)); then
			printf '\r\033[K  %s  %s' "$(elapsed "$now")" "${line:0:$(($(tput cols 2>/dev/null || echo 80) - 10))}" >&2
		elif ((now - last >= 30)); then
			last=$now
			say "  ... $(elapsed "$now")  $line"
		fi
		sleep 0.5
	done
	REPLY=$bad
	[[ -z $bad ]] || { end_groups; return 1; }
	wait
	fief_groups=()
}

# stage_failed NAME: the last lines of its log and where the whole is.
stage_failed()
{
	say ""
	say "fief: stage '$1' failed; the last lines of $stage_logs/$1.log:"
	tail -n "${2:-15}" "$stage_logs/$1.log" | sed 's/^/  | /' >&2
	space_hint
}
