#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# host-features.sh: what a guest has of the CPU when it is asked for: SVE, PMU.

# shellcheck shell=dash disable=SC1091,SC2086 # words split on purpose
. "${0%/*}/lib.sh"
guest armcheck no-sve
checked "without SVE" 0 -m 128
guest armcheck sve 512 pmu
checked "SVE of 512 bits and a PMU, two CPUs" 0 -m 128 -c 2 --sve-max-vl 512 --pmu
guest armcheck sve 2048
checked "the longest vectors" 0 -m 128 --sve-max-vl 2048
finish
