#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Make one layer of an initramfs (decisions-kvm K83). Layers are joined: by
# realmvm (several -i) or with cat; each is a whole archive, a multiple of 512
# bytes. Same input, same bytes; no root needed.
#
#   mkinitramfs.sh base OUT BUSYBOX INIT CCA-TOKEN
#	folders, /dev/console, busybox with links for its commands, /init, cca-token
#
#   mkinitramfs.sh run OUT [--host] [-e NAME=VALUE]... [-- COMMAND...]
#	what /init is to do: a command and its environment; without a
#	command: a shell. --host: it is the host that starts
#
#   mkinitramfs.sh files OUT PATH=FILE...
#	files at given places, mode 0755; FILE may be a folder, which is
#	taken whole
#
#   mkinitramfs.sh modules OUT FILE.ko...
#	kernel modules (.ko, .ko.xz, .ko.gz), which /init loads in this order
#
# MKCPIO names the program that writes the archive (default: mkcpio beside this
# script's build products, $O/mkcpio).

set -euo pipefail

die() { echo "mkinitramfs: $*" >&2; exit 1; }

here=$(cd "$(dirname "$0")" && pwd)
MKCPIO=${MKCPIO:-${O:-$here/../build/guest}/mkcpio}
[ -x "$MKCPIO" ] || die "no $MKCPIO: make -C guest first"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Folders above a path, each once, in the list $tmp/list
declare -A have_dir
parents() {
	local dir=${1%/*}
	[ -n "$dir" ] || return 0
	[ -z "${have_dir[$dir]:-}" ] || return 0
	parents "$dir"
	have_dir[$dir]=1
	echo "dir $dir 0755" >>"$tmp/list"
}
file() { # PATH MODE SOURCE
	parents "$1"
	echo "file $1 $2 $3" >>"$tmp/list"
}
write() { "$MKCPIO" <"$tmp/list" >"$1.new" && mv "$1.new" "$1"; }

# Commands that busybox gets a link for. Not asked from busybox itself: it is
# an aarch64 program and this machine may be another.
applets="[ ash awk base64 basename blockdev cat chmod chown chroot clear cmp cp cut date dd
	devmem df diff dirname dmesg du echo env expr false fdisk find free fold grep gunzip gzip
	halt head hexdump hostname id ifconfig insmod kill killall less ln ls lsmod md5sum mkdir
	mkfifo mknod mktemp modprobe more mount mv nohup nproc od paste pidof poweroff printenv
	printf ps pwd readlink realpath reboot renice reset rm rmdir rmmod sed seq setsid sh
	sha256sum sha512sum sleep sort stat strings stty sync sysctl tail tar tee test time timeout
	top touch tr true tty umount uname uniq uptime usleep vi watch wc which who xargs xxd yes
	zcat"

make_base() { # OUT BUSYBOX INIT CCA-TOKEN
	local a
	for a in /dev /proc /sys /tmp /root /log /share /bin; do
		have_dir[$a]=1
		echo "dir $a 0755" >>"$tmp/list"
	done
	echo "nod /dev/console 0600 c 5 1" >>"$tmp/list"
	echo "nod /dev/null 0666 c 1 3" >>"$tmp/list"
	file /init 0755 "$3"
	file /bin/cca-token 0755 "$4"
	file /bin/busybox 0755 "$2"
	for a in $applets; do
		echo "link /bin/$a busybox" >>"$tmp/list"
	done
	write "$1"
}

make_run() { # OUT [--host] [-e NAME=VALUE]... [-- COMMAND...]
	local out=$1; shift
	: >"$tmp/env"
	have_dir[/fief]=1
	echo "dir /fief 0755" >>"$tmp/list"
	while [ $# -gt 0 ]; do
		case $1 in
		--host) : >"$tmp/host"; file /fief/host 0644 "$tmp/host"; shift;;
		-e) printf '%s\0' "$2" >>"$tmp/env"; shift 2;;
		--) shift; break;;
		*) die "run: unexpected $1";;
		esac
	done
	if [ $# -gt 0 ]; then
		printf '%s\0' "$@" >"$tmp/argv"
		file /fief/argv 0644 "$tmp/argv"
	fi
	file /fief/env 0644 "$tmp/env"
	write "$out"
}

make_files() { # OUT PATH=FILE...
	local out=$1 a path from f; shift
	: >"$tmp/list"
	for a; do
		path=${a%%=*} from=${a#*=}
		[ -e "$from" ] || die "no file $from"
		if [ -d "$from" ]; then
			while IFS= read -r f; do
				file "$path/${f#./}" 0755 "$(realpath "$from/$f")"
			done < <(cd "$from" && find . -type f | LC_ALL=C sort)
		else
			file "$path" 0755 "$(realpath "$from")"
		fi
	done
	write "$out"
}

make_modules() { # OUT FILE.ko...
	local out=$1 a name; shift
	: >"$tmp/modules"
	for a; do
		name=${a##*/} name=${name%.xz} name=${name%.gz}
		case $a in
		*.xz) xz -dc "$a" >"$tmp/$name";;
		*.gz) gzip -dc "$a" >"$tmp/$name";;
		*) cp "$a" "$tmp/$name";;
		esac
		file "/fief/mod/$name" 0644 "$tmp/$name"
		echo "/fief/mod/$name" >>"$tmp/modules"
	done
	file /fief/modules 0644 "$tmp/modules"
	write "$out"
}

[ $# -ge 2 ] || die "see the top of this file"
kind=$1; shift
case $kind in
base) [ $# -eq 4 ] || die "base OUT BUSYBOX INIT CCA-TOKEN"; make_base "$@";;
run) make_run "$@";;
files) make_files "$@";;
modules) make_modules "$@";;
*) die "unknown kind of layer: $kind";;
esac
