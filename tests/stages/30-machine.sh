# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# firmware and monitor on the emulated machine, without Linux: a bare-metal host and a bare-metal realm
# takes: 40 s
# limit: 420 s

cd "$FIEF_ROOT" || exit
for f in tools/lib/{options,archive,deps,qemu,progress} tools/lib/build; do
	# shellcheck source=/dev/null
	. "$FIEF_ROOT/$f.sh"
done
qemu_find || true

# payload NAME [VAR=VALUE...] -- SCRIPT: tests/machine/SCRIPT.sh; its "ok" and "not ok" lines are
# tests. $machine is the folder of what it makes.
payload()
{
	local name=$1 log=$STAGE_LOGS/$1.log vars=() rc=0 line

	shift
	while [[ $1 != -- ]]; do
		vars+=("$1")
		shift
	done
	env QEMU="$fief_qemu" O="$machine" "${vars[@]+"${vars[@]}"}" "tests/machine/$2.sh" "$FIEF_BUILD/out" >"$log" 2>&1 || rc=$?
	tail -n 5 "$log"
	[[ $2 != run ]] || log=$machine/host.log
	while IFS= read -r line; do
		case $line in
		"ok "*) echo "PASS $name: ${line#ok }" ;;
		"not ok "*) echo "FAIL $name: ${line#not ok }" ;;
		esac
	done < <(tr -d '\r' <"$log" | grep -aE '^(not )?ok ') >>"$STAGE_LOGS/results"
	((rc == 0)) || fail "$name: ended with $rc"
}

# every CPU attacks; 4: more than there are cores
storm()
{
	local machine=$STAGE_LOGS/storm n

	for n in 1 2 4; do
		payload storm-$n PAYLOAD=storm SMP=$n -- run
	done
}

# the plain payload, and what goes wrong before or beside it
plain()
{
	local machine=$STAGE_LOGS/machine

	payload plain -- run
	payload other LIBFDT="$(libfdt_tree)" MBEDTLS="$(mbedtls_tree)" -- other
	payload panic -- panic
	out=$("$FIEF" decode "$machine/panic_host.log")
	holds "decode: file and line of a panic" "$out" 'ELR: call_features \((rmm|abi)/rmi/[a-z]+\.[a-z]+:[0-9]+\)'
	holds "decode: the call that it was in" "$out" 'CPU 1 is inside RMI_FEATURES index 0x'
	holds "decode: what came before" "$out" 'RMM CPU 1 .*  RMI_VERSION requested 0x20000: RMI_SUCCESS'
	payload boot -- boot
}

other_shapes()
{
	local machine=$STAGE_LOGS/shapes

	payload granules PAYLOAD=granule MEM=4G SMP=1 -- run
	# an earlier format of tokens; and another one, signed by EL3
	payload one-cpu SMP=1 MKFLASH_FLAGS="--flags 0x200" -- run
	# no metadata from EL3: the host donates it at RMM_ACTIVATE
	payload donated SMP=4 MEM=4G MKFLASH_FLAGS="--flags 0x112" -- run
	# blocks in the granule table: the host asks for tables
	payload blocks MEM=4G MKFLASH_FLAGS="--flags 1" CFLAGS_MORE=-DONE_SHAPE -- run
	payload shifted SHIFT=1 -- run
}

latency()
{
	local machine=$STAGE_LOGS/latency

	payload latency -- latency
	payload latency-donated MKFLASH_FLAGS="--flags 2" -- latency
}

lanes other_shapes plain 'count firmware tests/el3/run.sh' latency storm
