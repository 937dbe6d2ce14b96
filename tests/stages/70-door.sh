# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# the door: ./fief run as a user types it: output, statuses, guests, kernels, a monitor that is missing
# limit: 700 s

for f in tools/lib/{options,archive,deps,qemu,progress} tools/lib/build; do
	# shellcheck source=/dev/null
	. "$FIEF_ROOT/$f.sh"
done

# the door's own lines; another fief that builds in the same checkout is no fault
sentences() { grep "^fief:" <<<"$err" | grep -vc "waiting for it"; }

door run -- uname -a
same "uname: status" 0 "$rc"
holds "uname: the realm's kernel" "$out" '^Linux .* 7\.3\.4 .* aarch64 GNU/Linux$'
same "uname: one line, nothing else" 1 "$(wc -l <"$out_file")"

door run -- sh -c 'exit 7'
same "status 7" 7 "$rc"

# bytes pass as they are
door run -- sh -c 'printf "a\nb\r\n\001\377\t"; printf "c\0d"'
same "bytes" "$(printf 'a\nb\r\n\001\377\tc\0d' | sha256sum)" "$(sha256sum <"$out_file")"

door run -- sh -c 'poweroff -f'
same "no status: 125" 125 "$rc"
same "no status: one sentence" 1 "$(sentences)"

door run -c 4 -m 128 -- sh -c 'nproc; cat /sys/kernel/config/tsm/report/ 2>/dev/null; dmesg | grep -i "rsi"'
holds "four CPUs" "$out" '^4$'
holds "the guest is a realm" "$out" 'RSI version 1\.0'

door run --normal -- sh -c 'dmesg | grep -ci "RSI version"'
same "--normal: no realm" 0 "$(tr -d '\r\n' <<<"$out")"

door run --append 'fief.word=1' -- cat /proc/cmdline
holds "--append" "$out" 'fief\.word=1'

door run --kernel debian -- uname -r
holds "Debian's own kernel" "$out" '^7\.3\..*deb13.*arm64$'
same "Debian's own kernel: status" 0 "$rc"

door run --kernel "$FIEF_ROOT/README.md" -- true
same "wrong kernel: 126" 126 "$rc"
same "wrong kernel: one sentence" 1 "$(sentences)"

door run -m 31744 -- true
same "more memory than there is: 126" 126 "$rc"

door run --rmm none -- true
same "no monitor: 126" 126 "$rc"
holds "no monitor: said so" "$err" '^fief: .*no monitor'
same "no monitor: one sentence" 1 "$(sentences)"

# our own monitor, of another version
other=$STAGE_LOGS/other
mkdir -p "$other"
cp -r "$FIEF_ROOT/rmm" "$FIEF_ROOT/abi" "$other/"
sed -i 's/\(#define RMI_VERSION_2_0[[:space:]]*\)0x20000ULL/\10x30001ULL/' "$other/abi/rmi.h"
if make -s -C "$other/rmm" O="$other/o" MBEDTLS="$(mbedtls_tree)" CROSS_COMPILE=aarch64-linux-gnu- >"$other/log" 2>&1; then
	door run --rmm "$other/o/rmm.bin" -- true
	same "another version: 126" 126 "$rc"
	holds "another version: said so" "$err" '^fief: .*3\.1.*needed 2\.0'
	door run --normal --rmm "$other/o/rmm.bin" -- sh -c 'exit 4'
	same "another version: ordinary VMs go on" 4 "$rc"
else
	fail "another version: $(tail -1 "$other/log")"
fi
rm -rf "$other"

door run --host -- sh -c 'cat /sys/module/kvm/parameters/rmi'
same "--host" ok "$(tr -d '\r\n' <<<"$out")"

# the door's time: a warm build, a realm, nothing to do
t=$SECONDS
door run -- true
same "true" 0 "$rc"
echo "./fief run -- true: $((SECONDS - t)) s"
