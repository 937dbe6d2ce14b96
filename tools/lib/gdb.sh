# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# ./fief gdb: the emulator stopped, symbols of EL3, monitor and Linux loaded, and
# commands that show what a granule, a table, a REC, an address is (tools/fief.gdb).

gdb_batch=0 gdb_scripts=() gdb_kind=run

# gdb_find: sets gdb_program if there is one that knows AArch64; no fetching.
gdb_find()
{
	local p

	for p in "${FIEF_GDB:-}" gdb-multiarch aarch64-linux-gnu-gdb "$FIEF_CACHE/gdb/gdb"; do
		[[ -n $p ]] && command -v "$p" >/dev/null || continue
		gdb_program=$p
		"$p" -nx -batch -ex 'set architecture aarch64' >/dev/null 2>&1 && return 0
	done
	return 1
}

# gdb_fetch: Debian's gdb-multiarch with its libraries, unpacked in the cache like QEMU:
# nothing is installed, and no other version of a library can be in the way.
gdb_fetch()
{
	local set tmp deb log=$FIEF_CACHE/gdb.log dir=$FIEF_CACHE/gdb

	need_space "$FIEF_CACHE" 250 "gdb with its libraries"
	say "fief: gdb for AArch64 is missing; fetching gdb-multiarch with its libraries (about 50 MiB), unpacked in $dir"
	lock fetch
	for set in bookworm trixie; do
		(private_apt gdb "$set" amd64) || continue
		private_apt gdb "$set" amd64
		papt -y -q -d install gdb-multiarch libpython3-stdlib >"$log" 2>&1 || continue
		tmp=$(mktemp -d "$FIEF_CACHE/gdb-new.XXXXXX")
		fief_tmp+=("$tmp")
		for deb in "$FIEF_CACHE"/apt/gdb/cache/archives/*.deb; do
			dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$tmp" --exclude=./usr/share/doc \
				--exclude=./usr/share/man --exclude=./usr/share/locale 2>"$log" ||
				{ space_hint; die "cannot unpack $(basename "$deb"): see $log"; }
		done
		cat >"$tmp/gdb" <<-EOS
			#!/bin/sh
			r=$dir
			PYTHONHOME=\$r/usr exec "\$r/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" \\
				--library-path "\$r/lib/x86_64-linux-gnu:\$r/usr/lib/x86_64-linux-gnu" \\
				"\$r/usr/bin/gdb-multiarch" --data-directory "\$r/usr/share/gdb" "\$@"
		EOS
		chmod 755 "$tmp" "$tmp/gdb"
		rm -rf "$dir" "$FIEF_CACHE/apt/gdb"
		mv -T "$tmp" "$dir"
		unlock
		gdb_find || die "the gdb fetched does not work (see $log)"
		return 0
	done
	die "cannot get gdb-multiarch from Debian (see $log); FIEF_GDB names one that you have"
}

gdb_options()
{
	while [[ $# -gt 0 ]]; do
		case $1 in
		--batch)
			gdb_batch=1
			shift
			;;
		-x)
			need_value "$1" $#
			need_file "$1" "$2"
			gdb_scripts+=(-x "$2")
			shift 2
			;;
		run | boot)
			gdb_kind=$1
			shift
			"${gdb_kind}_options" "$@"
			return
			;;
		-h | --help)
			FIEF_HELP=gdb
			return
			;;
		*)
			if common_option "$@"; then
				shift "$REPLY"
			else
				usage_error "gdb: unknown option '$1'; options of the machine stand after 'run' or 'boot'"
			fi
			;;
		esac
	done
}

cmd_gdb()
{
	local rc=0

	gdb_options "$@"
	if [[ -n ${FIEF_HELP:-} ]]; then
		load tools/lib/help
		cmd_help gdb
		return
	fi
	gdb_find || { make_cache; gdb_fetch; }
	if [[ $gdb_kind == boot ]]; then
		boot_ready
	else
		build_ready
		run_prepare
	fi
	gdb_machine
	gdb_run || rc=$?
	exit "$rc"
}

# The machine, stopped at reset; what the guest or the payload says goes to a file.
gdb_machine()
{
	run_talk
	scratch
	gdb_socket=$REPLY/gdb
	console="file,id=con,path=${run_logs//,/,,}/console.log"
	if [[ $gdb_kind == boot ]]; then
		boot_command
	else
		machine_command
	fi
	machine+=(-S -gdb "unix:$gdb_socket,server=on,wait=off")
	printf '%q ' "${machine[@]}" >"$run_logs/qemu.cmd"
	in_group setpriv --pdeathsig TERM "${machine[@]}" </dev/null >>"$run_logs/qemu.log" 2>&1
	for _ in {1..100}; do
		[[ ! -S $gdb_socket ]] || return 0
		sleep 0.1
	done
	run_tail "$run_logs/qemu.log"
	run_die "the emulator does not start"
}

gdb_run()
{
	local vmlinux args=(-nx -q) f look

	((!gdb_batch)) || args+=(-batch)
	for f in "$(out kernel vmlinux)" "$FIEF_BUILD/kernel/obj/vmlinux"; do
		[[ ! -f $f ]] || vmlinux=$f
	done
	say "Console of the machine: $run_logs/console.log"
	[[ -n ${vmlinux:-} ]] ||
		say "No symbols of Linux: this kernel came out of the cache, which kept none"
	# what the commands of tools/fief.gdb start
	look=$(dirname "$gdb_socket")/look
	printf '#!/bin/bash\nexec %q %q --el3 %q --rmm %q "$@"\n' "$(out tools state)" "$machine_talk" \
		"$look_el3" "$look_rmm" >"$look"
	chmod 700 "$look"
	FIEF_LOOK=$look "$gdb_program" "${args[@]}" \
		-ex 'set pagination off' -ex 'set confirm off' -ex "directory $FIEF_ROOT" -ex 'set architecture aarch64' \
		-ex "file $look_el3" ${vmlinux:+-ex "add-symbol-file $vmlinux"} \
		-ex "target remote $gdb_socket" -x "${FIEF_ROOT}/tools/fief.gdb" \
		-ex "fief-symbols $look_rmm" "${gdb_scripts[@]+"${gdb_scripts[@]}"}"
}
