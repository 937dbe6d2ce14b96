#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The monitor on the machine, without Linux: a bare-metal host at NS-EL2 builds
# a realm, runs a bare-metal program in it, and both check what they see.
#
#	run.sh BUILD_DIR	(lib.sh says what may be set for it)
#
# SHIFT, CFLAGS_MORE and QEMU_MORE may be set too; PAYLOAD=storm takes storm.c and storm_realm.c instead
# of host.c and realm.c, PAYLOAD=granule (it brings its own realm) granule.c; RUN=no only builds.
# Prints "N passed, M failed". Counting instructions:
#	SMP=1 QEMU_MORE="-icount shift=0,sleep=off -seed 1" run.sh BUILD_DIR
set -euo pipefail

# shellcheck source=tests/machine/lib.sh
. "$(dirname "$0")/lib.sh"
read -ra more_cflags <<<"${CFLAGS_MORE:-}"
read -ra more_qemu <<<"${QEMU_MORE:-}"
payload_flags+=("${more_cflags[@]+"${more_cflags[@]}"}")

realm=${PAYLOAD:+${PAYLOAD}_}realm.c
[[ -e $tests/machine/$realm ]] || realm=realm.c
program realm machine/realm.lds machine/realm_entry.S "machine/$realm" --
host_program host "machine/${PAYLOAD:-host}.c" "-DREALM_BIN=\"$out/realm.bin\""

# The monitor must run at any 4 KiB boundary: with SHIFT=1 a page that branches over itself
# stands before it.
if [[ -n ${SHIFT:-} ]]; then
	le() { # BYTES VALUE
		local i
		for ((i = 0; i < $1; i++)); do printf '%b' "\\x$(printf %02x $(($2 >> 8 * i & 255)))"; done
	}
	bytes=$(od -An -tu8 -j16 -N8 "$rmm")
	{
		le 4 0x14000400
		le 4 0
		printf FIEF-RMM
		le 8 $((bytes + 4096))
		le 8 1
		head -c $((4096 - 32)) /dev/zero
		cat "$rmm"
	} >"$out/shifted.bin"
	rmm=$out/shifted.bin
fi

flash flash "$rmm" "${more_flash[@]+"${more_flash[@]}"}"

[[ ${RUN:-} != no ]] || exit 0

emulate "${TIMEOUT:-60}" '' flash host "${more_qemu[@]+"${more_qemu[@]}"}"

grep -a -v -e '^ok' -e '^token' "$out/host.log" || true
if ! grep -a -q '^[0-9]* passed, [0-9]* failed' "$out/host.log"; then
	echo "the payload did not end; EL3 said:"
	tail -n 20 "$out/el3.log"
	exit 1
fi

# What the realms got for tokens, looked at by somebody else: lines of hexadecimal, and an empty one.
gcc -O1 -o "$out/cca-token" "$root"/tools/token/*.c -lcrypto
: >"$out/token.txt"
hex=
while read -r _ line; do
	hex+=$line
	[[ -z $line ]] || continue
	if "$out/cca-token" --key "$root/el3/cpak-public.pem" \
		--challenge "$(printf '3141484346494546%.0s' {1..8})" <<<"$hex" >>"$out/token.txt"; then
		echo "ok the token is valid"
	else
		echo "not ok the token is valid"
	fi >>"$out/host.log"
	hex=
done < <(tr -d '\r' <"$out/host.log" | grep -a '^token')

# measured FILE: as the platform token tells it, of 2026 as if it extended a register
measured()
{
	local hash

	hash=$(sha256sum "$1" | cut -c1-64)
	if grep -q '2026:cca_platform' "$out/token.txt"; then
		# shellcheck disable=SC2001 # every two digits
		hash=$({ head -c 32 /dev/zero; printf '%b' "$(sed 's/../\\x&/g' <<<"$hash")"; } | sha256sum | cut -c1-64)
	fi
	echo "$hash"
}
if [[ -s $out/token.txt ]]; then
	for what in "EL3 $build/el3/el3.bin" "RMM $rmm"; do
		if grep -q "{1: ${what%% *}, 2: $(measured "${what#* }")," "$out/token.txt"; then
			echo "ok ${what%% *} is measured as it is"
		else
			echo "not ok ${what%% *} is measured as it is"
		fi >>"$out/host.log"
	done
fi
! grep -a -q '^not ok' "$out/host.log"
