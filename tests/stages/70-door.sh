# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# the door: ./fief run as a user types it: output, statuses, guests, kernels, a monitor that is missing
# takes: 60 s
# limit: 700 s

for f in tools/lib/{options,archive,deps,qemu,progress} tools/lib/build; do
	# shellcheck source=/dev/null
	. "$FIEF_ROOT/$f.sh"
done

# the door's own lines; another fief that builds in the same checkout is no fault
sentences() { grep "^fief:" <<<"$err" | grep -vc "waiting for it"; }

# the door's time: a warm build, a realm, little to do
t=$SECONDS
door run -- uname -a
same "uname: status" 0 "$rc"
holds "uname: the realm's kernel" "$out" '^Linux .* 7\.3\.4 .* aarch64 GNU/Linux$'
same "uname: one line, nothing else" 1 "$(wc -l <"$out_file")"
echo "./fief run -- uname -a: $((SECONDS - t)) s"
challenge=$(head -c 64 /dev/urandom | od -An -v -tx1 | tr -d ' \n')

status()
{
	# bytes pass as they are
	door run -- sh -c 'printf "a\nb\r\n\001\377\t"; printf "c\0d"; exit 7'
	same "bytes" "$(printf 'a\nb\r\n\001\377\tc\0d' | sha256sum)" "$(sha256sum <"$out_file")"
	same "status 7" 7 "$rc"
}

no_status()
{
	door run -- sh -c 'poweroff -f'
	same "no status: 125" 125 "$rc"
	same "no status: one sentence" 1 "$(sentences)"
}

options()
{
	door run -c 4 -m 128 --append 'fief.word=1' -- sh -c 'nproc; dmesg | grep -i "rsi"; cat /proc/cmdline'
	holds "four CPUs" "$out" '^4$'
	holds "the guest is a realm" "$out" 'RSI version 1\.0'
	holds "--append" "$out" 'fief\.word=1'
}

# a token, from the realm's kernel to a verifier that shares nothing with who made it
token()
{
	local file=$STAGE_LOGS/token

	door run -- cca-token "$challenge"
	same "cca-token" 0 "$rc"
	cp "$out_file" "$file"
	door token --challenge "$challenge" "$file"
	same "the token is valid" 0 "$rc"
	holds "and ours" "$out" '^valid$'
	door token --challenge "${challenge/%?????/00000}" "$file"
	same "not for another challenge" 1 "$rc"
	door token --key "$FIEF_ROOT/el3/rak-public.pem" "$file"
	same "not of another platform" 1 "$rc"
}

normal()
{
	door run --normal -- sh -c 'dmesg | grep -ci "RSI version"'
	same "--normal: no realm" 0 "$(tr -d '\r\n' <<<"$out")"
}

debian()
{
	door run --kernel debian -- sh -c "uname -r; cca-token $challenge"
	holds "Debian's own kernel" "$(head -n 1 "$out_file")" '^7\.3\..*deb13.*arm64$'
	same "Debian's own kernel: status" 0 "$rc"
	tail -n +2 "$out_file" >"$STAGE_LOGS/debian-token"
	door token --challenge "$challenge" "$STAGE_LOGS/debian-token"
	same "Debian's own kernel: its token is valid" 0 "$rc"
}

refusals()
{
	door run --kernel "$FIEF_ROOT/README.md" -- true
	same "wrong kernel: 126" 126 "$rc"
	same "wrong kernel: one sentence" 1 "$(sentences)"

	door run -m 31744 -- true
	same "more memory than there is: 126" 126 "$rc"

	door run --rmm none -- true
	same "no monitor: 126" 126 "$rc"
	holds "no monitor: said so" "$err" '^fief: .*no monitor'
	same "no monitor: one sentence" 1 "$(sentences)"

	door run --host -- sh -c 'cat /sys/module/kvm/parameters/rmi'
	same "--host" ok "$(tr -d '\r\n' <<<"$out")"
}

# our own monitor, of another version
another()
{
	local other=$STAGE_LOGS/other

	mkdir -p "$other"
	cp -r "$FIEF_ROOT/rmm" "$FIEF_ROOT/abi" "$FIEF_ROOT/attest" "$other/"
	sed -i 's/\(#define RMI_VERSION_2_0[[:space:]]*\)0x20000ULL/\10x30001ULL/' "$other/abi/rmi.h"
	if make -s -C "$other/rmm" O="$other/o" MBEDTLS="$(mbedtls_tree)" CROSS_COMPILE=aarch64-linux-gnu- >"$other/log" 2>&1; then
		door run --rmm "$other/o/rmm.bin" -- true
		same "another version: 126" 126 "$rc"
		holds "another version: said so" "$err" '^fief: .*3\.1.*needed 2\.0'
		door run --normal --rmm "$other/o/rmm.bin" -- sh -c 'exit 4'
		same "another version: ordinary VMs go on" 4 "$rc"
	else
		fail "another version: $(tail -1 "$other/log")"
	fi
	rm -rf "$other"
}

# mute OPTION PATTERN: a machine with $STAGE_LOGS/mute in that place is said to stand, and goes on
mute()
{
	local i err=$STAGE_LOGS/mute.err runner

	FIEF_NOTICE_SECONDS=1 "$FIEF" boot "$1" "$STAGE_LOGS/mute" --payload "$STAGE_LOGS/mute@0x40400000" \
		>/dev/null 2>"$err" </dev/null &
	runner=$!
	for ((i = 0; i < 30; i++)); do
		! grep -qE "$2" "$err" || break
		sleep 1
	done
	holds "boot: $1 that is mute" "$(<"$err")" "$2"
	check "boot: $1 that is mute: the machine goes on" kill "$runner"
	wait "$runner" || true
}

parts()
{
	# firmware and monitor as parts: a payload of somebody, EL3 and monitor named, the monitor off its 2 MiB boundary
	parts=$STAGE_LOGS/parts
	if O="$parts" QEMU="$fief_qemu" SHIFT=1 RUN=no "$FIEF_ROOT/tests/machine/run.sh" "$FIEF_BUILD/out" >"$STAGE_LOGS/parts.log" 2>&1; then
		door boot --el3 "$FIEF_BUILD/out/el3/el3.bin" --rmm "$parts/shifted.bin" \
			--payload "$parts/host.bin@0x40400000" -m 2048 -c 4
		holds "boot: a payload, EL3 and monitor named" "$out" '^[1-9][0-9]+ passed, 0 failed'
		same "boot: status" 0 "$rc"
		door boot --payload "$parts/host.bin@$(printf 0x%x $((0x80000000 - 0x200000)))"
		same "boot: a payload on the monitor: 126" 126 "$rc"
		holds "boot: a payload on the monitor" "$err" "^fief: the host's image at 0x7fe00000 lies in the monitor's memory"
		# an EL3 that reserves nothing: flag 2 of the boot table, with which ours does not
		printf '\2' | dd of="$parts/flash.bin" bs=1 seek=$((0x7f00c)) conv=notrunc status=none
		door boot --el3 "$parts/flash.bin" --payload "$parts/host.bin@0x40400000" -m 1024
		holds "boot: a whole flash image" "$out" '^[1-9][0-9]+ passed, 0 failed'
		holds "boot: no memory reserved: said" "$out" '^RMM: EL3 reserves no memory .* 512 KiB must come from the host'
	else
		fail "boot: no payload: $(tail -1 "$STAGE_LOGS/parts.log")"
	fi

	door boot --rmm "$FIEF_BUILD/out/el3/el3.bin" --payload "$parts/host.bin@0x40400000"
	same "boot: EL3 for a monitor: 2" 2 "$rc"
	holds "boot: EL3 for a monitor" "$err" 'is the EL3 firmware: --el3 takes it'

	# a monitor, then an EL3, that are never heard of again
	head -c 100 /dev/zero >"$STAGE_LOGS/mute"
	printf '\0\0\0\24' | dd of="$STAGE_LOGS/mute" conv=notrunc status=none
	mute --rmm 'EL3 has started the monitor .*mute.*, and it has not answered'
	mute --el3 'mute. has been EL3 for 1 s and has said nothing'

	# a machine that runs is looked at from outside
	printf '\0\0\0\24' >"$STAGE_LOGS/spins"	# b .
	"$FIEF" boot --payload "$STAGE_LOGS/spins@0x40400000" --logs "$STAGE_LOGS/looked" -m 512 -c 1 >/dev/null 2>&1 &
	runner=$!
	for ((i = 0; i < 30; i++)); do
		sleep 1
		door state --logs "$STAGE_LOGS/looked"
		! grep -q '^Monitor at 0x[0-9a-f]*, INIT' <<<"$out" || break
	done
	holds "state: the monitor" "$out" '^Monitor at 0x5f[0-9a-f]+, INIT'
	holds "state: granule protection" "$out" '^  0x5f[0-9a-f]+ +0x60000000 +Realm'
	holds "state: granules" "$out" '^Granules by state: UNDELEGATED 131072 '
	door state --logs "$STAGE_LOGS/looked" trace
	holds "state: what EL3 was asked" "$out" '^EL3 CPU 0 .*realm world: RMM_RESERVE_MEMORY'
	door state --logs "$STAGE_LOGS/looked" rtt 0x40000000
	same "state: no realm there: 1" 1 "$rc"
	same "state: no realm there: one sentence" 1 "$(sentences)"
	kill -TERM "$runner"
	wait "$runner" || true
	door state --logs "$STAGE_LOGS/looked"
	holds "state: no machine" "$err" '^fief: no machine runs'

	# stopped inside, with a realm
	door gdb --batch -x "$FIEF_ROOT/tests/launch/look.gdb" boot --payload "$parts/host.bin@0x40400000"
	holds "gdb: stops in the monitor" "$out" 'hit Breakpoint .*call_realm_activate '
	holds "gdb: fief-granule" "$out" '^0x[0-9a-f]+: RD, [0-9]+ references'
	holds "gdb: fief-gpt" "$out" '^0x0: Root, by the table of level 1 '
	holds "gdb: fief-rtt" "$out" '^ +0x0 +0x[0-9a-f]+ +level 3  DATA RAM at 0x'
	same "gdb: its tables are tables" '' "$(grep 'as a table' <<<"$out")"
	holds "gdb: fief-rtt, one IPA" "$out" '^  level 3: table 0x[0-9a-f]+, entry 0 is 0x[0-9a-f]+: DATA RAM at 0x'
	holds "gdb: fief-rec" "$out" '^  REC 0x[0-9a-f]+: MPIDR 0x'
	holds "gdb: fief-trace" "$out" 'RMI_REALM_ACTIVATE rd 0x[0-9a-f]+: RMI_SUCCESS'
	holds "gdb: a command without its argument" "$out" '^fief-granule ADDR: '
	holds "gdb: sources" "$out" '^4.ARG\(rec, pa\)'
	same "gdb: status" 0 "$rc"
}

lanes debian another parts token options status no_status normal refusals
