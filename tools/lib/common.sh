# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# What every command of the door uses: speaking, stopping, locks, atomic
# files, hashes, and an end that leaves nothing running.

FIEF_CACHE=${FIEF_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/fief}
FIEF_BUILD=$FIEF_ROOT/build

# Everything the user reads about our own doings goes to standard error:
# standard output belongs to the realm.
say()
{
	printf '%s\n' "$*" >&2
}

warn()
{
	printf 'fief: warning: %s\n' "$*" >&2
}

# die SENTENCE [STATUS]
die()
{
	printf 'fief: %s\n' "$1" >&2
	exit "${2:-1}"
}

usage_error()
{
	die "$1; './fief help' lists what there is" 2
}

# need_value OPTION COUNT: refuse an option that stands last without its value.
need_value()
{
	[[ $2 -ge 2 ]] || usage_error "$1 needs a value"
}

# need_number OPTION VALUE LEAST MOST
need_number()
{
	[[ $2 =~ ^[0-9]{1,9}$ ]] && ((10#$2 >= $3 && 10#$2 <= $4)) ||
		usage_error "$1 takes a number from $3 to $4, not '$2'"
}

# need_file OPTION PATH
need_file()
{
	[[ -f $2 && -r $2 ]] || die "$1: there is no readable file '$2'" 2
}

# ---- the end ------------------------------------------------------------

# Children are started in process groups of their own, so that one signal per
# group ends whatever they started in turn. Non-interactive shells start
# background jobs with SIGINT ignored, hence TERM.
fief_groups=()
fief_tmp=()

# in_group COMMAND...: start it in the background; its group is $!
in_group()
{
	setsid "$@" &
	fief_groups+=("$!")
}

end_groups()
{
	local g sig i

	[[ ${#fief_groups[@]} -gt 0 ]] || return 0
	for sig in TERM KILL; do
		for g in "${fief_groups[@]}"; do
			kill -"$sig" -- "-$g" 2>/dev/null || true
		done
		for ((i = 0; i < 20; i++)); do
			! groups_gone || break 2
			sleep 0.1
		done
	done
	fief_groups=()
}

groups_gone()
{
	local g

	for g in "${fief_groups[@]}"; do
		kill -0 -- "-$g" 2>/dev/null && return 1
	done
	return 0
}

at_end()
{
	local rc=$? f

	trap '' INT TERM HUP
	end_groups
	if declare -F at_end_more >/dev/null; then
		at_end_more "$rc" || true
	fi
	for f in "${fief_tmp[@]+"${fief_tmp[@]}"}"; do
		rm -rf -- "$f"
	done
}

trap at_end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# A scratch folder that goes away at the end, whatever the end is.
# Sets REPLY: a command substitution would register it in a subshell.
scratch()
{
	REPLY=$(mktemp -d "${TMPDIR:-/tmp}/fief.XXXXXX") ||
		die "cannot make a folder in ${TMPDIR:-/tmp}"
	fief_tmp+=("$REPLY")
}

# ---- the cache ----------------------------------------------------------

make_cache()
{
	mkdir -p "$FIEF_CACHE"/{fetch,lock,products,ccache} 2>/dev/null ||
		die "cannot write to the cache folder $FIEF_CACHE (XDG_CACHE_HOME chooses another)"
	# what a kill in the middle of something left behind
	find "$FIEF_CACHE" -maxdepth 2 \( -name '*.part.*' -o -name 'new.*' -o -name 'qemu-new.*' \) \
		-mmin +720 -exec rm -rf {} + 2>/dev/null || true
}

# lock NAME: held until the shell that took it ends, or unlock.
# Two fiefs of one user, or two clones, meet here.
lock()
{
	local fd

	mkdir -p "$FIEF_CACHE/lock"
	exec {fd}>"$FIEF_CACHE/lock/$1"
	if ! flock -n "$fd"; then
		say "fief: another fief is at work on '$1'; waiting for it"
		flock "$fd"
	fi
	lock_fd=$fd
}

unlock()
{
	exec {lock_fd}>&-
}

# need_space FOLDER MIB WHAT
need_space()
{
	local free

	free=$(df -Pm "$1" | awk 'NR == 2 { print $4 }')
	((free >= $2)) || die "the disk that holds $1 has $free MiB left; $3 needs $2 MiB"
}

# The reason most often hidden behind a strange failure.
space_hint()
{
	local d free

	for d in "$FIEF_CACHE" "$FIEF_BUILD" "${TMPDIR:-/tmp}"; do
		[[ -d $d ]] || continue
		free=$(df -Pm "$d" | awk 'NR == 2 { print $4 }')
		if ((free < 64)); then
			say "fief: the disk that holds $d is full ($free MiB left): make room and start again"
			return 0
		fi
	done
	return 0
}

sha256_of()
{
	sha256sum -- "$1" | cut -d' ' -f1
}

mib()
{
	echo $((($1 + 1048575) / 1048576))
}

# hash_of WORD... -- PATH...: one hash over words and the content and names of
# all files below the paths (relative to the root of the repository).
hash_of()
{
	local words=()

	while [[ $# -gt 0 && $1 != -- ]]; do
		words+=("$1")
		shift
	done
	shift
	{
		printf '%s\n' "${words[@]}"
		cd "$FIEF_ROOT" || exit
		find "$@" -type f ! -name '*.md' ! -name '.*.swp' -print0 | LC_ALL=C sort -z |
			xargs -0 sha256sum
		# scripts: executable or not is part of what they are
		find "$@" -type f -perm -u+x -print | LC_ALL=C sort
	} | sha256sum | cut -c1-20
}

elapsed()
{
	printf '%d:%02d' $(($1 / 60)) $(($1 % 60))
}
