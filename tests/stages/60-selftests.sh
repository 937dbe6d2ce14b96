# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# KVM selftests on our kernel, firmware and monitor: ordinary VMs are as before, realms are as documented
# limit: 420 s

mkdir -p "$STAGE_LOGS/layer"
cp "$FIEF_BUILD"/out/selftests/tests/* "$STAGE_LOGS/layer/"
cat >"$STAGE_LOGS/layer/all.sh" <<'SH'
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
want=$(wc -l <"$STAGE_LOGS/layer/list")
door_limit=400
door run --host --host-layer "$STAGE_LOGS/layer" --logs "$STAGE_LOGS/machine" -c 2 -m 1024 -- sh /fief/test/all.sh
rm -rf "$STAGE_LOGS/layer"
got=0
while read -r _ t status; do
	got=$((got + 1))
	case $status in
	0) pass "$t" ;;
	4) skip "$t" ;;
	*) fail "$t: status $status: $(tr -d '\r' <"$out_file" | grep -a "^  $t: " | grep -aiE 'not ok|assert|fail' | head -1 | cut -c1-160)" ;;
	esac
done < <(tr -d '\r' <"$out_file" | grep -aE '^== ')
same "every selftest was run" "$want" "$got"
same "the host's script ended well" 0 "$rc"
for count in delegated donated leaked; do
	holds "no granule $count afterwards" "$(tr -d '\r' <"$out_file")" "^granules: $count 0\$"
done
