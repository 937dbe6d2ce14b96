# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# the monitor on the paper machine, the VMM's parts, the door: no machine needed
# takes: 70 s
# limit: 300 s

cd "$FIEF_ROOT" || exit
for f in tools/lib/{options,archive,deps,qemu,progress} tools/lib/build; do
	# shellcheck source=/dev/null
	. "$FIEF_ROOT/$f.sh"
done

monitor() { count monitor make -C tests -j"$(nproc)" check MBEDTLS="$(mbedtls_tree)" O="$FIEF_BUILD/tests"; }

rest()
{
	local t

	count vmm make -C vmm -j"$(nproc)" check O="$FIEF_BUILD/vmm-tests"
	for t in tests/launch/*.sh; do
		count "$(basename "$t" .sh)" bash "$t"
	done
}

lanes monitor rest
