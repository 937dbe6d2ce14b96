# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# firmware and monitor on the emulated machine, without Linux: a bare-metal host and a bare-metal realm
# limit: 420 s

cd "$FIEF_ROOT" || exit
for f in tools/lib/{options,archive,deps,qemu,progress} tools/lib/build; do
	# shellcheck source=/dev/null
	. "$FIEF_ROOT/$f.sh"
done
qemu_find || true

# payload NAME [VAR=VALUE...] -- COMMAND...: its "ok" and "not ok" lines are tests
payload()
{
	local name=$1 log=$STAGE_LOGS/$1.log vars=() rc=0 line

	shift
	while [[ $1 != -- ]]; do
		vars+=("$1")
		shift
	done
	shift
	env QEMU="$fief_qemu" O="$STAGE_LOGS/machine" "${vars[@]+"${vars[@]}"}" "$@" >"$log" 2>&1 || rc=$?
	tail -n 5 "$log"
	[[ $name =~ ^(boot|panic|other|latency.*)$ ]] || log=$STAGE_LOGS/machine/host.log
	while IFS= read -r line; do
		case $line in
		"ok "*) echo "PASS $name: ${line#ok }" ;;
		"not ok "*) echo "FAIL $name: ${line#not ok }" ;;
		esac
	done < <(tr -d '\r' <"$log" | grep -aE '^(not )?ok ') >>"$STAGE_LOGS/results"
	((rc == 0)) || fail "$name: ended with $rc"
}

# every CPU attacks; 4: more than there are cores. First: the last payload is the one that
# panic.sh and boot.sh take.
for n in 1 2 4; do
	payload storm-$n PAYLOAD=storm SMP=$n -- tests/machine/run.sh "$FIEF_BUILD/out"
done
payload plain -- tests/machine/run.sh "$FIEF_BUILD/out"
payload granules PAYLOAD=granule MEM=4G SMP=1 -- tests/machine/run.sh "$FIEF_BUILD/out"
# an earlier format of tokens; and another one, signed by EL3
payload one-cpu SMP=1 MKFLASH_FLAGS="--flags 0x200" -- tests/machine/run.sh "$FIEF_BUILD/out"
# no metadata from EL3: the host donates it at RMM_ACTIVATE
payload donated SMP=4 MEM=4G MKFLASH_FLAGS="--flags 0x112" -- tests/machine/run.sh "$FIEF_BUILD/out"
# blocks in the granule table: the host asks for tables
payload blocks MEM=4G MKFLASH_FLAGS="--flags 1" CFLAGS_MORE=-DONE_SHAPE -- \
	tests/machine/run.sh "$FIEF_BUILD/out"
payload shifted SHIFT=1 -- tests/machine/run.sh "$FIEF_BUILD/out"
payload other LIBFDT="$(libfdt_tree)" MBEDTLS="$(mbedtls_tree)" -- tests/machine/other.sh "$FIEF_BUILD/out"
payload panic -- tests/machine/panic.sh "$FIEF_BUILD/out"
out=$("$FIEF" decode "$STAGE_LOGS/machine/panic_host.log")
holds "decode: file and line of a panic" "$out" 'ELR: call_features \((rmm|abi)/rmi/[a-z]+\.[a-z]+:[0-9]+\)'
holds "decode: the call that it was in" "$out" 'CPU 1 is inside RMI_FEATURES index 0x'
holds "decode: what came before" "$out" 'RMM CPU 1 .*  RMI_VERSION requested 0x20000: RMI_SUCCESS'
payload latency -- tests/machine/latency.sh "$FIEF_BUILD/out"
payload latency-donated MKFLASH_FLAGS="--flags 2" -- tests/machine/latency.sh "$FIEF_BUILD/out"
payload boot -- tests/machine/boot.sh "$FIEF_BUILD/out"
count firmware tests/el3/run.sh
