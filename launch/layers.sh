# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Initramfs layers: cpio archives that are simply joined. Owner root, fixed
# times and sorted names, so that the same content gives the same bytes: a
# realm is measured over them.

# layer FOLDER FILE
layer()
{
	local from=$1 to

	to=$(readlink -f "$(dirname "$2")")/$(basename "$2")
	find "$from" -exec touch -h -d @0 {} +
	(cd "$from" && find . -mindepth 1 -printf '%P\0' | LC_ALL=C sort -z |
		cpio -0 -o -H newc -R 0:0 --reproducible --quiet >"$to.new")
	pad4 "$to.new"
	mv -f "$to.new" "$to"
}

# pad4 FILE: with zeros to a multiple of four bytes, as joining wants
pad4()
{
	truncate -s %4 "$1"
}

# write_argv FILE WORD...: NUL ended words
write_argv()
{
	local file=$1

	shift
	printf '%s\0' "$@" >"$file"
}
