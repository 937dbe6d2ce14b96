# SPDX-License-Identifier: BSD-2-Clause
#
# Commands of `./fief gdb`. What they show is read by tools/state.c from outside the
# CPU, so that each works wherever it stands: in the host, in a realm, at EL3.

define fief-granule
  if $argc == 1
    eval "shell $FIEF_LOOK granule 0x%lx", (unsigned long)($arg0)
  else
    help fief-granule
  end
end
document fief-granule
fief-granule ADDR: the granule at a physical address, and its granule protection.
end

define fief-gpt
  if $argc == 1
    eval "shell $FIEF_LOOK gpt 0x%lx", (unsigned long)($arg0)
  else
    help fief-gpt
  end
end
document fief-gpt
fief-gpt ADDR: the entry of a physical address in the granule protection tables.
end

define fief-rtt
  if $argc == 2
    eval "shell $FIEF_LOOK rtt 0x%lx 0x%lx", (unsigned long)($arg0), (unsigned long)($arg1)
  end
  if $argc == 1
    eval "shell $FIEF_LOOK rtt 0x%lx", (unsigned long)($arg0)
  end
  if $argc == 0 || $argc > 2
    help fief-rtt
  end
end
document fief-rtt
fief-rtt RD [IPA]: the tables of a realm, or the walk of one IPA.
end

define fief-rec
  if $argc == 1
    eval "shell $FIEF_LOOK rec 0x%lx", (unsigned long)($arg0)
  else
    help fief-rec
  end
end
document fief-rec
fief-rec ADDR: a REC.
end

define fief-trace
  if $argc > 0
    eval "shell $FIEF_LOOK trace %lu", (unsigned long)($arg0)
  else
    shell $FIEF_LOOK trace
  end
end
document fief-trace
fief-trace [N]: the last events of each CPU, of the monitor and of EL3.
end

define fief-state
  shell $FIEF_LOOK
end
document fief-state
fief-state: all of it, as ./fief state.
end

# From reset to where EL3 has placed the monitor: from here on its symbols are right.
define fief-symbols
  hbreak tree_for_host
  set $fief_break = $bpnum
  continue
  delete $fief_break
  if block_bytes != 0
    eval "add-symbol-file $arg0 -o 0x%lx", block_base
  end
end
document fief-symbols
fief-symbols ELF: goes on until EL3 has placed the monitor, then loads its symbols.
end
