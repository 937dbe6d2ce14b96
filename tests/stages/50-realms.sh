# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# realms and VMs on our kernel: sizes, ends, bad input, series, kills, a host that looks in, guests that attack
# limit: 900 s

door_limit=400

# on_host NAME [VAR=VALUE...] -- COMMAND...: in a host of its own; each of its
# lines "ok ..." and "FAIL ..." is a test
on_host()
{
	local name=$1 vars=() line

	shift
	while [[ $1 != -- ]]; do
		vars+=("$1")
		shift
	done
	shift
	mkdir -p "$STAGE_LOGS/none"
	door run --host --host-layer "$STAGE_LOGS/none" --logs "$STAGE_LOGS/$name" -c "${host_cpus:-2}" \
		-m "${host_mem:-1024}" -- env "${vars[@]+"${vars[@]}"}" sh "$@"
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

one()
{
	host_cpus=4 on_host sizes -- /fief/tests/host-sizes.sh
	on_host timer -- /fief/tests/host-timer.sh
	on_host features -- /fief/tests/host-features.sh
	on_host bad -- /fief/tests/host-bad.sh
	on_host series -- /fief/tests/host-series.sh
	on_host status -- /fief/tests/host-status.sh
	on_host normal KIND=--normal -- /fief/tests/host-status.sh
}

two()
{
	local t

	on_host kill -- /fief/tests/host-kill.sh
	on_host gpf -- /fief/tests/host-gpf.sh
	on_host memory -- /fief/tests/host-memory.sh
	on_host console -- /fief/tests/host-console.sh
	on_host attack -- /fief/tests/host-attack.sh
	on_host token -- /fief/tests/host-token.sh
	gcc -O1 -o "$STAGE_LOGS/cca-token" "$FIEF_ROOT"/tools/token/*.c -lcrypto
	for t in one many1 many2 many3 many4 many5 many6 many7 many8; do
		check "token $t is valid" "$STAGE_LOGS/cca-token" --key "$FIEF_ROOT/el3/cpak-public.pem" \
			"$STAGE_LOGS/token/share/token-$t"
	done
}

lanes one two
