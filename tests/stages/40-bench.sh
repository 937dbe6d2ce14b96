# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# instructions of each call, sizes, stack: within their limits, equal to the digit from run to run
# takes: 10 s
# limit: 120 s

limits=$FIEF_ROOT/tests/bench/limits

door bench --json "$STAGE_LOGS/one.json"
while read -r name; do
	bad=$(grep "^fief: $name " <<<"$err") || true
	same "$name" '' "$bad"
done < <(sed -n 's/^ *"\([a-z0-9_]*\)": { "total": [0-9].*/\1/p' "$STAGE_LOGS/one.json")
same "no figure without a limit, no limit without a figure" 0 "$rc"
echo "$err"

# a machine of its own each time: all of it again, and against a limit that is too low
sed 's/^rmi_version .*/rmi_version 10 - - - x/' "$limits" >"$STAGE_LOGS/limits"
door bench --json "$STAGE_LOGS/two.json" --limits "$STAGE_LOGS/limits"
same "a figure that passes its limit: status" 1 "$rc"
holds "and its name" "$err" '^fief: rmi_version is [0-9]+, its limit 10 '
totals() { grep -o '"[a-z0-9_]*": { "total": .*"realm": [^,]*' "$1"; }
check "equal to the digit in two runs" cmp <(totals "$STAGE_LOGS/one.json") <(totals "$STAGE_LOGS/two.json")

# docs/figures.md must not rot: a figure there that is more than 10 % off
if ! grep -q 'limits are those of' <<<"$err"; then
	off=$(awk -F'|' 'NR == FNR { if (match($0, /"total": [0-9]+/)) { split($0, q, "\""); t[q[2]] = substr($0, RSTART + 9, RLENGTH - 9) } next }
		{ n = $2; gsub(/ /, "", n); split($8, v, " ") }
		n in t && (v[1] > t[n] * 1.1 || v[1] < t[n] * 0.9) { print n " is " t[n] ", not " v[1] }' \
		"$STAGE_LOGS/one.json" "$FIEF_ROOT/docs/figures.md")
	same "docs/figures.md tells what is (else: ./fief bench --doc)" '' "$off"
fi
