# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# ./fief bench: instructions by world, bytes, limits (docs/figures.md). The
# measuring is tests/bench/run.sh; here it is put beside tests/bench/limits.

cmd_bench()
{
	local json=$FIEF_BUILD/bench.json limits=$FIEF_ROOT/tests/bench/limits where='' doc=0 tmp

	while [[ $# -gt 0 ]]; do
		case $1 in
		--json)
			need_value "$1" $#
			json=$2
			shift 2
			;;
		--limits)
			need_value "$1" $#
			need_file "$1" "$2"
			limits=$2
			shift 2
			;;
		--where)
			need_value "$1" $#
			where=$2
			shift 2
			;;
		--doc)
			doc=1
			shift
			;;
		*)
			if common_option "$@"; then
				shift "$REPLY"
			else
				usage_error "bench: unknown option '$1'"
			fi
			;;
		esac
	done
	build_some el3 rmm
	if [[ -n $where ]]; then
		WHERE=$where bench_measure
		return
	fi
	scratch
	tmp=$REPLY
	bench_measure >"$tmp/raw" || die "nothing was measured"
	bench_table "$limits" "$tmp/raw"
	bench_json "$limits" "$tmp/raw" >"$json" || die "cannot write $json"
	((doc == 0)) || bench_doc "$limits" "$tmp/raw"
	bench_within "$limits" "$tmp/raw" || exit 1
}

bench_measure()
{
	QEMU=$fief_qemu CROSS_COMPILE=$CROSS_COMPILE O=$FIEF_BUILD/bench "$FIEF_ROOT/tests/bench/run.sh" "$FIEF_BUILD/out"
}

# bench_join LIMITS RAW: of each line of LIMITS, tab separated:
# name limit aim other per total el3 monitor host realm words
bench_join()
{
	awk -v OFS='\t' '
		NR == FNR { total[$1] = $2; el3[$1] = $3; mon[$1] = $4; host[$1] = $5; realm[$1] = $6; next }
		/^#/ || !NF { next }
		{
			words = $6
			for (i = 7; i <= NF; i++)
				words = words " " $i
			n = $1
			print n, $2, $3, $4, $5, n in total ? total[n] : "-", el3[n] == "" ? "-" : el3[n],
				mon[n] == "" ? "-" : mon[n], host[n] == "" ? "-" : host[n],
				realm[n] == "" ? "-" : realm[n], words
		}' "$2" "$1"
}

bench_table()
{
	bench_join "$1" "$2" | awk -F'\t' '
		BEGIN {
			printf "%-23s %9s %9s %6s %6s %9s %9s %9s %9s\n", "", "EL3", "monitor", "host", "realm",
				"total", "limit", "aim", "other"
		}
		{
			printf "%-23s %9s %9s %6s %6s %9s %9s %9s %9s%s\n", $1, $7, $8, $9, $10,
				($6 == "-" ? "not built" : $6), $2, $3, $4,
				($5 == "-" || $6 == "-" ? "" : sprintf("  %.1f each", $6 / $5))
		}'
}

bench_json()
{
	bench_join "$1" "$2" | awk -F'\t' -v qemu="$(qemu_version "$fief_qemu")" '
		function num(v) { return v == "-" ? "null" : v }
		BEGIN { printf "{\n  \"qemu\": \"%s\",\n  \"figures\": {", qemu }
		{
			printf "%s\n    \"%s\": { \"total\": %s, \"el3\": %s, \"monitor\": %s, \"host\": %s, \"realm\": %s, \"limit\": %s, \"aim\": %s, \"other\": %s, \"per\": %s }",
				(NR > 1 ? "," : ""), $1, num($6), num($7), num($8), num($9), num($10), num($2), num($3), num($4), num($5)
		}
		END { print "\n  }\n}" }'
}

# The limits are those of one compiler and one emulator: another compiler allocates other
# registers, a newer emulator's CPU has more of them to switch. REPLY: per cent to allow.
bench_slack()
{
	local gcc

	gcc=$("${CROSS_COMPILE}gcc" -dumpversion)
	REPLY=0
	if [[ ${gcc%%.*} != 12 || $(qemu_version "$fief_qemu") != 10.* ]]; then
		REPLY=15
		say "fief: the limits are those of gcc 12 and QEMU 10; here they are taken 15 % higher"
	fi
}

# Each figure within its limit, and none without a line.
bench_within()
{
	local rc=0 line

	bench_slack

	while IFS= read -r line; do
		say "fief: $line"
		rc=1
	done < <(
		bench_join "$1" "$2" | awk -F'\t' -v slack="$REPLY" '$6 != "-" && $2 != "-" && $6 > $2 * (1 + slack / 100) {
			printf "%s is %s, its limit %s (tests/bench/limits)\n", $1, $6, $2 }
			$6 == "-" && $2 != "-" { print $1 " was not measured" }'
		awk 'NR == FNR { has[$1] = 1; next }
			!($1 in has) && $1 != "nothing" { print $1 " has no limit (tests/bench/limits)" }' "$1" "$2"
	)
	return "$rc"
}

# The table of docs/figures.md, between its two marks.
bench_doc()
{
	local doc=$FIEF_ROOT/docs/figures.md

	bench_join "$1" "$2" | awk -F'\t' '
		function by(v, per) { return v == "-" ? "" : per == "-" ? v : v " (" sprintf("%.0f", v / per) " each)" }
		function dash(v) { return v == "-" ? "" : v }
		BEGIN {
			print "| figure | what | EL3 | monitor | host | realm | total | aim | other firmware |"
			print "|---|---|--:|--:|--:|--:|--:|--:|--:|"
		}
		{
			printf "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", $1, $11, dash($7), dash($8), dash($9),
				dash($10), ($6 == "-" ? "not built" : by($6, $5)), by($3, $5), by($4, $5)
		}' >"$doc.table"
	awk -v table="$doc.table" '
		/^<!-- table ends -->/ { skip = 0 }
		!skip { print }
		/^<!-- table begins/ {
			skip = 1
			print ""
			while ((getline line < table) > 0)
				print line
			print ""
		}' "$doc" >"$doc.new"
	mv "$doc.new" "$doc"
	rm "$doc.table"
}
