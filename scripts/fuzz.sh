#!/bin/bash
# libFuzzer with ASan and UBSan over tests/fuzz/fuzz_*.c, one after another,
# FUZZ_SECONDS each (docs/fuzzing.md).
#   FUZZ_TARGETS   names without fuzz_, separated by spaces (default: all)
#   FUZZ_SEED      of the random numbers (default: another one each time)
#   FUZZ_COVERAGE  1: no fuzzing, line coverage of what the corpora reach
# Corpora grow in $B/fuzz/corpus; those of tests/fuzz/corpus are only read.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${FUZZ_SECONDS:-600}
B=${B:-build}
out=$B/fuzz
jobs=${JOBS:-$(nproc)}
san=("-fsanitize=address,undefined" -fno-sanitize-recover=undefined)
if [ -n "${FUZZ_COVERAGE:-}" ]; then
    out=$B/fuzz-cov
    san=(-fprofile-instr-generate -fcoverage-mapping)
fi
read -ra xml <<< "$(xml2-config --cflags)"
flags=(-std=c11 -g -O1 -D_GNU_SOURCE "${san[@]}" -fsanitize=fuzzer-no-link
       -Ishared -I"$B/gen" -Iworker -Iworker/aws -Iworker/engine
       -Iworker/tasks "${xml[@]}")
libs=(-ljansson -lcrypto -lssl -lcrypt -lutf8proc -lxml2 -lcurl -lhiredis
      -ljwt -linih -lpthread -lm)
mkdir -p "$out/obj"
printf '%s\n' shared/*.c worker/aws/*.c tests/fuzz/fuzz_*.c > "$out/sources"

newest=$(find shared worker tests/fuzz -name '*.h' \
             -printf '%T@ %p\n' | sort -n | tail -1 | cut -d' ' -f2-)
CCACHE=$(command -v ccache || true)
export out newest CCACHE flags_text="${flags[*]}"
# shellcheck disable=SC2016
xargs -P "$jobs" -I{} bash -c '
    set -e
    obj=$out/obj/$(basename "$1" .c).o
    if [ ! "$obj" -nt "$1" ] || [ ! "$obj" -nt "$newest" ]; then
        $CCACHE clang $flags_text -c -o "$obj" "$1"
    fi' build {} < "$out/sources"

rm -f "$out/libfuzz.a"
sed 's/.*\///; s/c$/o/' "$out/sources" | grep -v '^fuzz_' \
    | sed "s|^|$out/obj/|" | xargs ar rcs "$out/libfuzz.a"

run_target() {
    local name=$1 log=$out/$1.log options=()

    if [ -e "tests/fuzz/dict/$name.dict" ]; then
        options+=("-dict=tests/fuzz/dict/$name.dict")
    fi
    if [ -n "${FUZZ_SEED:-}" ]; then
        options+=("-seed=$FUZZ_SEED")
    fi

    if ! "$out/fuzz_$name" -max_total_time="$seconds" -max_len=16384 \
            -timeout=60 -rss_limit_mb=2048 -print_final_stats=1 \
            -artifact_prefix="$out/$name-" "${options[@]}" \
            "$out/corpus/$name" "tests/fuzz/corpus/$name" > "$log" 2>&1; then
        tail -40 "$log"
        echo "fuzz: $name failed" >&2
        exit 1
    fi

    echo "fuzz: $name," \
        "$(sed -n 's/.*number_of_executed_units: *//p' "$log") executions"
}

run_coverage() {
    local name=$1

    LLVM_PROFILE_FILE=$out/$name.profraw "$out/fuzz_$name" -runs=0 \
        "$B/fuzz/corpus/$name" "tests/fuzz/corpus/$name" \
        > "$out/$name.log" 2>&1
    llvm-profdata merge -sparse -o "$out/$name.profdata" "$out/$name.profraw"
    echo "== $name"
    llvm-cov report "$out/fuzz_$name" -instr-profile="$out/$name.profdata" \
        | awk 'NF > 9 && $8 > 0 && $8 != $9 && !/^TOTAL|^Filename|fuzz\/fuzz/ {
                   printf "%6s of %5d lines %8s  %s\n", $8 - $9, $8, $10, $1 }'
}

for src in tests/fuzz/fuzz_*.c; do
    name=$(basename "$src" .c)
    name=${name#fuzz_}
    if [ -n "${FUZZ_TARGETS:-}" ] \
       && ! grep -qw "$name" <<< "$FUZZ_TARGETS"; then
        continue
    fi
    clang "${san[@]}" -fsanitize=fuzzer -o "$out/fuzz_$name" \
        "$out/obj/fuzz_$name.o" "$out/libfuzz.a" "${libs[@]}"
    mkdir -p "$B/fuzz/corpus/$name"
    if [ -n "${FUZZ_COVERAGE:-}" ]; then
        run_coverage "$name"
    else
        run_target "$name"
    fi
done
