# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# the door: ./fief run as a user types it: output, statuses, guests, kernels, a monitor that is missing
# limit: 600 s

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
same "no status: one sentence" 1 "$(grep -c "^fief:" <<<"$err")"

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
same "wrong kernel: one sentence" 1 "$(grep -c "^fief:" <<<"$err")"

door run -m 31744 -- true
same "more memory than there is: 126" 126 "$rc"

door run --host -- sh -c 'cat /sys/module/kvm/parameters/rmi'
same "--host" ok "$(tr -d '\r\n' <<<"$out")"

# the door's time: a warm build, a realm, nothing to do
t=$SECONDS
door run -- true
same "true" 0 "$rc"
echo "./fief run -- true: $((SECONDS - t)) s"
