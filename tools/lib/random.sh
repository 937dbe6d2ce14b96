# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# ./fief walk, race, fuzz: the monitor's own objects on the paper machine, called at
# random. What they do is in tests/walk.c, race.c and fuzz.c.

# A seed that was not given: printed, so that it can be.
a_seed() { echo $((($(date +%s) * 1000003 + $$) % 1000000000)); }

random_build()
{
	FIEF_MORE_PACKAGES="$FIEF_ROOT/deps/packages-test ${1:-}"
	deps_ensure mbedtls
	make -C "$FIEF_ROOT/tests" -j"$(nproc)" "${2:-all}" MBEDTLS="$(mbedtls_tree)" \
		O="$FIEF_BUILD/tests" >"$FIEF_BUILD/tests.log" 2>&1 ||
		die "the tests cannot be built: $(tail -n 3 "$FIEF_BUILD/tests.log")"
}

random_run()
{
	ASAN_OPTIONS=detect_leaks=0:${ASAN_OPTIONS:-} UBSAN_OPTIONS=print_stacktrace=1 "$@"
}

# cmd_random walk|race [SEED] [--seconds N] [--steps N] [--log FILE]
cmd_random()
{
	local kind=$1 seed='' words=(--seconds 60)

	shift
	while [[ $# -gt 0 ]]; do
		case $1 in
		--seconds | --steps)
			need_value "$1" $#
			need_number "$1" "$2" 1 999999999
			words+=("$1" "$2")
			shift 2
			;;
		--log)
			need_value "$1" $#
			words+=("$1" "$2")
			shift 2
			;;
		-*)
			common_option "$@" || usage_error "$kind: unknown option '$1'"
			shift "$REPLY"
			;;
		*)
			[[ -z $seed && $1 =~ ^[0-9]{1,18}$ ]] || usage_error "$kind: a seed is a number"
			seed=$1
			shift
			;;
		esac
	done
	random_build
	[[ -n $seed ]] || seed=$(a_seed)
	echo "$kind: seed $seed"
	random_run "$FIEF_BUILD/tests/run" -v --seed "$seed" "${words[@]}" "=$kind" && return
	echo "$kind: failed; this run again: ./fief $kind $seed"
	return 1
}

# fuzz_seeds DIR SEED: a few strings of bytes to begin with
fuzz_seeds()
{
	local i k text

	RANDOM=$(($2 % 32768))
	for ((i = 0; i < 16; i++)); do
		text=
		for ((k = 0; k < 128 << i % 5; k++)); do
			printf -v REPLY '\\x%02x' $((RANDOM & 255))
			text+=$REPLY
		done
		printf '%b' "$text" >"$1/seed-$i"
	done
}

# cmd_fuzz [SECONDS|FILE] [--seed SEED]
cmd_fuzz()
{
	local seconds=60 file='' seed='' dir=$FIEF_BUILD/fuzz

	while [[ $# -gt 0 ]]; do
		case $1 in
		--seed)
			need_value "$1" $#
			need_number "$1" "$2" 1 4294967295
			seed=$2
			shift 2
			;;
		-*)
			common_option "$@" || usage_error "fuzz: unknown option '$1'"
			shift "$REPLY"
			;;
		*)
			if [[ -f $1 ]]; then
				file=$1
			else
				[[ $1 =~ ^[0-9]{1,9}$ ]] || usage_error "fuzz: seconds, or a file that is there"
				seconds=$1
			fi
			shift
			;;
		esac
	done
	if [[ -n $file ]]; then		# the calls in words, with the ordinary compiler
		random_build
		random_run "$FIEF_BUILD/tests/run" -v --file "$file" =bytes
		return
	fi
	random_build "$FIEF_ROOT/deps/packages-fuzz" fuzz
	[[ -n $seed ]] || seed=$(a_seed)
	echo "fuzz: seed $seed, $seconds s; what was found to lead further is kept in $dir/corpus"
	mkdir -p "$dir/corpus"
	fuzz_seeds "$dir/corpus" "$seed"
	random_run "$FIEF_BUILD/tests-fuzz/run" -seed="$seed" -max_total_time="$seconds" -max_len=4096 \
		-len_control=0 -timeout=60 -rss_limit_mb=4096 -print_final_stats=1 \
		-artifact_prefix="$dir/" "$dir/corpus" >"$dir/log" 2>&1 || {
		sed -n '/^the last calls/,/^==/p' "$dir/log" | grep -v -E '^(/|==|$)' | tail -n 60
		grep -E '^SUMMARY' "$dir/log"
		file=$(sed -n 's/^.*Test unit written to //p' "$dir/log" | tail -n 1)
		echo "fuzz: failed with seed $seed (log: $dir/log); this again, in words: ./fief fuzz $file"
		return 1
	}
	grep -E '^(stat::number|stat::average|Done|#[0-9]+.*DONE)' "$dir/log"
}
