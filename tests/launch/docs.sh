#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Documents that say what the code has. In each: files that are named exist, links lead somewhere,
# functions are there, words of ./fief and its options are known, commands of the specification
# have their three files. Then what is written down in two places: tables of states, the commands of
# the specification against those that are built, borders of rooms, the bound of docs/latency.md.

set -euo pipefail
cd "$(dirname "$0")/../.."
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
passed=0 failed=0

good() { passed=$((passed + 1)); }
bad()
{
	failed=$((failed + 1))
	echo "$*"
}

# none NAME LIST: passes when LIST is empty
none()
{
	if [[ -z $2 ]]; then
		good
	else
		bad "$1:" "$(tr -s ' \n' ' ' <<<"$2")"
	fi
}

if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
	git ls-files >"$t/files"
else
	find . -path ./build -prune -o -path ./.git -prune -o -type f -printf '%P\n' >"$t/files"
fi
rooms='abi|attest|deps|docs|el3|guest|launch|linux|rmm|sim|tests|tools|vmm'
grep -E "^($rooms)/.*\.([chS]|sh|def)$" "$t/files" | grep -v '^linux/overlay/tools' | xargs cat >"$t/code"
cat fief launch/*.sh tools/lib/*.sh tests/driver.sh >"$t/door"

# quoted FILE: what stands between backquotes, or in a block of code, a line each
quoted()
{
	awk '/^```/ { code = !code; next }
		code { print; next }
		{ n = split($0, part, "`"); for (i = 2; i <= n; i += 2) print part[i] }' "$1"
}

# is_there DOCUMENT PATH: from the root, from the document's folder, or as the end of a file's path
is_there()
{
	[[ -e $2 || -e $(dirname "$1")/$2 ]] || grep -qE "(^|/)${2//./\\.}(/|$)" "$t/files"
}

files_of()	# DOCUMENT
{
	local f

	quoted "$1" | grep -oE '[A-Za-z0-9_.<>-]+(/[A-Za-z0-9_.<>*{},-]*)+|[A-Za-z0-9_.-]+\.([chS]|sh|def|md)\b' |
		grep -E "^($rooms)/|^[a-z0-9-]+/$|\.([chS]|sh|def|md)$" | grep -vE 'NAME|[<>*{}]|^build/' | sort -u |
		while read -r f; do
			is_there "$1" "${f%/}" || echo "$f"
		done
}

links_of()
{
	local f

	grep -oE '\]\([^)#]+' "$1" | cut -c3- | grep -v '^http' | while read -r f; do
		[[ -e $(dirname "$1")/$f ]] || echo "$f"
	done
}

functions_of()
{
	local f

	quoted "$1" | grep -oE '\b[a-z][a-z0-9_]+\(\)' | tr -d '()' | sort -u | while read -r f; do
		grep -qE "\b$f\(" "$t/code" || echo "$f()"
	done
}

# ./fief WORD --options, up to what is run inside
door_of()
{
	local word rest o

	quoted "$1" | grep -oE '\./fief [a-z].*' | sed -E 's/ -- .*//; s/[|;#&].*//' | sort -u |
		while read -r _ word rest; do
			grep -qE "^([a-z -]*\| )?$word( \|.*)?\)$" fief || echo "./fief $word"
			for o in $(grep -oE -- '(^| |\[)--[a-z-]+' <<<"$rest" | tr -d ' ['); do
				grep -qE -- "(^|[ 	|])$o( \||\)|=)" "$t/door" || echo "$word $o"
			done
			[[ $word == test ]] || continue
			while read -r o; do
				compgen -G "tests/stages/*-$o.sh" >/dev/null || echo "./fief test $o"
			done < <(grep -oE '(^| )[a-z]+\b' <<<"$rest")
		done
}

targets_of()
{
	local room target

	quoted "$1" | grep -oE 'make -C [a-z0-9]+.*' | sed 's/#.*//' | while read -r _ _ room target; do
		target=$(grep -oE '^([a-z][a-z0-9-]*|-j[0-9]* )' <<<"$target" | grep -v '^-') || continue
		grep -qE "^([a-z0-9 -]* )?$target( [a-z0-9 -]*)?:" "$room/Makefile" || echo "$room $target"
	done
}

# Those of the specification: RMI_X and RSI_X, from its tables
sed -nE 's/^\| 0[0-9A-F]{3} \| RMI_([A-Z0-9_]+) .*/\1/p' docs/spec/rmi.md | sort -u >"$t/rmi"
sed -nE 's/^\| 0xC4000[0-9A-F]{3} \| RSI_([A-Z0-9_]+) .*/\1/p' docs/spec/rsi.md | sort -u >"$t/rsi"

# rmi_files NAME: which of a command's three are missing
rmi_files()
{
	local f=${1,,}

	for f in "abi/rmi/$f.def" "rmm/rmi/$f.c" "tests/rmi/$f.c"; do
		[[ -e $f ]] || echo "$f"
	done
}

# rsi_files NAME: one test may be of all commands that begin alike
rsi_files()
{
	local f=${1,,}

	[[ -e rmm/rsi/$f.c ]] || echo "rmm/rsi/$f.c"
	[[ -e tests/rsi/$f.c || -e tests/rsi/${f%_*}.c ]] || echo "tests/rsi/$f.c"
}

# Names of commands, the RMI's with or without their prefix; what else has a prefix is in abi/.
commands_of()
{
	local n

	grep -oE '\b(R[MS]I_)?[A-Z][A-Z0-9]*(_[A-Z0-9]+)*\b' "$1" | sort -u | while read -r n; do
		if grep -qx "${n#RMI_}" "$t/rmi"; then
			rmi_files "${n#RMI_}"
		elif [[ $n == RSI_* ]] && grep -qx "${n#RSI_}" "$t/rsi"; then
			rsi_files "${n#RSI_}"
		elif [[ $n == R[MS]I_* ]] && ! grep -rqw "$n" abi; then
			echo "$n"
		fi
	done
}

for doc in README.md ARCHITECTURE.md GLOSSARY.md CAVEATS.md tests/README.md linux/README.md docs/*.md \
	docs/decisions/*.md docs/spec/{README,decisions,decisions-kvm}.md; do
	for kind in files links functions door targets commands; do
		[[ $doc != docs/spec/decisions* || $kind == door ]] || continue
		none "$doc, $kind: not there" "$("${kind}_of" "$doc")"
	done
done

# ---- what stands in two places -------------------------------------------

make -s -C tools O="$t/o" "$t/o/machines" >"$t/log" 2>&1 || { cat "$t/log"; exit 1; }
if "$t/o/machines" docs/state-machines.md | diff - docs/state-machines.md >"$t/diff"; then
	good
else
	bad "docs/state-machines.md is not what the tables say (make -C tools doc O=/tmp/tools writes it):"
	head -n 20 "$t/diff"
fi

# Every command of the specification is built, or of a part that CAVEATS.md says is not.
sed -n 's/^#define CMD \([A-Z0-9_]*\)$/\1/p' abi/rmi/every.def | sort -u >"$t/built"
none "built, and not in docs/spec/rmi.md" "$(comm -13 "$t/rmi" "$t/built")"
none "neither built nor of a part that CAVEATS.md names" \
	"$(comm -23 "$t/rmi" "$t/built" | grep -vE '_AUX_|_S2AP$|^ATTEST_PLAT_TOKEN_REFRESH$')"
none "built without one of its files" "$(while read -r n; do rmi_files "$n"; done <"$t/built")"
none "RSI: built without one of its files" "$(while read -r n; do
	[[ ! -e rmm/rsi/${n,,}.c ]] || rsi_files "$n"
done <"$t/rsi")"
none "RSI: neither built nor of a part that CAVEATS.md names" "$(while read -r n; do
	[[ -e rmm/rsi/${n,,}.c ]] || echo "$n"
done <"$t/rsi" | grep -vE '^(VDEV|VSMMU|ARCH_DEV|PLANE|MEM_[GS]ET_PERM)_')"

# The borders of ARCHITECTURE.md that an include or a word shows
border() { none "ARCHITECTURE.md: $1" "$(grep -rnE --include='*.[chS]' "$2" "${@:3}" | cut -d: -f1,2)"; }
border "abi/ includes what is not its own" '#include "([^/"]*/)?\.\./|#include "(base|mem|realm|run|rsi|arch|el3|attest)/' abi
border "base and mem know what a realm is" '#include "(realm|run|rsi|rmi)/' rmm/base rmm/mem
border "realm, run and rsi include rmi" '#include "rmi/' rmm/realm rmm/run rmm/rsi
border "assembly outside of arch" '\basm\b|__asm__' rmm/base rmm/mem rmm/realm rmm/run rmm/rsi rmm/rmi
border "the machine is known to be QEMU" '[Qq][Ee][Mm][Uu]' rmm attest vmm guest linux/overlay

bound=$(awk '$2 == "LATENCY_BOUND_4K" { print $3 + 0; exit }' rmm/mem/slice.h)
none "docs/latency.md: the bound is not $bound" \
	"$(grep -qF "at most ${bound%???} ${bound: -3} instructions" docs/latency.md || echo it says another)"

echo "$passed passed, $failed failed"
((failed == 0))
