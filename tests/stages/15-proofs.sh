# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# CBMC: encodings, address arithmetic, transition tables, the list parser, for all values at once
# takes: 20 s
# limit: 600 s

cd "$FIEF_ROOT" || exit
for f in tools/lib/{options,archive,deps,qemu,progress} tools/lib/build; do
	# shellcheck source=/dev/null
	. "$FIEF_ROOT/$f.sh"
done

cbmc_wrapper "$STAGE_LOGS/cbmc"
count proofs env CBMC="$STAGE_LOGS/cbmc" CBMC_PROVEN="$FIEF_CACHE/proven" tests/cbmc/run.sh
