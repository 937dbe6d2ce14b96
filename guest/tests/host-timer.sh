#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# host-timer.sh: an ordinary VM is killed in the midst of its timers, on both
# CPUs; a realm's timers then tick at the right rate on the same CPUs, and an
# ordinary VM's after that.

# shellcheck shell=dash disable=SC1091,SC2046,SC2086,SC2012 # words split on purpose
. "${0%/*}/lib.sh"
for i in 1 2 3; do
	guest sh -c 'for i in 1 2 3 4; do while :; do usleep 1000; done & done; echo up; sleep 100'
	kind=
	begun up -c 2 -m 128
	sleep 1
	kill -9 $(pidof realmvm)
	wait
	guest realmcheck realm timer
	kind=--realm
	checked "realm after a killed VM, round $i" 0 -c 2 -m 128
done
guest realmcheck timer
kind=
checked "an ordinary VM after a realm" 0 -c 2 -m 128
finish
