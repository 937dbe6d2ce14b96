# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# licence lines, shell scripts, what a newcomer's clone must not hold
# takes: 9 s
# limit: 60 s

cd "$FIEF_ROOT" || exit

# the clone, or what stands in it when there is no git
if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
	mapfile -t files < <(git ls-files)
else
	mapfile -t files < <(find . -path ./build -prune -o -path ./.git -prune -o -type f -printf '%P\n')
fi

missing=''
wrong=''
for f in "${files[@]}"; do
	case $f in
	LICENSE | LICENSES/* | *.md | linux/patches/* | linux/overlay/*/.gitignore) continue ;;
	esac
	[[ -f $f ]] || continue
	if ! line=$(head -n 5 "$f" | grep -m1 SPDX-License-Identifier); then
		missing+=" $f"
	elif [[ $f == linux/* && $line != *GPL-2.0* ]]; then
		wrong+=" $f"
	elif [[ $f != linux/* && $line != *BSD-2-Clause* ]]; then
		wrong+=" $f"
	fi
done
same "every file names its licence" '' "$missing"
same "GPL in linux/, BSD elsewhere" '' "$wrong"

binary=$(for f in "${files[@]}"; do
	[[ -s $f ]] && ! grep -qI . "$f" && echo "$f"
done) || true
same "no binary files" '' "$binary"

mapfile -t scripts < <(for f in "${files[@]}"; do
	[[ -f $f ]] || continue
	case $f in
	*.sh) echo "$f" ;;
	*) head -c 12 "$f" | grep -qaE '^#!/bin/(ba)?sh' && echo "$f" ;;
	esac
done)
if command -v shellcheck >/dev/null; then
	# a few at a time, on each core
	check "shellcheck of ${#scripts[@]} scripts" xargs -P "$(nproc)" -n 8 -d '\n' shellcheck -x \
		< <(printf '%s\n' "${scripts[@]}")
else
	skip "shellcheck: it is not installed"
fi
