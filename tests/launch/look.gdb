# SPDX-License-Identifier: BSD-2-Clause
#
# For the stage `door`: stops in the monitor where tests/machine activates its realm and
# enters its REC, and looks at what is there. x1: the arguments of the call.
break call_realm_activate
continue
set $rd = *(unsigned long *)$x1
bt 2
fief-granule $rd
fief-gpt 0
fief-rtt $rd
fief-rtt $rd 0
break call_rec_enter
continue
set $rec = *(unsigned long *)$x1
fief-rec $rec
fief-trace 2
fief-granule 0x1000
fief-granule
list
