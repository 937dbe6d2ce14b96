# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# KVM selftests on our kernel, firmware and monitor: ordinary VMs are as before, realms are as documented
# takes: 45 s
# limit: 420 s

door_limit=400

# some NAME TEST...: in a host of their own
some()
{
	local name=$1 layer=$STAGE_LOGS/layer-$1 got=0 t status count

	shift

	mkdir -p "$layer"
	cp "$FIEF_BUILD"/out/selftests/tests/* "$layer/"
	printf '%s\n' "$@" >"$layer/list"
	cat >"$layer/all.sh" <<-'SH'
		mount -t debugfs none /sys/kernel/debug 2>/dev/null
		while read -r t; do
			rc=0 began=$(date +%s)
			timeout 100 "/fief/test/$t" </dev/null >/tmp/out 2>&1 || rc=$?
			sed "s/^/  $t: /" /tmp/out
			echo "== $t $rc $(($(date +%s) - began))"
		done </fief/test/list
		sed 's/^/granules: /' /sys/kernel/debug/rmi/granules
	SH
	door run --host --host-layer "$layer" --logs "$STAGE_LOGS/$name" -c 2 -m 1024 -- sh /fief/test/all.sh
	rm -rf "$layer"
	while read -r _ t status _; do
		got=$((got + 1))
		case $status in
		0) pass "$t" ;;
		4) skip "$t" ;;
		*) fail "$t: status $status: $(tr -d '\r' <"$out_file" | grep -a "^  $t: " | grep -aiE 'not ok|assert|fail' | head -1 | cut -c1-160)" ;;
		esac
	done < <(tr -d '\r' <"$out_file" | grep -aE '^== ')
	# a missing test would not be missed otherwise
	same "$name: every selftest was run" $# "$got"
	same "$name: the host's script ended well" 0 "$rc"
	for count in delegated donated leaked; do
		holds "$name: no granule $count afterwards" "$(tr -d '\r' <"$out_file")" "^granules: $count 0\$"
	done
}

# realm_timer looks at the clock, once a millisecond: it has the cores for itself
list=$FIEF_BUILD/out/selftests/tests/list
mapfile -t upstream < <(grep -v '^realm_' "$list")
mapfile -t realm < <(grep '^realm_' "$list" | grep -vx realm_timer)
# shellcheck disable=SC2016 # lanes expands it
lanes 'some realm "${realm[@]}"' 'some upstream "${upstream[@]}"'
some timer realm_timer
