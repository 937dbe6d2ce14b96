# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Everything that is needed from outside: said first, with sizes, then got.

# names_in FILE: the first column
names_in()
{
	awk '!/^#/ && NF { print $1 }' "$1"
}

# packages_missing [FILE]: names from deps/packages that are not installed.
packages_missing()
{
	local list=${1:-$FIEF_ROOT/deps/packages} p

	while read -r p; do
		dpkg-query -W -f '${db:Status-Status}\n' "$p" 2>/dev/null | grep -qx installed || echo "$p"
	done < <(names_in "$list")
}

# as_root COMMAND...
as_root()
{
	if [[ $(id -u) == 0 ]]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo -- "$@"
	else
		return 1	# install_packages has looked
	fi
}

apt_install()
{
	# a package manager at work elsewhere holds the lock for a while
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
		-o DPkg::Lock::Timeout=300 install "$@"
}

machine_fits()
{
	[[ $(uname -m) == x86_64 ]] || die "this machine is $(uname -m); Fief builds on x86-64"
	command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
		die "this machine has no apt; Fief's door knows Debian 12 and newer"
}

# deps_ensure NAME...: packages, QEMU, and the named files of deps/fetched.
# FIEF_MORE_PACKAGES: more lists of packages, FIEF_MORE_FETCHED: more names (for tests).
deps_ensure()
{
	local missing=() fetch=() name total=0 need_qemu=0 size list

	machine_fits
	make_cache
	mapfile -t missing < <(for list in "$FIEF_ROOT/deps/packages" ${FIEF_MORE_PACKAGES:-}; do
		packages_missing "$list"
	done)
	qemu_find || need_qemu=1
	for name in "$@" ${FIEF_MORE_FETCHED:-}; do
		[[ $name != linux-source || -z $fief_source ]] || continue
		fetched_path "$name" >/dev/null || fetch+=("$name")
	done
	[[ ${#missing[@]} -gt 0 || ${#fetch[@]} -gt 0 || $need_qemu == 1 ]] || return 0

	say "Fief needs a few things first:"
	if [[ ${#missing[@]} -gt 0 ]]; then
		say "  to install with apt from this machine's own sources: ${missing[*]}"
		say "    $(install_size "${missing[@]}")"
	fi
	for name in "${fetch[@]+"${fetch[@]}"}"; do
		size=$(mib "$(dep_field "$name" 7)")
		total=$((total + size))
		say "  to fetch: $(dep_field "$name" 2) $(dep_field "$name" 3), $size MiB"
	done
	if ((need_qemu)); then
		total=$((total + 45))
		say "  to fetch: QEMU (FEAT_RME needs 9 or newer) with its libraries, 45 MiB, unpacked in the cache"
	fi
	[[ $total == 0 ]] || say "  fetched things are kept in $FIEF_CACHE ($total MiB)"

	if [[ ${#missing[@]} -gt 0 ]]; then
		install_packages "${missing[@]}"
	fi
	lock fetch
	for name in "${fetch[@]+"${fetch[@]}"}"; do
		fetch "$name"
	done
	if ((need_qemu)); then
		qemu_fetch
	fi
	unlock
}

# install_size PACKAGE...: apt's own words on sizes, if it has lists already.
install_size()
{
	apt-get -s -q --no-install-recommends -o Debug::NoLocking=1 install "$@" >/dev/null 2>&1 ||
		{ echo "(about 100 MiB to get, 450 MiB on disk; the package lists are read first)"; return 0; }
	apt-get --no-install-recommends -o Debug::NoLocking=1 -qq --print-uris install "$@" 2>/dev/null |
		awk '{ s += $3 } END { printf "%d MiB to get\n", (s + 1048575) / 1048576 }'
}

install_packages()
{
	local log=$FIEF_CACHE/apt-install.log

	[[ $(id -u) == 0 ]] || command -v sudo >/dev/null ||
		die "installing packages needs root, and there is no sudo: install as root, and start again: apt-get install $*"
	# sudo asks for its password here, not into a log
	[[ $(id -u) == 0 ]] || sudo -v || die "sudo does not let you install packages"
	if ! apt-get -s -q --no-install-recommends -o Debug::NoLocking=1 install "$@" >/dev/null 2>&1; then
		say "  reading the package lists (apt-get update)"
		as_root apt-get -q -o DPkg::Lock::Timeout=300 update >"$log" 2>&1 ||
			{ tail -5 "$log" >&2; die "apt-get update failed (see $log): is the network there?"; }
		say "    $(install_size "$@")"
	fi
	say "  installing (log: $log)"
	if ! apt_install "$@" >"$log" 2>&1; then
		# lists that are old name versions that have gone
		as_root apt-get -q -o DPkg::Lock::Timeout=300 update >>"$log" 2>&1 || true
		apt_install "$@" >>"$log" 2>&1 || {
			tail -8 "$log" >&2
			space_hint
			die "apt-get could not install the packages (see $log)"
		}
	fi
}
