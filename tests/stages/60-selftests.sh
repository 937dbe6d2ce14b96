# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# KVM selftests on our kernel, firmware and monitor: ordinary VMs are as before, realms are as documented
# takes: 40 s
# limit: 420 s

door_limit=400

# half N: every second test from the Nth on, in a host of its own
half()
{
	local layer=$STAGE_LOGS/layer$1 want got=0 t status count

	mkdir -p "$layer"
	cp "$FIEF_BUILD"/out/selftests/tests/* "$layer/"
	sed -n "$1~2p" "$FIEF_BUILD/out/selftests/tests/list" >"$layer/list"
	cat >"$layer/all.sh" <<-'SH'
		mount -t debugfs none /sys/kernel/debug 2>/dev/null
		while read -r t; do
			rc=0
			timeout 100 "/fief/test/$t" </dev/null >/tmp/out 2>&1 || rc=$?
			sed "s/^/  $t: /" /tmp/out
			echo "== $t $rc"
		done </fief/test/list
		sed 's/^/granules: /' /sys/kernel/debug/rmi/granules
	SH
	# a missing test would not be missed otherwise
	want=$(wc -l <"$layer/list")
	door run --host --host-layer "$layer" --logs "$STAGE_LOGS/machine$1" -c 2 -m 1024 -- sh /fief/test/all.sh
	rm -rf "$layer"
	while read -r _ t status; do
		got=$((got + 1))
		case $status in
		0) pass "$t" ;;
		4) skip "$t" ;;
		*) fail "$t: status $status: $(tr -d '\r' <"$out_file" | grep -a "^  $t: " | grep -aiE 'not ok|assert|fail' | head -1 | cut -c1-160)" ;;
		esac
	done < <(tr -d '\r' <"$out_file" | grep -aE '^== ')
	same "every selftest was run, half $1" "$want" "$got"
	same "the host's script ended well, half $1" 0 "$rc"
	for count in delegated donated leaked; do
		holds "no granule $count afterwards, half $1" "$(tr -d '\r' <"$out_file")" "^granules: $count 0\$"
	done
}

lanes 'half 1' 'half 2'
