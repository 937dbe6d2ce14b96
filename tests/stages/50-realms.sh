# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# realms and VMs on our kernel: sizes, ends, bad input, series, kills, a host that looks in, guests that attack
# takes: 180 s
# limit: 900 s

door_limit=600

# on_host NAME [SCRIPT [VAR=VALUE...]]: guest/tests/host-SCRIPT.sh (host-NAME.sh) in a host of
# its own; each of its lines "ok ..." and "FAIL ..." is a test
on_host()
{
	local name=$1 script=${2:-$1} line

	mkdir -p "$STAGE_LOGS/none"
	door run --host --host-layer "$STAGE_LOGS/none" --logs "$STAGE_LOGS/$name" -c "${host_cpus:-2}" -m 1024 -- \
		env "${@:3}" sh "/fief/tests/host-$script.sh"
	while IFS= read -r line; do
		case $line in
		"ok "*) pass "$name: ${line#ok }" ;;
		"FAIL "*) fail "$name: ${line#FAIL }" ;;
		esac
	done < <(tr -d '\r' <"$out_file")
	((rc == 0)) || fail "$name: the script ended with $rc"
	if grep -aqE 'BUG:|WARNING:|Oops|Call trace' "$STAGE_LOGS/$name/host.log"; then
		fail "$name: the host's kernel complains: $(grep -aE -m1 'BUG:|WARNING:|Oops' "$STAGE_LOGS/$name/host.log")"
	fi
}

tokens()
{
	local t

	on_host token
	gcc -O1 -o "$STAGE_LOGS/cca-token" "$FIEF_ROOT"/tools/token/*.c -lcrypto
	for t in one many1 many2 many3 many4 many5 many6 many7 many8; do
		check "token $t is valid" "$STAGE_LOGS/cca-token" --key "$FIEF_ROOT/el3/cpak-public.pem" \
			"$STAGE_LOGS/token/share/token-$t"
	done
}

lanes 'on_host kill' 'host_cpus=4 on_host sizes' 'on_host console' 'on_host status' 'on_host series' \
	'on_host normal status KIND=--normal' 'on_host timer' 'on_host attack' tokens 'on_host memory' \
	'on_host features' 'on_host gpf' 'on_host bad'
