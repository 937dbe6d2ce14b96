# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# the monitor on several PEs whose threads run freely, under ThreadSanitizer
# takes: 25 s
# limit: 300 s

cd "$FIEF_ROOT" || exit
for f in tools/lib/{options,archive,deps,qemu,progress} tools/lib/build; do
	# shellcheck source=/dev/null
	. "$FIEF_ROOT/$f.sh"
done

count races make -C tests -j"$(nproc)" race MBEDTLS="$(mbedtls_tree)" O="$FIEF_BUILD/tests" \
	ARGS="--seconds 3 race relay"
