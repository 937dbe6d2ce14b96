# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# ./fief run: from options to a realm on the user's terminal, and from the
# realm's end to an exit status (decisions-kvm section 10).

run_cpus=2 run_mem=512 run_mem_most=31744 run_realm=1 run_kernel='' run_initrd='' run_append=''
run_host=0 run_host_layer='' run_debug=0 run_verbose=0 run_logs='' run_rmm='' run_el3='' run_command=()

run_is_elf() { [[ $(head -c 4 "$1" | od -An -tx1 | tr -d ' \n') == 7f454c46 ]]; }
run_is_monitor() { [[ $(tail -c +9 "$1" | head -c 8 | tr -d '\0') == FIEF-RMM ]]; }

# run_check_image OPTION FILE: what no image of EL3 and no monitor is
run_check_image()
{
	need_file "$1" "$2"
	[[ -s $2 ]] || die "$1: '$2' is empty" 2
	! run_is_elf "$2" || die "$1: '$2' is an ELF file; the flat binary is wanted" 2
}

# machine_option ARGUMENTS...: what run and boot take alike. Status 0 and the number of words
# eaten in REPLY, as common_option.
machine_option()
{
	case $1 in
	-v | --verbose)
		run_verbose=1
		REPLY=1
		return
		;;
	-c?* | -m?*)
		machine_option "${1:0:2}" "${1:2}"
		REPLY=1
		return
		;;
	--cpus=* | --mem=* | --rmm=* | --append=* | --logs=* | --keep=*)
		machine_option "${1%%=*}" "${1#*=}"
		REPLY=1
		return
		;;
	-c | --cpus | -m | --mem | --rmm | --append | --logs | --keep) need_value "$1" $# ;;
	*)
		common_option "$@"
		return
		;;
	esac
	case $1 in
	-c | --cpus)
		need_number "$1" "$2" 1 8
		run_cpus=$((10#$2))
		;;
	-m | --mem)
		need_number "$1" "$2" 64 "$run_mem_most"
		run_mem=$((10#$2))
		;;
	--rmm)
		[[ $2 == none ]] || run_check_image "$1" "$2"
		run_rmm=$2
		;;
	--append) run_append=$2 ;;
	--logs | --keep)
		mkdir -p "$2" 2>/dev/null && [[ -w $2 ]] || die "$1: cannot write to a folder '$2'" 2
		run_logs=$(readlink -f "$2")
		;;
	esac
	REPLY=2
}

run_options()
{
	while [[ $# -gt 0 ]]; do
		case $1 in
		--kernel)
			need_value "$1" $#
			[[ $2 == debian ]] || need_file "$1" "$2"
			run_kernel=$2
			shift 2
			;;
		--initrd)
			need_value "$1" $#
			need_file "$1" "$2"
			run_initrd=$2
			shift 2
			;;
		--kernel=* | --initrd=*)
			set -- "${1%%=*}" "${1#*=}" "${@:2}"
			;;
		--host-layer) # for tests: a folder that appears as /fief/test in the host
			need_value "$1" $#
			[[ -d $2 ]] || die "$1: there is no folder '$2'" 2
			run_host_layer=$2
			shift 2
			;;
		--debug) run_debug=1 && shift ;;
		--normal) run_realm=0 && shift ;;
		--host) run_host=1 && shift ;;
		--)
			shift
			[[ $# -gt 0 ]] || usage_error "a command is missing after '--'"
			run_command=("$@")
			return
			;;
		-h | --help)
			FIEF_HELP=run
			return
			;;
		*)
			if machine_option "$@"; then
				shift "$REPLY"
			elif [[ $1 == -* ]]; then
				usage_error "run: unknown option '$1'"
			else
				usage_error "run: '$1' is no option; a command stands after '--', as in: ./fief run -- uname -a"
			fi
			;;
		esac
	done
}

# kernel_file_fits FILE: status 0, or a sentence in REPLY. What realmvm would
# say too, but before a machine is started for it.
kernel_file_fits()
{
	local magic head

	head=$(head -c 4 "$1" | od -An -tx1 | tr -d ' \n')
	magic=$(tail -c +57 "$1" | head -c 4 | od -An -tx1 | tr -d ' \n')
	case $head in
	1f8b*) REPLY="'$1' is compressed (gzip): the realm's kernel must be a plain arm64 Image" ;;
	4d5a7a69) REPLY="'$1' is a compressed EFI image: the realm's kernel must be a plain arm64 Image" ;;
	*)
		[[ $magic != 41524d64 ]] || return 0
		REPLY="'$1' is not an arm64 kernel Image"
		;;
	esac
	return 1
}

cmd_run()
{
	local rc more=()

	run_options "$@"
	if [[ ${FIEF_HELP:-} == run ]]; then
		load tools/lib/help
		cmd_help run
		return
	fi
	if [[ -n $run_kernel && $run_kernel != debian ]]; then
		kernel_file_fits "$run_kernel" || die "--kernel: $REPLY" 126
	fi
	[[ $run_kernel != debian ]] || more=(debian)
	build_ready "${more[@]+"${more[@]}"}"
	run_prepare
	run_boot machine_command
	rc=0
	run_result || rc=$?
	exit "$rc"
}

# ---- what the host is to do ---------------------------------------------

# run_logs_ready: the folder of the logs, theirs or the next of ours, and nothing old in it
run_logs_ready()
{
	if [[ -z $run_logs ]]; then
		run_logs=$FIEF_BUILD/logs/run-$(date +%Y%m%d-%H%M%S)-$$
		mkdir -p "$run_logs"
		ln -sfn "$run_logs" "$FIEF_BUILD/logs/last"
		# shellcheck disable=SC2012 # names are ours
		ls -dt "$FIEF_BUILD"/logs/run-* | tail -n +21 | xargs -r rm -rf --
	fi
	rm -rf "$run_logs/share"
	mkdir -p "$run_logs/share"
	rm -f "$run_logs"/{el3,host,realm,qemu}.log
	: >"$run_logs/el3.log"
	: >"$run_logs/host.log"
	: >"$run_logs/realm.log"
	: >"$run_logs/qemu.log"
}

run_prepare()
{
	local dir kernel initrds

	run_logs_ready
	scratch
	dir=$REPLY
	kernel=$(out kernel Image)
	initrds=("$(out initramfs base.cpio)")
	if [[ $run_kernel == debian ]]; then
		kernel=$(out debian Image)
		initrds+=("$(out debian modules.cpio)")
	elif [[ -n $run_kernel ]]; then
		kernel=$run_kernel
	fi
	[[ -z $run_initrd ]] || initrds=("$run_initrd")
	run_layers "$dir" "$kernel" "${initrds[@]}"

	run_firmware
	host_kernel_file=$(out kernel Image)
	host_initrd_file=$dir/host.cpio
	host_initrd_bytes=$(stat -c %s "$host_initrd_file")
	host_args="console=ttyAMA0 panic=-1"
	run_flash "$dir/flash.bin" --ns-entry "$host_kernel_pa" \
		--initrd "$(printf '0x%x:0x%x' "$host_initrd_pa" $((host_initrd_pa + host_initrd_bytes)))"

	# the host's CPUs: beyond four each change of granule protection, which
	# stops them all, costs more than a CPU brings; the realm may have more
	machine_cpus=$((run_cpus > 4 ? 4 : run_cpus > 2 ? run_cpus : 2))
	# the realm's memory, what carries its kernel and initramfs (in the host's
	# initramfs, unpacked, and read by realmvm), and a host
	machine_mem=$((run_mem + 768 + 3 * $(mib "$host_initrd_bytes")))
	((machine_mem >= 1536)) || machine_mem=1536
	run_memory_there
}

# Which EL3 and which monitor
run_firmware()
{
	el3_file=${run_el3:-$(out el3 el3.bin)}
	case $run_rmm in
	'') monitor_file=$(out rmm rmm.bin) ;;
	none) monitor_file= ;;
	*) monitor_file=$run_rmm ;;
	esac
}

# run_flash FILE: from $el3_file, $monitor_file and what machine_flash takes
run_flash()
{
	flash_file=$1
	shift
	machine_flash "$flash_file" "$@" 2>"$run_logs/qemu.log" ||
		run_die "the flash image could not be made: $(tail -1 "$run_logs/qemu.log")"
}

run_memory_there()
{
	local free

	free=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
	((free >= run_mem + 512)) ||
		run_die "-m $run_mem does not fit: this machine has $free MiB of memory available"
}

# run_layers FOLDER KERNEL INITRD...: writes FOLDER/host.cpio
run_layers()
{
	local dir=$1 kernel=$2 i n=0 put=() files=() env=() argv=() quiet=''

	shift 2
	env=(-e "TERM=${TERM:-vt100}")
	if [[ -t 0 && -t 1 ]]; then
		read -r i n < <(stty size) || true
		((!i || !n)) || env+=(-e "LINES=$i" -e "COLUMNS=$n")
		n=0
	fi

	# (3) of K83: what the realm is to run. Without a terminal nothing could
	# ever end its input, so it has none.
	argv=()
	if [[ ${#run_command[@]} -gt 0 ]]; then
		argv=(-- "${run_command[@]}")
		# shellcheck disable=SC2016 # the realm's shell expands this
		[[ -t 0 && -t 1 ]] || argv=(-- /bin/sh -c 'exec "$@" </dev/null' sh "${run_command[@]}")
	fi
	mkinitramfs run "$dir/run.cpio" "${env[@]}" "${argv[@]+"${argv[@]}"}"

	put=("/fief/guest/Image=$kernel" "/bin/realmvm=$(out vmm realmvm)")
	for i in "$@" "$dir/run.cpio"; do
		put+=("/fief/guest/$n.cpio=$i")
		files+=(-i "/fief/guest/$n.cpio")
		n=$((n + 1))
	done
	[[ -z $run_host_layer ]] || put+=("/fief/test=$run_host_layer" "/fief/tests=$(out guest tests)")
	mkinitramfs files "$dir/files.cpio" "${put[@]}"

	if ((!run_host)); then
		argv=(-k /fief/guest/Image "${files[@]}" -c "$run_cpus" -m "$run_mem"
			--status --log /share/realm.log)
		((!run_realm)) || argv+=(--realm)
		# each byte of its log is an exit or two; who panics tells all of it after all
		((run_verbose)) || quiet="quiet panic_console_replay"
		argv+=(-p "$quiet${run_append:+ $run_append}")
		((!run_debug)) || argv+=(--debug)
		# what realmvm has to say is not the realm's output
		# shellcheck disable=SC2016 # the host's shell expands this
		argv=(-- /bin/sh -c ': >/share/started; exec /bin/realmvm "$@" 2>/share/realmvm.log' sh "${argv[@]}")
	else
		: >"$run_logs/share/started"
		argv=()
		[[ ${#run_command[@]} -eq 0 ]] || argv=(-- "${run_command[@]}")
	fi
	mkinitramfs run "$dir/host-run.cpio" --host "${env[@]}" "${argv[@]+"${argv[@]}"}"
	cat "$(out initramfs base.cpio)" "$dir/files.cpio" "$dir/host-run.cpio" >"$dir/host.cpio"
}

# ---- the machine --------------------------------------------------------

run_die()
{
	die "$1" 126
}

# run_boot COMMAND: the machine that COMMAND describes, until its end
run_boot()
{
	local pid rc=0

	run_tty=''
	if [[ -t 0 && -t 1 ]]; then
		run_tty=$(stty -g)
		# mux gives Ctrl-A x from the first moment on, whatever hangs
		console="stdio,id=con,mux=on,signal=off"
		say "Booting; Ctrl-A x leaves. Logs: $run_logs"
	else
		console="stdio,id=con,signal=off"
	fi
	run_talk
	"$1"
	printf '%q ' "${machine[@]}" >"$run_logs/qemu.cmd"
	((!run_verbose)) || run_verbose_start

	run_t0=$SECONDS
	if [[ -n $run_tty ]]; then
		setpriv --pdeathsig TERM "${machine[@]}" <&0 2>>"$run_logs/qemu.log" &
		pid=$!
		run_watch "$pid" ''
	else
		# QEMU makes its standard output non-blocking; that must not
		# reach whoever shares ours
		exec {run_out}> >(exec cat)
		run_cat=$!
		setpriv --pdeathsig TERM "${machine[@]}" </dev/null 1>&"$run_out" 2>>"$run_logs/qemu.log" &
		pid=$!
		exec {run_out}>&-
		run_watch "$pid" "$run_cat"
	fi
	wait "$pid" || rc=$?
	[[ -z ${run_cat:-} ]] || wait "$run_cat" || true
	run_qemu_rc=$rc
	run_pid=''
	[[ -z $run_tty ]] || stty "$run_tty" 2>/dev/null || true
}

# Where `fief state` and `fief gdb` find the machine. The folder of the socket is the
# user's alone and goes away with the machine; so does who may look.
run_talk()
{
	scratch
	machine_talk=$REPLY/monitor
	((${#machine_talk} < 100)) || machine_talk=	# the kernel takes no longer names
	look_rmm=$(readlink -f "$(out rmm rmm.elf)")
	look_el3=$(readlink -f "$(out el3 el3.elf)")
	# its own reader, too: another build's knows other structures
	printf '%s\n' "$machine_talk" "$look_rmm" "$look_el3" "$(readlink -f "$(out tools state)")" \
		>"$run_logs/machine"
}

# run_watch PID CAT: until the machine ends. Ends it when nobody reads any more
# and when nothing has started for too long.
run_watch()
{
	local limit=${FIEF_BOOT_SECONDS:-180} cat=$2

	run_pid=$1
	while kill -0 "$1" 2>/dev/null; do
		sleep 0.1
		# QEMU ended its output: cat ends with 0; nobody reads ours: not
		if [[ -n $cat ]] && ! kill -0 "$cat" 2>/dev/null; then
			if ! wait "$cat"; then
				kill -TERM "$1" 2>/dev/null || true
				run_unread=1
				return
			fi
			cat=''
		fi
		[[ -z ${run_notice:-} ]] || "$run_notice"
		if ((SECONDS - run_t0 > limit)) && [[ ! -e $run_logs/share/started ]]; then
			run_hung=1
			kill -TERM "$1" 2>/dev/null || true
			return
		fi
	done
}

at_end_more()
{
	local i

	if [[ -n ${run_pid:-} ]]; then
		kill -TERM "$run_pid" 2>/dev/null || true
		for i in 1 2 3 4 5 6 7 8 9 10; do
			kill -0 "$run_pid" 2>/dev/null || break
			sleep 0.1
		done
		kill -KILL "$run_pid" 2>/dev/null || true
	fi
	[[ -z ${run_tty:-} ]] || stty "$run_tty" 2>/dev/null || true
}

# The logs, as they grow, each line with its speaker in front.
run_verbose_start()
{
	run_follow "$run_logs/el3.log" "s/^/[EL3] /; s/\r*\$//"
	# the monitor speaks on the host's line until the host takes over
	run_follow "$run_logs/host.log" "/^RMM/ s/^/[RMM] /; /^\[RMM\]/! s/^/[host] /; s/\r*\$//"
	run_follow "$run_logs/share/realm.log" "s/^/[realm] /; s/\r*\$//"
}

# run_follow FILE SED
run_follow()
{
	# shellcheck disable=SC2016 # expanded by the inner shell
	in_group bash -c 'tail -s 0.1 -n +1 -F "$1" 2>/dev/null | sed -u "$2"' - "$1" "$2" >&2 </dev/null
}

# ---- the end ------------------------------------------------------------

run_result()
{
	local status='' log

	cp "$run_logs/share/realm.log" "$run_logs/realm.log" 2>/dev/null || true
	[[ ! -s $run_logs/share/status ]] || status=$(tr -dc 0-9 <"$run_logs/share/status")
	((!${run_unread:-0})) || return 141
	if [[ -n $status ]]; then
		if [[ $status == 125 || $status == 126 ]]; then
			run_sentence "$status"
			((!run_verbose)) || run_tail "$run_logs/realm.log"
		fi
		return "$status"
	fi
	if [[ $run_qemu_rc != 0 ]] && ((!${run_hung:-0})); then
		say "fief: QEMU ended with status $run_qemu_rc"
		run_tail "$run_logs/qemu.log"
		return 126
	fi
	# left by Ctrl-A x: the machine did not go down by itself
	if [[ -n $run_tty ]] && ((!${run_hung:-0})) &&
		! grep -qE 'reboot: |Kernel panic' "$run_logs/host.log" &&
		! grep -qi 'crash' "$run_logs/el3.log"; then
		return 0
	fi
	run_blame
	return 126
}

# realmvm's own sentence
run_sentence()
{
	local f=$run_logs/share/realmvm.log

	if [[ -s $f ]]; then
		tail -n 3 "$f" | sed 's/\r$//; s/^/fief: /' >&2
	elif [[ $1 == 125 ]]; then
		say "fief: the realm ended without a status"
	else
		say "fief: the realm could not be started or went wrong; logs: $run_logs"
	fi
}

# run_tail LOG: its end, or all from a crash on; in words where there are numbers
run_tail()
{
	local from words=(cat)

	[[ -s $1 ]] || return 0
	from=$(grep -anE -m1 'RMM: panic|EL3: CRASH' "$1" | cut -d: -f1)
	[[ ! -x $(out tools decode) ]] ||
		words=("$(out tools decode)" --rmm "${look_rmm:-}" --el3 "${look_el3:-}")
	say "fief: the last lines of $1:"
	tail -n "${from:++}${from:-15}" "$1" | head -n 60 | "${words[@]}" 2>/dev/null |
		tr -d '\r' | sed 's/^/  | /' >&2
}

# Which layer's log ends last, and what to do about it.
run_blame()
{
	local what

	((!${run_hung:-0})) || say "fief: nothing had started after ${FIEF_BOOT_SECONDS:-180} s"
	if grep -aq 'RMM: panic' "$run_logs/host.log"; then
		what="the monitor stopped"
		run_tail "$run_logs/host.log"
	elif grep -q 'Linux version' "$run_logs/host.log"; then
		what="the host went down without saying how the realm ended"
		[[ ! -s $run_logs/share/realm.log ]] || run_tail "$run_logs/share/realm.log"
		run_tail "$run_logs/host.log"
	elif [[ -s $run_logs/host.log ]]; then
		what="the machine stopped in the monitor or before the host's first line"
		run_tail "$run_logs/el3.log"
		run_tail "$run_logs/host.log"
	elif [[ -s $run_logs/el3.log ]]; then
		what="the machine stopped in the EL3 firmware"
		run_tail "$run_logs/el3.log"
	else
		what="the firmware did not say a word"
		run_tail "$run_logs/qemu.log"
	fi
	say "fief: $what; './fief doctor' checks each layer, all logs are in $run_logs"
}
