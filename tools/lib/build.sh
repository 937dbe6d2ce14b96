# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Building every layer. A product is known by the hash of all that goes into
# it (sources, tools, versions): if the cache has it, it is linked and nothing
# is built. Else it is built in build/NAME (where make finds what is there
# already) and a copy goes into the cache in one move.

CROSS_COMPILE=${CROSS_COMPILE:-aarch64-linux-gnu-}
build_schema=1		# raised when the way of building changes

build_logs=$FIEF_BUILD/logs

tools_version()
{
	"${CROSS_COMPILE}gcc" --version | head -1
}

host_version()
{
	gcc --version | head -1
}

# product NAME KEY BUILDER FILE...: after it build/out/NAME is a link to a
# folder that holds FILE... . BUILDER is called with the folder to build in.
# FILE may be a path; it lands under its last part.
product()
{
	local name=$1 key=$2 builder=$3 dir=$FIEF_CACHE/products/$1-$2 tmp f

	shift 3
	mkdir -p "$FIEF_BUILD/out"
	if [[ -f $dir/.done ]]; then
		touch "$dir/.done"
		note unchanged
	else
		mkdir -p "$FIEF_BUILD/$name"
		"$builder" "$FIEF_BUILD/$name"
		tmp=$(mktemp -d "$FIEF_CACHE/products/new.XXXXXX")
		for f in "$@"; do
			cp -a "$FIEF_BUILD/$name/$f" "$tmp/" || { rm -rf "$tmp"; return 1; }
		done
		touch "$tmp/.done"
		chmod 755 "$tmp"
		# another fief may have been faster: its product is the same
		mv -T "$tmp" "$dir" 2>/dev/null || rm -rf "$tmp"
		[[ -f $dir/.done ]] || { echo "the cache does not take $dir" >&2; return 1; }
		product_prune "$name" 6
	fi
	ln -sfn "$dir" "$FIEF_BUILD/out/$name.$$"
	mv -fT "$FIEF_BUILD/out/$name.$$" "$FIEF_BUILD/out/$name"
}

# product_prune NAME KEEP: the oldest go.
product_prune()
{
	local d

	# shellcheck disable=SC2012 # names are ours
	for d in $(ls -dt "$FIEF_CACHE/products/$1"-*/ 2>/dev/null | tail -n +$(($2 + 1))); do
		# not one that was used within the last two hours: a run may be reading it
		[[ -n $(find "$d.done" -mmin +120 2>/dev/null) ]] || continue
		rm -rf "$d"
	done
}

# out NAME FILE: path of a product's file
out()
{
	echo "$FIEF_BUILD/out/$1/$2"
}

room()
{
	make -C "$FIEF_ROOT/$1" O="$2" CROSS_COMPILE="$CROSS_COMPILE" -j"$(nproc)" "${@:3}"
}

# ---- the rooms ----------------------------------------------------------

room_el3() { room el3 "$1" LIBFDT="$(libfdt_tree)" MBEDTLS="$(mbedtls_tree)"; }
room_rmm() { room rmm "$1" MBEDTLS="$(mbedtls_tree)"; }
room_vmm() { room vmm "$1" LIBFDT="$(libfdt_tree)"; }
room_tools() { make -C "$FIEF_ROOT/tools" O="$1" -j"$(nproc)"; }
room_guest() { room guest "$1"; }

build_el3()
{
	product el3 "$(hash_of "$build_schema" "$(tools_version)" "$(host_version)" "$(dep_id libfdt)" \
		"$(dep_id mbedtls)" -- el3 abi attest launch/mkflash.c)" room_el3 el3.bin el3.elf mkflash
}

build_vmm() { product vmm "$(hash_of "$build_schema" "$(tools_version)" "$(dep_id libfdt)" -- vmm abi)" room_vmm realmvm; }
build_tools() { product tools "$(hash_of "$build_schema" "$(host_version)" -- tools rmm abi)" room_tools decode state; }
build_guest() { product guest "$(hash_of "$build_schema" "$(tools_version)" -- guest abi)" room_guest init mkcpio tests; }
build_rmm()
{
	product rmm "$(hash_of "$build_schema" "$(tools_version)" "$(dep_id mbedtls)" -- rmm abi attest)" \
		room_rmm rmm.bin rmm.elf
}

# dep_id NAME: what identifies a fetched thing in a hash
dep_id()
{
	basename "$(fetched_path "$1" || dep_field "$1" 9)"
}

# ---- fetched things, unpacked -------------------------------------------

# unpacked NAME FUNCTION: the folder of a fetched thing, unpacked once.
# FUNCTION is called with the file and an empty folder.
unpacked()
{
	local name=$1 file dir tmp

	file=$(fetched_path "$name") || { echo "$name has not been fetched" >&2; return 1; }
	dir=$FIEF_CACHE/unpacked/$(basename "$file")
	if [[ ! -d $dir ]]; then
		mkdir -p "$FIEF_CACHE/unpacked"
		tmp=$(mktemp -d "$FIEF_CACHE/unpacked/new.XXXXXX")
		"$2" "$file" "$tmp" || { rm -rf "$tmp"; return 1; }
		chmod 755 "$tmp"
		mv -T "$tmp" "$dir" 2>/dev/null || rm -rf "$tmp"
	fi
	echo "$dir"
}

unpack_deb() { dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2"; }
unpack_tar() { tar -x -C "$2" --strip-components=1 -f "$1"; }

mbedtls_tree() { unpacked mbedtls unpack_tar; }
libfdt_tree() { unpacked libfdt unpack_deb; }

# cbmc_wrapper FILE: a script that starts the fetched CBMC with its own loader and libraries.
cbmc_parts='cbmc cbmc-minisat cbmc-zlib cbmc-libc cbmc-libstdc++ cbmc-libgcc'
cbmc_wrapper()
{
	local part libs='' dir

	for part in $cbmc_parts; do
		dir=$(unpacked "$part" unpack_deb) || return
		libs+=:$dir/usr/lib/x86_64-linux-gnu:$dir/usr/lib
	done
	cat >"$1" <<-EOS
		#!/bin/sh
		exec "$(unpacked cbmc-libc unpack_deb)/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" \\
			--library-path "${libs#:}" "$(unpacked cbmc unpack_deb)/usr/bin/cbmc" "\$@"
	EOS
	chmod 755 "$1"
}

busybox_bin() { echo "$(unpacked busybox unpack_deb)/bin/busybox"; }

# ---- the kernel ---------------------------------------------------------

# source_id: identifies the kernel source, fetched or given
source_id()
{
	if [[ -n $fief_source ]]; then
		echo "$(basename "$fief_source")-$(sha256_of "$fief_source" | cut -c1-12)"
	else
		dep_id linux-source
	fi
}

# kernel_pristine: the folder of the unpacked, untouched source. Never written to.
kernel_pristine()
{
	local file=$fief_source dir tmp

	dir=$FIEF_CACHE/linux/$(source_id)
	if [[ ! -d $dir ]]; then
		mkdir -p "$FIEF_CACHE/linux"
		[[ -n $file ]] || file=$(fetched_path linux-source)
		need_space "$FIEF_CACHE" 2600 "the kernel source" || return 1
		tmp=$(mktemp -d "$FIEF_CACHE/linux/new.XXXXXX")
		unpack_linux "$file" "$tmp" || { rm -rf "$tmp"; return 1; }
		chmod 755 "$tmp"
		mv -T "$tmp" "$dir" 2>/dev/null || rm -rf "$tmp"
	fi
	echo "$dir"
}

# The register headers of one graphics driver, a quarter of the whole, are left
# out: the build never looks at them.
unpack_linux()
{
	local inner skip=(--exclude='*/drivers/gpu/drm/amd/include')

	case $1 in
	*.deb)
		inner=$(dpkg-deb -c "$1" | awk '$NF ~ /linux-source-.*\.tar\.xz$/ { print $NF; exit }')
		[[ -n $inner ]] || { echo "no linux-source-*.tar.xz inside $1" >&2; return 1; }
		dpkg-deb --fsys-tarfile "$1" | tar -xO "$inner" | xz -dc -T0 |
			tar -x -C "$2" --strip-components=1 "${skip[@]}"
		;;
	*) tar -x -C "$2" --strip-components=1 "${skip[@]}" -f "$1" ;;
	esac
	[[ -f $2/Kconfig && -d $2/arch/arm64 ]] || { echo "$1 holds no kernel source" >&2; return 1; }
}

# kernel_progress OBJ: counts objects while the build runs
kernel_progress()
{
	local n of=1010

	[[ ! -f $FIEF_CACHE/linux/objects ]] || of=$(<"$FIEF_CACHE/linux/objects")
	while :; do
		n=$(find "$1" -name '*.o' -not -path '*/scripts/*' -not -path '*/tools/*' 2>/dev/null | wc -l)
		note "$n of about $of objects"
		sleep 2
	done
}

# kernel_work WORK: the patched tree in WORK/src
kernel_work()
{
	local pristine

	note "unpacking the source"
	pristine=$(kernel_pristine)
	need_space "$FIEF_BUILD" 2600 "the kernel build"
	note "applying the series"
	# another source than the one named in deps/: lines may have moved
	OFFSETS=$([[ -z $fief_source && ! -f $FIEF_CACHE/fetch/recorded/linux-source ]] || echo 1) \
		"$FIEF_ROOT/linux/prepare" "$pristine" "$1/src"
}

kernel_make()
{
	local o=$1

	shift
	SRC=$FIEF_BUILD/kernel/src O=$o CCACHE_DIR=$FIEF_CACHE/ccache CROSS_COMPILE=$CROSS_COMPILE \
		"$FIEF_ROOT/linux/mk" "$@"
}

room_kernel()
{
	local watch

	kernel_work "$1"
	note "configuring"
	SRC=$1/src O=$1/obj CCACHE_DIR=$FIEF_CACHE/ccache CROSS_COMPILE=$CROSS_COMPILE "$FIEF_ROOT/linux/configure"
	kernel_progress "$1/obj" &
	watch=$!
	if ! kernel_make "$1/obj" Image; then
		kill "$watch" 2>/dev/null || true
		return 1
	fi
	kill "$watch" 2>/dev/null || true
	wait "$watch" 2>/dev/null || true
	find "$1/obj" -name '*.o' -not -path '*/scripts/*' -not -path '*/tools/*' | wc -l >"$FIEF_CACHE/linux/objects"
	note "$(<"$FIEF_CACHE/linux/objects") objects"
	cp "$1/obj/arch/arm64/boot/Image" "$1/Image"
	cp "$1/obj/.config" "$1/config"
	cp "$1/obj/vmlinux" "$1/vmlinux"	# for gdb
}

kernel_key()
{
	# not the documentation nor the selftests: they do not go into the image
	hash_of "$build_schema" "$(tools_version)" "$(source_id)" -- linux/config linux/overlay/arch \
		linux/patches linux/prepare linux/configure linux/mk
}

build_kernel() { product kernel "$(kernel_key)" room_kernel Image config vmlinux; }

# KVM's own tests, and ours of realms, for the host
room_selftests()
{
	kernel_work "$FIEF_BUILD/kernel"
	note "compiling"
	rm -rf "$1/tests"
	SRC=$FIEF_BUILD/kernel/src O=$FIEF_BUILD/kernel/obj CCACHE_DIR=$FIEF_CACHE/ccache \
		CROSS_COMPILE=$CROSS_COMPILE "$FIEF_ROOT/linux/selftests" "$1/tests"
	rm -rf "$1/tests/.obj" "$1/tests/.hdr"
}

build_selftests()
{
	product selftests "$(hash_of "$(kernel_key)" -- linux/overlay/tools linux/selftests)" \
		room_selftests tests
}

# ---- initramfs layers ---------------------------------------------------

# mkinitramfs WORDS...: guest/mkinitramfs.sh with the program it needs
mkinitramfs()
{
	MKCPIO=$(out guest mkcpio) "$FIEF_ROOT/guest/mkinitramfs.sh" "$@"
}

room_initramfs()
{
	mkinitramfs base "$1/base.cpio" "$(busybox_bin)" "$(out guest init)" "$FIEF_ROOT/guest/cca-token.sh"
}

build_initramfs()
{
	product initramfs "$(hash_of "$build_schema" "$(tools_version)" "$(dep_id busybox)" -- guest abi)" \
		room_initramfs base.cpio
}

# Debian's own kernel: its Image, and the modules that a guest of ours needs, in
# the order to load them in.
debian_modules=(virtio_mmio virtio_console virtio_blk virtio-rng arm-cca-guest)

room_debian()
{
	local tree mods ver m list=()

	tree=$(unpacked debian-kernel unpack_deb)
	mods=$(unpacked debian-modules unpack_deb)
	ver=$(basename "$(find "$tree/usr/lib/modules" -mindepth 1 -maxdepth 1 -type d | head -1)")
	echo "Debian kernel $ver"
	rm -rf "$1/root"
	mkdir -p "$1/root/lib/modules"
	cp -a "$mods/usr/lib/modules/$ver" "$1/root/lib/modules/"
	cp "$tree/usr/lib/modules/$ver/vmlinuz" "$1/Image"
	/sbin/depmod -b "$1/root" "$ver"
	mapfile -t list < <(for m in "${debian_modules[@]}"; do
		/sbin/modprobe -d "$1/root" -S "$ver" --show-depends "$m" 2>/dev/null |
			awk '$1 == "insmod" { print $2 }' || true	# built in
	done | awk '!seen[$0]++')
	printf '%s\n' "${list[@]}"
	mkinitramfs modules "$1/modules.cpio" "${list[@]}"
	echo "$ver" >"$1/version"
	rm -rf "$1/root"
}

build_debian()
{
	product debian "$(hash_of "$build_schema" "$(dep_id debian-kernel)" "$(dep_id debian-modules)" "${debian_modules[*]}" -- guest)" room_debian \
		Image modules.cpio version
}

# ---- all of it ----------------------------------------------------------

# build_ready [debian] [selftests]: fetch and build what running needs, with
# progress. The kernel is the long pole and starts first.
build_ready()
{
	local deps=(linux-source busybox libfdt mbedtls) small=(el3 rmm vmm guest initramfs tools) after_kernel=() s

	for s in "$@"; do
		case $s in
		debian)
			deps+=(debian-kernel debian-modules)
			small+=(debian)
			;;
		selftests) after_kernel+=(selftests) ;;
		esac
	done
	deps_ensure "${deps[@]}"
	mkdir -p "$FIEF_BUILD" 2>/dev/null || die "cannot write to $FIEF_BUILD"
	lock "checkout-$(printf %s "$FIEF_ROOT" | sha256sum | cut -c1-12)"
	stages_begin "$build_logs"
	stages_expect kernel "${after_kernel[@]+"${after_kernel[@]}"}" "${small[@]}"
	if build_is_current "$@"; then
		unlock
		return 0
	fi
	say "Building (logs: $build_logs)"
	stage_bg build_row kernel "${after_kernel[@]+"${after_kernel[@]}"}"
	stage_bg build_row "${small[@]}"
	if ! stages_wait; then
		stage_failed "$REPLY"
		die "the build stopped at '$REPLY'; what was built is kept, './fief build' goes on from there"
	fi
	rm -f "$FIEF_BUILD/out/.stamp-some"
	build_stamp "$@" >"$FIEF_BUILD/out/.stamp-${*:-run}"
	build_stamp >"$FIEF_BUILD/out/.stamp-run"	# whoever builds more has built this too
	unlock
}

# build_some STAGE...: only these, for which nothing big has to be fetched
build_some()
{
	local f=$FIEF_BUILD/out/.stamp-some

	deps_ensure libfdt mbedtls
	mkdir -p "$FIEF_BUILD/out" 2>/dev/null || die "cannot write to $FIEF_BUILD"
	lock "checkout-$(printf %s "$FIEF_ROOT" | sha256sum | cut -c1-12)"
	if [[ ! -f $f || $(<"$f") != "$(build_stamp some "$@")" ]] && ! build_is_current; then
		rm -f "$FIEF_BUILD"/out/.stamp-*	# what they say may not be true any more
		stages_begin "$build_logs"
		stages_expect "$@"
		say "Building (logs: $build_logs)"
		stage_bg build_row "$@"
		if ! stages_wait; then
			stage_failed "$REPLY"
			die "the build stopped at '$REPLY'"
		fi
		build_stamp some "$@" >"$f"
	fi
	unlock
}

# build_row STAGE...: one after another, up to the first that fails
build_row()
{
	local s

	for s in "$@"; do
		stage "$s" "build_$s"
		[[ $(<"$stage_dir/$s.rc") == 0 ]] || return 0
	done
}

# One hash over everything that goes into any product: when it is what it was
# after the last whole build, no stage has to look.
build_stamp()
{
	hash_of "$build_schema" "$(tools_version)" "$(host_version)" "$(source_id)" \
		"$(dep_id busybox)" "$(dep_id libfdt)" "$(dep_id mbedtls)" "$*" -- \
		el3 rmm vmm guest launch abi attest linux tools
}

build_is_current()
{
	local f=$FIEF_BUILD/out/.stamp-${*:-run} l

	[[ -f $f && $(<"$f") == "$(build_stamp "$@")" ]] || return 1
	for l in "$FIEF_BUILD"/out/*; do
		[[ -f $l/.done ]] || return 1
	done
}

cmd_build()
{
	local want=()

	while [[ $# -gt 0 ]]; do
		if [[ $1 == --all ]]; then
			want=(debian selftests)
			shift
		elif common_option "$@"; then
			shift "$REPLY"
		elif [[ $1 == -* ]]; then
			usage_error "build: unknown option '$1'"
		else
			usage_error "build takes no '$1'"
		fi
	done
	build_ready "${want[@]+"${want[@]}"}"
	say "Built: $FIEF_BUILD/out"
}
