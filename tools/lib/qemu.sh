# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# The emulator: QEMU 9 or newer with FEAT_RME. The machine's own is taken when
# it will do; otherwise Debian's packages are unpacked into the cache with all
# their libraries, C library and loader included, so that nothing has to be
# installed and nothing of the machine's own can be in the way
# (docs/decisions/launcher.md).

fief_qemu=${FIEF_QEMU:-}
qemu_pinned=$FIEF_ROOT/deps/qemu

# qemu_version PROGRAM: "10.0.2", or nothing
qemu_version()
{
	"$1" --version 2>/dev/null | sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p'
}

# qemu_has_rme PROGRAM
qemu_has_rme()
{
	echo quit | timeout 20 "$1" -M virt,secure=on,virtualization=on,gic-version=3 \
		-cpu max,x-rme=on -nodefaults -display none -S -monitor stdio >/dev/null 2>&1
}

# qemu_fits PROGRAM: status 0, or a sentence in REPLY
qemu_fits()
{
	local v

	v=$(qemu_version "$1") || true
	if [[ -z $v ]]; then
		REPLY="'$1' does not run or is no QEMU"
	elif ((${v%%.*} < 9)); then
		REPLY="'$1' is QEMU $v; 9.0 or newer is needed for FEAT_RME"
	elif ! qemu_has_rme "$1"; then
		REPLY="'$1' (QEMU $v) does not know the virt machine with -cpu max,x-rme=on"
	else
		REPLY=$v
		return 0
	fi
	return 1
}

qemu_private_dir()
{
	echo "$FIEF_CACHE/qemu/$(awk '$1 == "version" { print $2 }' "$qemu_pinned" | tr -c 'A-Za-z0-9.\n' _)"
}

# qemu_find: sets fief_qemu if there is one that will do; no fetching.
qemu_find()
{
	local own

	if [[ -n $fief_qemu ]]; then
		[[ $fief_qemu == */* ]] || fief_qemu=$(command -v "$fief_qemu" || echo "$fief_qemu")
		qemu_fits "$fief_qemu" || die "--qemu: $REPLY" 2
		return 0
	fi
	own=$(command -v qemu-system-aarch64 || true)
	if [[ -n $own ]] && qemu_fits "$own"; then
		fief_qemu=$own
		return 0
	fi
	own=$(qemu_private_dir)/qemu-system-aarch64
	if [[ -x $own ]]; then
		fief_qemu=$own
		return 0
	fi
	return 1
}

# qemu_fetch: unpack Debian's QEMU into the cache.
qemu_fetch()
{
	local dir tmp deb set pin pkg sum log=$FIEF_CACHE/qemu.log

	dir=$(qemu_private_dir)
	[[ ! -x $dir/qemu-system-aarch64 ]] || { fief_qemu=$dir/qemu-system-aarch64; return 0; }
	need_space "$FIEF_CACHE" 300 "QEMU with its libraries"
	pkg=$(awk '$1 == "package" { print $2 }' "$qemu_pinned")
	pin=$(awk '$1 == "version" { print $2 }' "$qemu_pinned")
	sum=$(awk '$1 == "sha256" { print $2 }' "$qemu_pinned")
	while read -r set; do
		say "  fetching QEMU with its libraries (45 MiB) from Debian's $set"
		(private_apt qemu "$set" amd64) || continue
		private_apt qemu "$set" amd64
		if papt -y -q -d -t "${set##*,}" install "$pkg=$pin" >"$log" 2>&1; then
			:
		elif papt -y -q -d -t "${set##*,}" install "$pkg" >"$log" 2>&1; then
			warn "$pkg $pin has left the archive; taking the newest of $set"
			sum=
		else
			continue
		fi
		tmp=$(mktemp -d "$FIEF_CACHE/qemu-new.XXXXXX")
		fief_tmp+=("$tmp")
		for deb in "$FIEF_CACHE"/apt/qemu/cache/archives/*.deb; do
			if [[ $(basename "$deb") == "${pkg}_"* ]]; then
				check_qemu_deb "$deb" "$sum"
			fi
			dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$tmp" --exclude=./usr/share/doc \
				--exclude=./usr/share/man --exclude=./usr/share/locale 2>"$log" ||
				{ space_hint; die "cannot unpack $(basename "$deb"): see $log"; }
		done
		qemu_wrapper "$tmp" "$dir"
		mkdir -p "$(dirname "$dir")"
		rm -rf "$dir"
		chmod 755 "$tmp"
		mv "$tmp" "$dir"
		rm -rf "$FIEF_CACHE/apt/qemu"
		fief_qemu=$dir/qemu-system-aarch64
		qemu_fits "$fief_qemu" || die "the QEMU fetched does not work: $REPLY"
		return 0
	done < <(awk '$1 == "suites" { print $2 }' "$qemu_pinned")
	space_hint
	die "cannot get QEMU 9 or newer from Debian (see $log); --qemu PATH takes one that you have"
}

check_qemu_deb()
{
	local got

	got=$(sha256_of "$1")
	if [[ -z $2 ]]; then
		mkdir -p "$FIEF_CACHE/fetch/recorded"
		echo "qemu $got $(basename "$1")" >"$FIEF_CACHE/fetch/recorded/qemu"
	elif [[ $got != "$2" ]]; then
		die "$(basename "$1") has another hash than deps/qemu names"
	fi
}

# qemu_wrapper ROOT FINAL: a small script that starts the unpacked program by
# its own loader. The link /lib64/ld-linux... is absolute: not to be used.
qemu_wrapper()
{
	cat >"$1/qemu-system-aarch64" <<-EOS
		#!/bin/sh
		r=$2
		exec "\$r/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" \\
			--library-path "\$r/lib/x86_64-linux-gnu:\$r/usr/lib/x86_64-linux-gnu" \\
			"\$r/usr/bin/qemu-system-aarch64" -L "\$r/usr/share/qemu" "\$@"
	EOS
	chmod 755 "$1/qemu-system-aarch64"
}
