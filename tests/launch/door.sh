#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The door's own parts, without a machine: refusals of the command line, the
# machine's package sources as read, hashes of inputs, stages.

set -euo pipefail
FIEF_ROOT=$(cd "$(dirname "$0")/../.." && pwd)
export XDG_CACHE_HOME
XDG_CACHE_HOME=$(mktemp -d)
unset FIEF_CACHE FIEF_MIRROR FIEF_QEMU
. "$FIEF_ROOT/tools/lib/common.sh"
for f in tools/lib/{options,archive,deps,qemu,progress} tools/lib/build; do
	# shellcheck source=/dev/null
	. "$FIEF_ROOT/$f.sh"
done
fief_tmp+=("$XDG_CACHE_HOME")
make_cache
scratch
t=$REPLY
passed=0 failed=0

is()	# NAME WANT GOT
{
	if [[ $2 == "$3" ]]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf '%s:\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"
	fi
}

# ---- refusals: status, one line that names the trouble, nothing on stdout

refuses()	# NAME STATUS PATTERN WORDS...
{
	local name=$1 want=$2 pattern=$3 rc=0 out lines

	shift 3
	out=$("$FIEF_ROOT/fief" "$@" 2>"$t/err" </dev/null) || rc=$?
	lines=$(wc -l <"$t/err")
	if [[ $rc == "$want" && $lines == 1 && -z $out ]] && grep -qE -e "$pattern" "$t/err"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$name: status $rc, $lines lines, stdout '$out':"
		cat "$t/err"
	fi
}

head -c 100000 /dev/zero | gzip >"$t/zip"
printf 'MZzi' >"$t/zboot"
head -c 600000 /dev/zero >"$t/flash"
head -c 4096 /dev/zero >"$t/zeros"
refuses 'unknown command' 2 "unknown command 'fly'" fly
refuses 'unknown option' 2 "unknown option '--fast'" run --fast
refuses 'unknown short option' 2 "unknown option '-x'" run -x
refuses 'word without --' 2 "after '--'" run uname
refuses 'nothing after --' 2 'command is missing' run --
refuses 'CPUs: zero' 2 'from 1 to 8' run -c 0
refuses 'CPUs: many' 2 'from 1 to 8' run -c 9
refuses 'CPUs: a word' 2 'from 1 to 8' run -c two
refuses 'CPUs: nothing' 2 'needs a value' run -c
refuses 'CPUs: negative' 2 'from 1 to 8' run -c -1
refuses 'memory: small' 2 'from 64 to' run -m 63
refuses 'memory: fraction' 2 'from 64 to' run -m 1.5
refuses 'memory: huge' 2 'from 64 to' run -m 99999999999999999999
refuses 'memory: empty' 2 'from 64 to' run -m ''
refuses 'kernel: not there' 2 'no readable file' run --kernel "$t/none"
refuses 'kernel: a folder' 2 'no readable file' run --kernel "$t"
refuses 'kernel: compressed' 126 'compressed' run --kernel "$t/zip"
refuses 'kernel: compressed EFI' 126 'compressed' run --kernel "$t/zboot"
refuses 'kernel: zeros' 126 'not an arm64' run --kernel "$t/zeros"
refuses 'initrd: not there' 2 'no readable file' run --initrd "$t/none"
refuses 'QEMU: not there' 2 'does not run' run --qemu "$t/none"
refuses 'QEMU: no QEMU' 2 'does not run' run --qemu /bin/true
refuses 'mirror: no address' 2 'takes an address' run --mirror example
refuses 'source: not there' 2 'no readable file' build --source "$t/none"
refuses 'logs: no folder' 2 'cannot write' run --logs /proc/none
refuses 'build: word' 2 "takes no 'all'" build all
printf '\177ELF' >"$t/elf"
: >"$t/empty"
printf '\0\0\0\24\0\0\0\0FIEF-RMM' >"$t/monitor"
refuses 'boot: no address' 2 'takes FILE@ADDRESS' boot --payload "$t/zeros"
refuses 'boot: bad address' 2 "'0x4x' is no address" boot --payload "$t/zeros@0x4x"
refuses 'boot: empty address' 2 "'' is no address" boot --payload "$t/zeros@"
refuses 'boot: no file' 2 'no readable file' boot --payload "$t/none@0x40400000"
refuses 'boot: empty' 2 'is empty' boot --payload "$t/empty@0x40400000"
refuses 'boot: ELF' 2 'ELF file' boot --payload "$t/elf@0x40400000"
refuses 'boot: odd' 2 'address of an instruction' boot --payload "$t/zeros@0x40400001"
refuses 'boot: below memory' 2 'not in memory' boot --payload "$t/zeros@4096"
refuses 'boot: beyond memory' 2 'not in memory \(0x40000000 - 0x44000000' boot -m 64 --payload "$t/zeros@0x44000000"
refuses 'boot: device tree' 2 'on the device tree' boot --payload "$t/zeros@0x400ffffc"
refuses 'boot: too large' 2 'beyond the end of memory' boot -m 64 --payload "$t/zeros@0x43fff004"
refuses 'boot: el3 not there' 2 'no readable file' boot --el3 "$t/none"
refuses 'boot: rmm not there' 2 'no readable file' boot --rmm "$t/none"
refuses 'boot: el3 empty' 2 'is empty' boot --el3 "$t/empty"
refuses 'boot: rmm empty' 2 'is empty' boot --rmm "$t/empty"
refuses 'boot: el3 an ELF file' 2 'the flat binary is wanted' boot --el3 "$t/elf"
refuses 'boot: rmm an ELF file' 2 'the flat binary is wanted' boot --rmm "$t/elf"
refuses 'boot: el3 a monitor' 2 'is a monitor: --rmm takes it' boot --el3 "$t/monitor"
refuses 'boot: flash and rmm' 2 'whole flash image' boot --el3 "$t/flash" --rmm "$t/zeros"
refuses 'boot: CPUs' 2 'from 1 to 8' boot -c 9
refuses 'boot: memory' 2 'from 64 to' boot -m 63
refuses 'boot: a word' 2 "unknown option 'x'" boot x
refuses 'state: what' 2 'state takes granule' state realm
refuses 'state: too much' 2 'state takes granule' state granule 1 2
refuses 'state: option' 2 "unknown option '-x'" state -x
refuses 'decode: not there' 2 'no readable file' decode "$t/none"
refuses 'decode: two' 2 'takes one file' decode "$t/zeros" "$t/zeros"
refuses 'gdb: a word' 2 "unknown option 'x'" gdb x
refuses 'gdb: no script' 2 'no readable file' gdb -x "$t/none"
refuses 'gdb: of boot' 2 'unknown option' gdb boot --fast
refuses 'test: no such stage' 2 "no test stage 'nonsense'" test nonsense
refuses 'clean: option' 2 'unknown option' clean --all
refuses 'doctor: option' 2 'unknown option' doctor --deep
refuses 'help: no such command' 2 "no command 'fly'" help fly
printf '#!/bin/sh\necho QEMU emulator version 7.2.9\n' >"$t/old"
chmod +x "$t/old"
refuses 'QEMU: old' 2 'QEMU 7.2.9; 9.0 or newer' run --qemu "$t/old"
# shellcheck disable=SC2016
printf '#!/bin/sh\necho QEMU emulator version 9.2.0; [ "$1" = --version ]\n' >"$t/norme"
chmod +x "$t/norme"
refuses 'QEMU: without RME' 2 'x-rme' run --qemu "$t/norme"

# ---- package sources of the machine

mkdir -p "$t/etc/sources.list.d"
cat >"$t/etc/sources.list" <<-X
	# deb http://comment.example/debian bookworm main
	deb http://one.example/debian bookworm main
	deb [arch=amd64 signed-by=/x] http://two.example/debian bookworm-updates main
	deb-src http://three.example/debian bookworm main
X
cat >"$t/etc/sources.list.d/a.sources" <<-X
	# comment
	Types: deb deb-src
	URIs: http://four.example/debian
	  http://five.example/debian
	Suites: bookworm bookworm-updates
	Components: main

	Enabled: no
	Types: deb
	URIs: http://six.example/debian
	Suites: bookworm

	Types: deb-src
	URIs: http://seven.example/debian
	Suites: bookworm
X
is 'sources, both forms' "http://one.example/debian bookworm
http://two.example/debian bookworm-updates
http://four.example/debian bookworm
http://four.example/debian bookworm-updates
http://five.example/debian bookworm
http://five.example/debian bookworm-updates" "$(APT_ETC=$t/etc sources_of_machine)"
is 'mirror given' http://m.example/debian "$(fief_mirror=http://m.example/debian/ mirrors)"
rm -rf "${t:?}/etc"
is 'no sources: the default mirror' http://deb.debian.org/debian "$(APT_ETC=$t/etc mirrors)"

# ---- fetched files: whole or not there

m=$t/mirror
mkdir -p "$m/pool"
echo content >"$m/pool/thing_1.0_all.deb"
mkdir -p "$t/root/deps"
printf 'thing thing 1.0 stable all thing 8 %s pool/thing_1.0_all.deb\n' \
	"$(sha256_of "$m/pool/thing_1.0_all.deb")" >"$t/root/deps/fetched"
fetching()
{
	(FIEF_ROOT=$t/root fief_mirror=file:$m fetch thing) 2>&1
}
fetching >/dev/null && rc=0 || rc=$?
is 'fetch' 0 "$rc"
is 'fetched' content "$(cat "$FIEF_CACHE/fetch/thing_1.0_all.deb")"
rm -f "$FIEF_CACHE"/fetch/thing*
echo forged >"$m/pool/thing_1.0_all.deb"
out=$(fetching) && rc=0 || rc=$?
is 'forged: refused' 1 "$rc"
is 'forged: said' 1 "$(grep -c 'another content than deps/fetched' <<<"$out")"
is 'forged: not kept' '' "$(find "$FIEF_CACHE/fetch" -name '*.deb*')"

# ---- hashes of inputs

mkdir -p "$t/tree/a"
echo 1 >"$t/tree/a/x"
h() { FIEF_ROOT=$t/tree hash_of "$@" -- a; }
h1=$(h v1)
is 'same inputs, same hash' "$h1" "$(h v1)"
[[ $(h v2) != "$h1" ]] && r=yes || r=no
is 'another tool version' yes "$r"
echo 2 >"$t/tree/a/x"
[[ $(h v1) != "$h1" ]] && r=yes || r=no
is 'another content' yes "$r"
echo 1 >"$t/tree/a/x"
mv "$t/tree/a/x" "$t/tree/a/y"
[[ $(h v1) != "$h1" ]] && r=yes || r=no
is 'another name' yes "$r"

# ---- stages: a failure is seen, and ends what runs beside it

cat >"$t/stages.sh" <<-X
	set -euo pipefail
	FIEF_ROOT=$FIEF_ROOT
	. "$FIEF_ROOT/tools/lib/common.sh"
	. "$FIEF_ROOT/tools/lib/progress.sh"
	slow() { exec sleep 4321.$$; }
	broken() { echo trouble; false; echo not reached; }
	two() { stage one true; stage two broken; }
	stages_begin "$t/logs"
	stages_expect one two slow
	stage_bg stage slow slow
	stage_bg two
	if stages_wait; then exit 9; fi
	echo "\$REPLY"
X
bash "$t/stages.sh" >"$t/stages" 2>/dev/null || true
is 'stages: failed one' two "$(cat "$t/stages")"
is 'stages: log' trouble "$(cat "$t/logs/two.log")"
is 'stages: nothing left' '' "$(cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ' | grep -ao "sleep 4321[.]$$" || true)"

echo "$passed passed, $failed failed"
((failed == 0))
