# SPDX-License-Identifier: BSD-2-Clause
#
# For the scripts host-*.sh of this folder, which run in the host (busybox ash)
# and start guests. They expect
#	/bin/realmvm, /fief/guest/Image, /fief/guest/N.cpio (layers of the guest)
# and this folder's programs beside them. One line per check, "ok ..." or
# "FAIL ..."; the exit status says whether all were ok.
# KIND=--normal runs the same with ordinary VMs where that makes sense.

# shellcheck shell=dash disable=SC2086 # words split on purpose
here=${0%/*}
kernel=/fief/guest/Image
layers=
for layer in /fief/guest/[0-9]*.cpio; do
	layers="$layers -i $layer"
done
kind=--realm
[ "${KIND:-}" != --normal ] || kind=
work=$(mktemp -d /tmp/t.XXXXXX)
fails=0

ok() { echo "ok $*"; }
bad() { echo "FAIL $*"; fails=$((fails + 1)); }
same() { # NAME WANTED GOT
	if [ "$2" = "$3" ]; then ok "$1"; else bad "$1: $3, not $2"; fi
}
finish() {
	rm -rf "$work"
	[ "$fails" = 0 ] || exit 1
	exit 0
}

# guest COMMAND...: what the next guests run; realmcheck, armcheck and vmmattack are there
guest() {
	rm -rf "$work/run"
	mkdir -p "$work/run/fief" "$work/run/bin"
	printf '%s\0' "$@" >"$work/run/fief/argv"
	: >"$work/run/fief/env"
	cp "$here/realmcheck" "$here/armcheck" "$here/vmmattack" "$work/run/bin/"
	(cd "$work/run" && find . | busybox cpio -o -H newc 2>/dev/null) >"$work/run.cpio"
}

# vm OPTIONS...: run one guest to its end; its output in $work/out, what the VMM
# and the guest's kernel said in $work/err and $work/log. Returns its status.
vm() {
	realmvm $kind -k $kernel $layers -i "$work/run.cpio" --status -p quiet \
		--log "$work/log" "$@" </dev/null >"$work/out" 2>"$work/err"
}

# begun WORD OPTIONS...: vm in the background ($!), until its guest has said WORD or is gone
begun() {
	local word=$1
	shift
	: >"$work/out"
	vm "$@" &
	while ! grep -q "$word" "$work/out" && kill -0 $!; do usleep 100000; done
}

# checked NAME WANTED_STATUS OPTIONS...: vm, and every line of its output counts
checked() {
	local name=$1 want=$2 status=0
	shift 2
	vm "$@" || status=$?
	sed "s/^/  /" "$work/out" "$work/err"
	if grep -q '^FAIL' "$work/out"; then
		bad "$name"
	else
		same "$name: status" "$want" "$status"
	fi
	[ "$status" = "$want" ] || tail -n 5 "$work/log"
}

counts() { tr '\n' ' ' </sys/kernel/debug/rmi/granules; }

# A realm that has just ended gives its pages back for a moment yet.
free_mib() {
	sleep 1
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^MemFree:/ { print int($2 / 1024) }' /proc/meminfo
}
