#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# host-status.sh: how a guest ends, and the status that follows.

# shellcheck shell=dash disable=SC1091,SC2046,SC2086,SC2012 # words split on purpose
. "${0%/*}/lib.sh"
one() { # NAME STATUS COMMAND...
	local name=$1 status=$2
	shift 2
	guest "$@"
	checked "$name" "$status" -m 128 ${options:-}
}
one "exit 7" 7 sh -c 'exit 7'
one "true" 0 true
one "killed by signal 9" 137 sh -c 'kill -9 $$'
one "no such command" 127 /no/such/command
one "power off without a status" 125 poweroff -f
one "reset without a status" 125 reboot -f
options="-p rdinit=/none"
one "panic" 125 true
options="--console serial"
one "serial console" 3 sh -c 'exit 3'
options="-c 4"
one "four CPUs busy at the end" 4 sh -c 'for i in 1 2 3 4 5 6; do while :; do :; done & done; sleep 1; exit 4'
finish
