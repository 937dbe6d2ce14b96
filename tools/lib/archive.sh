# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Getting things out of the Debian archive without touching the machine's own
# package state: single files by name and hash (deps/fetched), and, where the
# archive must be asked what it has, a private apt root in the cache. Fetching
# is done by the machine's own apt, so its proxy settings hold.

fief_mirror=${FIEF_MIRROR:-}
fief_source=

debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg
default_mirror=http://deb.debian.org/debian

# sources_of_machine: lines `URI SUITE` of every enabled binary source.
sources_of_machine()
{
	local etc=${APT_ETC:-/etc/apt} f

	for f in "$etc/sources.list" "$etc"/sources.list.d/*.list; do
		[[ -r $f ]] || continue
		awk '$1 == "deb" {
			i = 2
			if ($i ~ /^\[/) {
				while ($i !~ /\]$/ && i < NF) i++
				i++
			}
			print $i, $(i + 1)
		}' "$f"
	done
	for f in "$etc"/sources.list.d/*.sources; do
		[[ -r $f ]] || continue
		awk 'function flush(  i, j, nu, ns, u, s) {
			if (types ~ /(^| )deb( |$)/ && on) {
				nu = split(uris, u, " "); ns = split(suites, s, " ")
				for (i = 1; i <= nu; i++)
					for (j = 1; j <= ns; j++) print u[i], s[j]
			}
			types = uris = suites = key = ""; on = 1
		}
		BEGIN { on = 1 }
		/^#/ { next }
		/^[ \t]*$/ { flush(); next }
		/^[A-Za-z-]+:/ {
			key = tolower($1); $1 = ""; sub(/^ /, "")
			if (key == "types:") types = $0
			else if (key == "uris:") uris = $0
			else if (key == "suites:") suites = $0
			else if (key == "enabled:" && tolower($0) ~ /no|false/) on = 0
			next
		}
		/^[ \t]/ {	# continuation line
			if (key == "uris:") uris = uris " " $0
			else if (key == "suites:") suites = suites " " $0
		}
		END { flush() }' "$f"
	done
}

# mirrors: candidate addresses of the Debian archive, best first.
mirrors()
{
	local uri suite codename list

	if [[ -n $fief_mirror ]]; then
		echo "${fief_mirror%/}"
		return
	fi
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	{
		while read -r uri suite; do
			[[ $suite == "$codename" || $suite == stable ]] || continue
			case $uri in
			mirror+file:*)
				list=${uri#mirror+file:}
				list=/${list##/}
				awk '/^(http|https|file):/ { print $1; exit }' "${list/#\/\//\/}" 2>/dev/null || true
				;;
			http:* | https:* | file:* | copy:*) echo "${uri%/}" ;;
			esac
		done < <(sources_of_machine)
		echo "$default_mirror"
	} | awk '!seen[$0]++'
}

# dep_field NAME COLUMN: a column of deps/fetched.
dep_field()
{
	awk -v n="$1" -v c="$2" '$1 == n { print $c; found = 1 } END { exit !found }' \
		"$FIEF_ROOT/deps/fetched" || die "deps/fetched has no '$1'"
}

apt_helper()
{
	/usr/lib/apt/apt-helper -o APT::Sandbox::User=root -o Acquire::Retries=3 "$@"
}

# fetched_path NAME: where the file is, if it is there and was verified.
fetched_path()
{
	local recorded=$FIEF_CACHE/fetch/recorded/$1 file

	file=$FIEF_CACHE/fetch/$(basename "$(dep_field "$1" 9)")
	if [[ -f $file && -f $file.verified && $(<"$file.verified") == "$(dep_field "$1" 8)" ]]; then
		echo "$file"
		return 0
	fi
	# what was taken instead, when the version named had left the archive
	if [[ -f $recorded ]]; then
		read -r _ _ file <"$recorded"
		[[ -f $FIEF_CACHE/fetch/$file ]] || return 1
		echo "$FIEF_CACHE/fetch/$file"
		return 0
	fi
	return 1
}

# fetch NAME: bring the file of deps/fetched into the cache. A file lies under
# its name only when it is whole and its hash was right: it is brought under
# another name and moved.
fetch()
{
	local name=$1 bytes sha path file tmp m log=$FIEF_CACHE/fetch/$1.log

	fetched_path "$name" >/dev/null && return 0
	bytes=$(dep_field "$name" 7)
	sha=$(dep_field "$name" 8)
	path=$(dep_field "$name" 9)
	file=$FIEF_CACHE/fetch/$(basename "$path")
	tmp=$file.part.$$

	need_space "$FIEF_CACHE" $(($(mib "$bytes") + 16)) "$(basename "$path")"
	# an address in a file: path stays as it is, elsewhere + and ~ are coded
	for m in $(mirrors); do
		say "  fetching $(basename "$path") ($(mib "$bytes") MiB) from $m"
		rm -f "$tmp"
		if download "$m/${path//+/%2b}" "$tmp" "$sha" "$bytes" >"$log"; then
			finish_fetch "$tmp" "$file" "$sha"
			rm -f "$log"
			return 0
		fi
		rm -f "$tmp" "$tmp.FAILED"
	done
	space_hint
	if grep -q 'Hash Sum mismatch' "$log"; then
		die "$(basename "$path") came with another content than deps/fetched names: not taken (see $log)"
	fi
	if ! grep -qE '404|not found|No such file' "$log"; then
		die "cannot reach the Debian archive for $(basename "$path"): $(sed -n 's/^E: Failed to fetch [^ ]* *//p' "$log" | head -1) (see $log)"
	fi
	fetch_newest "$name"
}

# download ADDRESS FILE SHA256 BYTES: apt's words on standard output. On a
# terminal it shows how far it is.
download()
{
	local rc=0 pid

	apt_helper -q download-file "$1" "$2" "SHA256:$3" 2>&1 &
	pid=$!
	while [[ -t 2 ]] && kill -0 "$pid" 2>/dev/null; do
		printf '\r\033[K    %d of %d MiB' \
			$(($(stat -c %s "$2" 2>/dev/null || echo 0) / 1048576)) "$(mib "$4")" >&2
		sleep 0.3
	done
	wait "$pid" || rc=$?
	[[ ! -t 2 ]] || printf '\r\033[K' >&2
	return "$rc"
}

finish_fetch()
{
	local tmp=$1 file=$2 sha=$3

	[[ $(sha256_of "$tmp") == "$sha" ]] || die "$(basename "$file") has a wrong hash"
	sync "$tmp" 2>/dev/null || true
	mv -f "$tmp" "$file"
	echo "$sha" >"$file.verified"
}

# fetch_newest NAME: the version named is gone; take the newest of its series.
fetch_newest()
{
	local name=$1 series suite arch spec dir got ver

	series=$(dep_field "$name" 6)
	suite=$(dep_field "$name" 4)
	arch=$(dep_field "$name" 5)
	warn "$(dep_field "$name" 2) $(dep_field "$name" 3) has left the archive; looking for the newest of its series"
	private_apt "series-$suite" "$suite" "$arch"
	dir=$(mktemp -d "$FIEF_CACHE/fetch/new.XXXXXX")
	fief_tmp+=("$dir")
	if [[ $arch == source ]]; then
		ver=$(papt_cache showsrc "$series" 2>/dev/null | awk '/^Version:/ { print $2 }' | sort -V | tail -1)
		[[ -n $ver ]] || die "the archive has no source package '$series' in $suite any more"
		(cd "$dir" && papt source -q --download-only "$series=$ver") >"$FIEF_CACHE/fetch/$name.log" 2>&1 ||
			die "cannot fetch $series $ver: see $FIEF_CACHE/fetch/$name.log"
		got=$(find "$dir" -name '*.orig.tar.*' ! -name '*.asc' | head -1)
	else
		spec=$(papt_cache pkgnames 2>/dev/null | grep -xE "$series" | sort -V | tail -1) ||
			die "the archive has no package like '$series' in $suite any more"
		[[ $arch == all ]] || spec=$spec:$arch
		(cd "$dir" && papt download -q "$spec") >"$FIEF_CACHE/fetch/$name.log" 2>&1 ||
			die "cannot fetch $spec: see $FIEF_CACHE/fetch/$name.log"
		got=$(find "$dir" -name '*.deb' | head -1)
	fi
	[[ -n $got ]] || die "nothing was fetched for $name"
	mkdir -p "$FIEF_CACHE/fetch/recorded"
	mv -f "$got" "$FIEF_CACHE/fetch/"
	got=$(basename "$got")
	printf '%s %s %s\n' "$name" "$(sha256_of "$FIEF_CACHE/fetch/$got")" "$got" \
		>"$FIEF_CACHE/fetch/recorded/$name"
	rm -rf "$dir"
	warn "took $got instead; its hash stands in $FIEF_CACHE/fetch/recorded/$name"
}

# ---- a private apt root -------------------------------------------------

papt_opts=()

# private_apt NAME SUITE[,SUITE...] ARCH|source: makes the root and its lists;
# afterwards papt and papt_cache work on it. The machine's own sources, lists
# and installed packages play no part, nor are they changed.
private_apt()
{
	local root=$FIEF_CACHE/apt/$1 suites=$2 arch=$3 m suite kind=deb native=$3 key=$debian_keyring
	local log=$FIEF_CACHE/apt/$1.log

	case $arch in
	source) kind=deb-src native=amd64 ;;
	all) native=amd64 ;;
	esac
	[[ -r $key ]] || die "the keyring $debian_keyring is missing: install debian-archive-keyring"
	mkdir -p "$root"/{etc,state/lists/partial,cache/archives/partial}
	: >"$root/state/status"
	papt_opts=(
		-o "Dir::Etc::sourcelist=$root/etc/sources.list" -o Dir::Etc::sourceparts=-
		-o Dir::Etc::preferences=- -o Dir::Etc::preferencesparts=-
		-o "Dir::State=$root/state" -o "Dir::State::lists=$root/state/lists"
		-o "Dir::State::status=$root/state/status"
		-o "Dir::State::extended_states=$root/state/extended_states"
		-o "Dir::Cache=$root/cache" -o "Dir::Cache::archives=$root/cache/archives"
		-o Dir::Log=/dev/null -o "APT::Architecture=$native" -o "APT::Architectures=$native"
		-o APT::Sandbox::User=root -o APT::Install-Recommends=0 -o Acquire::Languages=none
		-o Acquire::Retries=3 -o Debug::NoLocking=1
	)
	for m in $(mirrors); do
		: >"$root/etc/sources.list"
		for suite in ${suites//,/ }; do
			echo "$kind [signed-by=$key] $m $suite main" >>"$root/etc/sources.list"
		done
		papt -q -o APT::Update::Error-Mode=any update >"$log" 2>&1 && return 0
	done
	space_hint
	die "cannot read the package lists of $suites: $(grep -m1 -E '^(E|Err|W):' "$log" || echo "see $log")"
}

papt()
{
	DEBIAN_FRONTEND=noninteractive apt-get "${papt_opts[@]}" "$@"
}

papt_cache()
{
	apt-cache "${papt_opts[@]}" "$@"
}
