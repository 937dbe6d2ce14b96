# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# ./fief doctor: what is here, what is missing, which realm layer answers.
# Installs and fetches nothing. Status 0 when `run` would work.

doctor_bad=0

ok() { printf '  ok       %-16s %s\n' "$1" "$2"; }
missing() { printf '  missing  %-16s %s\n' "$1" "$2"; }
bad()
{
	printf '  BAD      %-16s %s\n' "$1" "$2"
	doctor_bad=1
}

cmd_doctor()
{
	while [[ $# -gt 0 ]]; do
		if common_option "$@"; then
			shift "$REPLY"
		else
			usage_error "doctor: unknown option '$1'"
		fi
	done
	echo "This machine"
	doctor_machine
	echo "From outside ('./fief build' gets what is missing)"
	doctor_deps
	echo "Built here"
	doctor_products
	echo "Layers, asked by booting"
	doctor_layers
	return "$doctor_bad"
}

doctor_machine()
{
	local free name

	name=$(. /etc/os-release && echo "${PRETTY_NAME:-unknown}")
	if [[ $(uname -m) == x86_64 ]] && command -v apt-get >/dev/null; then
		ok system "$name, $(uname -m), $(nproc) CPUs"
	else
		bad system "$name, $(uname -m): Debian 12 or newer on x86-64 is needed"
	fi
	free=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
	if ((free >= 1500)); then
		ok memory "$free MiB available"
	else
		bad memory "$free MiB available: a realm of 512 MiB needs about 1500"
	fi
	mkdir -p "$FIEF_CACHE" 2>/dev/null || true
	if [[ -w $FIEF_CACHE ]]; then
		free=$(df -Pm "$FIEF_CACHE" | awk 'NR == 2 { print $4 }')
		if ((free >= 1024)); then
			ok cache "$FIEF_CACHE ($free MiB left)"
		else
			bad cache "$FIEF_CACHE: $free MiB left, a first build needs 6000"
		fi
	else
		bad cache "$FIEF_CACHE cannot be written"
	fi
	if [[ $(id -u) == 0 ]] || command -v sudo >/dev/null; then
		ok root "packages can be installed"
	else
		missing root "neither root nor sudo: missing packages could not be installed"
	fi
}

doctor_deps()
{
	local list=() n f

	mapfile -t list < <(packages_missing)
	if [[ ${#list[@]} -eq 0 ]]; then
		ok packages "all of deps/packages ($(tools_version))"
	else
		missing packages "${list[*]}"
	fi
	if qemu_find; then
		ok QEMU "$fief_qemu, $(qemu_version "$fief_qemu")"
	else
		missing QEMU "none of version 9 or newer"
	fi
	while read -r n; do
		if f=$(fetched_path "$n"); then
			ok "$n" "$(basename "$f")"
		else
			missing "$n" "$(dep_field "$n" 2) $(dep_field "$n" 3)"
		fi
	done < <(names_in "$FIEF_ROOT/deps/fetched")
}

doctor_products()
{
	local n

	for n in el3 rmm vmm guest initramfs kernel; do
		if [[ -f $FIEF_BUILD/out/$n/.done ]]; then
			ok "$n" "$(readlink "$FIEF_BUILD/out/$n")"
		else
			missing "$n" "not built yet"
		fi
	done
}

# Each layer announces itself; the first one that does not is the culprit.
doctor_layers()
{
	local n dir

	for n in el3 rmm vmm initramfs kernel; do
		if [[ ! -f $FIEF_BUILD/out/$n/.done ]]; then
			missing layers "not all built yet: './fief build'"
			return
		fi
	done
	[[ -n $fief_qemu ]] || return 0
	# booting would build first; a doctor only looks
	if ! build_is_current; then
		missing layers "not asked: the sources are newer than the build: './fief build'"
		return
	fi
	scratch
	dir=$REPLY
	# shellcheck disable=SC2016 # the host's shell expands this
	if "$FIEF_ROOT/fief" run --qemu "$fief_qemu" --logs "$dir" --host -- sh -c \
		'dmesg | grep -m1 "Linux version"; echo "rmi=$(cat /sys/module/kvm/parameters/rmi 2>/dev/null || echo "this kernel has no realm support")"' \
		>"$dir/out" 2>"$dir/err"; then
		ok EL3 "$(grep -m1 . "$dir/el3.log" | tr -d '\r')"
		if grep -q '^RMM' "$dir/host.log"; then
			ok RMM "$(grep -m1 '^RMM' "$dir/host.log" | tr -d '\r')"
		else
			bad RMM "the monitor did not announce itself"
		fi
		ok host "$(sed -n 's/.*\(Linux version [^ ]*\).*/\1/p' "$dir/out" | head -1)"
		n=$(sed -n 's/^rmi=//p' "$dir/out" | tr -d '\r')
		if [[ $n == ok ]]; then
			ok KVM "realms: ok"
		else
			bad KVM "no realms: ${n:-no answer}"
		fi
	else
		bad machine "the machine did not come up"
		cat "$dir/err"
	fi
}
