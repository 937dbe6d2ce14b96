# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash

cmd_help()
{
	case ${1:-} in
	'') help_all ;;
	run) help_run ;;
	boot) help_boot ;;
	gdb) help_gdb ;;
	help) help_all ;;
	*)
		# every command is a word of its own in the door
		grep -qE "(^|\| )$1( \||\)$)" "$FIEF_ROOT/fief" || usage_error "there is no command '$1'"
		help_all
		;;
	esac
}

help_all()
{
	cat <<-'EOF'
		Fief: a Linux guest as an Arm CCA realm, every layer from source, on QEMU.

		usage: ./fief COMMAND [OPTIONS]

		  run      build what is missing, boot, and connect this terminal to a realm
		  boot     a payload of yours at EL2 on this firmware, another EL3 or another monitor
		  test     everything that shows that it works, with times
		  check    the tests that need no machine, in a minute
		  bench    instructions of every call by world, sizes, limits, aims (--json FILE,
		           --where FIGURE: in which functions, --doc: into docs/figures.md)
		  walk     random calls of the monitor on the paper machine, each answer and state judged
		           by a model (SEED, --seconds N (60), --steps N, --log FILE)
		  race     the same by two to four CPUs at once, as a seed schedules them
		  fuzz     the same led by libFuzzer (SECONDS, --seed SEED), or one FILE it left again
		  mutate   small changes to the monitor, each of which the hosted tests must catch
		           (-n COUNT, --seed SEED, --only N, --jobs N, --least PERCENT, --quick: without
		           sanitizers; files)
		  decode   crashes and traces of a console log in words: './fief decode build/logs/last/host.log',
		           or of standard input (--rmm ELF, --el3 ELF: of another build)
		  token    what is in a realm's attestation token, and whether it is valid:
		           './fief run -- cca-token >FILE', './fief token FILE' (--challenge HEX,
		           --key PEM: the platform's)
		  state    what a running machine holds, whatever world it belongs to: granule protection,
		           granules by state, realms, RECs, RTTs; or one thing: granule ADDR, gpt ADDR,
		           rtt RD [IPA], rec ADDR, trace [N] (--logs DIR: which machine)
		  gdb      a debugger on the machine: EL3, monitor and Linux by their names ('help gdb')
		  doctor   what is here, what is missing, and which realm layer answers
		  build    build only (--all: also what `test` and `run --kernel debian` need)
		  clean    remove build products (--cache: also what was fetched and cached)
		  help     this; 'help run', 'help boot', 'help gdb' for the options of those

		Options of all that may build or fetch:
		  --qemu PATH      an emulator of yours (QEMU 9 or newer)
		  --mirror URL     a Debian mirror, as in http://deb.debian.org/debian (also FIEF_MIRROR)
		  --source FILE    a local linux-source package or kernel tar archive

		Fetched and cached things are in ${XDG_CACHE_HOME:-~/.cache}/fief, build products and
		logs in build/. Nothing else is written, and only missing Debian packages are installed.
	EOF
}

help_run()
{
	cat <<-'EOF'
		usage: ./fief run [OPTIONS] [-- COMMAND...]

		Without a command: a shell in a realm; Ctrl-A x leaves. With one: it runs inside the
		realm, its output comes out here byte by byte, and its exit status is returned.
		125: the realm ended without a status. 126: it could not start or went wrong.

		  -c CPUS          the realm's CPUs, 1 to 8 (2)
		  -m MIB           the realm's memory, 64 to 31744 (512)
		  --normal         the same guest as an ordinary VM
		  --kernel FILE    the realm's kernel, a plain arm64 Image
		  --kernel debian  Debian's own, unmodified kernel package
		  --initrd FILE    the realm's initramfs, in place of ours
		  --append ARGS    more kernel arguments for the realm
		  --rmm FILE       another monitor image; 'none': no monitor, so no realms
		  --host           a shell in the host instead (COMMAND: run in the host)
		  --logs DIR       keep the logs of all layers there (build/logs/last)
		  --keep DIR       the same
		  -v, --verbose    show every layer's lines, each with its speaker in front
		  --qemu PATH, --mirror URL, --source FILE   see './fief help'
	EOF
}

help_boot()
{
	cat <<-'EOF'
		usage: ./fief boot [OPTIONS] [-- QEMU-ARGUMENTS...]

		Boots firmware, monitor and a payload. The payload starts at EL2 of the normal world at
		ADDRESS, MMU off, device tree in x0; its UART0 is this terminal (Ctrl-A x leaves). It ends
		by PSCI SYSTEM_OFF or SYSTEM_RESET: status 0. 126: the machine could not go on, and why.

		  --payload FILE@ADDRESS
		                   a flat binary and where it goes: from 0x40100000 (the device tree lies
		                   below) to the monitor at the top of memory. Without: this project's Linux
		                   host with a shell, in which realms run ('./fief run' starts one by itself)
		  --el3 FILE       another EL3 image: packed like ours (boot table, monitor), or taken as
		                   the whole flash, monitor and all, when larger than 508 KiB
		  --rmm FILE       another monitor that speaks RMM-EL3 2.0; 'none': no monitor
		  -m MIB           the machine's memory, 64 to 130048 (1024)
		  -c CPUS          its CPUs, 1 to 8 (2)
		  --append ARGS    bootargs in the device tree
		  --logs DIR       keep the logs there (build/logs/last); el3.log is EL3's own console
		  -v, --verbose    show EL3's lines too
	EOF
}

help_gdb()
{
	cat <<-'EOF'
		usage: ./fief gdb [--batch] [-x SCRIPT] [run OPTIONS [-- COMMAND...] | boot OPTIONS]

		Starts the machine as 'run' (without a word) or 'boot' would, stopped where EL3 has placed
		the monitor, with gdb on it: symbols of EL3, the monitor, and Linux (host and guest are
		one kernel). The machine's console goes to build/logs/last/console.log. Commands, besides
		gdb's own ('help user-defined'); an argument is one word:

		  fief-granule ADDR     what the monitor takes a granule for, and its world
		  fief-gpt ADDR         its entry in the granule protection tables
		  fief-rtt RD [IPA]     the tables of a realm, or the walk of one IPA
		  fief-rec ADDR         a REC
		  fief-trace [N]        the last events of each CPU
		  fief-state            all of it

		  -x SCRIPT             gdb commands from a file, after the symbols are there
		  --batch               no prompt: the script, then the end
		gdb-multiarch is taken from PATH (or FIEF_GDB); without one Debian's is fetched to the cache.
	EOF
}
